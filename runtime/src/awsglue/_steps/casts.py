"""Conversions between types as Spark SQL text.

Nothing here raises for a value that does not fit: it becomes null, with ANSI mode on or off, as the
documentation of `cast` says. The text form works alike on every Spark version, also inside lambdas.
"""

from __future__ import annotations

from dataclasses import dataclass

from awsglue import gluetypes as glue
from awsglue._paths import quote
from awsglue._steps.json_text import json_text
from awsglue._types import ddl, members

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
    """A Spark SQL expression and the type of what it gives."""

    sql: str
    type: glue.DataType


def null(data_type: glue.DataType) -> Expression:
    """Return the null of a type."""
    return Expression(f"cast(null as {ddl(data_type)})", data_type)


def member(struct: str, name: str) -> str:
    """Return the SQL of a struct's field."""
    return f"{struct}.{quote(name)}"


def struct(fields: list[tuple[str, str]]) -> str:
    """Return the SQL of a struct made of (name, SQL) pairs."""
    return f"struct({', '.join(f'{sql} AS {quote(name)}' for name, sql in fields)})"


def unless_null(sql: str, then: str) -> str:
    """Return the SQL that is null where `sql` is, and `then` elsewhere."""
    return f"if(isnull({sql}), null, {then})"


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
    casts = [
        (
            field.name,
            cast(member(sql, field.name), known[field.name].dataType, field.dataType, depth)
            if field.name in known
            else null(field.dataType),
        )
        for field in target
    ]
    fields = struct([(name, one.sql) for name, one in casts])
    return Expression(
        unless_null(sql, fields), glue.StructType(glue.Field(name, one.type) for name, one in casts)
    )


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
    if source == target:
        return sql
    if isinstance(target, glue.ChoiceType):
        return _conform_to_choice(sql, source, target, depth)
    if isinstance(source, glue.StructType) and isinstance(target, glue.StructType):
        known = source.field_map
        fields = [
            (
                field.name,
                conform(member(sql, field.name), known[field.name].dataType, field.dataType, depth)
                if field.name in known
                else null(field.dataType).sql,
            )
            for field in target
        ]
        return unless_null(sql, struct(fields))
    if isinstance(source, glue.ArrayType) and isinstance(target, glue.ArrayType):
        element = conform(f"x{depth}", source.elementType, target.elementType, depth + 1)
        return f"transform({sql}, x{depth} -> {element})"
    if isinstance(source, glue.MapType) and isinstance(target, glue.MapType):
        value = conform(f"x{depth}", source.valueType, target.valueType, depth + 1)
        return f"transform_values({sql}, (k{depth}, x{depth}) -> {value})"
    return f"cast({sql} as {ddl(target)})"


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
