from __future__ import annotations

import argparse
import errno
import socket
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from awsglue.utils import GlueArgumentError
from glueball_runtime import errors
from glueball_runtime.failures import LONGEST_MESSAGE, Failure, describe, summary


def failure_of(
    tmp_path: Path, source: str, glue_version: str = "5.1", command: str = "glueetl"
) -> Failure:
    """Run a script as the bootstrap does, and describe how it failed."""
    script = tmp_path / "script.py"
    script.write_text(source)
    try:
        exec(compile(source, str(script), "exec"), {"__name__": "__main__"})
    except BaseException as exception:
        return describe(exception, script, glue_version, command)
    raise AssertionError("the script should have failed")


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("x = 1\nraise ValueError('x')", 2, "at the top"),
        ("def f():\n    1 / 0\nf()", 2, "the deepest frame of the script"),
        ("import json\n\njson.loads('{')", 3, "inside a library: the script's call"),
        ("import json\ndef f(_):\n    1 / 0\njson.loads('{\"a\": 1}', object_hook=f)", 3,
         "through a library and back"),
        ("x = 1\ny = (", 2, "not even compiled"),
        ("\nimport nothing_of_that_name", 2, "an import"),
        ("try:\n    1 / 0\nexcept Exception as e:\n    raise ValueError('y') from e", 4,
         "raised while another was handled: the last one"),
        ("import sys\nsys.exit(3)", 2, "left with a status"),
    ],
)  # fmt: skip
def test_the_line_that_failed(tmp_path: Path, source: str, line: int, reason: str) -> None:
    failure = failure_of(tmp_path, source)
    assert failure.line == line, reason
    assert f"; Failed Line Number: {line}; " in failure.message


def test_a_line_that_is_not_the_scripts_is_not_shown(tmp_path: Path) -> None:
    try:
        raise ValueError("elsewhere")
    except ValueError as error:
        failure = describe(error, tmp_path / "script.py", "5.1", "glueetl")
    assert failure.line is None
    assert failure.message == "Error Category: UNCLASSIFIED_ERROR; ValueError: elsewhere"


@pytest.mark.parametrize(
    ("glue_version", "command", "message", "reason"),
    [
        ("6.0", "glueetl", "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; ", "newest"),
        ("4.0", "glueetl", "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; ", "first"),
        ("10.0", "glueetl", "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; ", "far"),
        ("auto", "glueetl", "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; ", "auto"),
        (
            "5.1",
            "gluestreaming",
            "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 1; ",
            "stream",
        ),
        ("3.0", "glueetl", "", "before job run insights named it"),
        ("5.1", "pythonshell", "", "no Spark job"),
    ],
)
def test_the_form_of_the_message(
    tmp_path: Path, glue_version: str, command: str, message: str, reason: str
) -> None:
    failure = failure_of(tmp_path, "raise ValueError('bad input')", glue_version, command)
    assert failure.message == f"{message}ValueError: bad input", reason


@pytest.mark.parametrize(
    ("source", "text", "reason"),
    [
        ("raise KeyError('day')", "KeyError: 'day'", "as Python shows it"),
        ("raise RuntimeError", "RuntimeError", "no text, no colon"),
        ("raise SystemExit(2)", "SystemExit: 2", "a status"),
        ("import sys; sys.exit('no data')", "SystemExit: no data", "a sentence as status"),
        ("class MyError(Exception): pass\nraise MyError('mine')", "MyError: mine", "its own class"),
        ("raise ValueError('a\\nb')", "ValueError: a\nb", "several lines"),
        ("raise ValueError(' padded \\n')", "ValueError: padded", "without the space around"),
        ("import nothing.at_all", "ModuleNotFoundError: No module named 'nothing'. If it is a "
         "package, --additional-python-modules nothing installs it for the job; a file of yours is "
         "brought by --extra-py-files.", "an import"),
        ("class E(Exception):\n  def __str__(self): return 1 / 0\nraise E()",
         "E: <its text cannot be shown: ZeroDivisionError>", "a class that cannot show itself"),
        ("def x(: pass", "SyntaxError: invalid syntax (script.py, line 1)", "Python's own words"),
    ],
)  # fmt: skip
def test_the_text(tmp_path: Path, source: str, text: str, reason: str) -> None:
    failure = failure_of(tmp_path, source, command="pythonshell")
    assert failure.message == text, reason


def test_a_long_text_is_cut() -> None:
    text = summary(ValueError("x" * 100_000))
    assert len(text) == LONGEST_MESSAGE
    assert text.endswith("x…")


