from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from glueball.core.errors import AwsError, ServiceUnavailable
from glueball.stores.object_errors import (
    BucketAlreadyOwnedByYou,
    BucketNotEmpty,
    InvalidArgument,
    InvalidBucketName,
    KeyCollision,
    KeyTooLong,
    NoSuchBucket,
    NoSuchKey,
)
from glueball.stores.object_metadata import Attributes
from glueball.stores.objects import ObjectStore
from glueball.stores.stored_objects import StoredObject
from support.object_stores import exists, keys, object_store, put_text, text_of

_EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    with object_store(tmp_path) as opened:
        opened.create_bucket("data", region="us-east-1", now=1_000.0)
        yield opened


def _files(store: ObjectStore) -> list[str]:
    """Everything below the bucket `data`, as an outsider finds it."""
    bucket = store.root / "data"
    return sorted(str(path.relative_to(bucket)) for path in bucket.rglob("*"))


class TestBuckets:
    def test_made_listed_and_deleted(self, store: ObjectStore) -> None:
        store.create_bucket("another", region="eu-west-1", now=2_000.0)
        found = [(bucket.name, bucket.created, bucket.region) for bucket in store.buckets()]
        assert found == [("another", 2_000.0, "eu-west-1"), ("data", 1_000.0, "us-east-1")]
        store.delete_bucket("another")
        assert [bucket.name for bucket in store.buckets()] == ["data"]

    def test_made_only_once(self, store: ObjectStore) -> None:
        with pytest.raises(BucketAlreadyOwnedByYou):
            store.create_bucket("data", region="us-east-1", now=0.0)

    def test_a_directory_that_somebody_made_is_a_bucket(self, store: ObjectStore) -> None:
        (store.root / "by-hand").mkdir()
        assert store.bucket("by-hand").region is None
        assert [bucket.name for bucket in store.buckets()] == ["by-hand", "data"]

    @pytest.mark.parametrize(
        "name",
        [
            "..",  # the parent directory
            ".incoming",  # where unfinished files lie
            ".db",
            "ab",  # too short
            "a" * 64,  # too long
            "Data",  # upper case
            "a/b",
            "a\0b",
            "-ab",
            "ab-",
            "a..b",
            "192.168.0.1",
            "xn--abc",
            "abc-s3alias",
            "abc\n",
            "äbc",
        ],
    )
    def test_impossible_names_are_refused(self, store: ObjectStore, name: str) -> None:
        with pytest.raises(InvalidBucketName):
            store.create_bucket(name, region="us-east-1", now=0.0)
        with pytest.raises(InvalidBucketName):
            store.head(name, "k")

    def test_missing(self, store: ObjectStore) -> None:
        for attempt in (
            lambda: store.bucket("nowhere"),
            lambda: store.delete_bucket("nowhere"),
            lambda: store.head("nowhere", "k"),
            lambda: store.get("nowhere", "k"),
            lambda: store.page("nowhere"),
            lambda: store.delete("nowhere", "k"),
            lambda: store.delete_all("nowhere", ["k"]),
            lambda: put_text(store, "nowhere", "k"),
        ):
            with pytest.raises(NoSuchBucket):
                attempt()
        assert not exists(store, "nowhere", "k")

    def test_deleted_only_when_empty(self, store: ObjectStore) -> None:
        put_text(store, "data", "a/b", "x")
        with pytest.raises(BucketNotEmpty):
            store.delete_bucket("data")
        assert text_of(store, "data", "a/b") == "x"

    def test_with_a_marked_folder_is_not_empty(self, store: ObjectStore) -> None:
        put_text(store, "data", "a/")
        with pytest.raises(BucketNotEmpty):
            store.delete_bucket("data")
        assert keys(store, "data") == ["a/"]

    def test_what_is_no_object_does_not_keep_it(self, store: ObjectStore, tmp_path: Path) -> None:
        bucket = store.root / "data"
        (bucket / "empty" / "deep").mkdir(parents=True)
        (bucket / "empty" / "._SUCCESS.crc").write_bytes(b"crc")
        (bucket / "link").symlink_to(tmp_path)
        store.delete_bucket("data")
        assert not bucket.exists()
        assert (tmp_path / "glueball.db").exists()

    def test_a_file_that_no_key_can_name_keeps_it(self, store: ObjectStore) -> None:
        stray = os.path.join(os.fsencode(store.root), b"data", b"\xff")
        with open(stray, "wb"):
            pass
        assert keys(store, "data") == []
        with pytest.raises(BucketNotEmpty):
            store.delete_bucket("data")
        assert os.path.exists(stray)

    def test_a_new_one_remembers_nothing_of_its_namesake(self, store: ObjectStore) -> None:
        put_text(store, "data", "folder/")
        store.delete("data", "folder/")
        store.delete_bucket("data")
        store.create_bucket("data", region="us-east-1", now=5.0)
        (store.root / "data" / "folder").mkdir()
        assert keys(store, "data") == []

    def test_clear_empties_everything(self, store: ObjectStore) -> None:
        put_text(store, "data", "a/b", "x")
        store.clear()
        assert store.buckets() == []
        assert list(store.incoming().iterdir()) == []


