"""Which fields of a record a function can ask for, as its bytecode shows."""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import lru_cache
from types import FunctionType
from typing import Any

from awsglue.gluetypes import DynamicRecord

# A function that can look at its own variables can see the record by another way.
_MIRRORS = {"locals", "vars", "dir", "eval", "exec", "_getframe", "currentframe", "stack"}


@lru_cache(maxsize=256)
def fields_read(function: Callable[..., Any]) -> frozenset[str] | None:
    """Return the names of the fields that a function reads; None when it may read any.

    The record must be used in no other way than `record["name"]` and `record.name`. In any doubt,
    also about an instruction that a later Python may bring, the answer is None.
    """
    if not isinstance(function, FunctionType):
        return None
    code = function.__code__
    if code.co_argcount < 1 or code.co_cellvars or not _MIRRORS.isdisjoint(code.co_names):
        return None
    record, names = code.co_varnames[0], set[str]()
    instructions = list(dis.get_instructions(code))
    for at, one in enumerate(instructions):
        if one.opcode not in dis.haslocal:
            continue
        touched = one.argval if type(one.argval) is tuple else (one.argval,)
        if record not in touched:
            continue
        name = _name_read(instructions[at + 1 : at + 3]) if one.opname == "LOAD_FAST" else None
        if name is None:
            return None
        names.add(name)
    return frozenset(names)


def _name_read(following: list[dis.Instruction]) -> str | None:
    """Return the name of the field that the next instructions read of what was just loaded."""
    if len(following) < 2:
        return None
    first, second = following
    if first.opname == "LOAD_CONST" and second.opname == "BINARY_SUBSCR":
        return first.argval if type(first.argval) is str else None
    if first.opname == "LOAD_ATTR" and not hasattr(DynamicRecord, first.argval):
        return str(first.argval)
    return None
