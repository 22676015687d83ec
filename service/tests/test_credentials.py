from __future__ import annotations

import stat
from pathlib import Path

import pytest

from glueball.core.errors import ConfigurationError
from glueball.credentials import FILE_NAME, load, load_or_create


def test_keys_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    made = load_or_create(tmp_path)
    assert load_or_create(tmp_path) == made == load(tmp_path)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert len(made.access_key) == 20 and made.access_key.startswith("AKIA")
    assert len(made.secret_key) == 40


def test_two_homes_have_different_keys(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert load_or_create(tmp_path / "a") != load_or_create(tmp_path / "b")


def test_the_secret_is_in_no_repr(tmp_path: Path) -> None:
    made = load_or_create(tmp_path)
    assert made.secret_key not in repr(made)


@pytest.mark.parametrize("text", ["", "[default]\n", "garbage", "\xff\xfe"])
def test_a_damaged_file_is_named_with_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError, match="Delete it"):
        load(tmp_path)


def test_a_home_without_a_service_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="glueball up"):
        load(tmp_path)