class TestKeys:
    @pytest.mark.parametrize(
        "key",
        [
            "plain.csv",
            "year=2024/month=01/part-0.parquet",
            "with space",
            "a+b&c=d?e#f%20g",
            "..\\..\\windows",  # a backslash is a letter here
            "back\\slash/x",
            "...",
            "..a/b..",
            "~root",
            "-rf",
            "$(id)",
            "`id`",
            "tab\tand\nnewline\x01\x7f",
            "ünïcödé/日本語/😀",
            "a" * 255,
            "/".join(["d" * 100] * 10),
            ".hidden",
            ".crc",
            "..crc",
            "_SUCCESS",
            "C:\\boot.ini",
            "\u202egnp.exe",
            "con",
        ],
    )
    def test_stored_literally(self, store: ObjectStore, key: str) -> None:
        put_text(store, "data", key, "content")
        assert (store.root / "data" / key).read_text() == "content"
        assert text_of(store, "data", key) == "content"
        assert keys(store, "data") == [key]
        store.delete("data", key)
        assert _files(store) == []

    @pytest.mark.parametrize(
        ("key", "error"),
        [
            ("../outside", InvalidArgument),  # the parent directory
            ("../../etc/passwd", InvalidArgument),
            ("a/../../b", InvalidArgument),
            ("a/..", InvalidArgument),
            ("..", InvalidArgument),
            (".", InvalidArgument),  # the directory itself
            ("./a", InvalidArgument),
            ("a/./b", InvalidArgument),
            ("../", InvalidArgument),
            ("", InvalidArgument),
            ("nul\0byte", InvalidArgument),  # ends a name in C
            ("\ud800", InvalidArgument),  # half a character
            ("a" * 256, KeyTooLong),  # longer than a file's name may be
            ("ü" * 128, KeyTooLong),  # 256 bytes
            ("a/" + "b" * 256 + "/c", KeyTooLong),
            ("/".join(["d" * 100] * 11), KeyTooLong),  # longer than S3 allows
        ],
    )
    def test_what_no_file_can_be_called_is_refused(
        self, store: ObjectStore, key: str, error: type[AwsError]
    ) -> None:
        before = sorted(path.name for path in store.root.parent.iterdir())
        with pytest.raises(error):
            put_text(store, "data", key, "content")
        with pytest.raises(NoSuchKey):
            store.head("data", key)
        assert not exists(store, "data", key)
        store.delete("data", key)
        store.delete_all("data", [key])
        assert _files(store) == []
        assert list(store.incoming().iterdir()) == []
        assert sorted(path.name for path in store.root.parent.iterdir()) == before


class TestSymbolicLinks:
    @pytest.fixture(autouse=True)
    def _planted(self, store: ObjectStore, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "secret").write_text("secret")
        (store.root / "data" / "directory").symlink_to(outside)
        (store.root / "data" / "file").symlink_to(outside / "secret")
        (store.root / "linked-bucket").symlink_to(outside)

    def test_are_not_read(self, store: ObjectStore) -> None:
        for key in ("file", "directory/secret", "directory/"):
            with pytest.raises(NoSuchKey):
                store.get("data", key)
        with pytest.raises(NoSuchBucket):
            store.head("linked-bucket", "secret")

    def test_are_not_listed(self, store: ObjectStore) -> None:
        put_text(store, "data", "real", "x")
        assert keys(store, "data") == ["real"]
        assert keys(store, "data", prefix="directory/") == []
        assert [bucket.name for bucket in store.buckets()] == ["data"]

    def test_are_not_written_through(self, store: ObjectStore, tmp_path: Path) -> None:
        with pytest.raises(KeyCollision):
            put_text(store, "data", "directory/new", "x")
        with pytest.raises(KeyCollision):
            put_text(store, "data", "directory/")
        put_text(store, "data", "file", "mine")
        assert text_of(store, "data", "file") == "mine"
        assert [path.name for path in (tmp_path / "outside").iterdir()] == ["secret"]
        assert (tmp_path / "outside" / "secret").read_text() == "secret"

    def test_nothing_is_deleted_through_them(self, store: ObjectStore, tmp_path: Path) -> None:
        store.delete("data", "directory/secret")
        store.delete_all("data", ["directory/secret", "directory/", "file"])
        store.clear()
        assert (tmp_path / "outside" / "secret").read_text() == "secret"


