"""`aws s3` against the whole service."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.service_process import ServiceProcess


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    process = ServiceProcess(tmp_path / "home")
    try:
        yield process.start()
    finally:
        process.close()


def test_a_life_of_a_bucket(service: ServiceProcess, tmp_path: Path) -> None:
    local = tmp_path / "local"
    (local / "sub").mkdir(parents=True)
    (local / "small.csv").write_text("a,b\n")
    (local / "sub" / "wéird näme+%.txt").write_text("x")
    (tmp_path / "big").write_bytes(os.urandom(20 * 1024 * 1024))

    done = service.shell(f"""
        cd {tmp_path}
        aws s3 mb s3://cli
        aws s3 cp local/small.csv s3://cli/in/small.csv --metadata owner=me
        aws s3 cp s3://cli/in/small.csv back.csv
        aws s3 cp big s3://cli/big
        aws s3 cp s3://cli/big big.back
        aws s3 sync local s3://cli/tree
        aws s3 sync local s3://cli/tree
        echo --
        aws s3 ls s3://cli
        echo --
        aws s3 ls s3://cli --recursive
        echo --
        aws s3 sync s3://cli/tree tree.back
        aws s3 rm s3://cli/tree --recursive
        aws s3 rb s3://cli --force
        aws s3 ls
    """)
    assert done.returncode == 0, done.stderr
    first, here, everything, last = done.stdout.split("--\n")
    assert first.count("upload: ") == 4  # the second sync found nothing to do
    assert [line.split()[-1] for line in here.splitlines()] == ["in/", "tree/", "big"]
    assert [line.split(maxsplit=3)[-1] for line in everything.splitlines()] == [
        "big",
        "in/small.csv",
        "tree/small.csv",
        "tree/sub/wéird näme+%.txt",
    ]
    assert last.endswith("remove_bucket: cli\n")
    assert (tmp_path / "back.csv").read_text() == "a,b\n"
    assert (tmp_path / "big.back").read_bytes() == (tmp_path / "big").read_bytes()
    assert (tmp_path / "tree.back" / "sub" / "wéird näme+%.txt").read_text() == "x"
    assert not (service.home / "objects" / "cli").exists()
    assert list((service.home / "objects" / ".incoming").iterdir()) == []


def test_keys_with_empty_parts(service: ServiceProcess) -> None:
    done = service.shell("""
        aws s3 mb s3://cli
        for key in /a b//c b/c; do echo "$key" | aws s3 cp - "s3://cli/$key"; done
        aws s3 ls s3://cli --recursive
        aws s3 cp s3://cli//a -
        aws s3 cp s3://cli/b//c -
        aws s3 rm s3://cli/b//c
        aws s3 ls s3://cli/b/
        aws s3 rb s3://cli --force
    """)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[-1] for line in lines[1:4]] == ["/a", "b//c", "b/c"]
    assert lines[4:6] == ["/a", "b//c"]
    assert [line.split()[-1] for line in lines[6:8]] == ["s3://cli/b//c", "c"]
    assert not (service.home / "objects" / "cli").exists()
