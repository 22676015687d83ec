from __future__ import annotations

from pathlib import Path

import pytest

from glueball_runtime.launch_error import LaunchError
from glueball_runtime.objects import buckets, locate
from tests.glueball_runtime.runs import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.put("s3://data/a/b.py", "x")
    (tmp_path / "secret").write_text("secret")
    (home.objects / "data" / "link").symlink_to(tmp_path / "secret")
    (home.objects / "data" / "folder").symlink_to(tmp_path)
    (home.objects / ".incoming").mkdir()
    return home


@pytest.mark.parametrize("location", ["s3://data/a/b.py", "s3a://data/a/b.py", "s3n://data/a/b.py"])
def test_an_object_is_a_file(home: Home, location: str) -> None:
    assert locate(home.objects, location, "It").read_text() == "x"


@pytest.mark.parametrize("location", ["s3://data//x.py", "s3://data/a//x.py"])
def test_an_empty_part_of_a_key_is_a_directory_of_its_own(home: Home, location: str) -> None:
    home.put("s3://data/%2F/x.py", location)
    home.put("s3://data/a/%2F/x.py", location)
    home.put("s3://data/x.py", "another key")
    assert locate(home.objects, location, "It").read_text() == location


@pytest.mark.parametrize(
    ("location", "complaint"),
    [
        ("file:///etc/shadow", "not an S3 location"),
        ("/etc/shadow", "not an S3 location"),
        ("http://169.254.169.254/latest/meta-data", "not an S3 location"),
        ("gopher://x/y", "not an S3 location"),
        ("s3://../secret", "not an S3 location"),
        ("s3://.incoming/x", "not an S3 location"),
        ("s3://data", "not an S3 location"),
        ("s3://data/", "not an S3 location"),
        ("", "not an S3 location"),
        ("s3://data/a\0b", "not an S3 location"),
        ("s3://data/../../secret", "does not exist"),
        ("s3://data/a/../a/b.py", "does not exist"),  # S3 knows no parents: another key
        ("s3://data//etc/shadow", "does not exist"),
        ("s3://data/link", "does not exist"),
        ("s3://data/folder/secret", "does not exist"),
        ("s3://data/a", "does not exist"),  # a folder is no object
        ("s3://data/missing.py", "does not exist"),
        ("s3://nobucket/x.py", "does not exist"),
    ],
)
def test_nothing_else_is_read(home: Home, location: str, complaint: str) -> None:
    with pytest.raises(LaunchError, match=complaint):
        locate(home.objects, location, "The script")


def test_buckets_are_the_visible_folders(home: Home, tmp_path: Path) -> None:
    (home.objects / "elsewhere").symlink_to(tmp_path)
    (home.objects / "stray file").touch()
    assert buckets(home.objects) == ["data"]
    assert buckets(tmp_path / "missing") == []