class TestObjects:
    def test_put_and_get(self, store: ObjectStore) -> None:
        attributes = Attributes(content_type="text/csv", metadata={"Owner": "me"})
        source, etag = store.take_in(io.BytesIO(b"a,b\n"), 100)
        put = store.put("data", "t.csv", source, etag=etag, attributes=attributes)
        found, file = store.get("data", "t.csv")
        with file:
            assert file.read() == b"a,b\n"
        assert found == put == store.head("data", "t.csv")
        assert (found.size, found.etag) == (4, hashlib.md5(b"a,b\n").hexdigest())
        assert found.attributes == attributes
        assert found.modified == (store.root / "data" / "t.csv").stat().st_mtime_ns / 1e9
        assert not source.exists()

    def test_overwriting_replaces_the_attributes(self, store: ObjectStore) -> None:
        source, etag = store.take_in(io.BytesIO(b"1"), 1)
        store.put("data", "k", source, etag=etag, attributes=Attributes(content_type="x/old"))
        put_text(store, "data", "k", "2")
        assert store.head("data", "k").attributes.content_type is None
        assert text_of(store, "data", "k") == "2"

    def test_survive_a_restart(self, tmp_path: Path) -> None:
        attributes = Attributes(
            content_type="text/csv", metadata={"a": "b"}, checksums={"CRC32": "AAAAAA=="}
        )
        with object_store(tmp_path) as store:
            store.create_bucket("data", region="us-east-1", now=1.0)
            source, etag = store.take_in(io.BytesIO(b"x"), 1)
            before = store.put("data", "k", source, etag=etag, attributes=attributes)
            put_text(store, "data", "folder/")
        with object_store(tmp_path) as store:
            store.sweep()
            assert store.head("data", "k") == before
            assert keys(store, "data") == ["folder/", "k"]
            assert store.bucket("data").created == 1.0

    def test_files_that_spark_wrote_are_objects_at_once(self, store: ObjectStore) -> None:
        output = store.root / "data" / "out"
        output.mkdir()
        for name in ("part-0.json", ".part-0.json.crc", "_SUCCESS", "._SUCCESS.crc", ".gone.crc"):
            (output / name).write_text(name)
        assert keys(store, "data") == ["out/_SUCCESS", "out/part-0.json"]
        found = store.head("data", "out/part-0.json")
        assert found.attributes.content_type == "application/json"
        assert "-" in found.etag
        assert store.page("data").objects[1] == found
        assert text_of(store, "data", "out/_SUCCESS") == "_SUCCESS"

    def test_a_file_that_spark_rewrote_sheds_what_was_known(self, store: ObjectStore) -> None:
        put = put_text(store, "data", "k", "old")
        file = store.root / "data" / "k"
        file.write_text("new")
        os.utime(file, ns=(put.identity.mtime_ns + 1, put.identity.mtime_ns + 1))
        found = store.head("data", "k")
        assert found.etag != put.etag
        assert "-" in found.etag
        assert store.page("data").objects == (found,)

    def test_writing_and_deleting_take_hadoops_checksum_away(self, store: ObjectStore) -> None:
        bucket = store.root / "data"
        (bucket / ".k.crc").write_bytes(b"of something else")
        put_text(store, "data", "k", "x")
        assert _files(store) == ["k"]
        (bucket / ".k.crc").write_bytes(b"crc")
        store.delete("data", "k")
        assert _files(store) == []

    def test_a_checksum_file_can_be_stored_and_read_but_is_not_listed(
        self, store: ObjectStore
    ) -> None:
        put_text(store, "data", ".k.crc", "crc")
        assert text_of(store, "data", ".k.crc") == "crc"
        assert keys(store, "data") == []

    def test_deleting_prunes_empty_directories(self, store: ObjectStore) -> None:
        put_text(store, "data", "a/b/c/1", "x")
        put_text(store, "data", "a/2", "x")
        store.delete("data", "a/b/c/1")
        assert _files(store) == ["a", "a/2"]
        store.delete_all("data", ["a/2", "nothing"])
        assert _files(store) == []

    def test_deleting_leaves_directories_that_spark_is_using(self, store: ObjectStore) -> None:
        (store.root / "data" / "out" / "_temporary" / "0").mkdir(parents=True)
        put_text(store, "data", "out/old", "x")
        store.delete("data", "out/old")
        store.delete("data", "out/_temporary/nothing")
        assert _files(store) == ["out", "out/_temporary", "out/_temporary/0"]

    def test_deleting_what_is_not_there_succeeds(self, store: ObjectStore) -> None:
        put_text(store, "data", "a/b", "x")
        for key in ("missing", "a", "a/", "a/b/c", "a/b/"):
            store.delete("data", key)
        assert keys(store, "data") == ["a/b"]

    def test_delete_all_leaves_what_was_put_meanwhile(self, store: ObjectStore) -> None:
        put_text(store, "data", "k", "x")
        store.delete_all("data", ["k", "k"])
        again = put_text(store, "data", "k", "x")
        assert store.head("data", "k") == again

    def test_things_that_are_no_files_are_no_objects(self, store: ObjectStore) -> None:
        os.mkfifo(store.root / "data" / "fifo")
        assert keys(store, "data") == []
        with pytest.raises(NoSuchKey):
            store.get("data", "fifo")

    def test_attributes_alone_can_change(self, store: ObjectStore) -> None:
        def tagged(_old: Attributes) -> Attributes:
            return Attributes(tags={"a": "b"})

        put = put_text(store, "data", "k", "x")
        (store.root / "data" / "spark").write_text("x")
        spark = store.head("data", "spark")
        put_text(store, "data", "folder/")
        for key in ("k", "spark", "folder/"):
            store.set_attributes("data", key, tagged)
            assert store.head("data", key).attributes.tags == {"a": "b"}
        assert store.head("data", "k").etag == put.etag
        assert store.head("data", "spark").etag == spark.etag
        with pytest.raises(NoSuchKey):
            store.set_attributes("data", "missing", tagged)


