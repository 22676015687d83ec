from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from glueball.crawl.catalog import GlueCatalog
from glueball.crawl.client import Patience
from glueball.crawl.errors import ServiceRefused

_NOT_FOUND = "EntityNotFoundException"
_EXISTS = "AlreadyExistsException"


def _error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "so it is"}}, "Anything")


class _Client:
    """Answers calls by turns, and keeps what was asked."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(**request: Any) -> Any:
            self.asked.append((name, dict(request)))
            answer = self._answers.pop(0) if self._answers else {}
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


def _catalog(*answers: Any) -> tuple[GlueCatalog, _Client]:
    client = _Client(*answers)
    return GlueCatalog(client, Patience(pause=lambda _: None)), client


def test_a_database_that_is_there_is_not_made() -> None:
    catalog, client = _catalog({"Database": {}})
    assert catalog.make_database("lake") is False
    assert client.asked == [("get_database", {"Name": "lake"})]


@pytest.mark.parametrize("answer", [{}, _error(_EXISTS)], ids=["made", "made by somebody else"])
def test_a_database_that_is_missing_is_made(answer: Any) -> None:
    catalog, client = _catalog(_error(_NOT_FOUND), answer)
    assert catalog.make_database("lake") is True
    assert client.asked[1] == ("create_database", {"DatabaseInput": {"Name": "lake"}})


def test_a_database_that_is_missing_has_no_tables() -> None:
    catalog, _ = _catalog(_error(_NOT_FOUND))
    assert catalog.tables("lake") == {}


def test_tables_that_may_not_be_read_are_not_taken_for_none() -> None:
    catalog, _ = _catalog(_error("AccessDeniedException"))
    with pytest.raises(ServiceRefused, match="GetTables was refused"):
        catalog.tables("lake")


def test_tables_are_read_page_by_page() -> None:
    catalog, client = _catalog(
        {"TableList": [{"Name": "a"}], "NextToken": "more"}, {"TableList": [{"Name": "b"}]}
    )
    assert list(catalog.tables("lake")) == ["a", "b"]
    assert [request.get("NextToken") for _, request in client.asked] == [None, "more"]


@pytest.mark.parametrize("columns", [True, False])
def test_partitions_are_read_page_by_page_with_columns_or_without(columns: bool) -> None:
    catalog, client = _catalog(
        {"Partitions": [{"Values": ["1"]}], "NextToken": "more"}, {"Partitions": []}
    )
    assert list(catalog.partitions("lake", "a", columns=columns)) == [{"Values": ["1"]}]
    assert all(request["ExcludeColumnSchema"] is not columns for _, request in client.asked)


def test_a_table_that_is_not_there_is_none() -> None:
    catalog, _ = _catalog({"Table": {"Name": "a"}}, _error(_NOT_FOUND))
    assert catalog.table("lake", "a") == {"Name": "a"}
    assert catalog.table("lake", "a") is None


def test_a_table_is_created_with_an_index_of_its_keys() -> None:
    catalog, client = _catalog()
    document = {"Name": "a", "PartitionKeys": [{"Name": "year"}, {"Name": "month"}]}
    catalog.create_table("lake", document, indexed=True)
    catalog.create_table("lake", document)
    catalog.create_table("lake", {"Name": "b", "PartitionKeys": []}, indexed=True)
    index = {"IndexName": "crawler_partition_index", "Keys": ["year", "month"]}
    assert [request.get("PartitionIndexes") for _, request in client.asked] == [[index], None, None]


def test_a_table_whose_creation_was_not_answered_is_there() -> None:
    lost = EndpointConnectionError(endpoint_url="http://127.0.0.1")
    catalog, client = _catalog(lost, _error(_EXISTS))
    catalog.create_table("lake", {"Name": "a"})
    assert len(client.asked) == 2


@pytest.mark.parametrize("archive", [True, False])
def test_versions_are_kept_or_not(archive: bool) -> None:
    catalog, client = _catalog()
    catalog.update_table("lake", {"Name": "a"}, archive=archive)
    assert client.asked[0][1]["SkipArchive"] is not archive


@pytest.mark.parametrize(
    ("write", "member", "sizes"),
    [
        (lambda catalog, some: catalog.create_partitions("d", "t", some), "PartitionInputList",
         [100, 100, 50]),
        (lambda catalog, some: catalog.update_partitions("d", "t", some), "Entries",
         [100, 100, 50]),
        (lambda catalog, some: catalog.delete_partitions("d", "t", [one["Values"] for one in some]),
         "PartitionsToDelete", [25] * 10),
        (lambda catalog, some: catalog.delete_tables("d", [one["Values"][0] for one in some]),
         "TablesToDelete", [100, 100, 50]),
    ],
)  # fmt: skip
def test_requests_are_as_long_as_they_may_be(
    write: Callable[[GlueCatalog, Any], None], member: str, sizes: list[int]
) -> None:
    catalog, client = _catalog()
    write(catalog, [{"Values": [str(number)]} for number in range(250)])
    assert [len(request[member]) for _, request in client.asked] == sizes


@pytest.mark.parametrize(
    ("write", "passed"),
    [
        (lambda catalog: catalog.create_partitions("d", "t", [{"Values": ["1"]}]), _EXISTS),
        (lambda catalog: catalog.update_partitions("d", "t", [{"Values": ["1"]}]), _NOT_FOUND),
        (lambda catalog: catalog.delete_partitions("d", "t", [["1"]]), _NOT_FOUND),
        (lambda catalog: catalog.delete_tables("d", ["t"]), _NOT_FOUND),
    ],
)
def test_of_many_errors_only_those_of_a_repetition_are_passed_over(
    write: Callable[[GlueCatalog], None], passed: str
) -> None:
    def errors(code: str) -> dict[str, Any]:
        return {"Errors": [{"ErrorDetail": {"ErrorCode": code, "ErrorMessage": "so it is"}}]}

    catalog, _ = _catalog(errors(passed), errors("InvalidInputException"))
    write(catalog)
    with pytest.raises(ServiceRefused, match=r"so it is \(InvalidInputException\)"):
        write(catalog)


def test_other_errors_end_the_crawl() -> None:
    catalog, _ = _catalog(_error("AccessDeniedException"))
    with pytest.raises(ServiceRefused, match="GetTables was refused: so it is"):
        catalog.tables("lake")
