from __future__ import annotations

import math
import re
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import glueball
from glueball.core.errors import ConfigurationError
from glueball.core.pricing import PriceBook, list_prices
from glueball.settings import FILE_NAME, Settings, default_home, load

_DOCS = Path(glueball.__file__).parents[3] / "docs" / "configuration.md"


def test_options_win_over_variables_and_these_over_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('port = 1\nregion = "eu-west-1"\npool_dpus = 20\n')
    settings = load(tmp_path, {"GLUEBALL_PORT": "2", "GLUEBALL_POOL_DPUS": "30"}, {"port": 3})
    assert (settings.port, settings.pool_dpus, settings.region) == (3, 30.0, "eu-west-1")


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"port": "many"}, "setting port cannot be"),
        ({"port": 70000}, "from 0 to 65535"),
        ({"port": math.inf}, "setting port cannot be"),
        ({"port": []}, "setting port cannot be"),
        ({"grace_seconds": "nan"}, "from 0 to 3600"),
        ({"grace_seconds": -1}, "from 0 to 3600"),
        ({"pool_dpus": 0}, "greater than 0"),
        ({"pool_dpus": "inf"}, "greater than 0"),
        ({"pool_dpus": "nan"}, "greater than 0"),
        ({"memory_gb": -1}, "0 or more"),
        ({"memory_gb": "inf"}, "0 or more"),
        ({"throttle_requests_per_second": -1}, "0 or more"),
        ({"throttle_requests_per_second": "inf"}, "0 or more"),
        ({"flex_reserve": 1.5}, "from 0 to 1"),
        ({"flex_reserve": "a lot"}, "from 0 to 1"),
        ({"flex_reserve": "nan"}, "from 0 to 1"),
        ({"flex_max_wait_minutes": -1}, "0 or greater"),
        ({"flex_max_wait_minutes": "nan"}, "0 or greater"),
        ({"access_keys": "AKIAEXAMPLE"}, "ID:SECRET"),
        ({"access_keys": "a:b,c/d:e"}, "ID:SECRET"),  # a slash ends the id in a scope
        ({"testing": "perhaps"}, "use true or false"),
        ({"host": "0.0.0.0"}, "--allow-remote"),  # every address of the machine
        ({"host": "192.168.1.5"}, "--allow-remote"),
        ({"host": "127.0.0.1.evil.example"}, "--allow-remote"),  # a name that only begins well
        ({"host": "::"}, "--allow-remote"),
    ],
)
def test_values_that_cannot_be_used(tmp_path: Path, values: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        load(tmp_path, {}, values)


@pytest.mark.parametrize(
    ("value", "share"), [(None, None), ("forecast", None), (0.25, 0.25), ("0", 0.0)]
)
def test_the_reserve_is_foreseen_or_a_share(
    tmp_path: Path, value: Any, share: float | None
) -> None:
    assert load(tmp_path, {}, {"flex_reserve": value}).fixed_flex_reserve == share


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_this_machine_needs_no_permission(tmp_path: Path, host: str) -> None:
    assert load(tmp_path, {}, {"host": host}).host == host


def test_beyond_this_machine_with_permission(tmp_path: Path) -> None:
    assert load(tmp_path, {}, {"host": "0.0.0.0", "allow_remote": True}).host == "0.0.0.0"


@pytest.mark.parametrize("text", ["port =", "unknown = 1", "\xff"])
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError, match=re.escape(FILE_NAME)):
        load(tmp_path, {}, {})


def test_a_file_that_is_none_says_where(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(ConfigurationError, match=re.escape(FILE_NAME)):
        load(tmp_path, {}, {})


def test_the_home_directory(tmp_path: Path) -> None:
    assert default_home({"GLUEBALL_HOME": str(tmp_path)}) == tmp_path
    assert default_home({}).name == ".glueball"
    assert load(tmp_path, {}, {}).runtimes_directory == tmp_path / "runtimes"
    assert load(tmp_path, {}, {"runtimes": "/r"}).runtimes_directory == Path("/r")


def test_own_prices_take_the_place_of_the_regions(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(
        'region = "sa-east-1"\n[prices]\nflex = 0.1\nminimum_seconds = 1\n'
    )
    book = load(tmp_path, {"GLUEBALL_PRICES_CRAWLER": "0"}, {}).price_book
    assert (book.standard, book.flex) == (Decimal("0.69"), Decimal("0.1"))
    assert (book.minimum_seconds, book.crawler) == (Decimal(1), Decimal(0))
    assert load(tmp_path, {"GLUEBALL_PRICES_FLEX": "0.2"}, {}).price_book.flex == Decimal("0.2")


def test_without_own_prices_they_are_aws_s(tmp_path: Path) -> None:
    assert load(tmp_path, {}, {"region": "eu-south-1"}).price_book == list_prices("eu-south-1")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[prices]\nflexx = 1", "unknown key 'prices.flexx'; known are: crawler"),
        ("[prices]\nflex = -0.1", "price flex must be a number from 0 on; it is -0.1"),
        ("[prices]\nflex = nan", "price flex must be a number"),
        ("[prices]\nflex = inf", "price flex must be a number"),
        ('[prices]\nflex = "cheap"', "price flex must be a number from 0 on; it is 'cheap'"),
        ("[prices]\nflex = true", "price flex must be a number"),
        ("[prices]\nflex = []", "price flex must be a number"),
        ("prices = 0.2", r"prices is a table. Write \[prices\]"),
    ],
)
def test_prices_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(ConfigurationError, match=says):
        load(tmp_path, {}, {})


def test_every_price_is_documented_with_its_default() -> None:
    table = _DOCS.read_text().partition("\n## Prices")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", table, re.MULTILINE))
    assert rows == {field.name: str(field.default) for field in fields(PriceBook)}
    regions = re.findall(r"`(\w+-\w+-\d)` (0\.\d+)", _DOCS.read_text())
    assert len(regions) == 4
    for region, standard in regions:
        assert list_prices(region).standard == Decimal(standard)


def test_every_key_is_documented_with_its_default() -> None:
    table = _DOCS.read_text().partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", table, re.MULTILINE))
    known = {field.name: field.default for field in fields(Settings) if field.name != "home"}
    assert rows.keys() == known.keys()
    for name, default in known.items():
        if name not in ("runtimes", "prices") and default != "":
            shown = f"{default:g}" if isinstance(default, float) else str(default)
            assert shown.lower() in rows[name], name


def test_further_keys(tmp_path: Path) -> None:
    settings = load(tmp_path, {"GLUEBALL_ACCESS_KEYS": "AKIAONE:s1/+, AKIATWO:s2"}, {})
    assert settings.further_keys == {"AKIAONE": "s1/+", "AKIATWO": "s2"}
    assert "s1" not in repr(settings)


def test_the_key_of_tests_is_taken_by_a_service_for_tests_only(tmp_path: Path) -> None:
    assert load(tmp_path, {}, {}).further_keys == {}
    assert load(tmp_path, {}, {"testing": True}).further_keys == {"test": "test"}


def test_the_key_of_tests_is_not_taken_where_other_machines_reach_the_service(
    tmp_path: Path,
) -> None:
    remote = {"testing": True, "host": "0.0.0.0", "allow_remote": True}
    assert load(tmp_path, {}, remote).further_keys == {}
    named = load(tmp_path, {}, remote | {"access_keys": "test:test"})
    assert named.further_keys == {"test": "test"}