class TestFolders:
    def test_marked_folders_are_objects(self, store: ObjectStore) -> None:
        put = put_text(store, "data", "a/b/")
        assert (put.size, put.etag) == (0, _EMPTY_MD5)
        assert keys(store, "data") == ["a/b/"]
        assert store.head("data", "a/b/") == put
        assert text_of(store, "data", "a/b/") == ""
        assert not exists(store, "data", "a/b")
        assert not exists(store, "data", "a/")

    def test_hold_no_bytes(self, store: ObjectStore) -> None:
        with pytest.raises(InvalidArgument, match="ends with a slash"):
            put_text(store, "data", "a/", "bytes")
        assert _files(store) == []

    def test_stay_when_the_last_object_in_them_goes(self, store: ObjectStore) -> None:
        put_text(store, "data", "a/b/")
        put_text(store, "data", "a/b/c/d", "x")
        store.delete("data", "a/b/c/d")
        assert keys(store, "data") == ["a/b/"]
        store.delete("data", "a/b/")
        assert _files(store) == []

    def test_unmarking_leaves_the_objects(self, store: ObjectStore) -> None:
        put_text(store, "data", "a/")
        put_text(store, "data", "a/b", "x")
        store.delete_all("data", ["a/"])
        assert keys(store, "data") == ["a/b"]

    def test_go_with_their_directory(self, store: ObjectStore) -> None:
        put_text(store, "data", "a/")
        (store.root / "data" / "a").rmdir()
        assert not exists(store, "data", "a/")
        assert keys(store, "data") == []


class TestCollisions:
    @pytest.mark.parametrize("second", ["k/z", "k/", "k/y/z"])
    def test_nothing_below_an_object(self, store: ObjectStore, second: str) -> None:
        put_text(store, "data", "k", "first")
        with pytest.raises(KeyCollision, match="Delete 'k' first"):
            put_text(store, "data", second)
        assert text_of(store, "data", "k") == "first"
        assert _files(store) == ["k"]

    @pytest.mark.parametrize("first", ["k/z", "k/", "k/y/", "k/y/z"])
    def test_no_object_above_others(self, store: ObjectStore, first: str) -> None:
        put_text(store, "data", first)
        with pytest.raises(KeyCollision, match="there are objects below 'k/'"):
            put_text(store, "data", "k", "second")
        assert keys(store, "data") == [first]
        assert list(store.incoming().iterdir()) == []

    def test_empty_directories_make_way(self, store: ObjectStore) -> None:
        (store.root / "data" / "k" / "empty").mkdir(parents=True)
        (store.root / "data" / "k" / "._SUCCESS.crc").write_bytes(b"orphan")
        put_text(store, "data", "k", "x")
        assert text_of(store, "data", "k") == "x"


