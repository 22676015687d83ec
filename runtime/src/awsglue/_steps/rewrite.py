"""Changing the fields of a frame, at any depth, as one list of Spark SQL expressions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from awsglue import gluetypes as glue
from awsglue._errors import ColumnNamesError
from awsglue._paths import ELEMENT, VALUE, quote
from awsglue._steps.casts import (
    Expression,
    columns,
    field_at,
    field_of,
    is_null,
    member,
    struct,
    unless_null,
)
from awsglue._types import members


@dataclass(frozen=True, slots=True)
class Item:
    """A field of a frame or struct under way: its name, how to get it, and its type.

    `absent` and `nullable` are those of `Expression`.
    """

    name: str
    sql: str
    type: glue.DataType
    absent: str = ""
    nullable: bool = True

    @classmethod
    def of(cls, name: str, value: Expression) -> Item:
        """Return a value under a name."""
        return cls(name, value.sql, value.type, value.absent, value.nullable)

    @property
    def value(self) -> Expression:
        """The item without its name."""
        return Expression(self.sql, self.type, self.absent, self.nullable)

    @property
    def column(self) -> str:
        """The item as an argument of `DataFrame.selectExpr`, without its mark."""
        return f"{self.sql} AS {quote(self.name)}"

    def with_value(self, sql: str, kind: glue.DataType) -> Item:
        """Return the item with another value, which is null where its own is, and only there."""
        absent = self.absent if self.nullable or not self.absent else is_null(sql)
        return replace(self, sql=sql, type=kind, absent=absent)

    def with_nullable(self, sql: str, kind: glue.DataType) -> Item:
        """Return the item with another value, which may be null for reasons of its own."""
        return replace(self, sql=sql, type=kind, nullable=True)


def select_list(items: Iterable[Item]) -> list[str]:
    """Return items and their marks as arguments of `DataFrame.selectExpr`."""
    pairs = columns((item.name, item.value) for item in items)
    return [f"{sql} AS {quote(name)}" for name, sql in pairs]


def struct_of(items: Iterable[Item]) -> str:
    """Return the SQL of a struct of items and their marks."""
    return struct(columns((item.name, item.value) for item in items))


def fields_at(outer: str, kind: glue.StructType) -> list[Item]:
    """Return the fields of a struct; of the frame itself if `outer` is empty."""
    return [Item.of(one.name, field_at(outer, one)) for one in kind]


Path = tuple[str, ...]
#: What to do with the field at a path: `None` leaves it and looks inside; a list replaces it.
Rule = Callable[[Path, Item], Sequence[Item] | None]


def items_of(schema: glue.StructType) -> list[Item]:
    """Return a frame's fields unchanged."""
    return fields_at("", schema)


def schema_of(items: Iterable[Item]) -> glue.StructType:
    """Return the schema that the items make."""
    return glue.StructType(field_of(item.name, item.value) for item in items)


def rewrite(items: Iterable[Item], rule: Rule) -> list[Item]:
    """Apply a rule to every field, outermost first, through structs, arrays, maps and choices.

    The values of a choice have the path of the choice. A struct that loses all its fields is
    dropped. What no rule touches stays the same expression, so Spark reads it as before.

    Raises:
        ColumnNamesError: two fields would have one name.
    """
    return _distinct([new for item in items for new in _rewrite(item, (item.name,), rule, 0)])


def _distinct(items: list[Item]) -> list[Item]:
    """Return the fields of a frame or struct, of which no two may have one name."""
    counts = Counter(item.name for item in items)
    if repeated := [name for name, count in counts.items() if count > 1]:
        raise ColumnNamesError(repeated)
    return items


def _rewrite(item: Item, path: Path, rule: Rule, depth: int) -> Sequence[Item]:
    replaced = rule(path, item)
    if replaced is not None:
        return replaced
    inside = _rewrite_inside(item, path, rule, depth)
    if inside is None:
        return []
    if inside == Expression(item.sql, item.type):
        return [item]
    if isinstance(item.type, glue.ChoiceType):  # it may lose its value
        return [item.with_nullable(inside.sql, inside.type)]
    return [item.with_value(inside.sql, inside.type)]


