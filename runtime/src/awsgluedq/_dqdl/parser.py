"""From the text of a ruleset to a `Ruleset`, by the grammar in grammar.lark."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from awsgluedq._dqdl.model import (
    Amount,
    Binary,
    Call,
    Check,
    Composite,
    Condition,
    Expression,
    Keyword,
    Negative,
    Number,
    Operand,
    Parameter,
    Parenthesised,
    Rule,
    Ruleset,
    Tag,
    Text,
)
from awsgluedq._dqdl.rule_types import SPELLINGS, validate_analyzer, validate_rule
from awsgluedq._errors import RuleNotValidError, RulesetSyntaxError

#: How many labels a rule may have, and how long keys and values may be.
#: https://docs.aws.amazon.com/glue/latest/dg/dqdl.html#dqdl-labels-constraints
MOST_LABELS, LONGEST_KEY, LONGEST_VALUE = 10, 128, 256

#: What people call the terminals of the grammar; the others are called by their text.
_NAMES = {
    "AND": "'and'",
    "OR": "'or'",
    "OF": "'of'",
    "NOT": "'not'",
    "NAME": "a name",
    "TEXT": "a text in double quotes",
    "NUMBER": "a number",
    "CONSTANT": "a constant such as $name",
    "KEYWORD": "NULL, EMPTY or WHITESPACES_ONLY",
    "COMPARISON": "a comparison such as '>'",
    "UNIT": "a unit such as days or MB",
    "SIGN": "'+' or '-'",
    "MINUS": "'-'",
    "TIMES": "'*' or '/'",
    "NEXT_TAG": "','",
    "$END": "the end",
}

Node = Any  # a Tree or a Token, or None where the grammar has something optional


def parse(text: str) -> Ruleset:
    """Return what a ruleset says.

    Args:
        text: DQDL.

    Raises:
        RulesetSyntaxError: the text is not DQDL; with line, column and what may stand there.
        RuleNotValidError: a rule is of no known type, or its type does not take what it has.
    """
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput as error:
        raise _syntax_error(error, text) from None
    return _Reading(tree).ruleset()


@cache
def _grammar() -> Lark:
    source = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(source, parser="lalr", propagate_positions=True, maybe_placeholders=True)


def _syntax_error(error: UnexpectedInput, text: str) -> RulesetSyntaxError:
    small = re.search(r"^\s*(rules|analyzers)\s*=\s*\[", text, re.MULTILINE)
    if small and not re.search(r"\b(Rules|Analyzers)\s*=", text):
        line = text.count("\n", 0, small.start(1)) + 1
        column = small.start(1) - text.rfind("\n", 0, small.start(1))
        name = small.group(1)
        return RulesetSyntaxError(line, column, repr(name), [repr(name.capitalize())])
    if isinstance(error, UnexpectedToken):
        found = "end" if error.token.type == "$END" else repr(str(error.token))
        expected = _described(error.accepts or error.expected)
        if error.token.type == "$END":
            lines = text.rstrip().split("\n")
            return RulesetSyntaxError(len(lines), len(lines[-1]) + 1, found, expected)
        return RulesetSyntaxError(error.line, error.column, found, expected)
    allowed = error.allowed if isinstance(error, UnexpectedCharacters) else ()
    position = error.pos_in_stream or 0
    found = repr(text[position : position + 1])
    return RulesetSyntaxError(error.line, error.column, found, _described(allowed or ()))


def _described(terminals: Iterable[str]) -> list[str]:
    patterns = {terminal.name: terminal.pattern for terminal in _grammar().terminals}
    names = {
        _NAMES.get(name) or f"'{patterns[name].value}'"
        for name in terminals
        if name in _NAMES or name in patterns
    }
    return sorted(names, key=str.lower)


class _Reading:
    """One walk over the tree of a document."""

    def __init__(self, tree: Tree[Token]) -> None:
        self._sections: list[Node] = list(tree.children)
        self._constants: dict[str, Operand | tuple[Operand, ...]] = {}

    def ruleset(self) -> Ruleset:
        """Return the document.

        Raises:
            RuleNotValidError: it has neither rules nor analyzers, or a rule is not valid.
        """
        for section in self._of("constant"):
            name, value = section.children
            if _data(value) == "constant_list":
                self._constants[str(name)] = tuple(map(self._operand, value.children))
            else:
                self._constants[str(name)] = self._operand(value)
        defaults: dict[str, str] = {}
        for section in self._of("default_labels"):
            defaults |= self._labels(section.children[0])
        rules = [self._rule(node, defaults) for node in self._entries("rules")]
        analyzers = [self._analyzer(node) for node in self._entries("analyzers")]
        if not rules and not analyzers:
            raise RuleNotValidError(1, 1, "There is no rule. Write Rules = [ RowCount > 0 ].")
        return Ruleset(rules=tuple(rules), analyzers=tuple(analyzers))

    def _of(self, name: str) -> list[Node]:
        return [one for one in self._sections if one.data == name]

    def _entries(self, name: str) -> list[Node]:
        return [one for section in self._of(name) for one in section.children if one is not None]

    def _rule(self, node: Node, defaults: Mapping[str, str]) -> Rule:
        inner, labels = node.children
        if labels is None:
            return Rule(expression=self._expression(inner), labels=defaults)
        if _data(inner) in ("any_of", "all_of"):
            reason = "Labels are for a whole rule. Put it in parentheses: ((…) and (…)) labels=[…]."
            raise RuleNotValidError(*_place(labels), reason)
        own = self._labels(labels.children[0])
        return Rule(expression=self._expression(inner), labels={**defaults, **own}, own_labels=own)

    def _labels(self, node: Node) -> dict[str, str]:
        pairs = [one.children for one in node.children]
        labels = {_plain(key): _plain(value) for key, value in pairs}
        wrong = [key for key, value in labels.items() if len(value) > LONGEST_VALUE]
        wrong += [key for key in labels if not 0 < len(key) <= LONGEST_KEY]
        if wrong or len(labels) > MOST_LABELS:
            raise RuleNotValidError(
                *_place(node),
                f"A rule has at most {MOST_LABELS} labels, with keys of 1 to {LONGEST_KEY} "
                f"characters and values of up to {LONGEST_VALUE}.",
            )
        return labels

    def _expression(self, node: Node) -> Expression:
        match _data(node):
            case "group":
                return self._expression(node.children[0])
            case "check":
                check = self._check(node)
                validate_rule(check)
                return check
        members = [self._expression(one) for one in node.children if isinstance(one, Tree)]
        return Composite(operator="OR" if node.data == "any_of" else "AND", members=tuple(members))

    def _check(self, node: Node) -> Check:
        name, parameters, condition, where, threshold, *tags = node.children
        return Check(
            type=SPELLINGS.get(str(name), str(name)),
            parameters=self._parameters(parameters),
            condition=None if condition is None else self._condition(condition),
            where=None if where is None else self._text(where.children[0]),
            threshold=None if threshold is None else self._condition(threshold.children[0]),
            tags=tuple(_tag(one.children[0]) for one in tags),
            line=name.line,
            column=name.column,
        )

    def _analyzer(self, node: Node) -> Check:
        name, parameters, where, *tags = node.children
        values = [
            one.children[0] if one.data == "tag" else one
            for one in (tags[0].children if tags else ())
            if isinstance(one, Tree)
        ]
        check = Check(
            type=SPELLINGS.get(str(name), str(name)),
            parameters=self._parameters(parameters),
            where=None if where is None else self._text(where.children[0]),
            tags=tuple(map(_tag, values)),
            line=name.line,
            column=name.column,
        )
        validate_analyzer(check)
        return check

    def _parameters(self, node: Node) -> tuple[Parameter, ...]:
        parameters, before = [], ""
        for child in node.children:
            if isinstance(child, Token):
                before = f"{child} "
                continue
            token = child.children[0]
            is_name = token.type == "NAME"
            value = str(token) if is_name else self._text(token)
            parameters.append(Parameter(value=value, quoted=not is_name, before=before))
            before = ""
        return tuple(parameters)

    def _text(self, token: Token) -> str:
        if token.type != "CONSTANT":
            return _plain(token)
        value = self._constant(token)
        if not isinstance(value, Text):
            raise RuleNotValidError(*_place(token), f"{token} is not a text.")
        return value.value

    def _constant(self, token: Token) -> Operand | tuple[Operand, ...]:
        name = str(token)[1:]
        if name not in self._constants:
            reason = f'{token} is not defined. Write {name} = "…" before the rules.'
            raise RuleNotValidError(*_place(token), reason)
        return self._constants[name]

    def _condition(self, node: Node) -> Condition:
        first, *rest = node.children
        if node.data == "comparison":
            return Condition(operator=str(first), operands=(self._operand(rest[0]),))
        word = "in" if node.data.startswith("within") else str(node.data)
        operator = word if first is None else f"not {word}"
        if node.data == "matches":
            return Condition(operator=operator, operands=(Text(value=self._text(rest[0])),))
        if node.data == "within_constant":
            value = self._constant(rest[0])
            operands = value if isinstance(value, tuple) else (value,)
            return Condition(operator=operator, operands=operands)
        trees = [one for one in rest if isinstance(one, Tree)]
        return Condition(operator=operator, operands=tuple(map(self._operand, trees)))

    def _operand(self, node: Node) -> Operand:
        children = node.children
        match node.data:
            case "number":
                return Number(value=Decimal(children[0]))
            case "amount":
                return Amount(number=Decimal(children[0]), unit=str(children[1]))
            case "text":
                return Text(value=_plain(children[0]))
            case "keyword":
                return Keyword(name=str(children[0]).upper())
            case "constant_use":
                value = self._constant(children[0])
                if isinstance(value, tuple):
                    raise RuleNotValidError(*_place(children[0]), f"{children[0]} is a list.")
                return value
            case "call":
                arguments = [self._operand(one) for one in children[1:] if one is not None]
                return Call(name=str(children[0]), arguments=tuple(arguments))
            case "negative":
                return Negative(of=self._operand(children[1]))
            case "parenthesised":
                return Parenthesised(inner=self._operand(children[0]))
        left, operator, right = children
        return Binary(left=self._operand(left), operator=str(operator), right=self._operand(right))


def _data(node: Node) -> str:
    return str(node.data) if isinstance(node, Tree) else ""


def _place(node: Node) -> tuple[int, int]:
    where = node if isinstance(node, Token) else node.meta
    return where.line or 1, where.column or 1


def _tag(node: Node) -> Tag:
    name, value = node.children
    if isinstance(value, Tree):
        return Tag(name=str(name), value=tuple(_plain(one) for one in value.children))
    is_text = value.type == "TEXT"
    return Tag(name=str(name), value=_plain(value) if is_text else str(value), quoted=is_text)


def _plain(token: object) -> str:
    """Return the text inside quotes; a backslash stays, but before a quote or a backslash."""
    return str(token)[1:-1].replace("\\\\", "\x00").replace('\\"', '"').replace("\x00", "\\")