class TestConditions:
    def test_are_asked_before_anything_changes(self, store: ObjectStore) -> None:
        def refused(current: StoredObject | None) -> None:
            seen.append(current)
            raise AwsError("no")

        seen: list[StoredObject | None] = []
        put = put_text(store, "data", "k", "x")
        source, etag = store.take_in(io.BytesIO(b"y"), 1)
        for key, expected in (("k", put), ("new", None), ("folder/", None)):
            empty = store.new_file()
            empty.touch()
            body = empty if key.endswith("/") else source
            with pytest.raises(AwsError, match="no"):
                store.put("data", key, body, etag=etag, attributes=Attributes(), check=refused)
            with pytest.raises(AwsError, match="no"):
                store.delete("data", key, check=refused)
            assert seen[-2:] == [expected, expected]
        assert _files(store) == ["k"]

    def test_only_one_of_many_creates(self, store: ObjectStore) -> None:
        def must_be_new(current: StoredObject | None) -> None:
            if current is not None:
                raise AwsError("there is one already")

        def create(number: int) -> bool:
            source, etag = store.take_in(io.BytesIO(b"%d" % number), 10)
            start.wait()
            try:
                store.put(
                    "data", "a/k", source, etag=etag, attributes=Attributes(), check=must_be_new
                )
            except AwsError:
                return False
            return True

        start = threading.Barrier(8)
        with ThreadPoolExecutor(8) as threads:
            created = list(threads.map(create, range(8)))
        assert created.count(True) == 1
        assert text_of(store, "data", "a/k") == str(created.index(True))

    def test_readers_see_one_object_or_the_other(self, store: ObjectStore) -> None:
        def write(text: str) -> None:
            source, etag = store.take_in(io.BytesIO(text.encode()), 10)
            attributes = Attributes(metadata={"text": text})
            store.put("data", "k", source, etag=etag, attributes=attributes)

        def keep_writing() -> None:
            for number in range(60):
                write("ab"[number % 2])
            done.set()

        done = threading.Event()
        write("a")
        with ThreadPoolExecutor(1) as threads:
            writer = threads.submit(keep_writing)
            while not done.is_set():
                found, file = store.get("data", "k")
                with file:
                    assert found.attributes.metadata == {"text": file.read().decode()}
            writer.result()

    def test_putting_and_pruning_in_one_directory(self, store: ObjectStore) -> None:
        def churn(name: str) -> None:
            for _ in range(40):
                put_text(store, "data", f"d/e/{name}", name)
                assert text_of(store, "data", f"d/e/{name}") == name
                store.delete("data", f"d/e/{name}")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(churn, "abcd"))
        assert _files(store) == []


class TestFaults:
    def test_a_full_disk_leaves_nothing_behind(
        self, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        put_text(store, "data", "k", "old")
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(ServiceUnavailable, match="Free some space"):
            put_text(store, "data", "k", "new")
        monkeypatch.undo()
        assert text_of(store, "data", "k") == "old"
        assert list(store.incoming().iterdir()) == []

    def test_a_rename_that_fails_keeps_the_old_object(
        self, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise OSError(errno.EDQUOT, "Disk quota exceeded")

        put = put_text(store, "data", "k", "old")
        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(ServiceUnavailable, match="Free some space"):
            put_text(store, "data", "k", "new")
        monkeypatch.undo()
        assert store.head("data", "k") == put

    def test_a_home_that_was_deleted_is_said_so(self, store: ObjectStore, tmp_path: Path) -> None:
        store.root.rename(tmp_path / "elsewhere")
        for attempt in (
            lambda: store.head("data", "k"),
            lambda: store.page("data"),
            lambda: store.buckets(),
            lambda: put_text(store, "data", "k"),
        ):
            with pytest.raises(ServiceUnavailable, match="was deleted while the service"):
                attempt()

    def test_what_a_killed_service_left_is_swept(self, store: ObjectStore) -> None:
        (store.incoming() / "half").write_bytes(b"x")
        (store.root / ".uploads" / "over").mkdir(parents=True)
        store.sweep()
        assert list(store.incoming().iterdir()) == []
        assert list((store.root / ".uploads").iterdir()) == []
