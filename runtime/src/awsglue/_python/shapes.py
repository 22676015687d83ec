"""The types of the Python values that functions return, and those values made ready for Arrow."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from awsglue import gluetypes as glue
from awsglue._steps.columns import ABSENT
from awsglue._types import columns_of, is_marked, mark_of, members, parse

Converter = Callable[[Any], Any]

_INTEGERS: tuple[tuple[type[glue.AtomicType], int], ...] = (
    (glue.ByteType, 7),
    (glue.ShortType, 15),
    (glue.IntegerType, 31),
    (glue.LongType, 63),
)
#: Python's own classes that are one type each, and nothing but it.
_SIMPLE: dict[type, type[glue.AtomicType]] = {
    str: glue.StringType,
    bool: glue.BooleanType,
    float: glue.DoubleType,
    bytes: glue.BinaryType,
    datetime.datetime: glue.TimestampType,
    datetime.date: glue.DateType,
}
_DIRECT = (
    *(glue.BooleanType, glue.DoubleType, glue.BinaryType, glue.DateType),
    *(glue.ByteType, glue.ShortType, glue.IntegerType, glue.LongType),
)
_ARROW: dict[type[glue.DataType], pa.DataType] = {
    glue.BinaryType: pa.binary(),
    glue.BooleanType: pa.bool_(),
    glue.ByteType: pa.int8(),
    glue.DateType: pa.date32(),
    glue.DoubleType: pa.float64(),
    glue.EnumType: pa.string(),
    glue.FloatType: pa.float32(),
    glue.IntegerType: pa.int32(),
    glue.LongType: pa.int64(),
    glue.ShortType: pa.int16(),
    glue.StringType: pa.string(),
    glue.TimestampType: pa.timestamp("us", tz="UTC"),
    glue.TimestampNTZType: pa.timestamp("us"),
}


def plain(value: Any) -> Any:
    """Return a value with NumPy's scalars, rows and tuples replaced by Python's own kinds."""
    if isinstance(value, (str, bytes, bool, int, float, dict, list, type(None))):
        return value
    if hasattr(value, "asDict"):
        return value.asDict()
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    if isinstance(value, bytearray):
        return bytes(value)
    if hasattr(value, "item") and not isinstance(value, Mapping):
        return plain(value.item())
    return dict(value) if isinstance(value, Mapping) else value


_MOST_DIGITS = 38  # of Spark's decimals


class Shape:
    """Everything that the values of one field were, over any number of records."""

    def __init__(self, *, absent: bool = False) -> None:
        self.absent = absent  #: some record has no such field
        self.null = False  #: the field of some record is null
        self.kept: glue.DataType | None = None  #: the type of values that a function left alone
        self.kinds: set[type[glue.AtomicType]] = set()
        self.low = 0  #: the least integer
        self.high = 0  #: the greatest integer
        self.whole = 0  #: digits before the point of decimals
        self.scale = 0  #: digits behind it
        self.fields: dict[str, Shape] | None = None
        self.element: Shape | None = None
        self.odd = False  #: some value was of a class that only `plain` makes one of Python's own

    def add_all(self, values: Iterable[Any]) -> None:
        """Take note of many values, faster than of each alone.

        Raises:
            TypeError: one is of a kind that no record can hold.
        """
        values = self._present(list(values))
        for kind in set(map(type, values)):
            some: list[Any] = [value for value in values if type(value) is kind]
            if kind in _SIMPLE:
                self.kinds.add(_SIMPLE[kind])
            elif kind is int:
                self.kinds.add(glue.LongType)
                self.low, self.high = min(self.low, min(some)), max(self.high, max(some))
            elif kind in (dict, glue.DynamicRecord):
                self._add_rows(some)
            elif kind is list:
                self.element = self.element or Shape()
                self.element.add_all(chain.from_iterable(some))
            else:
                self.odd = True
                for value in some:
                    self.add(value)

    def _present(self, values: list[Any]) -> list[Any]:
        """Return the values that are there and not null, and note that others are not."""
        present = [value for value in values if value is not None and value is not ABSENT]
        if len(present) < len(values):
            self.absent = self.absent or any(value is ABSENT for value in values)
            self.null = self.null or any(value is None for value in values)
        return present

    def _add_rows(self, rows: list[dict[str, Any]]) -> None:
        if any(type(name) is not str for name in dict.fromkeys(chain.from_iterable(rows))):
            self.odd = True
            rows = [{str(name): value for name, value in row.items()} for row in rows]
        earlier = self.fields is not None  # records without the fields that are new here
        self.fields = self.fields or {}
        for name in dict.fromkeys(chain(self.fields, *rows)):
            shape = self.fields.setdefault(name, Shape(absent=earlier))
            shape.add_all(row.get(name, ABSENT) for row in rows)

    def takes(self, data_type: glue.DataType) -> bool:
        """Tell whether `pyarrow.array` makes the type of the values noted without any help."""
        if self.odd:
            return False
        if isinstance(data_type, glue.StructType):
            fields = self.fields or {}
            return not any(map(is_marked, data_type)) and all(
                one.name in fields and fields[one.name].takes(one.dataType) for one in data_type
            )
        if isinstance(data_type, glue.ArrayType):
            return self.element is not None and self.element.takes(data_type.elementType)
        if isinstance(data_type, glue.NullType):
            return True
        if isinstance(data_type, glue.StringType):
            return self.kinds == {glue.StringType}
        return isinstance(data_type, _DIRECT)

    def rounded(self) -> Shape:
        """Return the shape with its integers as far as their type depends on them.

        So the many batches of one kind of records have few shapes.
        """
        for _, bits in _INTEGERS:
            if -(2**bits) <= self.low and self.high < 2**bits:
                self.low, self.high = -(2**bits), 2**bits - 1
                break
        self.odd = False
        for inner in (*(self.fields or {}).values(), *filter(None, [self.element])):
            inner.rounded()
        return self

    def add(self, value: Any) -> None:
        """Take note of a value.

        Raises:
            TypeError: it is of a kind that no record can hold.
        """
        self.odd = True
        value = plain(value)
        if value is None:
            self.null = True
        elif isinstance(value, dict):
            self._add_rows([value])
        elif isinstance(value, list):
            self.element = self.element or Shape()
            for element in value:
                self.element.add(element)
        else:
            self._add_atomic(value)

    def _add_atomic(self, value: Any) -> None:
        kind = _kind(value)
        self.kinds.add(kind)
        if kind is glue.LongType:
            self.low, self.high = min(self.low, value), max(self.high, value)
        elif kind is glue.DecimalType:
            _, digits, exponent = value.as_tuple()
            if not isinstance(exponent, int):
                raise TypeError(f"The decimal {value} is not a number.")
            self.scale = max(self.scale, -exponent)
            self.whole = max(self.whole, len(digits) + exponent, 1)

    def data_type(self, hint: glue.DataType | None = None) -> glue.DataType:
        """Return the type that holds every value noted.

        Args:
            hint: what the field was before the function; an integer, decimal or moment keeps its
                exact type when it still fits.
        """
        kinds = self.kinds
        if glue.DoubleType in kinds:
            kinds = kinds - {glue.FloatType}
        types = [self._atomic(kind, hint) for kind in kinds]
        if self.element is not None:
            inner = hint.elementType if isinstance(hint, glue.ArrayType) else None
            types.append(glue.ArrayType(self.element._inner_type(inner)))
        if self.fields is not None:
            types.append(self._map(hint) or self._struct(hint, Shape._inner_type))
        choice = glue.ChoiceType(types)  # great integers and decimals are one type in it
        if len(choice.choices) > 1:
            found: glue.DataType = choice
        else:
            found = next(iter(choice.choices.values()), glue.NullType())
        return found if self.kept is None else glue.mergeDataTypes(self.kept, found)

    def _inner_type(self, hint: glue.DataType | None) -> glue.DataType:
        """Return the type of values inside of others; without any value it is the one before."""
        found = self.data_type(hint)
        return hint if hint is not None and isinstance(found, glue.NullType) else found

    def _map(self, hint: glue.DataType | None) -> glue.MapType | None:
        """Return the map that the dicts noted were before, if it can hold them all."""
        if not isinstance(hint, glue.MapType) or hint.properties:
            return None
        for shape in (self.fields or {}).values():
            if shape._inner_type(hint.valueType) != hint.valueType:
                return None
        return hint

    def struct(self, hint: glue.DataType | None = None) -> glue.StructType:
        """Return the type of the records noted."""
        return self._struct(hint, Shape.data_type)

    def _struct(
        self,
        hint: glue.DataType | None,
        type_of: Callable[[Shape, glue.DataType | None], glue.DataType],
    ) -> glue.StructType:
        hints = hint.field_map if isinstance(hint, glue.StructType) else {}
        return glue.StructType(
            shape.field(name, type_of(shape, hints[name].dataType if name in hints else None))
            for name, shape in (self.fields or {}).items()
        )

    def field(self, name: str, data_type: glue.DataType) -> glue.Field:
        """Return the field of these values."""
        return glue.Field(name, data_type, optional=self.absent, nullable=self.null)

    def _atomic(self, kind: type[glue.AtomicType], hint: glue.DataType | None) -> glue.DataType:
        if kind is glue.LongType:
            return self._integer(hint)
        if kind is glue.DecimalType:
            return self._decimal(hint)
        if kind is glue.TimestampType and isinstance(hint, glue.TimestampNTZType):
            return hint
        return kind()

    def _integer(self, hint: glue.DataType | None) -> glue.DataType:
        bits = max(self.high, -self.low - 1).bit_length()
        fitting = [kind for kind, room in _INTEGERS if bits <= room]
        if hint is not None and type(hint) in fitting:
            return hint
        if not fitting:
            return self._decimal(hint)
        return glue.IntegerType() if glue.IntegerType in fitting else glue.LongType()

    def _decimal(self, hint: glue.DataType | None) -> glue.DataType:
        """Return the type of decimals, and of integers too great for 64 bits."""
        great = max(self.high, -self.low)
        whole = max(self.whole, len(str(great)) if great >= 2**63 else 0)
        if (
            isinstance(hint, glue.DecimalType)
            and self.scale <= hint.scale
            and whole <= hint.precision - hint.scale
        ):
            return hint
        if whole + self.scale > _MOST_DIGITS:
            return glue.StringType()  # rather than to lose digits
        return glue.DecimalType(max(whole, 1) + self.scale, self.scale)

    def merge(self, other: Shape) -> None:
        """Take note of everything that another shape has noted."""
        self.kinds |= other.kinds
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.whole, self.scale = max(self.whole, other.whole), max(self.scale, other.scale)
        self.absent, self.null = self.absent or other.absent, self.null or other.null
        self.kept = self.kept or other.kept
        if other.element is not None:
            self.element = self.element or Shape()
            self.element.merge(other.element)
        if other.fields is not None:
            earlier, mine = self.fields is not None, self.fields or {}
            for name, shape in mine.items():
                shape.absent = shape.absent or name not in other.fields
            for name, shape in other.fields.items():
                mine.setdefault(name, Shape(absent=earlier)).merge(shape)
            self.fields = mine


def _kind(value: Any) -> type[glue.AtomicType]:
    """Return the kind of an atomic value; any integer is a long for now."""
    kinds: tuple[tuple[type, type[glue.AtomicType]], ...] = (
        (str, glue.StringType),
        (bool, glue.BooleanType),  # before int: True is an int
        (int, glue.LongType),
        (float, glue.DoubleType),
        (datetime.datetime, glue.TimestampType),  # before date: a datetime is a date
        (datetime.date, glue.DateType),
        (decimal.Decimal, glue.DecimalType),
        (bytes, glue.BinaryType),
    )
    for python, kind in kinds:
        if isinstance(value, python):
            return kind
    raise TypeError(f"A record cannot hold a {type(value).__name__}.")


def arrow_type(data_type: glue.DataType) -> pa.DataType:
    """Return a type as Arrow's."""
    if isinstance(data_type, glue.StructType):
        return pa.struct([(one.name, arrow_type(one.dataType)) for one in columns_of(data_type)])
    if isinstance(data_type, glue.ChoiceType):
        return pa.struct([(name, arrow_type(kind)) for name, kind in members(data_type)])
    if isinstance(data_type, glue.ArrayType):
        return pa.list_(arrow_type(data_type.elementType))
    if isinstance(data_type, glue.MapType):
        key = parse(str(data_type.properties.get("keyType", "string")))
        return pa.map_(arrow_type(key), arrow_type(data_type.valueType))
    if isinstance(data_type, glue.DecimalType):
        return pa.decimal128(data_type.precision, data_type.scale)
    return _ARROW.get(type(data_type), pa.null())


