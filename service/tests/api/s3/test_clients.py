"""AWS's own clients against the whole service."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from glueball.credentials import load
from support.service_process import ServiceProcess

_MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    process = ServiceProcess(tmp_path_factory.mktemp("service") / "home")
    try:
        yield process.start()
    finally:
        process.close()


@pytest.fixture(scope="module")
def client(service: ServiceProcess) -> Iterator[Any]:
    made = service.client("s3")
    yield made
    made.close()


@pytest.fixture
def bucket(client: Any, request: pytest.FixtureRequest) -> str:
    name = "b" + hashlib.md5(request.node.name.encode()).hexdigest()[:20]
    client.create_bucket(Bucket=name)
    return name


def _directory(service: ServiceProcess, bucket: str) -> Path:
    return service.home / "objects" / bucket


def _refusal(call: Any, **members: Any) -> tuple[int, str, str]:
    """Return the status, code and message with which a call is refused."""
    with pytest.raises(ClientError) as raised:
        call(**members)
    answer = raised.value.response
    error = answer.get("Error", {})
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status, error.get("Code", ""), error.get("Message", "")


def _read(client: Any, bucket: str, key: str, **members: Any) -> bytes:
    with client.get_object(Bucket=bucket, Key=key, **members)["Body"] as body:
        content: bytes = body.read()
    return content


def _keys(client: Any, bucket: str, **members: Any) -> list[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, **members)
    return [found["Key"] for page in pages for found in page.get("Contents", ())]


def _signed(service: ServiceProcess, method: str, path: str, body: bytes = b"") -> Request:
    """Sign a request whose path is sent exactly as it is written here."""
    keys = load(service.home)
    request = AWSRequest(method, service.endpoint_url + path, data=body)
    credentials = Credentials(keys.access_key, keys.secret_key)
    S3SigV4Auth(credentials, "s3", "us-east-1").add_auth(request)
    prepared = request.prepare()
    return Request(prepared.url, data=body or None, headers=dict(prepared.headers), method=method)


def _status(request: Request) -> tuple[int, bytes]:
    try:
        with urlopen(request) as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


class TestBoto3:
    def test_what_is_put_is_got(self, client: Any, bucket: str) -> None:
        client.put_object(
            Bucket=bucket,
            Key="dir/täble.csv",
            Body=b"0123456789",
            ContentType="text/csv",
            Metadata={"owner": "me"},
            Tagging="a=1",
        )
        got = client.get_object(Bucket=bucket, Key="dir/täble.csv")
        with got["Body"] as body:
            assert body.read() == b"0123456789"
        assert got["ETag"] == '"781e5e245d69b566979b86e28d23f2c7"'
        assert (got["ContentType"], got["Metadata"]) == ("text/csv", {"owner": "me"})
        assert got["ChecksumCRC32"] == "poTHxg=="
        head = client.head_object(Bucket=bucket, Key="dir/täble.csv")
        assert head["ContentLength"] == 10
        assert head["LastModified"] == got["LastModified"]
        tags = client.get_object_tagging(Bucket=bucket, Key="dir/täble.csv")
        assert tags["TagSet"] == [{"Key": "a", "Value": "1"}]

    def test_ranges(self, client: Any, bucket: str) -> None:
        data = os.urandom(_MEGABYTE)
        client.put_object(Bucket=bucket, Key="k", Body=data)
        answer = client.get_object(Bucket=bucket, Key="k", Range="bytes=10-19")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert answer["ContentRange"] == f"bytes 10-19/{_MEGABYTE}"
        with answer["Body"] as body:
            assert body.read() == data[10:20]
        assert _read(client, bucket, "k", Range="bytes=-600000") == data[-600_000:]
        assert _read(client, bucket, "k") == data
        refused = _refusal(client.get_object, Bucket=bucket, Key="k", Range="bytes=9999999-")
        assert refused[:2] == (416, "InvalidRange")

    def test_conditions(self, client: Any, bucket: str) -> None:
        put = client.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")
        again = {"Bucket": bucket, "Key": "k", "Body": b"2"}
        assert _refusal(client.put_object, **again, IfNoneMatch="*")[:2] == (
            412,
            "PreconditionFailed",
        )
        client.put_object(**again, IfMatch=put["ETag"])
        assert _refusal(client.put_object, **again, IfMatch=put["ETag"])[0] == 412
        current = client.head_object(Bucket=bucket, Key="k")
        get = {"Bucket": bucket, "Key": "k"}
        assert _refusal(client.get_object, **get, IfNoneMatch=current["ETag"])[0] == 304
        since = current["LastModified"]
        assert _refusal(client.head_object, **get, IfModifiedSince=since)[0] == 304
        assert _refusal(client.get_object, **get, IfMatch='"other"')[0] == 412

    def test_only_one_of_many_creates(self, client: Any, bucket: str) -> None:
        def create(number: int) -> bool:
            try:
                client.put_object(Bucket=bucket, Key="commit", Body=b"x" * number, IfNoneMatch="*")
            except ClientError:
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(create, range(8))).count(True) == 1

    def test_missing_things(self, client: Any, bucket: str) -> None:
        gone = {"Bucket": bucket, "Key": "gone"}
        assert _refusal(client.get_object, **gone)[:2] == (404, "NoSuchKey")
        assert _refusal(client.head_object, **gone)[0] == 404
        assert _refusal(client.list_objects_v2, Bucket="gone-bucket")[:2] == (404, "NoSuchBucket")
        assert _refusal(client.head_bucket, Bucket="gone-bucket")[0] == 404
        assert client.delete_object(**gone)["ResponseMetadata"]["HTTPStatusCode"] == 204

    def test_buckets(self, client: Any) -> None:
        location = {"LocationConstraint": "eu-west-1"}
        client.create_bucket(Bucket="there", CreateBucketConfiguration=location)
        assert client.get_bucket_location(Bucket="there")["LocationConstraint"] == "eu-west-1"
        assert "there" in [each["Name"] for each in client.list_buckets()["Buckets"]]
        client.put_object(Bucket="there", Key="k", Body=b"")
        assert _refusal(client.delete_bucket, Bucket="there")[:2] == (409, "BucketNotEmpty")
        client.delete_object(Bucket="there", Key="k")
        client.delete_bucket(Bucket="there")
        status, code, message = _refusal(client.create_bucket, Bucket="UPPER")
        assert (status, code) == (400, "InvalidBucketName")
        assert "lower-case" in message

    def test_many_keys_in_pages(self, service: ServiceProcess, client: Any, bucket: str) -> None:
        for directory in ("a", "b", "b-c"):
            (_directory(service, bucket) / directory).mkdir()
            for number in range(800):
                (_directory(service, bucket) / directory / f"k {number:03}+").touch()
        found = _keys(client, bucket)
        assert found == sorted(found)
        assert len(found) == 2400
        assert len(_keys(client, bucket, Prefix="b/")) == 800
        answer = client.list_objects_v2(Bucket=bucket, Delimiter="/")
        assert [each["Prefix"] for each in answer["CommonPrefixes"]] == ["a/", "b-c/", "b/"]
        pages = client.get_paginator("list_objects").paginate(Bucket=bucket)
        assert [each["Key"] for page in pages for each in page["Contents"]] == found

    def test_deleting_many(self, client: Any, bucket: str) -> None:
        names = [f"k <&> {number}" for number in range(20)]
        for name in names:
            client.put_object(Bucket=bucket, Key=name, Body=b"")
        wanted = [{"Key": name} for name in names[1:]]
        answer = client.delete_objects(Bucket=bucket, Delete={"Objects": wanted})
        assert answer["Deleted"] == wanted
        assert _keys(client, bucket) == names[:1]

    def test_copying(self, client: Any, bucket: str) -> None:
        client.put_object(Bucket=bucket, Key="a b+ü", Body=b"x", Metadata={"m": "1"})
        source = {"Bucket": bucket, "Key": "a b+ü"}
        client.copy_object(Bucket=bucket, Key="copy", CopySource=source)
        assert client.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"m": "1"}
        assert _read(client, bucket, "copy") == b"x"

    def test_large_objects_in_parts(self, client: Any, bucket: str) -> None:
        data = os.urandom(20 * _MEGABYTE)
        config = TransferConfig(multipart_chunksize=8 * _MEGABYTE)
        client.upload_fileobj(
            io.BytesIO(data), bucket, "big", ExtraArgs={"Metadata": {"a": "b"}}, Config=config
        )
        head = client.head_object(Bucket=bucket, Key="big", ChecksumMode="ENABLED")
        assert head["ETag"].endswith('-3"')
        assert head["Metadata"] == {"a": "b"}
        assert head["ChecksumCRC32"]
        back = io.BytesIO()
        client.download_fileobj(bucket, "big", back, Config=config)
        assert back.getvalue() == data
        source = {"Bucket": bucket, "Key": "big"}
        client.copy(source, bucket, "copy", Config=config)
        assert _read(client, bucket, "copy", PartNumber=3) == data[16 * _MEGABYTE :]

    def test_an_upload_that_is_given_up(self, client: Any, bucket: str) -> None:
        upload = client.create_multipart_upload(Bucket=bucket, Key="big")
        named = {"Bucket": bucket, "Key": "big", "UploadId": upload["UploadId"]}
        client.upload_part(**named, PartNumber=1, Body=b"x")
        listed = client.list_multipart_uploads(Bucket=bucket)["Uploads"]
        assert [each["UploadId"] for each in listed] == [upload["UploadId"]]
        assert [part["Size"] for part in client.list_parts(**named)["Parts"]] == [1]
        client.abort_multipart_upload(**named)
        assert _refusal(client.list_parts, **named)[:2] == (404, "NoSuchUpload")

    def test_presigned(self, service: ServiceProcess, client: Any, bucket: str) -> None:
        client.put_object(Bucket=bucket, Key="a b", Body=b"x")
        keys = load(service.home)
        request = AWSRequest("GET", f"{service.endpoint_url}/{bucket}/a%20b")
        credentials = Credentials(keys.access_key, keys.secret_key)
        S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=60).add_auth(request)
        url = request.prepare().url
        with urlopen(url) as answer:
            assert answer.read() == b"x"

    def test_folders_and_collisions(self, client: Any, bucket: str) -> None:
        client.put_object(Bucket=bucket, Key="k/")
        assert _keys(client, bucket) == ["k/"]
        assert _read(client, bucket, "k/") == b""
        status, code, message = _refusal(client.put_object, Bucket=bucket, Key="k", Body=b"x")
        assert (status, code) == (409, "KeyCollision")
        assert "objects below 'k/'" in message
        client.put_object(Bucket=bucket, Key="file", Body=b"x")
        status, code, message = _refusal(client.put_object, Bucket=bucket, Key="file/z", Body=b"")
        assert (status, code) == (409, "KeyCollision")
        assert "Delete 'file' first" in message

    def test_a_replaced_object_is_read_to_its_end(self, client: Any, bucket: str) -> None:
        client.put_object(Bucket=bucket, Key="k", Body=b"a" * 5 * _MEGABYTE)
        with client.get_object(Bucket=bucket, Key="k")["Body"] as body:
            first = body.read(10)
            client.put_object(Bucket=bucket, Key="k", Body=b"short")
            assert first + body.read() == b"a" * 5 * _MEGABYTE
        assert _read(client, bucket, "k") == b"short"


class TestBesideSpark:
    def test_what_spark_wrote_is_there_at_once(
        self, service: ServiceProcess, client: Any, bucket: str
    ) -> None:
        output = _directory(service, bucket) / "out" / "month=1"
        output.mkdir(parents=True)
        for name in ("part-0.parquet", ".part-0.parquet.crc", "._SUCCESS.crc"):
            (output / name).write_bytes(b"PAR1")
        assert _keys(client, bucket) == ["out/month=1/part-0.parquet"]
        head = client.head_object(Bucket=bucket, Key="out/month=1/part-0.parquet")
        assert "-" in head["ETag"]
        assert _read(client, bucket, "out/month=1/part-0.parquet") == b"PAR1"
        client.delete_object(Bucket=bucket, Key="out/month=1/part-0.parquet")
        assert not (output / ".part-0.parquet.crc").exists()

    def test_metadata_survives_a_restart(
        self, service: ServiceProcess, client: Any, bucket: str
    ) -> None:
        client.put_object(
            Bucket=bucket, Key="k", Body=b"x", ContentType="text/x-mine", Metadata={"A-b": "1"}
        )
        upload = client.create_multipart_upload(Bucket=bucket, Key="big")
        named = {"Bucket": bucket, "Key": "big", "UploadId": upload["UploadId"]}
        part = client.upload_part(**named, PartNumber=1, Body=b"part")
        before = client.head_object(Bucket=bucket, Key="k")
        service.kill()
        service.start()
        after = client.head_object(Bucket=bucket, Key="k")
        for fact in ("ETag", "ContentType", "Metadata", "LastModified", "ContentLength"):
            assert after[fact] == before[fact]
        parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
        client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
        assert _read(client, bucket, "big") == b"part"


class TestAttacks:
    @pytest.mark.parametrize(
        "key",
        [
            "../../../etc/passwd",
            "%2e%2e%2f%2e%2e%2fcredentials",
            "..%2F..%2Fcredentials",
            "a/../../../credentials",
            "a/%2e%2e/%2e%2e/%2e%2e/credentials",
            "/etc/passwd",
            "%2Fetc%2Fpasswd",
            "..%5C..%5Ccredentials",
            "..",
            ".",
            "a/./b",
            "a//b",
            "nul%00byte",
            "%ff%fe",
            "%ed%a0%80",
            "a" * 256,
            "a" * 1025,
            "%2525",
        ],
    )
    def test_a_key_never_leaves_its_bucket(
        self, service: ServiceProcess, bucket: str, key: str
    ) -> None:
        def outside() -> list[tuple[str, int]]:
            own = _directory(service, bucket)
            return sorted(
                (str(path), path.stat().st_size)
                for path in service.home.rglob("*")
                if path.is_file()
                and own not in path.parents
                and not path.name.startswith("glueball.db")
            )

        before = outside()
        for method in ("PUT", "GET", "DELETE"):
            body = b"attack" if method == "PUT" else b""
            status, answer = _status(_signed(service, method, f"/{bucket}/{key}", body))
            assert status < 500
            assert b"root:" not in answer
            assert b"aws_secret" not in answer
        assert outside() == before

    def test_buckets_are_no_way_out_either(self, service: ServiceProcess) -> None:
        for path in ("/../credentials", "/../../etc/passwd", "/.incoming/x", "/.db/x", "/%2e%2e/x"):
            for method in ("PUT", "GET", "DELETE"):
                status, answer = _status(_signed(service, method, path))
                assert 400 <= status < 500, answer

    def test_links_are_not_followed(
        self, service: ServiceProcess, client: Any, bucket: str
    ) -> None:
        (_directory(service, bucket) / "etc").symlink_to("/etc")
        (_directory(service, bucket) / "passwd").symlink_to("/etc/passwd")
        assert _keys(client, bucket) == []
        for key in ("etc/passwd", "passwd"):
            assert _refusal(client.get_object, Bucket=bucket, Key=key)[0] == 404
            copy = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/{key}"}
            assert _refusal(client.copy_object, **copy)[0] == 404
        put = {"Bucket": bucket, "Key": "etc/attack", "Body": b"x"}
        assert _refusal(client.put_object, **put)[:2] == (409, "KeyCollision")
        assert not Path("/etc/attack").exists()

    def test_xml_may_not_reach_out(self, service: ServiceProcess, client: Any, bucket: str) -> None:
        upload = client.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        document = (
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            b"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>&e;</ETag></Part>"
            b"</CompleteMultipartUpload>"
        )
        path = f"/{bucket}/k?uploadId={upload}"
        status, answer = _status(_signed(service, "POST", path, document))
        assert status == 400
        assert b"root:" not in answer
