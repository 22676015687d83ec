"""Steps over two frames, or from one to two: join, union, merge, and splitting rows."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import Any

from pyspark.sql import Column, functions

from awsglue import _paths
from awsglue._errors import FieldNotFoundError
from awsglue._records import Records
from awsglue._steps.casts import Expression, cast, member
from awsglue._steps.mapping import take
from awsglue._steps.merge import merge
from awsglue._steps.names import exact
from awsglue._steps.rewrite import Item, select_list
from awsglue._types import members
from awsglue.gluetypes import (
    AtomicType,
    BooleanType,
    ByteType,
    ChoiceType,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    StructType,
)

logger = logging.getLogger(__name__)

_NUMBERS = (ByteType, ShortType, IntegerType, LongType, FloatType, DoubleType, DecimalType)
_MOST_BITS = 63
_GREATEST = 10**308
_COMPARISONS = (">", "<", ">=", "<=", "=", "==", "!=")


def join(left: Records, right: Records, keys: Sequence[tuple[str, str]]) -> Records:
    """Return the pairs of records whose keys are equal, with all fields of both.

    A record lacks the fields that either of its two lacked. Fields of the right side whose names
    the left side has get a leading dot. Numbers equal numbers
    of other types; other keys of different types are compared as texts. Null keys equal nothing.
    Neither do keys that no record has, for which there is a warning.

    Args:
        left: the one side.
        right: the other.
        keys: pairs of paths, the left side's first.
    """
    renamed = _without_collisions(left, right)
    both = StructType([*left.schema, *renamed.schema])
    errors, limits = left.errors + right.errors, left.limits + right.limits
    if not left.schema.fields or not right.schema.fields:
        # A side without any field has no records: a bookmark found nothing new.
        side = left if left.schema.fields else renamed
        return Records(frame=side.frame.limit(0), schema=both, earlier_errors=errors, limits=limits)
    names = dict(zip(right.schema.field_map, renamed.schema.field_map, strict=True))
    condition = " AND ".join(_equal(left, right, one, two, names) for one, two in keys)
    with exact(left.spark, both):
        frame = left.frame.join(renamed.frame, functions.expr(condition), "inner")
    return Records(frame=frame, schema=both, earlier_errors=errors, limits=limits)


def _without_collisions(left: Records, right: Records) -> Records:
    taken = {name.lower() for name in (*left.schema.field_map, *right.schema.field_map)}
    mine = {name.lower() for name in left.schema.field_map}
    items: list[Item] = []
    for item in right.items:
        name = item.name
        while name.lower() in mine or (name != item.name and name.lower() in taken):
            name = f".{name}"
        items.append(replace(item, name=name))
    return right.select(items)


def _equal(left: Records, right: Records, one: str, two: str, names: Mapping[str, str]) -> str:
    mine, theirs = _key(left, one, "left"), _key(right, two, "right")
    if mine is None or theirs is None:
        return "false"
    first = _paths.find(right.schema, _paths.resolve(two, right.schema)[0], False)
    assert first is not None  # `_key` found it
    renamed = _paths.quote(names[first.name])
    # Only the first name of the path can have got a dot.
    theirs = Expression(renamed + theirs.sql[len(_paths.quote(first.name)) :], theirs.type)
    mine, theirs = _comparable(mine, theirs)
    return f"{mine.sql} = {theirs.sql}"


def _comparable(one: Expression, two: Expression) -> tuple[Expression, Expression]:
    """Return two keys as values that Spark compares: texts, if their types are unlike."""
    if one.type == two.type or (isinstance(one.type, _NUMBERS) and isinstance(two.type, _NUMBERS)):
        return one, two
    text = StringType()
    return cast(one.sql, one.type, text), cast(two.sql, two.type, text)


def _primary(records: Records, path: str) -> Expression:
    """Return a primary key, without which records would replace those that they do not belong to.

    Raises:
        FieldNotFoundError: no record has it.
    """
    found = take(records.schema, path, case_sensitive=False)
    if found is None:
        raise FieldNotFoundError(path, list(records.schema.field_map))
    return found


def _key(records: Records, path: str, side: str) -> Expression | None:
    found = take(records.schema, path, case_sensitive=False)
    if found is None:
        logger.warning("Join: no record of the %s frame has a field %s.", side, path)
    return found


def union(one: Records, two: Records) -> Records:
    """Return the records of both, by field name; a field of two types becomes a choice.

    Records of the one lack the fields that only the other has.
    """
    if not one.schema.fields or not two.schema.fields:
        full = one if one.schema.fields else two
        return Records(
            frame=full.frame,
            schema=full.schema,
            earlier_errors=one.errors + two.errors,
            limits=one.limits + two.limits,
        )
    return merge([one, two])


def merge_staged(source: Records, stage: Records, keys: Sequence[str]) -> Records:
    """Return the staged records, and those of the source whose keys are not staged.

    Raises:
        FieldNotFoundError: a side has fields, but not a key.
    """
    if not source.schema.fields or not stage.schema.fields:
        return union(source, stage)
    pairs = [_comparable(_primary(source, key), _primary(stage, key)) for key in keys]
    mine = [f"{one.sql} AS `__source{n}`" for n, (one, _) in enumerate(pairs)]
    theirs = [f"{two.sql} AS `__stage{n}`" for n, (_, two) in enumerate(pairs)]
    condition = " AND ".join(f"`__source{n}` <=> `__stage{n}`" for n in range(len(keys)))
    with exact(source.spark, StructType([*source.schema, *stage.schema])):
        unstaged = source.frame.selectExpr("*", *mine).join(
            stage.frame.selectExpr(*theirs), functions.expr(condition), "left_anti"
        )
        frame = unstaged.selectExpr(*select_list(source.items))
    kept = Records(
        frame=frame,
        schema=source.schema,
        earlier_errors=source.errors,
        limits=source.limits,
    )
    return union(stage, kept)


def split_rows(
    records: Records, comparisons: Mapping[str, Mapping[str, Any]]
) -> tuple[Records, Records]:
    """Return the records that satisfy all comparisons, and the rest (nulls are in the rest).

    Args:
        records: what to split.
        comparisons: by path, values by operator: `{"age": {">": 10, "<": 20}}`. A text is compared
            with a number by the number that it says, if it says one. Of a field of several types
            those values are compared that are of the constant's kind. No record satisfies a
            comparison of a field that none has, with a warning.

    Raises:
        ValueError: there is no such operator.
    """
    satisfied = functions.lit(True)
    for path, wanted in comparisons.items():
        found = take(records.schema, path)
        if found is None and records.schema.fields:
            logger.warning("SplitRows: no record has a field %s.", path)
        for operator, value in wanted.items():
            if operator not in _COMPARISONS:
                raise ValueError(f"{operator!r} is none of {', '.join(_COMPARISONS)}.")
            satisfied &= functions.lit(False) if found is None else _compare(found, operator, value)
    satisfied = functions.coalesce(satisfied, functions.lit(False))
    with exact(records.spark, records.schema):
        return (
            records.next(frame=records.frame.where(satisfied)),
            records.next(frame=records.frame.where(~satisfied)),
        )


def _compare(found: Expression, operator: str, value: Any) -> Column:
    if isinstance(found.type, ChoiceType):
        kinds = _kinds_of(value)
        alike = [
            _compare(Expression(member(found.sql, name), kind), operator, value)
            for name, kind in members(found.type)
            if isinstance(kind, kinds)
        ]
        return reduce(lambda one, two: one | two, alike, functions.lit(None).cast("boolean"))
    column, literal = _sides(found, value)
    comparisons = {
        ">": column > literal,
        "<": column < literal,
        ">=": column >= literal,
        "<=": column <= literal,
        "!=": column != literal,
    }
    return comparisons.get(operator, column == literal)


def _kinds_of(value: Any) -> tuple[type[DataType], ...]:
    if isinstance(value, bool):
        return (BooleanType,)
    if isinstance(value, str):
        return (StringType,)
    return _NUMBERS if _is_number(value) else (AtomicType,)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _sides(found: Expression, value: Any) -> tuple[Column, Column]:
    """Return a field and a constant as Spark compares them without an error in any mode."""
    sql = found.sql
    if isinstance(found.type, StringType) and _is_number(value):
        sql = f"try_cast({sql} AS DOUBLE)"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        # Too great for a long. To a decimal as great, Spark 3.5 finds a null less.
        value = float(min(max(value, -_GREATEST), _GREATEST))
    if isinstance(found.type, _NUMBERS) and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    return functions.expr(sql), functions.lit(value)
