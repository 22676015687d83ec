"""The types of a DynamicFrame's schema (developer guide: "PySpark extension types").

They are Spark's types plus `ChoiceType`: a field that holds values of several types. A schema is a
`StructType` of `Field`s. Types are compared by value and can be written as JSON and read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Properties = Mapping[str, Any]


class DataType:
    """A type with free properties. Equal types have the same class, properties and members."""

    def __init__(self, properties: Properties | None = None) -> None:
        self.properties: dict[str, Any] = dict(properties or {})

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.properties!r})"

    @classmethod
    def typeName(cls) -> str:
        """Return the name by which schemas call this type, such as `string`."""
        return cls.__name__.removesuffix("Type").lower()

    def jsonValue(self) -> dict[str, Any]:
        """Return the type as values that `json.dumps` takes; `_deserialize_json_value` reads it."""
        return {"dataType": self.typeName(), "properties": self.properties}


class AtomicType(DataType):
    """A type without members."""

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> AtomicType:
        """Read what `jsonValue` wrote."""
        return cls(properties=json_value.get("properties"))


class BinaryType(AtomicType):
    """Bytes."""


class BooleanType(AtomicType):
    """True or false."""


class ByteType(AtomicType):
    """An integer of 8 bits."""


class DateType(AtomicType):
    """A calendar day."""


class DecimalType(AtomicType):
    """A decimal number of `precision` digits, `scale` of them behind the point."""

    def __init__(
        self, precision: int = 10, scale: int = 2, properties: Properties | None = None
    ) -> None:
        super().__init__(properties)
        self.precision = precision
        self.scale = scale

    def __repr__(self) -> str:
        return f"DecimalType({self.precision}, {self.scale}, {self.properties!r})"

    def jsonValue(self) -> dict[str, Any]:
        return super().jsonValue() | {"precision": self.precision, "scale": self.scale}

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> DecimalType:
        return cls(json_value["precision"], json_value["scale"], json_value.get("properties"))


class DoubleType(AtomicType):
    """A floating-point number of 64 bits."""


class EnumType(AtomicType):
    """One of a fixed set of texts."""

    def __init__(self, options: Iterable[str], properties: Properties | None = None) -> None:
        super().__init__(properties)
        self.options = list(options)

    def __repr__(self) -> str:
        return f"EnumType({self.options!r}, {self.properties!r})"

    def jsonValue(self) -> dict[str, Any]:
        return super().jsonValue() | {"options": self.options}

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> EnumType:
        return cls(json_value["options"], json_value.get("properties"))


class FloatType(AtomicType):
    """A floating-point number of 32 bits."""


class IntegerType(AtomicType):
    """An integer of 32 bits."""

    @classmethod
    def typeName(cls) -> str:
        return "int"


class LongType(AtomicType):
    """An integer of 64 bits."""


class NullType(AtomicType):
    """A field that was never anything but null."""


class ShortType(AtomicType):
    """An integer of 16 bits."""


class StringType(AtomicType):
    """Text."""


class TimestampType(AtomicType):
    """A moment, in microseconds."""


class TimestampNTZType(AtomicType):
    """A date and time of day without a time zone."""


class UnknownType(AtomicType):
    """Not known yet; merging it with any type gives that type."""


class ArrayType(DataType):
    """A list of elements of one type."""

    def __init__(
        self, elementType: DataType | None = None, properties: Properties | None = None
    ) -> None:
        super().__init__(properties)
        self.elementType = elementType or UnknownType()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.elementType!r}, {self.properties!r})"

    def jsonValue(self) -> dict[str, Any]:
        return super().jsonValue() | {"elementType": self.elementType.jsonValue()}

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> ArrayType:
        """Read what `jsonValue` wrote."""
        element = _deserialize_json_value(json_value["elementType"])
        return cls(element, json_value.get("properties"))


class SetType(ArrayType):
    """A list without repetition."""


class MapType(DataType):
    """Values of one type by text keys; a property `keyType` names any other type of key."""

    def __init__(
        self, valueType: DataType | None = None, properties: Properties | None = None
    ) -> None:
        super().__init__(properties)
        self.valueType = valueType or UnknownType()

    def __repr__(self) -> str:
        return f"MapType({self.valueType!r}, {self.properties!r})"

    def jsonValue(self) -> dict[str, Any]:
        return super().jsonValue() | {"valueType": self.valueType.jsonValue()}

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> MapType:
        """Read what `jsonValue` wrote."""
        value = _deserialize_json_value(json_value["valueType"])
        return cls(value, json_value.get("properties"))


class ChoiceType(DataType):
    """Values of several types in one field; `choices` has at most one type of each name."""

    def __init__(
        self, choices: Iterable[DataType] = (), properties: Properties | None = None
    ) -> None:
        super().__init__(properties)
        self.choices: dict[str, DataType] = {}
        self.merge(choices)

    def __repr__(self) -> str:
        return f"ChoiceType({list(self.choices.values())!r}, {self.properties!r})"

    def add(self, new_choice: DataType) -> None:
        """Add a type; one of the same name is merged with it (two structs become one)."""
        known = self.choices.get(new_choice.typeName())
        self.choices[new_choice.typeName()] = (
            mergeDataTypes(known, new_choice) if known else new_choice
        )
        # One order whatever order the records came in: partitions are merged in any order.
        self.choices = dict(sorted(self.choices.items()))

    def merge(self, new_choices: Iterable[DataType] | ChoiceType) -> None:
        """Add several types, or those of another choice."""
        types = new_choices.choices.values() if isinstance(new_choices, ChoiceType) else new_choices
        for choice in list(types):
            self.add(choice)

    def jsonValue(self) -> dict[str, Any]:
        return super().jsonValue() | {
            "choices": [choice.jsonValue() for choice in self.choices.values()]
        }

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> ChoiceType:
        """Read what `jsonValue` wrote."""
        choices = [_deserialize_json_value(choice) for choice in json_value["choices"]]
        return cls(choices, json_value.get("properties"))


class Field:
    """A named member of a `StructType`.

    Equal fields have the same name, type and properties.

    Args:
        name: the name.
        dataType: the type of its values.
        properties: free properties.
        optional: whether some records may lack the field.
        nullable: whether it may be null in records that have it.
    """

    def __init__(
        self,
        name: str,
        dataType: DataType,
        properties: Properties | None = None,
        *,
        optional: bool = False,
        nullable: bool = True,
    ) -> None:
        self.name = name
        self.dataType = dataType
        self.properties: dict[str, Any] = dict(properties or {})
        self.optional = optional
        self.nullable = nullable

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Field)
            and self.name == other.name
            and self.dataType == other.dataType
            and self.properties == other.properties
        )

    def __hash__(self) -> int:
        return hash((self.name, self.dataType))

    def __repr__(self) -> str:
        return f"Field({self.name!r}, {self.dataType!r}, {self.properties!r})"

    def jsonValue(self) -> dict[str, Any]:
        """Return the field as values that `json.dumps` takes."""
        values = {
            "name": self.name,
            "container": self.dataType.jsonValue(),
            "properties": self.properties,
        }
        presence = {"optional": True, "nullable": self.nullable}
        return values | presence if self.optional else values

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> Field:
        """Read what `jsonValue` wrote."""
        data_type = _deserialize_json_value(json_value["container"])
        return cls(
            json_value["name"],
            data_type,
            json_value.get("properties"),
            optional=json_value.get("optional", False),
            nullable=json_value.get("nullable", True),
        )


class StructType(DataType):
    """Fields by name, in order: a nested record, or the schema of a frame."""

    def __init__(self, fields: Iterable[Field] = (), properties: Properties | None = None) -> None:
        super().__init__(properties)
        self.fields: list[Field] = list(fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __repr__(self) -> str:
        return f"StructType({self.fields!r}, {self.properties!r})"

    @property
    def field_map(self) -> dict[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.fields}

    def add(self, field: Field) -> None:
        """Append a field.

        Raises:
            ValueError: there is a field of this name already.
        """
        if self.hasField(field):
            raise ValueError(f"The struct already has a field {field.name!r}.")
        self.fields.append(field)

    def hasField(self, field: Field | str) -> bool:
        """Tell whether there is a field of this name."""
        return _name_of(field) in self.field_map

    def getField(self, field: Field | str) -> Field:
        """Return the field of this name.

        Raises:
            KeyError: there is none.
        """
        return self.field_map[_name_of(field)]

    def jsonValue(self) -> dict[str, Any]:
        return super().jsonValue() | {"fields": [field.jsonValue() for field in self.fields]}

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> StructType:
        """Read what `jsonValue` wrote."""
        fields = [Field.fromJsonValue(field) for field in json_value["fields"]]
        return cls(fields, json_value.get("properties"))


class EntityType(DataType):
    """A named meaning on top of a base type."""

    def __init__(
        self, entity: str, base_type: DataType, properties: Properties | None = None
    ) -> None:
        super().__init__(properties)
        self.entity = entity
        self.base_type = base_type

    def __repr__(self) -> str:
        return f"EntityType({self.entity!r}, {self.base_type!r}, {self.properties!r})"

    def jsonValue(self) -> dict[str, Any]:
        return super().jsonValue() | {
            "entity": self.entity,
            "baseType": self.base_type.jsonValue(),
        }

    @classmethod
    def fromJsonValue(cls, json_value: Mapping[str, Any]) -> EntityType:
        """Read what `jsonValue` wrote."""
        base = _deserialize_json_value(json_value["baseType"])
        return cls(json_value["entity"], base, json_value.get("properties"))


_Readable = (
    type[AtomicType]
    | type[ArrayType]
    | type[MapType]
    | type[ChoiceType]
    | type[StructType]
    | type[EntityType]
)
_TYPES: tuple[_Readable, ...] = (
    *(BinaryType, BooleanType, ByteType, DateType, DecimalType, DoubleType, EnumType, FloatType),
    *(IntegerType, LongType, NullType, ShortType, StringType, TimestampType, TimestampNTZType),
    *(UnknownType, ArrayType, SetType, MapType, ChoiceType, StructType, EntityType),
)
_BY_NAME: dict[str, _Readable] = {data_type.typeName(): data_type for data_type in _TYPES}


def _name_of(field: Field | str) -> str:
    return field if isinstance(field, str) else field.name


def _deserialize_json_value(json_val: Mapping[str, Any]) -> DataType:
    """Read a type that `jsonValue` wrote."""
    return _BY_NAME[json_val["dataType"]].fromJsonValue(json_val)


def _make_choice(s1: DataType, s2: DataType) -> ChoiceType:
    """Return the choice between two types, either of which may be a choice already."""
    choice = ChoiceType()
    for one in (s1, s2):
        choice.merge(one if isinstance(one, ChoiceType) else [one])
    return choice


def mergeDataTypes(s1: DataType, s2: DataType) -> DataType:
    """Return the type of a field that is `s1` in some records and `s2` in others.

    Null and unknown give way to anything; structs, arrays and maps are merged member by member;
    decimals take the digits that both need; all else becomes a choice.
    """
    if s1 == s2 or isinstance(s2, (UnknownType, NullType)):
        return s1
    if isinstance(s1, (UnknownType, NullType)):
        return s2
    if isinstance(s1, StructType) and isinstance(s2, StructType):
        return _merge_structs(s1, s2)
    if isinstance(s1, ArrayType) and type(s1) is type(s2):
        assert isinstance(s2, ArrayType)
        return type(s1)(mergeDataTypes(s1.elementType, s2.elementType), s1.properties)
    if isinstance(s1, MapType) and isinstance(s2, MapType) and s1.properties == s2.properties:
        return MapType(mergeDataTypes(s1.valueType, s2.valueType), s1.properties)
    if isinstance(s1, DecimalType) and isinstance(s2, DecimalType):
        return _merge_decimals(s1, s2)
    return _make_choice(s1, s2)


def _merge_structs(s1: StructType, s2: StructType) -> StructType:
    first, second = s1.field_map, s2.field_map
    names = dict.fromkeys((*first, *second))
    fields = [_merge_fields(first.get(name), second.get(name)) for name in names]
    return StructType(fields, s1.properties)


def _merge_fields(one: Field | None, two: Field | None) -> Field:
    """Return the field of two structs, at least one of which has it."""
    field = one or two
    assert field is not None
    both = one is not None and two is not None
    return Field(
        field.name,
        mergeDataTypes(one.dataType, two.dataType) if one and two else field.dataType,
        field.properties,
        optional=not both or any(side.optional for side in (one, two) if side),
        nullable=any(side.nullable for side in (one, two) if side),
    )


def _merge_decimals(s1: DecimalType, s2: DecimalType) -> DecimalType:
    scale = max(s1.scale, s2.scale)
    whole = max(s1.precision - s1.scale, s2.precision - s2.scale)
    return DecimalType(min(whole + scale, 38), scale, s1.properties)


class MissingFieldError(KeyError, AttributeError):
    """A record has no field of the name asked for."""


class DynamicRecord(dict[str, Any]):
    """A record as a function of `Map` or `Filter` sees it: a dict whose keys are attributes too."""

    def __getattr__(self, attr: str) -> Any:
        try:
            return self[attr]
        except KeyError:
            raise MissingFieldError(attr) from None

    def __setattr__(self, attr: str, value: Any) -> None:
        self[attr] = value