def to_arrow(data_type: glue.DataType, zone: ZoneInfo) -> Converter:
    """Return what makes a value of the type ready for `pyarrow.array`.

    Args:
        data_type: a type that `Shape.data_type` found for the value, among others.
        zone: where times of day without a zone are meant.
    """
    if isinstance(data_type, glue.ChoiceType):
        return _choice_to_arrow(data_type, zone)
    if isinstance(data_type, glue.StructType):
        return _struct_to_arrow(data_type, zone)
    if isinstance(data_type, glue.ArrayType):
        element = to_arrow(data_type.elementType, zone)
        return lambda value: None if value is None else [element(one) for one in plain(value)]
    if isinstance(data_type, glue.MapType):
        inside = to_arrow(data_type.valueType, zone)
        return lambda value: (
            None
            if value is None
            else [(str(key), inside(one)) for key, one in plain(value).items()]
        )
    if isinstance(data_type, glue.TimestampType):
        return lambda value: (
            value.replace(tzinfo=zone) if value is not None and value.tzinfo is None else value
        )
    if isinstance(data_type, glue.TimestampNTZType):
        return lambda value: value and value.replace(tzinfo=None)
    if isinstance(data_type, glue.DecimalType):
        return lambda value: None if value is None else decimal.Decimal(value)
    if isinstance(data_type, glue.NullType):
        return lambda value: None
    if isinstance(data_type, glue.StringType):
        return _as_text
    return plain


