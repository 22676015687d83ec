"""Conversions between types as Spark SQL text.

Nothing here raises for a value that does not fit: it becomes null, with ANSI mode on or off, as the
documentation of `cast` says. The text form works alike on every Spark version, also inside lambdas.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from awsglue import gluetypes as glue
from awsglue._paths import quote
from awsglue._steps.json_text import json_text
from awsglue._types import ddl, is_marked, mark_of, members

_NUMBERS = (
    *(glue.ByteType, glue.ShortType, glue.IntegerType, glue.LongType),
    *(glue.FloatType, glue.DoubleType, glue.DecimalType),
)
_MOMENTS = (glue.DateType, glue.TimestampType, glue.TimestampNTZType)
_TEXTS = (glue.StringType, glue.EnumType)

# What `try_cast` accepts between two types; it refuses the rest before it sees a value.
_CASTABLE: tuple[tuple[tuple[type[glue.DataType], ...], tuple[type[glue.DataType], ...]], ...] = (
    (_TEXTS, (*_NUMBERS, *_MOMENTS, *_TEXTS, glue.BooleanType, glue.BinaryType)),
    (_NUMBERS, (*_NUMBERS, *_TEXTS, glue.BooleanType, glue.TimestampType)),
    ((glue.BooleanType,), (*_NUMBERS, *_TEXTS, glue.BooleanType)),
    (_MOMENTS, (*_MOMENTS, *_TEXTS)),
    ((glue.TimestampType,), _NUMBERS),
    ((glue.BinaryType,), (*_TEXTS, glue.BinaryType)),
)
# Conversions that hold every value: a plain cast is the faster expression.
_RANKS: dict[type[glue.DataType], int] = {kind: rank for rank, kind in enumerate(_NUMBERS[:4])}


@dataclass(frozen=True, slots=True)
class Expression:
    """A Spark SQL expression and the type of what it gives.

    A record may lack the value, which is another thing than null. `absent` is the SQL that is true
    where it does; "" where none does. If the value is null for no other reason, `nullable` is
    false, and `absent` is the SQL that it is null.
    """

    sql: str
    type: glue.DataType
    absent: str = ""
    nullable: bool = True


def null(data_type: glue.DataType) -> Expression:
    """Return the null of a type."""
    return Expression(f"cast(null as {ddl(data_type)})", data_type)


def member(struct: str, name: str) -> str:
    """Return the SQL of a struct's field."""
    return f"{struct}.{quote(name)}"


def struct(fields: list[tuple[str, str]]) -> str:
    """Return the SQL of a struct made of (name, SQL) pairs."""
    return f"struct({', '.join(f'{sql} AS {quote(name)}' for name, sql in fields)})"


def is_null(sql: str) -> str:
    """Return the SQL that is true where a value is null."""
    return f"isnull({sql})"


def field_of(name: str, value: Expression) -> glue.Field:
    """Return the field that a value becomes."""
    optional = bool(value.absent)
    return glue.Field(name, value.type, optional=optional, nullable=value.nullable)


def columns(items: Iterable[tuple[str, Expression]]) -> list[tuple[str, str]]:
    """Return named values as (name, SQL) pairs, with the marks that tell where they are absent."""
    pairs = list(items)
    values = [(name, one.sql) for name, one in pairs]
    marks = [(mark_of(name), one.absent) for name, one in pairs if one.absent and one.nullable]
    return values + marks


def field_at(outer: str, field: glue.Field) -> Expression:
    """Return a field of a struct; of the frame itself if `outer` is empty."""
    sql = member(outer, field.name) if outer else quote(field.name)
    if not field.optional:
        return Expression(sql, field.dataType, "", field.nullable)
    if not field.nullable:
        return Expression(sql, field.dataType, is_null(sql), False)
    mark = mark_of(field.name)
    absent = f"coalesce({member(outer, mark)}, true)" if outer else quote(mark)
    return Expression(sql, field.dataType, absent)


