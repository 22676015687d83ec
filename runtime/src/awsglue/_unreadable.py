"""What to do about a file that cannot be read, by what its reader said.

The reasons are those of Hadoop, Parquet, ORC and Spark 3.5 and 4.1.
"""

from __future__ import annotations

import re

from glueball_runtime.remedies import NANOSECONDS

_UPLOAD = "Upload it again, or leave it out by exclusions."
_NO_SUCH_TYPE = (
    "The file is whole, and Spark has no such type. Write the column with another type, or leave "
    "the file out by exclusions."
)
_NOT_OF_THE_FORMAT = (
    f"The file is of another format, or was cut off. Name its format, or: {_UPLOAD}"
)
_NOT_PACKED = (
    "Its name ends like that of a packed file, and it is none, or its beginning is damaged. Name "
    f"it as what it is, or: {_UPLOAD}"
)
_OTHER_PACKING = (
    "This runtime cannot unpack such files. Pack them as .gz or .bz2, or upload them unpacked."
)
_CUT_OFF = f"The file was cut off. {_UPLOAD}"
_VANISHED = "It was there when the files were listed: something deletes files while the job runs."
_FORBIDDEN = "The user that the service runs as may not read it."
_DAMAGED = f"The file is damaged. {_UPLOAD}"

#: what a reason says, and the sentence for it; the first that fits counts
_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"TIMESTAMP\(NANOS"), NANOSECONDS),
    (re.compile(r"Illegal Parquet type|Parquet type not supported|TYPE_(ILLEGAL|NOT_SUPPORTED)|"
                r"Unrecognized Parquet type|UNSUPPORTED_TIME_TYPE"), _NO_SUCH_TYPE),
    (re.compile(r"is not a Parquet file|no header of an Avro file|Malformed ORC file|"
                r"Protocol message|footer index is not within"), _NOT_OF_THE_FORMAT),
    (re.compile(r"not a gzip file|incorrect header check|Unknown frame descriptor"), _NOT_PACKED),
    (re.compile(r"native \S+ library not available|Java heap space|\w+Codec was not found"),
     _OTHER_PACKING),
    (re.compile(r"Unexpected end of|ends too early|EOFException|end-of-file"), _CUT_OFF),
    (re.compile(r"[Nn]o such file|FileNotFound|does not exist"), _VANISHED),
    (re.compile(r"[Pp]ermission denied|AccessControlException|AccessDenied"), _FORBIDDEN),
)  # fmt: skip


def sentence(reason: str) -> str:
    """Return what to do about a file that cannot be read.

    Args:
        reason: what the reader said.
    """
    return next((text for pattern, text in _SENTENCES if pattern.search(reason)), _DAMAGED)
