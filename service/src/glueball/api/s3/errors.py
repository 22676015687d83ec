"""S3's errors: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

Those that the stores raise are in `stores.object_errors`, those of payloads in
`wire.payload_errors`.
"""

from __future__ import annotations

from collections.abc import Mapping

from glueball.core.errors import AwsError


class PreconditionFailed(AwsError):
    """A condition of the request does not hold."""

    code = "PreconditionFailed"
    status = 412

    def __init__(self, condition: str) -> None:
        super().__init__(
            "At least one of the pre-conditions you specified did not hold", Condition=condition
        )


class NotModified(AwsError):
    """The client has the object already; answered without a body.

    Args:
        headers: that the answer carries, by name.
    """

    code = "NotModified"
    status = 304

    def __init__(self, headers: Mapping[str, str]) -> None:
        super().__init__("Not Modified")
        self.headers = headers


class InvalidRange(AwsError):
    """A range that has no byte of the object."""

    code = "InvalidRange"
    status = 416

    def __init__(self, requested: str, size: int) -> None:
        super().__init__(
            "The requested range is not satisfiable",
            RangeRequested=requested,
            ActualObjectSize=str(size),
        )


class InvalidPartNumber(AwsError):
    """A part that the object does not have."""

    code = "InvalidPartNumber"
    status = 416

    def __init__(self, number: int, count: int) -> None:
        super().__init__(
            "The requested partnumber is not satisfiable",
            PartNumberRequested=str(number),
            ActualPartCount=str(count),
        )


class NoSuchVersion(AwsError):
    """A version of an object; objects have only their present one here."""

    code = "NoSuchVersion"
    status = 404

    def __init__(self, key: str, version: str) -> None:
        super().__init__("The specified version does not exist.", Key=key, VersionId=version)


class FeatureNotImplemented(AwsError):
    """A header that asks for something that the object store does not do."""

    code = "NotImplemented"
    status = 501

    def __init__(self, header: str) -> None:
        super().__init__(
            f"A header you provided implies functionality that is not implemented: {header}.",
            Header=header,
        )


class InvalidLocationConstraint(AwsError):
    code = "InvalidLocationConstraint"


class IllegalLocationConstraint(AwsError):
    code = "IllegalLocationConstraintException"


class InvalidStorageClass(AwsError):
    code = "InvalidStorageClass"

    def __init__(self, requested: str) -> None:
        super().__init__(
            "The storage class you specified is not valid", StorageClassRequested=requested
        )


class BadRequest(AwsError):
    code = "BadRequest"


class InvalidTag(AwsError):
    code = "InvalidTag"


class MetadataTooLarge(AwsError):
    code = "MetadataTooLarge"


class MalformedPolicy(AwsError):
    code = "MalformedPolicy"


class AclNotSupported(AwsError):
    code = "AccessControlListNotSupported"

    def __init__(self) -> None:
        super().__init__("The bucket does not allow ACLs")


class SettingAbsent(AwsError):
    """A setting of a bucket that nobody has set.

    Args:
        code: S3 has one for each setting.
        message: the sentence.
        bucket: whose setting it is.
    """

    status = 404

    def __init__(self, code: str, message: str, bucket: str) -> None:
        super().__init__(message, BucketName=bucket)
        self.code = code


class MalformedXml(AwsError):
    """A document that is well-formed, and yet not what the operation takes."""

    code = "MalformedXML"

    def __init__(self) -> None:
        super().__init__(
            "The XML you provided was not well-formed or did not validate against our published "
            "schema"
        )
