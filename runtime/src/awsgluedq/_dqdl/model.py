"""What a ruleset says, as values; `str` of each is DQDL again, in the form that results show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

DURATIONS = {"minute": 60, "hour": 3_600, "day": 86_400}  #: seconds of a unit of time
SIZES = {unit: 1024**power for power, unit in enumerate(("B", "KB", "MB", "GB", "TB"))}  #: bytes


def quoted(text: str) -> str:
    """Return a text as DQDL writes it."""
    return '"' + text.replace('"', '\\"') + '"'


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number, exact."""

    value: Decimal

    def __str__(self) -> str:
        return f"{self.value:f}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A text in quotes: a value, a date, a time of day or a checksum."""

    value: str

    def __str__(self) -> str:
        return quoted(self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Keyword:
    """`NULL`, `EMPTY` or `WHITESPACES_ONLY`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """A number with a unit: `3 days`, `2 MB`."""

    number: Decimal
    unit: str

    @property
    def seconds(self) -> float | None:
        """The length of time; None of a size."""
        factor = DURATIONS.get(self.unit.rstrip("s"))
        return None if factor is None else float(self.number) * factor

    @property
    def bytes(self) -> int | None:
        """The size; None of a length of time."""
        return int(self.number * SIZES[self.unit]) if self.unit in SIZES else None

    def __str__(self) -> str:
        return f"{self.number:f} {self.unit}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """`now()`, `last(10)`, `avg(last(10))`."""

    name: str
    arguments: tuple[Operand, ...]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Binary:
    """Two operands and what is done with them."""

    left: Operand
    operator: str  #: `+`, `-`, `*` or `/`
    right: Operand

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Negative:
    """The negative of an operand."""

    of: Operand

    def __str__(self) -> str:
        return f"-{self.of}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parenthesised:
    """An operand in parentheses."""

    inner: Operand

    def __str__(self) -> str:
        return f"({self.inner})"


Operand = Number | Text | Keyword | Amount | Call | Binary | Negative | Parenthesised


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What a value has to be.

    A range is without its ends; `not between` is everything that `between` is not.
    """

    #: `=`, `!=`, `>`, `<`, `>=`, `<=`, or `between`, `in`, `matches` with or without `not ` before
    operator: str
    operands: tuple[Operand, ...]

    @property
    def negated(self) -> bool:
        """Whether a value has to be different, so that null satisfies it."""
        return self.operator.startswith("not ") or self.operator == "!="

    @property
    def kind(self) -> str:
        """The operator without `not`."""
        return self.operator.removeprefix("not ")

    def __str__(self) -> str:
        if self.kind == "between":
            return f"{self.operator} {self.operands[0]} and {self.operands[1]}"
        if self.kind == "in":
            return f"{self.operator} [{','.join(map(str, self.operands))}]"
        return f"{self.operator} {self.operands[0]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """What a rule is about: mostly a column."""

    value: str
    quoted: bool = True
    before: str = ""  #: `of ` or `and `

    def __str__(self) -> str:
        return self.before + (quoted(self.value) if self.quoted else self.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tag:
    """`with name = value`, which changes how a rule works."""

    name: str
    value: str | tuple[str, ...]
    quoted: bool = True

    def __str__(self) -> str:
        if isinstance(self.value, tuple):
            return f"with {self.name} = [{','.join(map(quoted, self.value))}]"
        return f"with {self.name} = {quoted(self.value) if self.quoted else self.value}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One rule of one type."""

    type: str
    parameters: tuple[Parameter, ...] = ()
    condition: Condition | None = None
    where: str | None = None
    threshold: Condition | None = None
    tags: tuple[Tag, ...] = ()
    line: int = field(default=1, compare=False)
    column: int = field(default=1, compare=False)

    @property
    def names(self) -> list[str]:
        """The parameters as texts."""
        return [parameter.value for parameter in self.parameters]

    def tag(self, name: str) -> str | tuple[str, ...] | None:
        """Return the value of a tag; None without it."""
        return next((tag.value for tag in self.tags if tag.name == name), None)

    def __str__(self) -> str:
        parts = [self.type, *map(str, self.parameters)]
        if self.condition is not None:
            parts.append(str(self.condition))
        if self.where is not None:
            parts.append(f"where {quoted(self.where)}")
        if self.threshold is not None:
            parts.append(f"with threshold {self.threshold}")
        return " ".join([*parts, *map(str, self.tags)])


@dataclass(frozen=True, kw_only=True, slots=True)
class Composite:
    """Rules joined by one operator."""

    operator: str  #: `AND` or `OR`
    members: tuple[Check | Composite, ...]

    def __str__(self) -> str:
        return f" {self.operator} ".join(f"({member})" for member in self.members)


Expression = Check | Composite


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """An entry of `Rules`."""

    expression: Expression
    labels: Mapping[str, str] = field(
        default_factory=dict
    )  #: with those that the ruleset has for all
    own_labels: Mapping[str, str] = field(default_factory=dict)  #: those written with the rule

    def __str__(self) -> str:
        if not self.own_labels:
            return str(self.expression)
        inner = str(self.expression)
        if isinstance(self.expression, Composite):
            inner = f"({inner})"
        return f"{inner} {label_text(self.own_labels)}"


def label_text(labels: Mapping[str, str]) -> str:
    """Return labels as DQDL writes them."""
    pairs = ", ".join(f"{quoted(key)}={quoted(value)}" for key, value in labels.items())
    return f"labels=[{pairs}]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruleset:
    """A whole document."""

    rules: tuple[Rule, ...] = ()
    analyzers: tuple[Check, ...] = ()

    def checks(self) -> Iterator[Check]:
        """Yield every rule that is inside the rules, then the analyzers."""
        for rule in self.rules:
            yield from checks_of(rule.expression)
        yield from self.analyzers


def checks_of(expression: Expression) -> Iterator[Check]:
    """Yield the rules that an expression joins."""
    if isinstance(expression, Check):
        yield expression
        return
    for member in expression.members:
        yield from checks_of(member)