def lifted(outer: Expression, field: glue.Field) -> Expression:
    """Return a field of a struct as one beside it: absent also where the struct is.

    In a struct that is null, fields that no struct lacks are null.
    """
    inner = field_at(outer.sql, field)
    if inner.absent:  # also true where there is no struct
        return inner
    if not outer.absent:
        return replace(inner, nullable=inner.nullable or outer.nullable)
    if not (inner.nullable or outer.nullable):
        return replace(inner, absent=is_null(inner.sql))
    return replace(inner, absent=outer.absent, nullable=True)


def unless_null(sql: str, then: str) -> str:
    """Return the SQL that is null where `sql` is, and `then` elsewhere."""
    return f"if(isnull({sql}), null, {then})"


def cast_value(value: Expression, target: glue.DataType) -> Expression:
    """Convert a value as `cast` does; where it is absent, so is the result."""
    new = cast(value.sql, value.type, target)
    if value.nullable or not _keeps_all(value.type, target):
        return replace(new, absent=value.absent)
    return replace(new, absent=is_null(new.sql) if value.absent else "", nullable=False)


def _keeps_all(source: glue.DataType, target: glue.DataType) -> bool:
    """Tell whether a cast makes no null of a value that is none."""
    if isinstance(source, glue.ChoiceType):
        return all(_keeps_all(one, target) for one in source.choices.values())
    if source == target or _is_any_of_kind(source, target) or _widens(source, target):
        return True
    nested = isinstance(source, (glue.StructType, glue.ArrayType, glue.MapType))
    if isinstance(target, _TEXTS):
        return nested or _castable(source, target)
    return nested and type(source) is type(target)


def cast(sql: str, source: glue.DataType, target: glue.DataType, depth: int = 0) -> Expression:
    """Convert a value to a type; what cannot be converted becomes null.

    Args:
        sql: the value.
        source: its type. The values of a choice are each converted from their own type.
        target: the type wanted. A bare array, struct or map stands for any of its kind.
        depth: how many lambdas the expression is inside of.
    """
    if isinstance(source, glue.ChoiceType):
        alternatives = [
            cast(member(sql, name), kind, target, depth) for name, kind in members(source)
        ]
        return Expression(
            f"coalesce({', '.join(one.sql for one in alternatives)})",
            next((one.type for one in alternatives if type(one.type) is type(target)), target),
        )
    if source == target or _is_any_of_kind(source, target):
        return Expression(sql, source)
    if isinstance(source, glue.ArrayType) and isinstance(target, glue.ArrayType):
        element = cast(f"x{depth}", source.elementType, target.elementType, depth + 1)
        return Expression(
            f"transform({sql}, x{depth} -> {element.sql})", glue.ArrayType(element.type)
        )
    if isinstance(source, glue.MapType) and isinstance(target, glue.MapType):
        value = cast(f"x{depth}", source.valueType, target.valueType, depth + 1)
        return Expression(
            f"transform_values({sql}, (k{depth}, x{depth}) -> {value.sql})",
            glue.MapType(value.type, source.properties),
        )
    if isinstance(source, glue.StructType) and isinstance(target, glue.StructType):
        return _cast_struct(sql, source, target, depth)
    return Expression(_cast_atomic(sql, source, target, depth), target)


def _is_any_of_kind(source: glue.DataType, target: glue.DataType) -> bool:
    if isinstance(target, glue.StructType):
        return isinstance(source, glue.StructType) and not target.fields
    if isinstance(target, glue.ArrayType):
        return isinstance(source, glue.ArrayType) and target.elementType == glue.UnknownType()
    if isinstance(target, glue.MapType):
        return isinstance(source, glue.MapType) and target.valueType == glue.UnknownType()
    return False


