"""`unnest`: the fields of structs as fields of the frame, named by their paths.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-UnnestFrame.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from awsglue._errors import FlattenedNamesError
from awsglue._records import Records
from awsglue._steps.casts import lifted, member, struct
from awsglue._steps.rewrite import Item
from awsglue._types import members
from awsglue.gluetypes import ChoiceType, StructType

#: What stands in the place of a field that is no struct; `None` leaves it as it is.
Replace = Callable[[Item], Item | None]


def unnest(records: Records) -> Records:
    """Return the records with the fields of structs at the top, as `a.b`; arrays and maps stay.

    Raises:
        FlattenedNamesError: two fields would get one name.
    """
    return records.select(flatten(records.items))


def flatten(items: Iterable[Item], replace: Replace = lambda item: None) -> list[Item]:
    """Return the fields of all structs, at any depth, by their paths.

    A choice gives what each of its values would give alone: the fields of its struct, and a field
    of its own name for its other values.

    Args:
        items: the fields of a frame.
        replace: gets every field that is no struct.

    Raises:
        FlattenedNamesError: two fields would get one name.
    """
    flat = [new for item in items for new in _flatten(item, replace)]
    repeated = [name for name, count in Counter(one.name for one in flat).items() if count > 1]
    if repeated:
        raise FlattenedNamesError(repeated)
    return flat


def _flatten(item: Item, replace: Replace) -> Sequence[Item]:
    if isinstance(item.type, StructType):
        inner = [Item.of(f"{item.name}.{one.name}", lifted(item.value, one)) for one in item.type]
        return [new for one in inner for new in _flatten(one, replace)]
    if isinstance(item.type, ChoiceType):
        return _flatten_choice(item, item.type, replace)
    return [replace(item) or item]


def _flatten_choice(item: Item, choice: ChoiceType, replace: Replace) -> Sequence[Item]:
    unchanged: list[Item] = []
    replaced: list[Item] = []
    of_struct: Sequence[Item] = []
    for name, kind in members(choice):
        alone = Item(item.name, member(item.sql, name), kind, item.absent)
        if isinstance(kind, StructType):
            of_struct = _flatten(alone, replace)
        elif (new := replace(alone)) is not None:
            replaced.append(new)
        else:
            unchanged.append(alone)
    if len(unchanged) == len(choice.choices):
        return [item]
    return [*_together(item.name, [*unchanged, *replaced]), *of_struct]


def _together(name: str, items: Iterable[Item]) -> list[Item]:
    """Return one item for values of several types, at most one of which is not null.

    The key of an array has a field of its own, `<name>_array`, where there are also whole numbers
    of its type: nobody could tell them apart.
    """
    by_type: dict[str, Item] = {}
    apart = [
        replace(item, name=f"{name}_array")
        for item in items
        if by_type.setdefault(item.type.typeName(), item) is not item
    ]
    if len(by_type) < 2:
        return [*by_type.values(), *apart]
    choice = ChoiceType(item.type for item in by_type.values())
    values = struct([(kind, by_type[kind].sql) for kind, _ in members(choice)])
    nothing = " AND ".join(f"isnull({one.sql})" for one in by_type.values())
    absent = next(iter(by_type.values())).absent  # that of the choice, for all of its values
    return [Item(name, f"if({nothing}, null, {values})", choice, absent), *apart]