def _as_text(value: Any) -> Any:
    """Return a text; numbers with too many digits for any other type become one."""
    value = plain(value)
    return value if value is None or isinstance(value, str) else str(value)


def _struct_to_arrow(data_type: glue.StructType, zone: ZoneInfo) -> Converter:
    converters = [(field.name, to_arrow(field.dataType, zone)) for field in data_type]
    marks = [(mark_of(field.name), field.name) for field in data_type if is_marked(field)]

    def convert(value: Any) -> Any:
        if value is None:
            return None
        named = {str(name): inner for name, inner in plain(value).items()}
        values = {name: converter(named.get(name)) for name, converter in converters}
        return values | {mark: name not in named for mark, name in marks}

    return convert


def _choice_to_arrow(data_type: glue.ChoiceType, zone: ZoneInfo) -> Converter:
    converters = {name: to_arrow(kind, zone) for name, kind in members(data_type)}
    integer = next((n for n in ("byte", "short", "int", "long") if n in converters), "decimal")

    def convert(value: Any) -> Any:
        value = plain(value)
        if value is None:
            return None
        name = _choice_name(value)
        if name == "struct" and name not in converters:
            name = "map"
        if name == "long":
            name = integer
        elif name == "timestamp" and name not in converters:
            name = "timestampntz"
        if name == "decimal" and name not in converters:
            name = "string"
        return {name: converters[name](value)}

    return convert


