"""`resolveChoice`: making one type, or several columns, of a field that has values of several.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-dynamic-frame.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from awsglue import _paths, _types
from awsglue._casts import cast, member
from awsglue._errors import NotAvailableError
from awsglue._records import Records
from awsglue._rewrite import Item, Path, rewrite
from awsglue.gluetypes import ChoiceType, DataType, Field, StructType

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
            NotAvailableError: the action needs the Data Catalog.
        """
        kind, _, name = text.partition(":")
        if kind == "match_catalog":
            raise NotAvailableError("match_catalog", "cast:<type> works for each field.")
        if kind not in _ACTIONS or (kind in ("cast", "project")) != bool(name):
            raise ValueError(
                f"{text!r} is none of cast:<type>, project:<type>, make_cols, make_struct."
            )
        return cls(kind=kind, type=_types.parse(name) if name else None)

    def apply(self, item: Item) -> Sequence[Item]:
        """Return what becomes of a field.

        A cast also changes a field of one type only. `project` keeps the values that fit the type,
        which is what a cast does as well.
        """
        if self.type is not None:
            new = cast(item.sql, item.type, self.type)
            return [Item(item.name, new.sql, new.type)]
        if not isinstance(item.type, ChoiceType):
            return [item]
        fields = _types.members(item.type)
        if self.kind == "make_struct":
            struct = StructType(Field(name, kind) for name, kind in fields)
            return [Item(item.name, item.sql, struct)]
        return [Item(f"{item.name}_{name}", member(item.sql, name), kind) for name, kind in fields]


def resolve(records: Records, specs: Iterable[tuple[str, Action]]) -> Records:
    """Apply an action to each of these paths; `[]` in a path stands for the elements of an array.

    A path that no record has does no harm.
    """
    actions = {tuple(_paths.resolve(path, records.schema)): action for path, action in specs}

    def rule(path: Path, item: Item) -> Sequence[Item] | None:
        action = actions.get(path)
        return None if action is None else action.apply(item)

    return records.select(rewrite(records.items, rule))


def resolve_all(records: Records, action: Action) -> Records:
    """Apply an action to every choice, at any depth."""

    def rule(path: Path, item: Item) -> Sequence[Item] | None:
        return action.apply(item) if isinstance(item.type, ChoiceType) else None

    return records.select(rewrite(records.items, rule))
