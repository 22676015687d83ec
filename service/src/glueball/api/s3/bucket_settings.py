"""Settings of buckets that are kept as records, so that tools can read what they have written.

None of them changes what the object store does; docs/s3.md says so. Each is a row of the table
below: what a new bucket has, what S3 says where nothing is set, and what it checks beside the
model. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.model import StructureShape

from glueball.api.s3 import setting_checks
from glueball.api.s3.context import Request, S3Context, bucket_of, owner_of
from glueball.api.s3.errors import AclNotSupported, MalformedXml, SettingAbsent
from glueball.stores import bucket_settings
from glueball.wire.models import service_model
from glueball.wire.validation import problems

_Operation = Callable[[S3Context, Request], dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A setting of a bucket."""

    name: str  #: as S3's operations call it: "BucketTagging" of PutBucketTagging
    member: str  #: of the request, that holds the record
    #: code and sentence with which S3 says that nothing is set; None: it answers without members
    absent: tuple[str, str] | None = None
    initial: Any = None  #: the record of a new bucket; None: it has none
    #: whether deleting gives back what a new bucket has, instead of nothing
    resets: bool = False
    #: returns the record as it is kept; may refuse it
    check: Callable[[Any], Any] | None = None


TAGGING = Setting(
    name="BucketTagging",
    member="Tagging",
    absent=("NoSuchTagSet", "The TagSet does not exist"),
    check=setting_checks.tagging,
)
VERSIONING = Setting(
    name="BucketVersioning", member="VersioningConfiguration", check=setting_checks.state
)
ENCRYPTION = Setting(
    name="BucketEncryption",
    member="ServerSideEncryptionConfiguration",
    initial={
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                "BucketKeyEnabled": False,
            }
        ]
    },
    resets=True,
    check=setting_checks.encryption,
)
PUBLIC_ACCESS_BLOCK = Setting(
    name="PublicAccessBlock",
    member="PublicAccessBlockConfiguration",
    absent=(
        "NoSuchPublicAccessBlockConfiguration",
        "The public access block configuration was not found",
    ),
    initial=dict.fromkeys(setting_checks.PUBLIC_ACCESS, True),
    check=setting_checks.public_access_block,
)
OWNERSHIP_CONTROLS = Setting(
    name="BucketOwnershipControls",
    member="OwnershipControls",
    absent=("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"),
    initial={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
)
POLICY = Setting(
    name="BucketPolicy",
    member="Policy",
    absent=("NoSuchBucketPolicy", "The bucket policy does not exist"),
    check=setting_checks.policy,
)
LIFECYCLE = Setting(
    name="BucketLifecycleConfiguration",
    member="LifecycleConfiguration",
    absent=("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
    check=setting_checks.lifecycle,
)
CORS = Setting(
    name="BucketCors",
    member="CORSConfiguration",
    absent=("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
)
WEBSITE = Setting(
    name="BucketWebsite",
    member="WebsiteConfiguration",
    absent=(
        "NoSuchWebsiteConfiguration",
        "The specified bucket does not have a website configuration",
    ),
)
LOGGING = Setting(name="BucketLogging", member="BucketLoggingStatus")
REQUEST_PAYMENT = Setting(
    name="BucketRequestPayment",
    member="RequestPaymentConfiguration",
    initial={"Payer": "BucketOwner"},
)
ACCELERATION = Setting(
    name="BucketAccelerateConfiguration",
    member="AccelerateConfiguration",
    check=setting_checks.state,
)
#: these two would promise something, so they can be read only: they are never set
REPLICATION = Setting(
    name="BucketReplication",
    member="ReplicationConfiguration",
    absent=(
        "ReplicationConfigurationNotFoundError",
        "The replication configuration was not found",
    ),
)
OBJECT_LOCK = Setting(
    name="ObjectLockConfiguration",
    member="ObjectLockConfiguration",
    absent=(
        "ObjectLockConfigurationNotFoundError",
        "Object Lock configuration does not exist for this bucket",
    ),
)


def record_setting(context: S3Context, bucket: str, setting: Setting, record: Any) -> None:
    """Keep a setting of a bucket.

    Raises:
        MalformedXml: it does not fit S3's schema.
        AwsError: S3 refuses it; see `setting_checks`.
    """
    shape = service_model("s3").operation_model(f"Put{setting.name}").input_shape
    inner = shape.members[setting.member] if shape else None
    if isinstance(inner, StructureShape) and problems("s3", inner, record, null_characters=False):
        raise MalformedXml
    checked = record if setting.check is None else setting.check(record)
    with context.objects.metadata.database.write() as connection:
        bucket_settings.put(connection, bucket, setting.name, checked)


def _get(setting: Setting) -> _Operation:
    output = service_model("s3").operation_model(f"Get{setting.name}").output_shape
    wrapped = output is not None and setting.member in output.members

    def operation(context: S3Context, request: Request) -> dict[str, Any]:
        bucket = bucket_of(context, request)
        context.objects.bucket(bucket)
        with context.objects.metadata.database.read() as connection:
            record = bucket_settings.get(connection, bucket, setting.name, initial=setting.initial)
        if record is None:
            if setting.absent is not None:
                raise SettingAbsent(*setting.absent, bucket)
            return {}
        return {setting.member: record} if wrapped else dict(record)

    operation.__doc__ = f"Show the {setting.name} of a bucket."
    return operation


def _put(setting: Setting) -> _Operation:
    def operation(context: S3Context, request: Request) -> dict[str, Any]:
        bucket = bucket_of(context, request)
        context.objects.bucket(bucket)
        record_setting(context, bucket, setting, request.get(setting.member) or {})
        return {}

    operation.__doc__ = f"Set the {setting.name} of a bucket."
    return operation


def _delete(setting: Setting) -> _Operation:
    def operation(context: S3Context, request: Request) -> dict[str, Any]:
        bucket = bucket_of(context, request)
        context.objects.bucket(bucket)
        with context.objects.metadata.database.write() as connection:
            if setting.resets or setting.initial is None:
                bucket_settings.reset(connection, bucket, setting.name)
            else:
                bucket_settings.put(connection, bucket, setting.name, None)
        return {}

    operation.__doc__ = f"Take the {setting.name} of a bucket away."
    return operation


get_bucket_tagging = _get(TAGGING)
put_bucket_tagging = _put(TAGGING)
delete_bucket_tagging = _delete(TAGGING)
get_bucket_versioning = _get(VERSIONING)
put_bucket_versioning = _put(VERSIONING)
get_bucket_encryption = _get(ENCRYPTION)
put_bucket_encryption = _put(ENCRYPTION)
delete_bucket_encryption = _delete(ENCRYPTION)
get_public_access_block = _get(PUBLIC_ACCESS_BLOCK)
put_public_access_block = _put(PUBLIC_ACCESS_BLOCK)
delete_public_access_block = _delete(PUBLIC_ACCESS_BLOCK)
get_bucket_ownership_controls = _get(OWNERSHIP_CONTROLS)
put_bucket_ownership_controls = _put(OWNERSHIP_CONTROLS)
delete_bucket_ownership_controls = _delete(OWNERSHIP_CONTROLS)
get_bucket_policy = _get(POLICY)
put_bucket_policy = _put(POLICY)
delete_bucket_policy = _delete(POLICY)
get_bucket_cors = _get(CORS)
put_bucket_cors = _put(CORS)
delete_bucket_cors = _delete(CORS)
get_bucket_website = _get(WEBSITE)
put_bucket_website = _put(WEBSITE)
delete_bucket_website = _delete(WEBSITE)
get_bucket_logging = _get(LOGGING)
put_bucket_logging = _put(LOGGING)
get_bucket_request_payment = _get(REQUEST_PAYMENT)
put_bucket_request_payment = _put(REQUEST_PAYMENT)
get_bucket_accelerate_configuration = _get(ACCELERATION)
put_bucket_accelerate_configuration = _put(ACCELERATION)
get_bucket_replication = _get(REPLICATION)
get_object_lock_configuration = _get(OBJECT_LOCK)
get_bucket_lifecycle_configuration = _get(LIFECYCLE)
delete_bucket_lifecycle = _delete(LIFECYCLE)


def put_bucket_lifecycle_configuration(context: S3Context, request: Request) -> dict[str, Any]:
    """Set the rules of a bucket's lifecycle; a header of the request belongs to them."""
    bucket = bucket_of(context, request)
    context.objects.bucket(bucket)
    smallest = request.get(setting_checks.SMALLEST) or setting_checks.DEFAULT_SMALLEST
    record = {**(request.get(LIFECYCLE.member) or {}), setting_checks.SMALLEST: smallest}
    record_setting(context, bucket, LIFECYCLE, record)
    return {setting_checks.SMALLEST: smallest}


def get_bucket_acl(context: S3Context, request: Request) -> dict[str, Any]:
    """Show that a bucket's owner may do everything, and nobody else anything."""
    context.objects.bucket(bucket_of(context, request))
    owner = owner_of(context)
    grant = {"Grantee": {"Type": "CanonicalUser", **owner}, "Permission": "FULL_CONTROL"}
    return {"Owner": owner, "Grants": [grant]}


def put_bucket_acl(context: S3Context, request: Request) -> dict[str, Any]:
    """Take the access control list that every bucket has, and no other one.

    Raises:
        AclNotSupported: it would let somebody else in.
    """
    context.objects.bucket(bucket_of(context, request))
    grants = (request.get("AccessControlPolicy") or {}).get("Grants") or ()
    owner = owner_of(context)["ID"]
    foreign = any((grant.get("Grantee") or {}).get("ID") != owner for grant in grants)
    named = any(member.startswith("Grant") for member in request)
    if foreign or named or request.get("ACL") not in (None, "private"):
        raise AclNotSupported
    return {}