def _choice_name(value: Any) -> str:
    if isinstance(value, dict):
        return "struct"
    return "array" if isinstance(value, list) else _kind(value).typeName()


def from_arrow(data_type: glue.DataType) -> Converter | None:
    """Return what makes a value that Arrow gave the one that a function sees; None for nothing.

    A choice becomes the one value that it holds, a map a dict, and a time loses its zone.
    """
    if isinstance(data_type, glue.ChoiceType):
        inner = [(name, from_arrow(kind)) for name, kind in members(data_type)]
        return lambda value: _chosen(value, inner)
    if isinstance(data_type, glue.StructType):
        fields = [(field.name, from_arrow(field.dataType)) for field in data_type]
        changed = [(name, converter) for name, converter in fields if converter is not None]
        optional = [field for field in data_type if field.optional]
        if not changed and not optional:
            return None
        return lambda value: value and _present(_with(value, changed), optional)
    if isinstance(data_type, glue.ArrayType):
        element = from_arrow(data_type.elementType)
        return (lambda value: value and [element(one) for one in value]) if element else None
    if isinstance(data_type, glue.MapType):
        held = from_arrow(data_type.valueType) or (lambda value: value)
        return lambda value: (
            None if value is None else {key: held(one) for key, one in dict(value).items()}
        )
    if isinstance(data_type, glue.TimestampType):
        return lambda value: value and value.replace(tzinfo=None)
    return None


def _chosen(value: Any, inner: list[tuple[str, Converter | None]]) -> Any:
    for name, converter in inner if value is not None else ():
        one = value[name]
        if one is not None:
            return converter(one) if converter else one
    return None


def _with(value: dict[str, Any], changed: list[tuple[str, Converter]]) -> dict[str, Any]:
    for name, converter in changed:
        value[name] = converter(value[name])
    return value


def _present(value: dict[str, Any], optional: list[glue.Field]) -> dict[str, Any]:
    """Return a record without marks, and without the fields that it lacks."""
    for field in optional:
        mark = value.pop(mark_of(field.name), True) if is_marked(field) else None
        if value[field.name] is None if mark is None else mark is not False:
            del value[field.name]
    return value
