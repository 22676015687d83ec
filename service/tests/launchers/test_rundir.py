from __future__ import annotations

import stat
from pathlib import Path

import pytest

from glueball.launchers.rundir import (
    RunDirectory,
    forget_old_secrets,
    notify,
    read_json,
    remove_tree,
    write_json,
)


def test_a_run_directory_is_private(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path / "runs" / "jr_1")
    directory.create()
    directory.create()  # again: harmless
    write_json(directory.launch, {"secret": "x"})
    modes = [
        stat.S_IMODE(path.stat().st_mode)
        for path in (directory.path, directory.work, directory.tmp, directory.launch)
    ]
    assert modes == [0o700, 0o700, 0o700, 0o600]


@pytest.mark.parametrize(
    "text",
    [None, "", "{", "[1]", '"text"', "\xff"],  # missing, torn, and what is no object
)
def test_what_is_no_object_reads_as_nothing(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "x.json"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    assert read_json(path) is None


def test_a_failed_write_leaves_the_old_value(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert read_json(path) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.json"]


def test_nobody_needs_to_listen(tmp_path: Path) -> None:
    notify(tmp_path / "no such fifo", "jr_1")


def test_a_tree_is_removed_whatever_its_modes(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").touch()
    tree = tmp_path / "work"
    (tree / "deep" / "er").mkdir(parents=True)
    (tree / "deep" / "er" / "file").touch(mode=0o400)
    (tree / "link").symlink_to(outside)
    (tree / "deep").chmod(0o500)
    (tree / "deep" / "er").chmod(0o000)
    remove_tree(tree)
    remove_tree(tree)  # again: harmless
    assert not tree.exists()
    assert (outside / "keep").exists()


def test_launch_files_of_an_older_glueball_lose_their_secrets_once(tmp_path: Path) -> None:
    for name in ("jr_ended", "jr_live"):
        directory = RunDirectory(tmp_path / name)
        directory.create()
        environment = {"AWS_SECRET_ACCESS_KEY": "canary"}
        run = {"run_id": name, "arguments": {"--password": "canary", "--day": "1"}}
        write_json(directory.launch, {"run": run, "supervise": {"env": environment}})
    forget_old_secrets(tmp_path, {"jr_live"})
    ended, live = tmp_path / "jr_ended" / "launch.json", tmp_path / "jr_live" / "launch.json"
    assert "canary" not in ended.read_text() and '"--day": "1"' in ended.read_text()
    assert "canary" in live.read_text(), "its processes may not have read it yet"
    forget_old_secrets(tmp_path, set())
    assert "canary" not in live.read_text()
