from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from glueball.stores import principals
from glueball.stores.database import Database
from glueball.stores.principals import (
    KINDS,
    ROLE,
    USER,
    DeleteConflict,
    EntityExists,
    Kind,
    NoSuchEntity,
    Principal,
)
from glueball.stores.role_tables import roles_metadata

ARN = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "glueball.db", extra=(roles_metadata,))
    yield database
    database.close()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.noun)
def kind(request: pytest.FixtureRequest) -> Kind:
    kind: Kind = request.param
    return kind


class Store:
    """The functions of the store, each in a transaction of its own."""

    def __init__(self, database: Database, kind: Kind) -> None:
        self._database = database
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **more: Any) -> Any:
            with self._database.write() as connection:
                return getattr(principals, name)(connection, self._kind, *arguments, **more)

        return call


@pytest.fixture
def store(database: Database, kind: Kind) -> Store:
    return Store(database, kind)


def principal(name: str, path: str = "/") -> Principal:
    return Principal(
        name=name,
        id="IDEXAMPLE",
        path=path,
        created=1.5,
        boundary_arn="arn:aws:iam::aws:policy/P",
        tags={"b": "1", "a": "2"},
    )


def test_a_principal_is_what_was_kept(store: Store, kind: Kind, tmp_path: Path) -> None:
    store.insert(principal("Glue"))
    again = Database(tmp_path / "glueball.db", extra=(roles_metadata,))
    with again.read() as connection:
        assert principals.get(connection, kind, "Glue") == principal("Glue")
    again.close()


def test_a_role_has_a_trust_policy_and_a_description(database: Database) -> None:
    role = replace(
        principal("Glue"), trust_policy='{"a": 1}', description="d", max_session_seconds=7200
    )
    store = Store(database, ROLE)
    store.insert(role)
    assert store.get("Glue") == role


def test_names_that_differ_in_case_are_the_same(store: Store, kind: Kind) -> None:
    store.insert(principal("Glue"))
    sentence = f"{kind.noun.capitalize()} with name GLUE already exists"
    with pytest.raises(EntityExists, match=sentence):
        store.insert(principal("GLUE"))
    assert store.get("glue").name == "Glue"


def test_they_are_listed_by_name_and_path(store: Store) -> None:
    for name, path in (
        ("b", "/"),
        ("A", "/team/"),
        ("c", "/team/x/"),
        ("d", "/te_m/"),
        ("e", "/TEAM/"),
    ):
        store.insert(principal(name, path))

    def names(prefix: str, after: str = "", limit: int = 10) -> list[str]:
        page = store.page(path_prefix=prefix, after=after, limit=limit)
        return [each.name for each in page]

    assert names("/") == ["A", "b", "c", "d", "e"]
    assert names("/team/") == ["A", "c"]
    assert names("/te_") == ["d"]
    assert names("/", after="A", limit=2) == ["b", "c"]


def test_one_with_policies_cannot_be_deleted(store: Store, kind: Kind) -> None:
    store.insert(principal("r"))
    store.attach("R", ARN)
    store.attach("r", ARN)
    store.put_policy("r", "p", "{}")
    assert store.attached("r") == [ARN]
    with pytest.raises(DeleteConflict, match="must detach all policies first"):
        store.delete("r")
    store.detach("r", ARN)
    with pytest.raises(DeleteConflict, match="must delete policies first"):
        store.delete("r")
    store.delete_policy("r", "p")
    store.delete("r")
    with pytest.raises(NoSuchEntity, match=f"The {kind.noun} with name r cannot be found"):
        store.get("r")


def test_inline_policies_are_replaced_by_name(store: Store) -> None:
    store.insert(principal("r"))
    store.put_policy("r", "b", "1")
    store.put_policy("r", "a", "2")
    store.put_policy("r", "b", "3")
    assert store.policy_names("r") == ["a", "b"]
    assert store.policy_document("r", "b") == "3"


def test_policies_follow_a_user_to_another_name(database: Database) -> None:
    store = Store(database, USER)
    store.insert(principal("ana"))
    store.insert(principal("bob"))
    store.attach("ana", ARN)
    store.put_policy("ana", "p", "{}")
    with pytest.raises(EntityExists, match="User with name BOB already exists"):
        store.replace("ana", principal("BOB"))
    store.replace("ana", principal("Eva"))
    assert (store.attached("eva"), store.policy_names("eva")) == ([ARN], ["p"])
    with pytest.raises(NoSuchEntity):
        store.get("ana")
    store.replace("eva", principal("EVA"))  # only its case
    assert store.get("eva").name == "EVA"


def test_what_is_missing_is_named(store: Store, kind: Kind) -> None:
    requests: tuple[Callable[[], Any], ...] = (
        lambda: store.get("no"),
        lambda: store.delete("no"),
        lambda: store.attach("no", ARN),
        lambda: store.attached("no"),
        lambda: store.put_policy("no", "p", "{}"),
        lambda: store.policy_names("no"),
    )
    for ask in requests:
        with pytest.raises(NoSuchEntity, match=f"The {kind.noun} with name no cannot be found"):
            ask()
    store.insert(principal("r"))
    with pytest.raises(NoSuchEntity, match=f"Policy {ARN} was not found"):
        store.detach("r", ARN)
    missing = f"The {kind.noun} policy with name p cannot be found"
    with pytest.raises(NoSuchEntity, match=missing):
        store.policy_document("r", "p")
    with pytest.raises(NoSuchEntity, match=missing):
        store.delete_policy("r", "p")
