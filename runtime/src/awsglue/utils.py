"""`getResolvedOptions`: a script's arguments by name.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-extensions-get-resolved-options.html
"""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from awsglue.job import Job
from glueball_runtime.current_run import glue_version

#: everything that `getResolvedOptions` returned so far; `Relationalize` finds TempDir here
_global_args: dict[str, Any] = {}

#: arguments that only the service gives; a script may not ask for them by name
_RESERVED = (
    "job-bookmark-option",
    "continuation-option",
    *Job.job_bookmark_range_options(),
)
#: the first is what scripts use, the second is its older name; each stands in for the other
_TEMPORARY_DIRECTORIES = ("TempDir", "RedshiftTempDir")


class GlueArgumentError(Exception):
    """The script's arguments are not what the script expects."""


class GlueArgumentParser(argparse.ArgumentParser):
    """A parser that raises where argparse would end the process."""

    def error(self, msg: str) -> NoReturn:
        """Raise what is wrong with the arguments.

        Raises:
            GlueArgumentError: always.
        """
        raise GlueArgumentError(msg)


def getResolvedOptions(
    args: Sequence[str], options: Iterable[str], allow_abbrev: bool | None = None
) -> dict[str, Any]:
    """Return a script's arguments by name.

    Beside what is asked for, the result always holds job_bookmark_option (by default
    "job-bookmark-disable"), job_bookmark_from, job_bookmark_to, JOB_ID, JOB_RUN_ID,
    SECURITY_CONFIGURATION, encryption_type, enable_data_lineage, TempDir and RedshiftTempDir: None
    where not given. Of an argument given twice the last one counts; unknown ones are ignored.

    Args:
        args: `sys.argv`; the first item is the script and is ignored.
        options: names without leading dashes; each is required, but for TempDir and
            RedshiftTempDir. In the result `-` becomes `_`.
        allow_abbrev: accept an unambiguous beginning of a name (`--JOB_N` for `--JOB_NAME`). By
            default as AWS does: up to Glue 5.1 yes, from 6.0 on no.

    Raises:
        GlueArgumentError: an argument is missing, lacks its value, or has one that is not allowed.
        RuntimeError: `options` asks for a reserved name, or the bookmark's range does not fit.
        argparse.ArgumentError: `options` asks for a name twice, or for JOB_ID, JOB_RUN_ID or
            SECURITY_CONFIGURATION, which are there anyway.
    """
    names = list(options)
    reserved = [name for name in names if name in _RESERVED]
    if reserved:
        raise RuntimeError(f"Using reserved arguments {', '.join(reserved)}")
    abbreviations = _abbreviations_by_default() if allow_abbrev is None else allow_abbrev
    # Without argparse's own --help: a script may well have an argument of that name.
    parser = GlueArgumentParser(allow_abbrev=abbreviations, add_help=False)
    _add_known(parser)
    for name in names:
        if name not in _TEMPORARY_DIRECTORIES:
            parser.add_argument(f"--{name}", required=True)
    parsed, _ = parser.parse_known_args(args[1:])
    resolved = vars(parsed)
    _settle_bookmark(resolved)
    _settle_temporary_directory(resolved)
    _global_args.update(resolved)
    return resolved


def callsite() -> str:
    """Return where the script called, as the line that error records show: `file:line function`."""
    stack = traceback.extract_stack()
    frame = stack[max(len(stack) - 3, 0)]
    return f"{frame.filename}:{frame.lineno} {frame.name}"


def _abbreviations_by_default() -> bool:
    major = glue_version().partition(".")[0]
    return major.isdecimal() and int(major) < 6


def _add_known(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--job-bookmark-option", choices=Job.job_bookmark_options())
    parser.add_argument("--continuation-option", choices=Job.continuation_options())
    for name in Job.job_bookmark_range_options():
        parser.add_argument(f"--{name}")
    for name in Job.id_params():
        if name != "JOB_NAME":
            parser.add_argument(f"--{name}")
    parser.add_argument("--encryption-type", choices=Job.encryption_type_options())
    for name in (*Job.data_lineage_options(), *_TEMPORARY_DIRECTORIES):
        parser.add_argument(f"--{name}")


def _settle_bookmark(resolved: dict[str, Any]) -> None:
    """Translate the legacy option, fill in the default, and check the range."""
    legacy = resolved.pop("continuation_option")
    if resolved["job_bookmark_option"] is None:
        successors = dict(
            zip(Job.continuation_options(), Job.job_bookmark_options(), strict=True),
        )
        resolved["job_bookmark_option"] = successors.get(legacy, "job-bookmark-disable")
    missing = [
        f"--{name}"
        for name in Job.job_bookmark_range_options()
        if resolved[name.replace("-", "_")] is None
    ]
    if resolved["job_bookmark_option"] == "job-bookmark-pause":
        if len(missing) == 1:
            raise RuntimeError(f"Missing option or value for {missing[0]}")
    elif not missing:
        raise RuntimeError("Invalid option(s)--job-bookmark-from --job-bookmark-to")


def _settle_temporary_directory(resolved: dict[str, Any]) -> None:
    newer, older = _TEMPORARY_DIRECTORIES
    if resolved[newer] is None:
        resolved[newer] = resolved[older]
    elif resolved[older] is None:
        resolved[older] = resolved[newer]