def refused() -> ConnectionRefusedError:
    """Return what connecting to a port without a listener raises."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        try:
            socket.create_connection(probe.getsockname())
        except ConnectionRefusedError as error:
            return error
    raise AssertionError("somebody listens")


def missing_file() -> OSError:
    try:
        Path("/nothing/of/that/name").read_text()
    except OSError as error:
        return error
    raise AssertionError("it exists")


def answered(code: str, operation: str = "GetObject") -> Callable[[], ClientError]:
    return lambda: ClientError({"Error": {"Code": code, "Message": "m"}}, operation)


@pytest.mark.parametrize(
    ("make", "category"),
    [
        (lambda: ValueError("x"), "UNCLASSIFIED_ERROR"),
        (lambda: RuntimeError("AccessDenied, No space left on device"), "UNCLASSIFIED_ERROR"),
        (lambda: SyntaxError("x"), "SYNTAX_ERROR"),
        (lambda: IndentationError("x"), "SYNTAX_ERROR"),
        (lambda: ImportError("x"), "IMPORT_ERROR"),
        (lambda: ModuleNotFoundError("x"), "IMPORT_ERROR"),
        (lambda: SystemExit(1), "SYSTEM_EXIT_ERROR"),
        (lambda: MemoryError(), "OUT_OF_MEMORY_ERROR"),
        (lambda: PermissionError(errno.EACCES, "x"), "PERMISSION_ERROR"),
        (lambda: OSError(errno.ENOSPC, "No space left on device"), "DISK_NO_SPACE_ERROR"),
        (lambda: OSError(errno.EDQUOT, "Disk quota exceeded"), "DISK_NO_SPACE_ERROR"),
        (lambda: OSError(errno.EIO, "x"), "UNCLASSIFIED_ERROR"),
        (missing_file, "RESOURCE_NOT_FOUND_ERROR"),
        (lambda: FileExistsError(errno.EEXIST, "x"), "RESOURCES_ALREADY_EXISTS_ERROR"),
        (refused, "CONNECTION_ERROR"),
        (lambda: ConnectionResetError("x"), "CONNECTION_ERROR"),
        (lambda: TimeoutError("x"), "TIMEOUT_ERROR"),
        (lambda: NotImplementedError("x"), "UNSUPPORTED_OPERATION_ERROR"),
        (lambda: GlueArgumentError("x"), "INVALID_ARGUMENT_ERROR"),
        (lambda: argparse.ArgumentError(None, "x"), "INVALID_ARGUMENT_ERROR"),
        # boto3
        (answered("AccessDenied"), "PERMISSION_ERROR"),
        (answered("403", "HeadObject"), "PERMISSION_ERROR"),
        (answered("ExpiredToken"), "PERMISSION_ERROR"),
        (answered("NoSuchKey"), "RESOURCE_NOT_FOUND_ERROR"),
        (answered("404", "HeadObject"), "RESOURCE_NOT_FOUND_ERROR"),
        (answered("EntityNotFoundException", "GetTable"), "RESOURCE_NOT_FOUND_ERROR"),
        (answered("AlreadyExistsException", "CreateTable"), "RESOURCES_ALREADY_EXISTS_ERROR"),
        (answered("BucketAlreadyOwnedByYou", "CreateBucket"), "RESOURCES_ALREADY_EXISTS_ERROR"),
        (answered("SlowDown"), "THROTTLING_ERROR"),
        (answered("ThrottlingException", "StartJobRun"), "THROTTLING_ERROR"),
        (answered("ProvisionedThroughputExceededException", "PutItem"), "THROTTLING_ERROR"),
        (answered("ValidationException", "PutItem"), "INVALID_ARGUMENT_ERROR"),
        (answered("InternalError", "PutObject"), "S3_ERROR"),
        (answered("InternalServerError", "PutItem"), "UNCLASSIFIED_ERROR"),
        (lambda: NoCredentialsError(), "PERMISSION_ERROR"),
        (lambda: EndpointConnectionError(endpoint_url="http://x"), "CONNECTION_ERROR"),
        # this runtime
        (
            lambda: errors.BookmarkVersionMismatch("CommitJobBookmark", "x", "y"),
            "GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR",
        ),
        (lambda: errors.NotPermitted("o", "c", "m"), "PERMISSION_ERROR"),
        (lambda: errors.NotFound("o", "c", "m"), "RESOURCE_NOT_FOUND_ERROR"),
        (lambda: errors.ServiceUnreachable("u", "o", 60, "r"), "CONNECTION_ERROR"),
        (lambda: errors.MissingCredentials("V"), "PERMISSION_ERROR"),
        (lambda: errors.BookmarkUnreadable("r"), "GLUE_ERROR"),
        (lambda: errors.ServiceError("o", "c", "m"), "GLUE_ERROR"),
    ],
)
def test_the_category(make: Callable[[], BaseException], category: str) -> None:
    failure = describe(make(), "script.py", "5.1", "glueetl")
    assert failure.category == category
    assert failure.message.startswith(f"Error Category: {category}; ")


def test_a_mismatch_names_itself_as_aws_does() -> None:
    mismatch = errors.BookmarkVersionMismatch("CommitJobBookmark", "VersionMismatchException", "")
    message = describe(mismatch, "script.py", "3.0", "glueetl").message
    assert "GLUE_JOB_BOOKMARK_VERSION_MISMATCH_ERROR" in message


def test_describing_keeps_the_traceback_for_the_log(tmp_path: Path) -> None:
    try:
        raise ValueError("x")
    except ValueError as error:
        describe(error, tmp_path / "script.py", "5.1", "glueetl")
        assert "raise ValueError" in "".join(traceback.format_exception(error))