def _cast_struct(
    sql: str, source: glue.StructType, target: glue.StructType, depth: int
) -> Expression:
    known = source.field_map
    casts = []
    for field in target:
        old = known.get(field.name)
        if old is None:
            casts.append((field.name, null(field.dataType)))
            continue
        new = cast(member(sql, field.name), old.dataType, field.dataType, depth)
        absent = field_at(sql, old).absent
        casts.append((field.name, replace(new, absent=absent)))
    kind = glue.StructType(field_of(name, one) for name, one in casts)
    return Expression(unless_null(sql, struct(columns(casts))), kind)


def _cast_atomic(sql: str, source: glue.DataType, target: glue.DataType, depth: int) -> str:
    if isinstance(source, (glue.StructType, glue.ArrayType, glue.MapType)):
        return json_text(sql, source, depth) if isinstance(target, _TEXTS) else null(target).sql
    if isinstance(target, _TEXTS) and _castable(source, target):
        return f"cast({sql} as string)"
    if _widens(source, target):
        return f"cast({sql} as {ddl(target)})"
    if _castable(source, target):
        return f"try_cast({sql} as {ddl(target)})"
    return null(target).sql


def _widens(source: glue.DataType, target: glue.DataType) -> bool:
    return (
        type(source) in _RANKS
        and type(target) in _RANKS
        and _RANKS[type(source)] <= _RANKS[type(target)]
    )


def _castable(source: glue.DataType, target: glue.DataType) -> bool:
    return any(
        isinstance(source, sources) and isinstance(target, targets)
        for sources, targets in _CASTABLE
    )


def conform(sql: str, source: glue.DataType, target: glue.DataType, depth: int = 0) -> str:
    """Bring a value to a type that was merged from its own: nothing is lost.

    Args:
        sql: the value.
        source: its type.
        target: what `mergeDataTypes` made of the source type and others.
        depth: how many lambdas the expression is inside of.
    """
    if source == target and ddl(source) == ddl(target):  # equal types can differ in marks
        return sql
    if isinstance(target, glue.ChoiceType):
        return _conform_to_choice(sql, source, target, depth)
    if isinstance(source, glue.StructType) and isinstance(target, glue.StructType):
        return unless_null(sql, struct(conform_fields(sql, source, target, depth)))
    if isinstance(source, glue.ArrayType) and isinstance(target, glue.ArrayType):
        element = conform(f"x{depth}", source.elementType, target.elementType, depth + 1)
        return f"transform({sql}, x{depth} -> {element})"
    if isinstance(source, glue.MapType) and isinstance(target, glue.MapType):
        value = conform(f"x{depth}", source.valueType, target.valueType, depth + 1)
        return f"transform_values({sql}, (k{depth}, x{depth}) -> {value})"
    return f"cast({sql} as {ddl(target)})"


def conform_fields(
    outer: str, source: glue.StructType, target: glue.StructType, depth: int = 0
) -> list[tuple[str, str]]:
    """Return the fields of a struct, or of a frame (`outer` is empty), and marks, as SQL by name.

    Fields that the source has not are null, and marked as absent.
    """
    known = source.field_map
    values, marks = [], []
    for field in target:
        value, absent = null(field.dataType).sql, "true"
        if field.name in known:
            old = field_at(outer, known[field.name])
            value, absent = conform(old.sql, old.type, field.dataType, depth), old.absent or "false"
        values.append((field.name, value))
        if is_marked(field):
            marks.append((mark_of(field.name), absent))
    return values + marks


def _conform_to_choice(sql: str, source: glue.DataType, target: glue.ChoiceType, depth: int) -> str:
    if isinstance(source, (glue.NullType, glue.UnknownType)):
        return null(target).sql
    known = (
        {name: (member(sql, name), kind) for name, kind in members(source)}
        if isinstance(source, glue.ChoiceType)
        else {source.typeName(): (sql, source)}
    )
    fields = [
        (name, conform(*known[name], kind, depth) if name in known else null(kind).sql)
        for name, kind in members(target)
    ]
    return unless_null(sql, struct(fields))
