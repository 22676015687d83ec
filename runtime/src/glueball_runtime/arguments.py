"""The job's arguments: what the script sees of them, and the special ones in parsed form.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from glueball_runtime.launch_error import InvalidArgument
from glueball_runtime.specification import Specification

_CUSTOMER = "CUSTOMER_"
#: NAME=value or NAME="value, with commas", then a comma or the end
_VARIABLE = re.compile(r'\s*([A-Za-z_][A-Za-z0-9_]*)=(?:"([^"]*)"|([^,]*))\s*(?:,|$)')


def script_arguments(specification: Specification, script: Path) -> list[str]:
    """Return `sys.argv` of the script: what the service always passes, then all the rest.

    The special arguments are passed as well, as on AWS; `getResolvedOptions` ignores what its
    caller did not name.
    """
    given = specification.arguments
    leading = {
        "--JOB_NAME": specification.job_name,
        "--JOB_ID": specification.job_id,
        "--JOB_RUN_ID": specification.run_id,
        "--job-bookmark-option": given.get("--job-bookmark-option") or "job-bookmark-disable",
        "--TempDir": specification.temp_dir,
    }
    rest = {name: value for name, value in given.items() if name not in leading}
    pairs = [*leading.items(), *rest.items()]
    return [str(script), *(part for pair in pairs for part in pair)]


def listed(text: str) -> list[str]:
    """Return the items of a comma-separated argument."""
    return [item.strip() for item in text.split(",") if item.strip()]


def spark_conf(text: str) -> dict[str, str]:
    """Return the settings of `--conf`: "k=v --conf k2=v2", taken literally, without a shell.

    Raises:
        InvalidArgument: a part is not `spark.something=value`.
    """
    settings = {}
    for part in re.split(r"(?:^|\s)--conf(?:\s+|=|$)", text):
        if not part.strip():
            continue
        key, equals, value = part.strip().partition("=")
        if not equals or not re.fullmatch(r"spark\.[A-Za-z0-9._\-]+", key):
            raise InvalidArgument(
                "--conf", part.strip(), "Write spark.key=value --conf spark.key2=value2."
            )
        settings[key] = value
    return settings


def customer_variables(arguments: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the variables of `--customer-driver-env-vars` (or executor), NAME=value,NAME2="a,b".

    Raises:
        InvalidArgument: it is not of that form, or a name does not begin with CUSTOMER_.
    """
    text = arguments.get(name, "")
    variables = {}
    position = 0
    while position < len(text):
        match = _VARIABLE.match(text, position)
        if match is None or not match[1].startswith(_CUSTOMER):
            raise InvalidArgument(
                name, text[position:], 'Write CUSTOMER_NAME=value,CUSTOMER_OTHER="a, b".'
            )
        variables[match[1]] = match[2] if match[2] is not None else match[3].strip()
        position = match.end()
    return variables
