"""What can be wrong with a bucket, a key or an upload, in S3's codes.

https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from glueball.core.errors import AwsError


class NoSuchBucket(AwsError):
    code = "NoSuchBucket"
    status = 404

    def __init__(self, bucket: str) -> None:
        super().__init__("The specified bucket does not exist", BucketName=bucket)


class InvalidBucketName(AwsError):
    code = "InvalidBucketName"

    def __init__(self, bucket: str, problem: str) -> None:
        super().__init__(f"The specified bucket is not valid: {problem}.", BucketName=bucket)


class BucketAlreadyOwnedByYou(AwsError):
    code = "BucketAlreadyOwnedByYou"
    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__(
            "Your previous request to create the named bucket succeeded and you already own it.",
            BucketName=bucket,
        )


class BucketNotEmpty(AwsError):
    code = "BucketNotEmpty"
    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__("The bucket you tried to delete is not empty", BucketName=bucket)


class NoSuchKey(AwsError):
    code = "NoSuchKey"
    status = 404

    def __init__(self, key: str) -> None:
        super().__init__("The specified key does not exist.", Key=key)


class InvalidArgument(AwsError):
    code = "InvalidArgument"


class KeyTooLong(AwsError):
    code = "KeyTooLongError"


class KeyCollision(AwsError):
    """Two keys that S3 could hold side by side, but a directory tree cannot."""

    code = "KeyCollision"
    status = 409


class NoSuchUpload(AwsError):
    code = "NoSuchUpload"
    status = 404

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            "The specified multipart upload does not exist. The upload ID might be invalid, or "
            "the multipart upload might have been aborted or completed.",
            UploadId=upload_id,
        )


class InvalidPart(AwsError):
    code = "InvalidPart"

    def __init__(self, upload_id: str, number: int, etag: str) -> None:
        super().__init__(
            f"Part {number} could not be found as it was named. It may not have been uploaded, "
            "or its entity tag may not match the part's entity tag.",
            UploadId=upload_id,
            PartNumber=str(number),
            ETag=etag,
        )


class InvalidPartOrder(AwsError):
    code = "InvalidPartOrder"

    def __init__(self, upload_id: str) -> None:
        super().__init__(
            "The list of parts was not in ascending order. The parts list must be specified in "
            "order by part number.",
            UploadId=upload_id,
        )


class EntityTooSmall(AwsError):
    code = "EntityTooSmall"

    def __init__(self, number: int, size: int, minimum: int) -> None:
        super().__init__(
            "Your proposed upload is smaller than the minimum allowed object size",
            PartNumber=str(number),
            ProposedSize=str(size),
            MinSizeAllowed=str(minimum),
        )
