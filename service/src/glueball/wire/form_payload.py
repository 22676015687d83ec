"""Form uploads as they travel: `multipart/form-data` (RFC 7578), fields first, then one file.

https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

from glueball.core.errors import AwsError
from glueball.wire.form_signatures import VerifiedForm
from glueball.wire.payload import Payload
from glueball.wire.payload_errors import EntityTooLarge, IncompleteBody

#: bytes of everything before the file; S3's limit
_LARGEST_FIELDS = 20_000
#: RFC 2046, 5.1.1
_BOUNDARY = re.compile(
    rb"multipart/form-data\s*;(?:.*;)?\s*boundary=(?:\"([^\"]{1,70})\"|([^\s;\"]{1,70})).*",
    re.IGNORECASE,
)
_DISPOSITION = re.compile(rb"content-disposition\s*:\s*form-data\s*(;.*)", re.IGNORECASE)
_PARAMETER = re.compile(rb";\s*(name|filename)=(?:\"([^\"]*)\"|([^\s;\"]+))", re.IGNORECASE)
_FILENAME = "${filename}"


class MalformedForm(AwsError):
    code = "MalformedPOSTRequest"


class FieldsTooLarge(AwsError):
    code = "MaxPostPreDataLengthExceededError"


def boundary_of(content_type: bytes) -> bytes | None:
    """Return what stands between the parts of a form; None where it is no such form."""
    match = _BOUNDARY.fullmatch(content_type)
    return (match[1] or match[2]) if match else None


class FormDecoder:
    """Decodes a form piece by piece: `feed` each piece, then `finish`. What it gives is the file.

    Nothing of the file is given before the fields were admitted.

    Args:
        boundary: from `boundary_of`.
        bucket: that the form is sent to.
        admit: checks the fields, given by name in lower case.
        limit: the most bytes of a file.
    """

    def __init__(
        self,
        boundary: bytes,
        bucket: str,
        admit: Callable[[Mapping[str, str]], VerifiedForm],
        *,
        limit: int,
    ) -> None:
        self._delimiter = b"\r\n--" + boundary
        # the first delimiter has no line before it
        self._buffer = bytearray(b"\r\n")
        self._admit = admit
        self._limit = limit
        self._fields = {"bucket": bucket}
        self._fields_size = 0
        self._admitted: VerifiedForm | None = None
        self._ended = False
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha256 = hashlib.sha256()

    @property
    def fields(self) -> Mapping[str, str]:
        """The fields by name in lower case, `bucket` among them."""
        return self._fields

    @property
    def admitted(self) -> VerifiedForm:
        """What the fields were admitted as; after `finish`."""
        if self._admitted is None:
            raise _no_file()
        return self._admitted

    def feed(self, data: bytes) -> bytes:
        """Return the bytes of the file that `data` completes.

        Raises:
            MalformedForm, FieldsTooLarge: it is no form that S3 takes.
            AwsError: the fields were not admitted, or the file is too large.
        """
        if self._ended:
            return b""  # S3 ignores what follows the file
        self._buffer += data
        while self._admitted is None:
            if not self._take_part():
                if len(self._buffer) > _LARGEST_FIELDS:
                    raise _fields_too_large()
                return b""
        return self._take_file(self._admitted)

    def finish(self) -> Payload:
        """Return what is known of the file.

        Raises:
            MalformedForm: there was none.
            IncompleteBody: it has no end.
            FileTooSmall: the policy wants a larger one.
        """
        admitted = self.admitted
        if not self._ended:
            raise IncompleteBody("The form ends before its file does.")
        admitted.policy.check_smallest(self._size)
        return Payload(size=self._size, md5=self._md5.hexdigest(), sha256=self._sha256.hexdigest())

    def _take_part(self) -> bool:
        """Take a field, or the head of the file; return whether that was there already."""
        start = self._buffer.find(self._delimiter)
        if start < 0:
            return False
        begin = start + len(self._delimiter)
        if self._buffer[begin : begin + 2] == b"--":
            raise _no_file()
        content = self._buffer.find(b"\r\n\r\n", begin)
        if content < 0:
            return False
        name, file_name = _named(bytes(self._buffer[begin:content]))
        if name == "file":
            del self._buffer[: content + 4]
            key = self._fields.get("key", "")
            self._fields["key"] = key.replace(_FILENAME, file_name)
            self._admitted = self._admit(self._fields)
            return True
        end = self._buffer.find(self._delimiter, content + 4)
        if end < 0:
            return False
        self._keep(name, bytes(self._buffer[content + 4 : end]))
        del self._buffer[:end]
        return True

    def _keep(self, name: str, value: bytes) -> None:
        self._fields_size += len(name) + len(value)
        if self._fields_size > _LARGEST_FIELDS:
            raise _fields_too_large()
        if name in self._fields and name != "bucket":
            raise MalformedForm(f"The form has the field {name} twice.")
        if name == "bucket" and value.decode("utf-8", "replace") != self._fields["bucket"]:
            raise MalformedForm("The form names another bucket than its URL.")
        try:
            self._fields[name] = value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MalformedForm(f"The field {name} is not UTF-8.") from error

    def _take_file(self, admitted: VerifiedForm) -> bytes:
        end = self._buffer.find(self._delimiter)
        self._ended = end >= 0
        # the last bytes may be the begin of a delimiter
        size = end if self._ended else max(0, len(self._buffer) - len(self._delimiter) + 1)
        piece = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._size += size
        admitted.policy.check_largest(self._size)
        if self._size > self._limit:
            raise EntityTooLarge(
                f"Your proposed upload exceeds the maximum allowed size of {self._limit} bytes.",
                MaxSizeAllowed=str(self._limit),
            )
        self._md5.update(piece)
        self._sha256.update(piece)
        return piece


def _named(head: bytes) -> tuple[str, str]:
    """Return the name of a part's field in lower case, and that of its file without directories."""
    for line in head.split(b"\r\n"):
        if match := _DISPOSITION.fullmatch(line.strip()):
            parameters = {
                name.lower(): (quoted or plain).decode("utf-8", "replace")
                for name, quoted, plain in _PARAMETER.findall(match[1])
            }
            file_name = re.split(r"[/\\]", parameters.get(b"filename", ""))[-1]
            if name := parameters.get(b"name", ""):
                return name.lower(), file_name
    raise MalformedForm("The body of your POST request is not well-formed multipart/form-data.")


def _no_file() -> MalformedForm:
    return MalformedForm("POST requires exactly one file upload per request.")


def _fields_too_large() -> FieldsTooLarge:
    return FieldsTooLarge(
        "Your POST request fields preceding the upload file were too large.",
        MaxLengthAllowed=str(_LARGEST_FIELDS),
    )
