from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from awsglue._errors import EntityNotFoundError, StorageError, TableError, TransactionsEndedError
from awsglue._jvm import FileSystem
from awsglue.context import GlueContext
from tests.awsglue.catalog_tables import Tables
from tests.awsglue.conftest import BUCKET

HOUR = 3600


def put(folder: Path, *names: str, hours: float = 0.0) -> None:
    """Write files that are so old."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        then = time.time() - hours * HOUR
        os.utime(path, (then, then))


def left(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(
            {}, ["new", "new/k=1", "new/k=1/b", "other", "other/c"], id="a week is kept by default"
        ),
        pytest.param({"retentionPeriod": 0}, ["other", "other/c"], id="0 hours keep nothing"),
        pytest.param(
            {"retentionPeriod": "200"},
            ["_old", "_old/.a", "new", "new/k=1", "new/k=1/b", "other", "other/c"],
            id="files younger than that stay",
        ),
        pytest.param(
            {"retentionPeriod": 0, "partitionPredicate": "k == '2' or k is null"},
            ["new", "new/k=1", "new/k=1/b", "other", "other/c"],
            id="a condition over directories",
        ),
        pytest.param(
            {"retentionPeriod": 0, "partition_predicate": "k == '2' or k is null"},
            ["new", "new/k=1", "new/k=1/b", "other", "other/c"],
            id="the same by its other name",
        ),
    ],
)
def test_old_files_below_a_path_are_deleted(
    glue: GlueContext, folder: Path, uri: str, options: dict[str, Any], expected: list[str]
) -> None:
    put(folder, "in/_old/.a", hours=170)
    put(folder, "in/new/k=1/b", hours=167)
    put(folder, "in2/other/c", hours=1000)
    glue.purge_s3_path(f"{uri}/in/", options)
    found = [one.removeprefix("in/").removeprefix("in2/") for one in left(folder)]
    assert [one for one in found if one not in ("in", "in2")] == expected


def test_what_is_outside_of_a_path_stays(
    glue: GlueContext, folder: Path, uri: str, tmp_path: Path
) -> None:
    put(tmp_path, "precious")
    put(folder, "in/a", "in-too/b", "one", "two")
    (folder / "in/link").symlink_to(tmp_path)
    everything = {"retentionPeriod": 0}
    glue.purge_s3_path(f"{uri}/in", everything)
    glue.purge_s3_path(f"{uri}/one", everything)
    glue.purge_s3_path(f"{uri}/nothing/here/", everything)
    glue.purge_s3_path("s3://no-such-bucket/x/", everything)
    assert left(folder) == ["in", "in-too", "in-too/b", "in/link", "two"]  # S3 has no links
    assert left(tmp_path) == ["precious"]
    for path in (f"{uri}/x/../../..", "s3://", ""):
        with pytest.raises(ValueError):
            glue.purge_s3_path(path, everything)


def test_a_bucket_loses_its_files_and_stays(
    glue: GlueContext, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from awsglue._files import purging

    put(tmp_path, "a/b")
    monkeypatch.setattr(purging, "_is_bucket", lambda path: path == f"file:{tmp_path}")
    glue.purge_s3_path(f"file:{tmp_path}", {"retentionPeriod": 0})
    assert (left(tmp_path), tmp_path.is_dir()) == ([], True)
    monkeypatch.undo()
    assert [purging._is_bucket(one) for one in (f"s3://{BUCKET}", "s3://b/", "s3://b/c")] == [
        True,
        True,
        False,
    ]


def test_what_became_of_files_is_written_down(
    glue: GlueContext, folder: Path, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(folder, "in/a, b", "in/c")
    delete = FileSystem.delete

    def fail(files: FileSystem, path: str) -> None:
        if path.endswith("/c"):
            raise OSError("The disk\nis on fire.")
        delete(files, path)

    monkeypatch.setattr(FileSystem, "delete", fail)
    options = {"retentionPeriod": 0, "manifestFilePath": f"{uri}/told/"}
    with pytest.raises(StorageError, match=r"^1 files could not be deleted.*in/c: The disk is on"):
        glue.purge_s3_path(f"{uri}/in", options, transformation_ctx="purge")
    assert (folder / "told/purge/Success.csv").read_text() == f'"{uri}/in/a, b"\n'
    assert (folder / "told/purge/Failed.csv").read_text() == f"{uri}/in/c,The disk is on fire.\n"


def partitioned(tables: Tables, folder: Path, uri: str) -> None:
    put(folder, "t/k=1/a", "t/k=2/b", "elsewhere/c", hours=10)
    put(folder, "t/k=2/new")
    tables.make("t", f"{uri}/t", {"classification": "json"}, keys="k int")
    tables.add("t", ["1"], f"{uri}/t/k=1")
    tables.add("t", ["2"], f"{uri}/t/k=2")
    tables.add("t", ["3"], f"{uri}/elsewhere")


def test_a_tables_files_are_deleted_and_its_empty_partitions(
    glue: GlueContext, tables: Tables, folder: Path, uri: str
) -> None:
    partitioned(tables, folder, uri)
    some = {"retentionPeriod": 5, "partitionPredicate": "k > 1", "manifestFilePath": f"{uri}/m"}
    glue.purge_table(tables.database, "t", some)
    assert left(folder / "t") == ["k=1", "k=1/a", "k=2", "k=2/new"]
    assert set(tables.partitions("t")) == {("1",), ("2",)}
    told = (folder / "m/Success.csv").read_text().splitlines()
    assert sorted(told) == [f"{uri}/elsewhere/c", f"{uri}/t/k=2/b"]
    glue.purge_table(tables.database, "t", {"retentionPeriod": 0})
    assert (left(folder / "t"), tables.partitions("t")) == ([], {})
    put(folder, "flat/a")
    tables.make("flat", f"{uri}/flat", {"classification": "json"})
    glue.purge_table(tables.database, "flat", {"retentionPeriod": 0})
    assert not (folder / "flat").exists()
    with pytest.raises(TableError, match="there are none"):
        glue.purge_table(tables.database, "flat", {"partitionPredicate": "k = 1"})
    with pytest.raises(EntityNotFoundError):
        glue.purge_table(tables.database, "none")


@pytest.fixture
def classes(catalog: Any, folder: Path) -> Callable[[], dict[str, str]]:
    """Tells the storage classes of the objects in `folder`."""
    client: Any = botocore.session.get_session().create_client("s3")

    def tell() -> dict[str, str]:
        prefix = f"{folder.name}/"
        found = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
        return {one["Key"].removeprefix(prefix): one["StorageClass"] for one in found}

    return tell


def test_storage_classes(
    glue: GlueContext,
    tables: Tables,
    folder: Path,
    uri: str,
    classes: Callable[[], dict[str, str]],
) -> None:
    partitioned(tables, folder, uri)
    role = {"accountId": "123456789012", "roleArn": "arn:aws:iam::123456789012:role/r"}
    glue.transition_s3_path(f"{uri}/elsewhere/", "GLACIER", {"retentionPeriod": 0, **role})
    old = {"retentionPeriod": 5, "partitionPredicate": "k < 3"}
    glue.transition_table(tables.database, "t", "STANDARD_IA", old)
    expected = {
        "elsewhere/c": "GLACIER",
        "t/k=1/a": "STANDARD_IA",
        "t/k=2/b": "STANDARD_IA",
        "t/k=2/new": "STANDARD",
    }
    assert classes() == expected
    with pytest.raises(StorageError, match="in GLACIER: restore it first"):
        glue.transition_s3_path(f"{uri}/elsewhere/", "STANDARD", {"retentionPeriod": 0})
    kept = {"retentionPeriod": 0, "excludeStorageClasses": ["STANDARD_IA", "GLACIER"]}
    glue.transition_s3_path(uri, "ONEZONE_IA", kept)
    assert classes() == {**expected, "t/k=2/new": "ONEZONE_IA"}
    glue.purge_s3_path(uri, kept)
    assert classes() == {name: one for name, one in expected.items() if name != "t/k=2/new"}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda g, p: g.transition_s3_path(p, "COLD"), "'COLD' is no storage class. These are"),
        (lambda g, p: g.transition_s3_path("file:/x", "GLACIER"), "is not on S3"),
        (lambda g, p: g.purge_s3_path(p, {"excludeStorageClasses": ["X"]}), "'X' is no storage"),
        (lambda g, p: g.purge_s3_path(p, {"retentionPeriod": -1}), "not a number of hours"),
        (lambda g, p: g.purge_s3_path(p, {"retentionPeriod": "nan"}), "not a number of hours"),
        (lambda g, p: g.purge_s3_path(p, {"partitionPredicate": "k=1"}), r"'k=1' cannot be"),
    ],
)
def test_what_has_no_meaning_is_refused(
    glue: GlueContext, folder: Path, uri: str, call: Any, says: str
) -> None:
    put(folder, "a", hours=1000)
    with pytest.raises(ValueError, match=says):
        call(glue, uri)
    assert left(folder) == ["a"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"partitionpredicate": "k = 1"}, id="another case"),
        pytest.param({"push_down_predicate": "k = 1"}, id="an option of sources"),
        pytest.param({"excludes": ["**/k=1/**"]}, id="a name that never was"),
        pytest.param({"exclusions": '["**"]'}, id="an option of sources that spares files"),
        pytest.param({"retentionPeriodHours": 400}, id="one that would keep all"),
        pytest.param({None: 1}, id="no name at all"),
        pytest.param(
            {"partitionPredicate": "k = 1", "partition_predicate": "k = 2"}, id="two conditions"
        ),
    ],
)
def test_options_that_are_not_understood_are_refused_before_the_first_delete(
    glue: GlueContext, tables: Tables, folder: Path, uri: str, options: dict[str, Any]
) -> None:
    partitioned(tables, folder, uri)
    before = left(folder)
    options = {"retentionPeriod": 0, **options}
    calls: tuple[Callable[[], None], ...] = (
        lambda: glue.purge_s3_path(uri, options),
        lambda: glue.purge_table(tables.database, "t", options),
        lambda: glue.transition_s3_path(uri, "GLACIER", options),
        lambda: glue.transition_table(tables.database, "t", "GLACIER", options),
    )
    for call in calls:
        with pytest.raises(ValueError, match="partitionPredicate"):
            call()
    assert left(folder) == before
    assert set(tables.partitions("t")) == {("1",), ("2",), ("3",)}


def test_only_transitions_take_an_account(glue: GlueContext, folder: Path, uri: str) -> None:
    put(folder, "a")
    with pytest.raises(ValueError, match=r"no option 'accountId'.*These exist: exclude"):
        glue.purge_s3_path(uri, {"retentionPeriod": 0, "accountId": "123456789012"})
    assert left(folder) == ["a"]


def test_transactions_have_ended(glue: GlueContext) -> None:
    with pytest.raises(TransactionsEndedError, match="governed tables"):
        glue.start_transaction(read_only=False)
    with pytest.raises(TransactionsEndedError):
        glue.commit_transaction("id")
    with pytest.raises(TransactionsEndedError):
        glue.cancel_transaction("id")
