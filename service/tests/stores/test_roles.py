from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glueball.stores.database import Database
from glueball.stores.role_tables import roles_metadata
from glueball.stores.roles import DeleteConflict, NoSuchEntity, Role, RoleExists, RoleStore


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "glueball.db", extra=(roles_metadata,))
    yield database
    database.close()


@pytest.fixture
def store(database: Database) -> RoleStore:
    return RoleStore(database)


def role(name: str, path: str = "/") -> Role:
    return Role(
        name=name,
        role_id="AROAEXAMPLE",
        path=path,
        created=1.5,
        trust_policy="{}",
        description="d",
        boundary_arn="arn:aws:iam::aws:policy/P",
        tags={"b": "1", "a": "2"},
    )


def test_a_role_is_what_was_kept(store: RoleStore, tmp_path: Path) -> None:
    store.create(role("Glue"))
    again = Database(tmp_path / "glueball.db", extra=(roles_metadata,))
    assert RoleStore(again).get("Glue") == role("Glue")
    again.close()


def test_names_that_differ_in_case_are_the_same(store: RoleStore) -> None:
    store.create(role("Glue"))
    with pytest.raises(RoleExists, match="Role with name GLUE already exists"):
        store.create(role("GLUE"))
    assert store.get("glue").name == "Glue"


def test_roles_are_listed_by_name_and_path(store: RoleStore) -> None:
    for name, path in (
        ("b", "/"),
        ("A", "/team/"),
        ("c", "/team/x/"),
        ("d", "/te_m/"),
        ("e", "/TEAM/"),
    ):
        store.create(role(name, path))

    def names(prefix: str, after: str = "", limit: int = 10) -> list[str]:
        found = store.page(path_prefix=prefix, after=after, limit=limit)
        return [one.name for one in found]

    assert names("/") == ["A", "b", "c", "d", "e"]
    assert names("/team/") == ["A", "c"]
    assert names("/te_") == ["d"]
    assert names("/", after="A", limit=2) == ["b", "c"]


def test_a_role_with_policies_cannot_be_deleted(store: RoleStore) -> None:
    store.create(role("r"))
    arn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole"
    store.attach("R", arn)
    store.attach("r", arn)
    store.put_policy("r", "p", "{}")
    assert store.attached("r") == [arn]
    with pytest.raises(DeleteConflict, match="must detach all policies first"):
        store.delete("r")
    store.detach("r", arn)
    with pytest.raises(DeleteConflict, match="must delete policies first"):
        store.delete("r")
    store.delete_policy("r", "p")
    store.delete("r")
    with pytest.raises(NoSuchEntity, match="The role with name r cannot be found"):
        store.get("r")


def test_inline_policies_are_replaced_by_name(store: RoleStore) -> None:
    store.create(role("r"))
    store.put_policy("r", "b", "1")
    store.put_policy("r", "a", "2")
    store.put_policy("r", "b", "3")
    assert store.policy_names("r") == ["a", "b"]
    assert store.policy("r", "b") == "3"


def test_what_is_missing_is_named(store: RoleStore) -> None:
    arn = "arn:aws:iam::aws:policy/P"
    for ask in (
        lambda: store.get("no"),
        lambda: store.delete("no"),
        lambda: store.attach("no", arn),
        lambda: store.attached("no"),
        lambda: store.put_policy("no", "p", "{}"),
        lambda: store.policy_names("no"),
    ):
        with pytest.raises(NoSuchEntity, match="The role with name no cannot be found"):
            ask()
    store.create(role("r"))
    with pytest.raises(NoSuchEntity, match=f"Policy {arn} was not found"):
        store.detach("r", arn)
    missing = "The role policy with name p cannot be found"
    with pytest.raises(NoSuchEntity, match=missing):
        store.policy("r", "p")
    with pytest.raises(NoSuchEntity, match=missing):
        store.delete_policy("r", "p")
