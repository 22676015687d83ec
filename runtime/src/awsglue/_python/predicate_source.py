"""The syntax tree of a function, proven to be the function's own."""

from __future__ import annotations

import ast
import linecache
import warnings
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType, FunctionType

Position = tuple[int | None, int | None, int | None, int | None]


def tree_of(function: FunctionType) -> ast.Lambda | ast.FunctionDef | None:
    """Return the syntax tree of a function; None without its source, or in any doubt.

    The source counts only if compiling it now gives the function's very code: the file may have
    changed since, and several lambdas may share a line.
    """
    code = function.__code__
    lines = linecache.getlines(code.co_filename, function.__globals__)
    try:
        module, codes = _compiled("".join(lines))
    except (SyntaxError, ValueError, RecursionError):
        return None
    if not lines or code not in codes:
        return None
    found = [node for node in _functions(module) if _is_body(node, code)]
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=32)
def _compiled(source: str) -> tuple[ast.Module, frozenset[CodeType]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a script's own warnings were shown when it was started
        module = ast.parse(source)
        compiled = compile(module, "<source>", "exec", dont_inherit=True)
    return module, frozenset(_codes(compiled))


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _functions(module: ast.Module) -> Iterator[ast.Lambda | ast.FunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.Lambda | ast.FunctionDef):
            yield node


def _is_body(node: ast.Lambda | ast.FunctionDef, code: CodeType) -> bool:
    """Tell whether the code was made of the node: what it returns stands where the node has it."""
    if isinstance(node, ast.Lambda):
        body = node.body
        return code.co_name == "<lambda>" and _span(body) in set(code.co_positions())
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    return code.co_name == node.name and code.co_firstlineno == first


def _span(node: ast.expr) -> Position:
    return (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
