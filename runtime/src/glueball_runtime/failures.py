"""Why a script failed, as the run's `ErrorMessage` says it."""

from __future__ import annotations

import os
import re
import traceback
from dataclasses import dataclass
from types import TracebackType

from glueball_runtime.failure_categories import category_of, is_java
from glueball_runtime.remedies import remedy

#: characters of a message; the whole of it is in the run's log
LONGEST_MESSAGE = 4_000
#: a reason of Java's, as far as its stack; of a worker's Python traceback the last line
_CAUSE = re.compile(
    r"^Caused by: (?:\S+: Traceback \(.+?\n(?P<python>\S[^\n]*)\n*^\tat |(?P<java>[^\n]+))",
    re.MULTILINE | re.DOTALL,
)
_SHELL_COMMAND = "pythonshell"
_FIRST_WITH_CATEGORY = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """The end of a script that raised."""

    message: str  #: the run's ErrorMessage
    category: str  #: one of AWS's error categories, "UNCLASSIFIED_ERROR" by default
    line: int | None  #: of the script; None when no frame of the script was involved


def describe(
    exception: BaseException, script_path: str | os.PathLike[str], glue_version: str, command: str
) -> Failure:
    """Describe the exception that ended a script.

    From Glue 4.0 on the message of a Spark job names category and line, as job run insights do
    (https://docs.aws.amazon.com/glue/latest/dg/monitor-job-insights.html):
    `Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 20; ValueError: bad input`. For older
    versions and for Python shell jobs it is `ValueError: bad input`.

    Args:
        exception: what the script raised; a SystemExit too, if it means failure.
        script_path: the script as it was compiled (the file name in its tracebacks).
        glue_version: "5.1".
        command: "glueetl", "gluestreaming" or "pythonshell".
    """
    category = category_of(exception)
    line = failed_line(exception, os.fspath(script_path))
    text = summary(exception)
    if command != _SHELL_COMMAND and _major(glue_version) >= _FIRST_WITH_CATEGORY:
        where = [] if line is None else [f"Failed Line Number: {line}"]
        text = "; ".join([f"Error Category: {category}", *where, text])
    return Failure(message=text, category=category, line=line)


def failed_line(exception: BaseException, script_path: str) -> int | None:
    """Return the line of the script that was running: that of its deepest frame."""
    if isinstance(exception, SyntaxError) and _same_file(exception.filename, script_path):
        return exception.lineno
    return _deepest_line(exception.__traceback__, script_path)


def summary(exception: BaseException) -> str:
    """Return type and text of an exception in one piece, `ValueError: bad input`.

    An error of the JVM reads `An error occurred while calling o123.foo. <what Java says>`, without
    Java's stack. Where the way out is known and not in the text, it follows.
    """
    text = _text(exception)
    name = type(exception).__name__
    said = (_java_summary(exception) if is_java(exception) else "") or (
        f"{name}: {text}" if text else name
    )
    way = remedy(exception, text)
    if not way:
        return _shortened(said)
    ended = said.endswith((".", ";", "!", "?"))
    return f"{_shortened(said, len(way) + 2)}{' ' if ended else '. '}{way}"


def _deepest_line(trace: TracebackType | None, script_path: str) -> int | None:
    line = None
    for frame, number in traceback.walk_tb(trace):
        if _same_file(frame.f_code.co_filename, script_path):
            line = number
    return line


def _same_file(filename: str | None, script_path: str) -> bool:
    return filename is not None and os.path.abspath(filename) == os.path.abspath(script_path)


def _text(exception: BaseException) -> str:
    try:
        return str(exception).strip()
    except Exception as error:  # the script's own __str__ may do anything
        return f"<its text cannot be shown: {type(error).__name__}>"


def _java_summary(exception: BaseException) -> str:
    """Return Py4J's sentence and Java's message; "" when it is not Py4J's error about a call.

    Py4J's text is `An error occurred while calling o1.foo.`, a line that begins with `: ` and the
    Java class and message, then the stack. Where Java had a reason, the last of the chain is
    told too: of "Exception thrown in awaitResult" it alone names the file.
    """
    head, found, rest = _text(exception).partition("\n: ")
    if not found:
        return ""
    lines = []
    for line in rest.splitlines():
        if line.startswith(("\tat ", "Caused by: ", "\t... ", "Driver stacktrace:")):
            break
        lines.append(line.rstrip())
    reason = _without_class("\n".join(lines).strip())
    said = f"{head.strip()} {reason}".strip()
    causes = [found["python"] or _without_class(found["java"]) for found in _CAUSE.finditer(rest)]
    return f"{said} Cause: {causes[-1]}" if causes and causes[-1] not in said else said


def _without_class(text: str) -> str:
    java_class, separator, message = text.partition(": ")
    return message if separator else java_class


def _shortened(text: str, room: int = 0) -> str:
    """Cut a text to the longest message, less the characters that follow it."""
    longest = LONGEST_MESSAGE - room
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _major(glue_version: str) -> int:
    major = glue_version.partition(".")[0]
    return int(major) if major.isdecimal() else _FIRST_WITH_CATEGORY
