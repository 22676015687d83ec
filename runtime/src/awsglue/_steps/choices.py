"""`resolveChoice`: making one type, or several columns, of a field that has values of several.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from awsglue import _paths, _types
from awsglue._records import Records
from awsglue._steps.casts import cast_value, member
from awsglue._steps.rewrite import Item, Path, rewrite
from awsglue.gluetypes import ArrayType, ChoiceType, DataType, Field, MapType, StructType

logger = logging.getLogger(__name__)

MATCH_CATALOG = "match_catalog"
_ACTIONS = ("cast", "project", "make_cols", "make_struct")


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """What to do with a field of several types."""

    kind: str  #: one of `cast`, `project`, `make_cols`, `make_struct`
    type: DataType | None = None  #: the type of `cast` and `project`

    @classmethod
    def parse(cls, text: str) -> Action:
        """Read an action as scripts write it, such as `cast:long`.

        Raises:
            ValueError: there is no such action or type.
        """
        kind, _, name = text.partition(":")
        if kind == MATCH_CATALOG:
            raise ValueError("match_catalog works as choice=, with database and table_name.")
        if kind not in _ACTIONS or (kind in ("cast", "project")) != bool(name):
            raise ValueError(
                f"{text!r} is none of cast:<type>, project:<type>, make_cols, make_struct."
            )
        return cls(kind=kind, type=_types.parse(name) if name else None)

    def apply(self, item: Item) -> Sequence[Item]:
        """Return what becomes of a field.

        A cast also changes a field of one type only. `project` keeps the values that fit the type,
        which is what a cast does as well. The elements of an array cannot become columns; they
        become structs.
        """
        if self.type is not None:
            return [Item.of(item.name, cast_value(item.value, self.type))]
        if not isinstance(item.type, ChoiceType):
            return [item]
        fields = _types.members(item.type)
        if self.kind == "make_struct" or item.name in (_paths.ELEMENT, _paths.VALUE):
            struct = StructType(Field(name, kind) for name, kind in fields)
            return [replace(item, type=struct)]
        return [
            Item(f"{item.name}_{name}", member(item.sql, name), kind, item.absent)
            for name, kind in fields
        ]


def resolve(records: Records, specs: Iterable[tuple[str, Action]]) -> Records:
    """Apply an action to each of these paths; `[]` in a path stands for the elements of an array.

    A path that no record has is passed over, with a warning. A path may lead into what another
    action makes.
    """
    resolved = records.next(frame=records.frame)
    left = dict(specs)
    while left:
        resolved, done = _resolve_once(resolved, left)
        if not done:
            break
        left = {path: action for path, action in left.items() if path not in done}
    for path in left if records.schema.fields else ():
        logger.warning("ResolveChoice: no record has a field %s.", path)
    return resolved


def _resolve_once(records: Records, specs: dict[str, Action]) -> tuple[Records, set[str]]:
    """Apply the actions whose paths there are, and tell which."""
    paths = {_paths.resolve(path, records.schema): path for path in specs}
    done: set[str] = set()

    def rule(path: Path, item: Item) -> Sequence[Item] | None:
        if path not in paths:
            return None
        done.add(paths[path])
        return specs[paths[path]].apply(item)

    return records.select(rewrite(records.items, rule)), done


def resolve_all(records: Records, action: Action) -> Records:
    """Apply an action to every choice, at any depth, also inside of other choices."""
    return _resolve_choices(records, lambda path, item: action)


def match(records: Records, schema: StructType) -> Records:
    """Cast every choice to the type of the field of the same path in a schema.

    A choice that the schema has no field for stays, and so does one that is a choice there too.
    """

    def action(path: Path, item: Item) -> Action | None:
        target = _type_at(schema, path)
        keeps = target is None or isinstance(target, ChoiceType)
        return None if keeps else Action(kind="cast", type=target)

    return _resolve_choices(records, action)


def _type_at(kind: DataType, path: Path) -> DataType | None:
    for name in path:
        if isinstance(kind, StructType):
            field = _paths.find(kind, name, case_sensitive=False)
            if field is None:
                return None
            kind = field.dataType
        elif isinstance(kind, ArrayType) and name == _paths.ELEMENT:
            kind = kind.elementType
        elif isinstance(kind, MapType) and name == _paths.VALUE:
            kind = kind.valueType
        else:
            return None
    return kind


def _resolve_choices(records: Records, choose: Callable[[Path, Item], Action | None]) -> Records:
    """Apply what is chosen for each choice, from the outermost on until none is left to change."""
    resolved = records.next(frame=records.frame)
    changed = True

    def rule(path: Path, item: Item) -> Sequence[Item] | None:
        nonlocal changed
        action = choose(path, item) if isinstance(item.type, ChoiceType) else None
        changed = changed or action is not None
        return None if action is None else action.apply(item)

    while changed:
        changed = False
        resolved = resolved.select(rewrite(resolved.items, rule))
    return resolved
