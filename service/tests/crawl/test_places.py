from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.crawl.places import Fate, Keys, Place, Places, are_related


@pytest.mark.parametrize(
    ("location", "there"),
    [
        pytest.param("s3://lake/shop/", True, id="a folder with files in it"),
        pytest.param("s3://lake/shop", True, id="the same without its slash"),
        pytest.param("s3://lake/shop/a.csv", True, id="a file"),
        pytest.param("s3://lake/shop/a.csv/", False, id="a file is no folder"),
        pytest.param("s3://lake/shop/a", False, id="what begins so lies not below"),
        pytest.param("s3://lake/sho", False, id="nor does it for a folder"),
        pytest.param("s3://lake/shop//", True, id="a folder without a name"),
        pytest.param("s3://lake/shop///", False, id="which has none in it"),
        pytest.param("s3://lake/zoo/", False, id="behind all keys"),
        pytest.param("s3://lake/", True, id="the bucket"),
        pytest.param("s3://lake", True, id="the bucket without a slash"),
        pytest.param("s3://lake2/shop/", False, id="another bucket"),
        pytest.param("", False, id="nowhere"),
    ],
)
def test_what_lies_at_a_location(location: str, there: bool) -> None:
    assert Keys("lake", ["shop/a.csv", "shop//b", "shop-2/c"]).have(location) is there


def test_an_empty_bucket_has_nothing() -> None:
    assert not Keys("lake", []).have("s3://lake/")


_KEYS = st.text("ab/-", min_size=1, max_size=6)


@given(keys=st.lists(_KEYS, max_size=6), folder=_KEYS)
def test_folders_hold_what_begins_with_them(keys: list[str], folder: str) -> None:
    expected = any(one.startswith(f"{folder}/") for one in keys)
    assert Keys("lake", keys).have(f"s3://lake/{folder}/") is expected


def _places(everything: Iterable[str], used: Iterable[str] = ()) -> Places:
    keys, taken = Keys("lake", everything), Keys("lake", used)
    return Places([Place(base="s3://lake/shop/", everything=keys, used=taken)])


def _known(location: str = "s3://lake/shop/orders/", crawler: str | None = "nightly") -> Any:
    owner = {} if crawler is None else {"UPDATED_BY_CRAWLER": crawler}
    return {"StorageDescriptor": {"Location": location}, "Parameters": owner}


_A = "shop/orders/day=1/a.csv"


@pytest.mark.parametrize(
    ("known", "places", "fate"),
    [
        pytest.param(_known(), _places([]), Fate.GONE, id="S3 has lost it"),
        pytest.param(_known(), _places(["shop/orders-2/a"]), Fate.GONE, id="a neighbour is there"),
        pytest.param(_known(), _places([_A]), Fate.PASSED_OVER, id="files that nothing is made of"),
        pytest.param(_known(), _places([_A], [_A]), Fate.REGROUPED, id="files of other tables"),
        pytest.param(
            _known(f"s3://lake/{_A}"), _places([_A], [_A]), Fate.REGROUPED, id="a table of one file"
        ),
        pytest.param(_known(crawler="weekly"), _places([]), Fate.NONE, id="another crawler's"),
        pytest.param(_known(crawler=None), _places([]), Fate.NONE, id="people's"),
        pytest.param(_known("s3://lake/far/"), _places([]), Fate.NONE, id="not looked at"),
        pytest.param(_known("s3a://lake/shop/"), _places([]), Fate.NONE, id="written otherwise"),
        pytest.param(_known(""), _places([]), Fate.NONE, id="without a location"),
        pytest.param({}, _places([]), Fate.NONE, id="with a name only"),
    ],
)
def test_what_becomes_of_what_was_not_found(known: Any, places: Places, fate: Fate) -> None:
    assert places.fate(known, "nightly") is fate


def test_what_one_of_several_places_has_is_there() -> None:
    outer = Place(base="s3://lake/", everything=Keys("lake", [_A]), used=Keys("lake", []))
    inner = Place(base="s3://lake/shop/", everything=Keys("lake", []), used=Keys("lake", []))
    assert Places([inner, outer]).fate(_known(), "nightly") is Fate.PASSED_OVER


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("s3://b/a", "s3://b/a/", True),
        ("s3://b/a/", "s3://b/a/c/", True),
        ("s3://b/a/c", "s3://b/a", True),
        ("s3://b/a", "s3://b/ab", False),
        ("", "s3://b/a", False),
    ],
)
def test_locations_that_lie_in_one_another(one: str, other: str, related: bool) -> None:
    assert are_related(one, other) is related
