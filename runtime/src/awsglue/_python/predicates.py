"""Recognising functions of `Filter` that only compare fields with constants.

Such a function becomes a Spark SQL condition, where the result is provably that of calling it:
missing fields, nulls, values of other types and NaN included. Any doubt raises inside, and Python
evaluates the function. Nothing of the function runs here.
"""

from __future__ import annotations

import ast
import builtins
import datetime
import decimal
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import FunctionType, ModuleType
from typing import Any

from awsglue import gluetypes as glue
from awsglue._paths import quote
from awsglue._python.comparisons import (
    FALSE,
    FLIPPED,
    TRUE,
    Condition,
    UnprovenError,
    Value,
    both,
    compare,
    contained,
    either,
    guarded,
    text_literal,
    truth,
)
from awsglue._python.predicate_regex import UntranslatableError, translate
from awsglue._python.predicate_source import tree_of
from awsglue._steps.casts import field_at, member
from awsglue.gluetypes import DynamicRecord

_UTC = ("UTC", "Etc/UTC", "Z", "GMT", "+00:00")
_NEVER = Condition(FALSE, FALSE)  # Python raises for every record
_MOST_CONSTANTS = 10_000
_MODULES = (re, datetime, decimal)
_UNUSUAL = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)


def recognise(function: Callable[..., Any], schema: glue.StructType, zone: str) -> str | None:
    """Return the SQL condition of the records for which a function is true; None when in doubt.

    Args:
        function: a predicate of `Filter`. Records for which it raises KeyError, ValueError or
            TypeError are not kept; no expression that could raise anything else is recognised.
        schema: the types of the records.
        zone: the session's time zone: moments are compared only in UTC, which has no gaps.
    """
    if not isinstance(function, FunctionType) or function.__code__.co_flags & _UNUSUAL:
        return None
    tree = tree_of(function)
    if tree is None or function.__kwdefaults__:
        return None
    try:
        names = _names(function, tree)
        return _Reader(names, tree.args.args[0].arg, schema, zone).condition(tree).true
    except (UnprovenError, UntranslatableError, RecursionError):
        return None


def _names(function: FunctionType, tree: ast.Lambda | ast.FunctionDef) -> Mapping[str, Any]:
    """Return what names mean in a function, as far as a worker sees the same."""
    arguments = [one.arg for one in (*tree.args.posonlyargs, *tree.args.args)]
    defaults = function.__defaults__ or ()
    if len(arguments) != len(defaults) + 1 or tree.args.posonlyargs:
        raise UnprovenError("other arguments than the record")
    # A function of a module is sent to workers by its name, and they import the module anew.
    sent_whole = function.__module__ == "__main__" or "<" in function.__qualname__
    seen = {
        name: value
        for name, value in function.__globals__.items()
        if sent_whole or isinstance(value, ModuleType)
    }
    hidden = function.__globals__.keys() - seen.keys()
    names = {name: one for name, one in vars(builtins).items() if name not in hidden} | seen
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    names |= {name: _content(cell) for name, cell in cells}
    return names | dict(zip(arguments[1:], defaults, strict=True))


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # a name that is not bound yet
        return cell


@dataclass(frozen=True, slots=True)
class _Constant:
    value: Any


@dataclass(frozen=True, slots=True)
class _Record:
    """The record itself."""


class _MissingError(Exception):
    """The record has no such field, or not of this kind: Python raises what drops the record."""


_Node = _Constant | _Record | Value | Condition