def _rewrite_inside(item: Item, path: Path, rule: Rule, depth: int) -> Expression | None:
    """Return the field with its members rewritten; None when nothing is left of it."""
    if isinstance(item.type, glue.StructType):
        return _rewrite_struct(item, path, rule, depth)
    if isinstance(item.type, glue.ArrayType):
        inside = _rewrite_member(item.type.elementType, (*path, ELEMENT), rule, depth)
        if inside is None or inside == Expression(f"x{depth}", item.type.elementType):
            return inside and Expression(item.sql, item.type)
        if inside.sql == f"x{depth}":  # only our own name for its type has changed
            return Expression(item.sql, glue.ArrayType(inside.type))
        return Expression(
            f"transform({item.sql}, x{depth} -> {inside.sql})", glue.ArrayType(inside.type)
        )
    if isinstance(item.type, glue.MapType):
        inside = _rewrite_member(item.type.valueType, (*path, VALUE), rule, depth)
        if inside is None or inside == Expression(f"x{depth}", item.type.valueType):
            return inside and Expression(item.sql, item.type)
        return Expression(
            f"transform_values({item.sql}, (k{depth}, x{depth}) -> {inside.sql})",
            glue.MapType(inside.type, item.type.properties),
        )
    if isinstance(item.type, glue.ChoiceType):
        return _rewrite_choice(item, path, rule, depth)
    return Expression(item.sql, item.type)


def _rewrite_member(kind: glue.DataType, path: Path, rule: Rule, depth: int) -> Expression | None:
    """Rewrite what an array or a map holds: there is room for one value only."""
    new = _rewrite(Item(path[-1], f"x{depth}", kind), path, rule, depth + 1)
    if len(new) > 1:
        raise ValueError(f"The elements at {'.'.join(path)} cannot become several columns.")
    return Expression(new[0].sql, new[0].type) if new else None


def _rewrite_struct(item: Item, path: Path, rule: Rule, depth: int) -> Expression | None:
    assert isinstance(item.type, glue.StructType)
    old = fields_at(item.sql, item.type)
    new = _distinct([more for one in old for more in _rewrite(one, (*path, one.name), rule, depth)])
    if new == old:
        return Expression(item.sql, item.type)
    if not new:
        return None
    return Expression(unless_null(item.sql, struct_of(new)), schema_of(new))


def _rewrite_choice(item: Item, path: Path, rule: Rule, depth: int) -> Expression | None:
    """Rewrite what is inside of the values of a choice, not the choice itself."""
    assert isinstance(item.type, glue.ChoiceType)
    old = [Item(name, member(item.sql, name), kind) for name, kind in members(item.type)]
    inside = [(one, _rewrite_inside(one, path, rule, depth)) for one in old]
    left = [(one, new) for one, new in inside if new is not None]
    if [Item(one.name, new.sql, new.type) for one, new in left] == old:
        return Expression(item.sql, item.type)
    if len(left) < 2:
        return left[0][1] if left else None
    values = struct([(one.name, new.sql) for one, new in left])
    nothing = " AND ".join(f"isnull({one.sql})" for one, _ in left)
    choice = glue.ChoiceType(new.type for _, new in left)
    return Expression(f"if({nothing}, null, {values})", choice)


@dataclass(slots=True)
class Tree:
    """Items placed at paths; `items` makes structs of those that share the beginning of a path."""

    branches: dict[str, Tree | Item] = field(default_factory=dict)

    @classmethod
    def of(cls, items: Iterable[Item]) -> Tree:
        """Return a tree with these items at its top."""
        return cls({item.name: item for item in items})

    def place(self, path: Sequence[str], item: Item) -> None:
        """Put an item at a path. One that is there already gives way; a struct on the way grows."""
        name, *rest = path
        if not rest:
            self.branches[name] = item
            return
        below = self.branches.get(name)
        if isinstance(below, Item) and isinstance(below.type, glue.StructType):
            below = Tree.of(fields_at(below.sql, below.type))
        if not isinstance(below, Tree):
            below = Tree()
        self.branches[name] = below
        below.place(rest, item)

    def items(self) -> list[Item]:
        """Return the items at the top, structs for what was placed below."""
        return [self._item(name, branch) for name, branch in self.branches.items()]

    def _item(self, name: str, branch: Tree | Item) -> Item:
        if isinstance(branch, Item):
            return replace(branch, name=name)
        inner = branch.items()
        return Item(name, struct_of(inner), schema_of(inner))
