"""Settings of buckets, by boto3: what is written is read, and AWS's words for what is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from support.service_process import ServiceProcess


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(tmp_path_factory.mktemp("service") / "home")
    try:
        yield process.start()
    finally:
        process.close()


@pytest.fixture(scope="module")
def client(service: ServiceProcess) -> Iterator[Any]:
    s3 = service.client("s3")
    yield s3
    s3.close()


@pytest.fixture
def bucket(client: Any, request: pytest.FixtureRequest) -> str:
    name = f"settings-{abs(hash(request.node.name)) % 10**12}"
    client.create_bucket(Bucket=name)
    return name


def _code(call: Any, **members: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as raised:
        call(**members)
    response = raised.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


def _members(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


_POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}]})
_RULE = {
    "ID": "old",
    "Status": "Enabled",
    "Filter": {"Prefix": "logs/"},
    "Expiration": {"Days": 30},
}
_SMALLEST = "TransitionDefaultMinimumObjectSize"


@pytest.mark.parametrize(
    ("setting", "member", "record", "answer"),
    [
        (
            "bucket_tagging",
            "Tagging",
            {"TagSet": [{"Key": "team", "Value": "data"}]},
            {"TagSet": [{"Key": "team", "Value": "data"}]},
        ),
        (
            "bucket_versioning",
            "VersioningConfiguration",
            {"Status": "Enabled"},
            {"Status": "Enabled"},
        ),
        (
            "bucket_encryption",
            "ServerSideEncryptionConfiguration",
            {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]},
            {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [
                        {
                            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"},
                            "BucketKeyEnabled": False,  # S3 adds it
                        }
                    ]
                }
            },
        ),
        (
            "public_access_block",
            "PublicAccessBlockConfiguration",
            {"BlockPublicAcls": True},
            {
                "PublicAccessBlockConfiguration": {  # what is left out is off
                    "BlockPublicAcls": True,
                    "IgnorePublicAcls": False,
                    "BlockPublicPolicy": False,
                    "RestrictPublicBuckets": False,
                }
            },
        ),
        (
            "bucket_ownership_controls",
            "OwnershipControls",
            {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}},
        ),
        ("bucket_policy", "Policy", _POLICY, {"Policy": _POLICY}),
        (
            "bucket_lifecycle_configuration",
            "LifecycleConfiguration",
            {"Rules": [_RULE]},
            {"Rules": [_RULE], _SMALLEST: "all_storage_classes_128K"},
        ),
        (
            "bucket_cors",
            "CORSConfiguration",
            {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
            {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
        ),
        (
            "bucket_website",
            "WebsiteConfiguration",
            {"IndexDocument": {"Suffix": "index.html"}},
            {"IndexDocument": {"Suffix": "index.html"}},
        ),
        (
            "bucket_logging",
            "BucketLoggingStatus",
            {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "p/"}},
            {"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "p/"}},
        ),
        (
            "bucket_request_payment",
            "RequestPaymentConfiguration",
            {"Payer": "Requester"},
            {"Payer": "Requester"},
        ),
        (
            "bucket_accelerate_configuration",
            "AccelerateConfiguration",
            {"Status": "Suspended"},
            {"Status": "Suspended"},
        ),
    ],
)
def test_what_is_written_is_read(
    client: Any, bucket: str, setting: str, member: str, record: Any, answer: dict[str, Any]
) -> None:
    getattr(client, f"put_{setting}")(Bucket=bucket, **{member: record})
    assert _members(getattr(client, f"get_{setting}")(Bucket=bucket)) == answer


_ALL_ON = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)


@pytest.mark.parametrize(
    ("setting", "answer"),
    [
        # S3 API Reference, "Errors" of each operation
        ("bucket_tagging", "NoSuchTagSet"),
        ("bucket_policy", "NoSuchBucketPolicy"),
        ("bucket_cors", "NoSuchCORSConfiguration"),
        ("bucket_website", "NoSuchWebsiteConfiguration"),
        ("bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
        ("bucket_replication", "ReplicationConfigurationNotFoundError"),
        ("object_lock_configuration", "ObjectLockConfigurationNotFoundError"),
        # what S3 answers without members
        ("bucket_versioning", {}),
        ("bucket_logging", {}),
        ("bucket_accelerate_configuration", {}),
        # what every new bucket has, since 2023
        (
            "bucket_encryption",
            {
                "ServerSideEncryptionConfiguration": {
                    "Rules": [
                        {
                            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
                            "BucketKeyEnabled": False,
                        }
                    ]
                }
            },
        ),
        ("public_access_block", {"PublicAccessBlockConfiguration": _ALL_ON}),
        (
            "bucket_ownership_controls",
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        ),
        ("bucket_request_payment", {"Payer": "BucketOwner"}),
    ],
)
def test_a_new_bucket(client: Any, bucket: str, setting: str, answer: str | dict[str, Any]) -> None:
    get = getattr(client, f"get_{setting}")
    if isinstance(answer, str):
        assert _code(get, Bucket=bucket) == (404, answer)
    else:
        assert _members(get(Bucket=bucket)) == answer


@pytest.mark.parametrize(
    ("delete", "get", "code"),
    [
        ("delete_bucket_tagging", "get_bucket_tagging", "NoSuchTagSet"),
        ("delete_bucket_policy", "get_bucket_policy", "NoSuchBucketPolicy"),
        (
            "delete_public_access_block",
            "get_public_access_block",
            "NoSuchPublicAccessBlockConfiguration",
        ),
        (
            "delete_bucket_ownership_controls",
            "get_bucket_ownership_controls",
            "OwnershipControlsNotFoundError",
        ),
        (
            "delete_bucket_lifecycle",
            "get_bucket_lifecycle_configuration",
            "NoSuchLifecycleConfiguration",
        ),
    ],
)
def test_what_is_deleted_is_gone(
    client: Any, bucket: str, delete: str, get: str, code: str
) -> None:
    for _ in range(2):  # deleting again is no error
        getattr(client, delete)(Bucket=bucket)
    assert _code(getattr(client, get), Bucket=bucket) == (404, code)


def test_a_bucket_is_always_encrypted(client: Any, bucket: str) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    client.delete_bucket_encryption(Bucket=bucket)
    answer = client.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    default = answer["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert default["SSEAlgorithm"] == "AES256"


_OTHER = {"Type": "CanonicalUser", "ID": "0" * 64}


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("put_bucket_versioning", {"VersioningConfiguration": {}}, "MalformedXML"),
        ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "On"}}, "MalformedXML"),
        ("put_bucket_policy", {"Policy": "no JSON"}, "MalformedPolicy"),
        ("put_bucket_policy", {"Policy": '{"Version": "2012-10-17"}'}, "MalformedPolicy"),
        (
            "put_bucket_tagging",
            {"Tagging": {"TagSet": [{"Key": "aws:x", "Value": ""}]}},
            "InvalidTag",
        ),
        (
            "put_bucket_tagging",
            {"Tagging": {"TagSet": [{"Key": str(n), "Value": ""} for n in range(51)]}},
            "BadRequest",
        ),
        (
            "put_bucket_lifecycle_configuration",
            {"LifecycleConfiguration": {"Rules": [_RULE, _RULE]}},
            "InvalidArgument",  # two rules of one id
        ),
        (
            "put_bucket_ownership_controls",
            {"OwnershipControls": {"Rules": [{"ObjectOwnership": "Anybody"}]}},
            "MalformedXML",
        ),
        ("put_bucket_acl", {"ACL": "public-read"}, "AccessControlListNotSupported"),
        (
            "put_bucket_acl",
            {
                "AccessControlPolicy": {
                    "Owner": {"ID": "x"},
                    "Grants": [{"Grantee": _OTHER, "Permission": "READ"}],
                }
            },
            "AccessControlListNotSupported",
        ),
    ],
)
def test_what_s3_refuses(
    client: Any, bucket: str, operation: str, members: dict[str, Any], code: str
) -> None:
    assert _code(getattr(client, operation), Bucket=bucket, **members) == (400, code)


def test_a_lifecycle_rule_without_an_id_gets_one(client: Any, bucket: str) -> None:
    rule = {name: value for name, value in _RULE.items() if name != "ID"}
    client.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={"Rules": [rule]},
        TransitionDefaultMinimumObjectSize="varies_by_storage_class",
    )
    answer = client.get_bucket_lifecycle_configuration(Bucket=bucket)
    assert len(answer["Rules"][0]["ID"]) == 48
    assert answer[_SMALLEST] == "varies_by_storage_class"


def test_only_the_owner_has_access(client: Any, bucket: str) -> None:
    client.put_bucket_acl(Bucket=bucket, ACL="private")
    answer = client.get_bucket_acl(Bucket=bucket)
    assert answer["Grants"] == [
        {"Grantee": {**answer["Owner"], "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    ]


def test_settings_that_come_with_a_new_bucket(client: Any) -> None:
    client.create_bucket(
        Bucket="settings-at-once",
        ObjectOwnership="BucketOwnerPreferred",
        CreateBucketConfiguration={"Tags": [{"Key": "a", "Value": "1"}]},
    )
    tags = client.get_bucket_tagging(Bucket="settings-at-once")["TagSet"]
    assert tags == [{"Key": "a", "Value": "1"}]
    controls = client.get_bucket_ownership_controls(Bucket="settings-at-once")
    assert controls["OwnershipControls"]["Rules"][0]["ObjectOwnership"] == "BucketOwnerPreferred"


def test_settings_go_with_their_bucket(client: Any, bucket: str) -> None:
    client.put_bucket_policy(Bucket=bucket, Policy=_POLICY)
    client.delete_bucket(Bucket=bucket)
    assert _code(client.get_bucket_policy, Bucket=bucket) == (404, "NoSuchBucket")
    client.create_bucket(Bucket=bucket)
    assert _code(client.get_bucket_policy, Bucket=bucket) == (404, "NoSuchBucketPolicy")


def test_versions_of_a_bucket_that_has_none(client: Any, bucket: str) -> None:
    for key in ("a b", "c", "d/e"):
        client.put_object(Bucket=bucket, Key=key, Body=b"x")
    pages = client.get_paginator("list_object_versions").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 1}
    )
    versions = [version for page in pages for version in page.get("Versions", ())]
    assert [version["Key"] for version in versions] == ["a b", "c", "d/e"]
    assert all(version["VersionId"] == "null" and version["IsLatest"] for version in versions)
    answer = client.list_object_versions(Bucket=bucket, Delimiter="/")
    assert answer["CommonPrefixes"] == [{"Prefix": "d/"}]
    named = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
    assert len(client.delete_objects(Bucket=bucket, Delete={"Objects": named})["Deleted"]) == 3


def test_selecting_from_an_object_is_refused_by_name(client: Any, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="k", Body=b"a,b\n")
    with pytest.raises(ClientError, match="SelectObjectContent"):
        client.select_object_content(
            Bucket=bucket,
            Key="k",
            Expression="SELECT * FROM s3object",
            ExpressionType="SQL",
            InputSerialization={"CSV": {}},
            OutputSerialization={"CSV": {}},
        )


def test_a_copy_of_an_object_of_parts_has_the_checksum_of_its_bytes(
    client: Any, bucket: str
) -> None:
    object_ = {"Bucket": bucket, "Key": "parts"}
    upload = client.create_multipart_upload(**object_, ChecksumAlgorithm="SHA256")["UploadId"]
    part = client.upload_part(
        **object_, UploadId=upload, PartNumber=1, Body=b"hello", ChecksumAlgorithm="SHA256"
    )
    parts = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]
    done = client.complete_multipart_upload(
        **object_, UploadId=upload, MultipartUpload={"Parts": parts}
    )
    assert done["ChecksumSHA256"].endswith("-1")
    client.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/parts")
    head = client.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
    assert head["ChecksumType"] == "FULL_OBJECT"


def test_an_object_that_was_not_modified_is_named_by_its_etag(client: Any, bucket: str) -> None:
    etag = client.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    with pytest.raises(ClientError) as raised:
        client.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    metadata = raised.value.response["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["HTTPHeaders"]["etag"]) == (304, etag)


def test_deleting_what_is_not_there_under_a_condition(client: Any, bucket: str) -> None:
    assert _code(client.delete_object, Bucket=bucket, Key="k", IfMatch="x") == (404, "NoSuchKey")
    named = [{"Key": "k", "ETag": '"x"'}]
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": named})
    assert answer["Errors"][0]["Code"] == "NoSuchKey"