class _Reader:
    """Reads the syntax tree of one function."""

    def __init__(
        self, names: Mapping[str, Any], record: str, schema: glue.StructType, zone: str
    ) -> None:
        self._names = names
        self._record = record
        self._schema = schema
        self._zone = zone

    def condition(self, tree: ast.Lambda | ast.FunctionDef) -> Condition:
        """Return the condition under which the function returns something true."""
        if isinstance(tree, ast.Lambda):
            return self._truth(tree.body)
        body = tree.body[1:] if ast.get_docstring(tree, clean=False) is not None else tree.body
        return self._statements(body)

    def _statements(self, statements: Sequence[ast.stmt]) -> Condition:
        """Read branches that end with `return`; a function that ends without returns None."""
        if not statements:
            return Condition(FALSE, TRUE)
        first, *rest = statements
        if isinstance(first, ast.Return):
            return self._truth(first.value) if first.value else Condition(FALSE, TRUE)
        if isinstance(first, ast.If):
            return _branch(
                self._truth(first.test),
                self._statements([*first.body, *rest]),
                self._statements([*first.orelse, *rest]),
            )
        if isinstance(first, ast.Pass):
            return self._statements(rest)
        raise UnprovenError("a statement that does more than to return")

    def _truth(self, node: ast.expr) -> Condition:
        try:
            read = self._read(node)
        except _MissingError:
            return _NEVER
        if isinstance(read, Condition):
            return read
        if isinstance(read, Value):
            return truth(self._comparable(read))
        if isinstance(read, _Constant) and _is_constant(read.value):
            return Condition(TRUE, FALSE) if read.value else Condition(FALSE, TRUE)
        raise UnprovenError("the truth of something else than a value")

    def _read(self, node: ast.expr) -> _Node:
        reader = _READERS.get(type(node))
        if reader is None:
            raise UnprovenError(type(node).__name__)
        return reader(self, node)

    def _constant(self, node: ast.Constant) -> _Node:
        return _Constant(node.value)

    def _name(self, node: ast.Name) -> _Node:
        if node.id == self._record:
            return _Record()
        if node.id not in self._names:
            raise UnprovenError(f"the name {node.id}")
        return _Constant(self._names[node.id])

    def _display(self, node: ast.Tuple | ast.List | ast.Set) -> _Node:
        return _Constant([self._static(one) for one in node.elts])

    def _static(self, node: ast.expr) -> Any:
        read = self._read(node)
        if not isinstance(read, _Constant):
            raise UnprovenError("a constant is needed")
        return read.value

    def _attribute(self, node: ast.Attribute) -> _Node:
        base = self._read(node.value)
        if isinstance(base, _Record) and not hasattr(DynamicRecord, node.attr):
            return self._field(node.attr)
        known = isinstance(base, _Constant) and any(base.value is one for one in _MODULES)
        if known and isinstance(base, _Constant) and node.attr in vars(base.value):
            return _Constant(vars(base.value)[node.attr])
        raise UnprovenError(f"the attribute {node.attr}")

    def _subscript(self, node: ast.Subscript) -> _Node:
        base, key = self._read(node.value), self._static(node.slice)
        if isinstance(base, _Record) and type(key) is str:
            return self._field(key)
        if isinstance(base, Value) and isinstance(base.type, glue.StructType) and type(key) is str:
            found = _only(base.type, key)
            there = f"{base.sql} IS NOT NULL"
            return Value(
                member(base.sql, key), found.dataType, (*base.needs, there, *_has(base.sql, found))
            )
        raise UnprovenError("an element of something else than a record")

    def _field(self, name: str) -> Value:
        field = _only(self._schema, name)
        return Value(quote(name), field.dataType, _has("", field))

    def _bool_op(self, node: ast.BoolOp) -> _Node:
        conditions = [self._truth(one) for one in node.values]
        result = conditions.pop()
        while conditions:
            first = conditions.pop()
            if isinstance(node.op, ast.And):
                true = both(first.true, result.true)
                result = Condition(true, either(first.false, both(first.true, result.false)))
            else:
                false = both(first.false, result.false)
                result = Condition(either(first.true, both(first.false, result.true)), false)
        return result

    def _if_exp(self, node: ast.IfExp) -> _Node:
        return _branch(*(self._truth(one) for one in (node.test, node.body, node.orelse)))

    def _unary(self, node: ast.UnaryOp) -> _Node:
        if isinstance(node.op, ast.Not):
            return self._truth(node.operand).negated()
        value = self._static(node.operand)
        if type(value) not in (int, float, Decimal) or isinstance(node.op, ast.Invert):
            raise UnprovenError("an operation on something else than a number")
        return _Constant(-value if isinstance(node.op, ast.USub) else value)

    def _binary(self, node: ast.BinOp) -> _Node:
        one, two = self._static(node.left), self._static(node.right)
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None or not {type(one), type(two)} <= {int, float}:
            raise UnprovenError("arithmetic")
        try:
            return _Constant(operation(one, two))
        except OverflowError as error:
            raise UnprovenError("arithmetic that fails") from error

    def _compare(self, node: ast.Compare) -> _Node:
        """Read a comparison, or a chain of them: `18 <= x < 65`."""
        sides = [node.left, *node.comparators]
        parts = [
            self._pair(one, operator, two)
            for one, operator, two in zip(sides, node.ops, sides[1:], strict=False)
        ]
        result = parts.pop()
        while parts:
            first = parts.pop()
            result = Condition(
                both(first.true, result.true),
                either(first.false, both(first.true, result.false)),
            )
        return Condition(result.true, result.false, "bool")

    def _pair(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Condition:
        try:
            one, two = self._read(left), self._read(right)
        except _MissingError:
            return _NEVER
        if isinstance(operator, ast.In | ast.NotIn):
            found = self._contained(one, two)
            return found if isinstance(operator, ast.In) else found.negated()
        if isinstance(one, _Constant) and isinstance(two, Value) and type(operator) in _SYMBOLS:
            return compare(self._comparable(two), FLIPPED[_SYMBOLS[type(operator)]], one.value)
        if not isinstance(two, _Constant):
            raise UnprovenError("a comparison with something else than a constant")
        if isinstance(one, Condition):
            return _with_constant(one, operator, two.value)
        if not isinstance(one, Value):
            raise UnprovenError("a comparison of constants")
        if isinstance(operator, ast.Is | ast.IsNot):
            if two.value is not None:
                raise UnprovenError("the identity of anything but None")
            found = compare(self._comparable(one), "=", None)
            return found if isinstance(operator, ast.Is) else found.negated()
        return compare(self._comparable(one), _SYMBOLS[type(operator)], two.value)

    def _contained(self, one: _Node, two: _Node) -> Condition:
        if isinstance(one, Value) and isinstance(two, _Constant):
            if type(two.value) not in (list, tuple, set, frozenset):
                raise UnprovenError("membership of something else than a list")
            if len(two.value) > _MOST_CONSTANTS:
                raise UnprovenError("a long list")
            return contained(self._comparable(one), two.value)
        if isinstance(one, _Constant) and type(one.value) is str:
            if isinstance(two, _Record):
                return self._has_field(one.value)
            if isinstance(two, Value) and isinstance(two.type, glue.StringType):
                sql = f"contains({two.sql}, {text_literal(one.value)})"
                return guarded(two, Condition(sql, f"NOT {sql}", "bool"))
        raise UnprovenError("membership")

    def _has_field(self, name: str) -> Condition:
        try:
            field = _only(self._schema, name)
        except _MissingError:
            return _always(False)
        if not field.optional:
            return _always(True)
        [there] = _has("", field)
        return Condition(there, field_at("", field).absent, "bool")

    def _call(self, node: ast.Call) -> _Node:
        if node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
            raise UnprovenError("a call with names")
        if isinstance(node.func, ast.Attribute):
            if isinstance(self._read_quietly(node.func.value), _Record):
                return self._get(node)
            pattern = self._read_quietly(node.func.value)
            if isinstance(pattern, _Constant) and type(pattern.value) is re.Pattern:
                return self._search(pattern.value, node.func.attr, node.args)
        called = self._static(node.func)
        if called is bool and len(node.args) == 1:
            condition = self._truth(node.args[0])
            return Condition(condition.true, condition.false, "bool")
        if called is len and len(node.args) == 1:
            return self._length(node.args[0])
        for name in ("match", "search", "fullmatch"):
            if called is getattr(re, name) and len(node.args) == 2:
                return self._search(self._static(node.args[0]), name, node.args[1:])
        return _Constant(self._made(called, node.args))

    def _read_quietly(self, node: ast.expr) -> _Node | None:
        return self._read(node) if isinstance(node, ast.Name) else None

    def _made(self, called: Any, arguments: Sequence[ast.expr]) -> Any:
        """Return a constant that the function makes anew for each record."""
        if not any(called is one for one in (datetime.date, datetime.datetime, Decimal)):
            raise UnprovenError("a call")
        try:
            return called(*(self._static(one) for one in arguments))
        except (ValueError, TypeError, ArithmeticError) as error:
            raise UnprovenError("a call that fails") from error

    def _get(self, node: ast.Call) -> _Node:
        assert isinstance(node.func, ast.Attribute)
        values = [self._static(one) for one in node.args]
        if node.func.attr != "get" or len(values) not in (1, 2) or type(values[0]) is not str:
            raise UnprovenError(f"the method {node.func.attr}")
        try:
            field = _only(self._schema, values[0])
        except _MissingError:
            return _Constant(values[1] if values[1:] else None)
        if field.optional and values[1:] and values[1] is not None:
            raise UnprovenError("another value where the record lacks the field")
        return Value(quote(field.name), field.dataType)

    def _length(self, node: ast.expr) -> Value:
        value = self._read(node)
        if not isinstance(value, Value) or not isinstance(value.type, glue.StringType):
            raise UnprovenError("the length of something else than a text")
        there = f"{value.sql} IS NOT NULL"
        return Value(f"length({value.sql})", glue.IntegerType(), (*value.needs, there))

    def _search(self, pattern: Any, how: str, arguments: Sequence[ast.expr]) -> Condition:
        if isinstance(pattern, re.Pattern):
            if pattern.flags != re.UNICODE:
                raise UnprovenError("a pattern with flags")
            pattern = pattern.pattern
        value = self._read(arguments[0]) if len(arguments) == 1 else None
        if type(pattern) is not str or not isinstance(value, Value):
            raise UnprovenError("a search of something else than a field")
        if how not in ("match", "search", "fullmatch"):
            raise UnprovenError(f"the method {how}")
        if not isinstance(value.type, glue.StringType):
            raise UnprovenError("a search in something else than a text")
        sql = f"{value.sql} RLIKE {text_literal(translate(pattern, how))}"
        return guarded(value, Condition(f"({sql})", f"(NOT {sql})", "match"))

    def _comparable(self, value: Value) -> Value:
        if isinstance(value.type, glue.ChoiceType | glue.UnknownType | glue.EnumType):
            raise UnprovenError("values of several types, or of one that is not known")
        if isinstance(value.type, glue.TimestampType) and self._zone not in _UTC:
            raise UnprovenError("moments where clocks are changed")
        return value


def _only(schema: glue.StructType, name: str) -> glue.Field:
    """Return the field of a name; refuse one that Spark would take for another."""
    alike = [field for field in schema if field.name.lower() == name.lower()]
    exact = [field for field in alike if field.name == name]
    if not exact:
        raise _MissingError(name)
    if len(alike) > 1:
        raise UnprovenError("fields that differ in case only")
    return exact[0]


def _has(outer: str, field: glue.Field) -> tuple[str, ...]:
    """Return the SQL of what is true where a record has a field; nothing if all have it."""
    if not field.optional:
        return ()
    value = field_at(outer, field)
    return (f"NOT {value.absent}" if field.nullable else f"{value.sql} IS NOT NULL",)


def _is_constant(value: Any) -> bool:
    return value is None or type(value) in (bool, int, float, str)


def _always(holds: bool) -> Condition:
    return Condition(TRUE, FALSE, "bool") if holds else Condition(FALSE, TRUE, "bool")


def _branch(test: Condition, then: Condition, otherwise: Condition) -> Condition:
    return Condition(
        either(both(test.true, then.true), both(test.false, otherwise.true)),
        either(both(test.true, then.false), both(test.false, otherwise.false)),
    )


def _with_constant(condition: Condition, operator: ast.cmpop, constant: Any) -> Condition:
    """Read `re.match(…) is not None` and `(x > 3) == True`."""
    result: Condition | None = None
    if condition.of == "match" and constant is None:
        result = condition.negated()
    elif condition.of == "bool" and type(constant) is bool:
        result = condition if constant else condition.negated()
    if result is None or not isinstance(operator, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
        raise UnprovenError("a comparison of a truth")
    return result if isinstance(operator, ast.Is | ast.Eq) else result.negated()


_SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=",
    ast.NotEq: "<>",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda one, two: one + two,
    ast.Sub: lambda one, two: one - two,
    ast.Mult: lambda one, two: one * two,
}
_READERS: dict[type[ast.expr], Callable[[_Reader, Any], _Node]] = {
    ast.Constant: _Reader._constant,
    ast.Name: _Reader._name,
    ast.Tuple: _Reader._display,
    ast.List: _Reader._display,
    ast.Set: _Reader._display,
    ast.Attribute: _Reader._attribute,
    ast.Subscript: _Reader._subscript,
    ast.BoolOp: _Reader._bool_op,
    ast.IfExp: _Reader._if_exp,
    ast.UnaryOp: _Reader._unary,
    ast.BinOp: _Reader._binary,
    ast.Compare: _Reader._compare,
    ast.Call: _Reader._call,
}
