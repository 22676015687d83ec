"""Small requests that are made to be slow, while a second client measures its own answers."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore import xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.model import ListShape, MapShape, Shape, StructureShape

from glueball.api.context import Context
from glueball.credentials import load
from glueball.server import _MODULES, operations
from glueball.wire.models import service_model
from support import stopwatch
from support.service_process import ServiceProcess
from wire.shape_values import Unmatched, valid

#: seconds that an answer to another client may take, beside what a busy machine adds
LONGEST = 0.25
SERVICES = ("glue", "logs", "events", "iam", "sts", "cloudtrail")
#: texts that some matcher, parser or decoder somewhere needs long for
HOSTILE = (
    "(.|(.|(.|.+Z)+Z)+Z)+Z",
    "(a*)*b",
    " " * 60 + "\x01",
    "*a" * 100 + "b",
    "%a" * 100 + "b",
    '{ $.m = "*a*a*a*a*a*a*ab" }',
    "%" + "a*" * 400 + "b%",
    "((((((((((.{9}){9}){9}){9}){9}",
    " OR ".join(f"p LIKE '{'%a' * 20}b{number}'" for number in range(35)),
    "NOT " * 400 + "p = 'a'",
    "a-" * 1_000,
    "arn:aws:" + "a:" * 500,
    "cron(" + "0-59/1," * 200 + "* * * ? *)",
    json.dumps({"a": [{"wildcard": f"*a{number}*a*b"} for number in range(100)]}),
)
#: the client makes a host's name of it
_CLIENTS_OWN = "EndpointId"
TABLES = 400
PARTITIONS = 1_000
_ATTEMPTS = 3


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service with something to search: names, values and lines that almost match."""
    running = ServiceProcess(tmp_path_factory.mktemp("hostile") / "home").start()
    try:
        _fill(running)
        yield running
    finally:
        running.close()


def _fill(service: ServiceProcess) -> None:
    glue, logs = service.client("glue"), service.client("logs")
    glue.create_database(DatabaseInput={"Name": "d"})
    for number in range(TABLES):
        glue.create_table(DatabaseName="d", TableInput={"Name": f"{'a' * 250}{number}"})
    keys = [{"Name": "p", "Type": "string"}]
    glue.create_table(DatabaseName="d", TableInput={"Name": "t", "PartitionKeys": keys})
    inputs = [{"Values": ["a" * 900 + str(number)]} for number in range(PARTITIONS)]
    for start in range(0, PARTITIONS, 100):
        glue.batch_create_partition(
            DatabaseName="d", TableName="t", PartitionInputList=inputs[start : start + 100]
        )
    logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    now = int(time.time() * 1000)
    lines = [json.dumps({"m": "a" * length}) for length in (80, 80, 1_000, 100_000)]
    events = [{"timestamp": now, "message": line} for line in lines]
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)


def signed(service: ServiceProcess, name: str, operation: str, body: bytes) -> dict[str, str]:
    """Return the headers of a request in a JSON protocol."""
    metadata = service_model(name).metadata
    headers = {
        "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}",
        "X-Amz-Target": f"{metadata['targetPrefix']}.{operation}",
    }
    request = AWSRequest(method="POST", url=service.endpoint_url, data=body, headers=headers)
    credentials = load(service.home)
    keys = Credentials(credentials.access_key, credentials.secret_key)
    SigV4Auth(keys, metadata.get("signingName", name), "us-east-1").add_auth(request)
    names: Any = request.headers
    return dict(names.items())


def assert_others_are_answered(service: ServiceProcess, attack: Callable[[], None]) -> None:
    """Attack until others were answered in time, three times at most.

    A request that keeps others waiting does so each time; a busy machine does not.
    """
    attempts = []
    for _ in range(_ATTEMPTS):
        times = _times_of_others(service, attack)
        if times.longest < LONGEST + times.longest_of_nothing:
            return
        attempts.append(times)
    raise AssertionError(attempts)


def _times_of_others(service: ServiceProcess, attack: Callable[[], None]) -> stopwatch.Times:
    body = b'{"Name":"d"}'
    headers = signed(service, "glue", "GetDatabase", body)
    with stopwatch.running(service.endpoint_url, headers, body) as watch:
        attack()
    return watch.times


def _event_of_many_texts() -> str:
    texts = [f"a{number % 97}" for number in range(40_000)]
    event = {
        "id": "1",
        "account": "123456789012",
        "source": "s",
        "time": "2024-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail-type": "t",
        "detail": {"k": texts},
    }
    return json.dumps(event, separators=(",", ":"))[: 4 * 1024 * 1024]


@pytest.mark.parametrize(
    ("name", "operation", "members"),
    [
        pytest.param(
            "logs",
            "FilterLogEvents",
            {"logGroupName": "g", "filterPattern": '{ $.m = "*a*a*a*a*a*a*ab" }'},
            id="asterisks in a log filter",
        ),
        pytest.param(
            "logs",
            "FilterLogEvents",
            {"logGroupName": "g", "filterPattern": "%" + "a*" * 400 + "b%"},
            id="an expression in a log filter",
        ),
        pytest.param(
            "glue",
            "GetTables",
            {"DatabaseName": "d", "Expression": "(.|(.|(.|.+Z)+Z)+Z)+Z"},
            id="nested repetitions in a pattern of tables",
        ),
        pytest.param(
            "glue",
            "GetTables",
            {"DatabaseName": "d", "Expression": "(a|b|ab)*" * 40 + "c"},
            id="a large pattern of tables",
        ),
        pytest.param(
            "events",
            "PutTargets",
            {
                "Rule": "r",
                "Targets": [
                    {
                        "Id": "1",
                        "Arn": "arn:aws:glue:us-east-1:123456789012:workflow/w",
                        "HttpParameters": {"HeaderParameters": {"a": " " * 60 + "\x01"}},
                    }
                ],
            },
            id="spaces before a control character",
        ),
        pytest.param(
            "glue",
            "GetPartitions",
            {
                "DatabaseName": "d",
                "TableName": "t",
                "Expression": " OR ".join(f"p LIKE '{'%a' * 20}b{n}'" for n in range(35)),
            },
            id="many LIKEs",
        ),
        pytest.param(
            "events",
            "TestEventPattern",
            {
                "EventPattern": json.dumps(
                    {"detail": {"k": [{"wildcard": f"*{n}*b"} for n in range(170)]}},
                    separators=(",", ":"),
                )[:4096],
                "Event": _event_of_many_texts(),
            },
            id="many wildcards over many texts",
        ),
        pytest.param("glue", "BatchGetJobs", {"JobNames": ["a"] * 1_000_000}, id="many names"),
        pytest.param(
            "glue",
            "CreateDatabase",
            {"DatabaseInput": {"Name": "e", "Parameters": {str(n): "" for n in range(300_000)}}},
            id="many parameters",
        ),
        pytest.param(
            "glue", "GetJob", {"JobName": "a", "Unknown": "x" * 7_000_000}, id="an unknown member"
        ),
    ],
)
def test_others_are_answered_during_a_request_made_to_be_slow(
    service: ServiceProcess, name: str, operation: str, members: dict[str, Any]
) -> None:
    body = json.dumps(members).encode()
    headers = signed(service, name, operation, body)

    def attack() -> None:
        def once(_number: int) -> int:
            connection = http.client.HTTPConnection(
                urlsplit(service.endpoint_url).netloc, timeout=120
            )
            connection.request("POST", "/", body, headers)
            status = connection.getresponse().status
            connection.close()
            return status

        with ThreadPoolExecutor(3) as clients:
            assert max(clients.map(once, range(3))) < 500

    assert_others_are_answered(service, attack)


@pytest.mark.parametrize("name", SERVICES)
def test_others_are_answered_whatever_hostile_texts_an_operation_gets(
    service: ServiceProcess, name: str
) -> None:
    """Every operation gets every hostile text, in every member that a text may be in."""
    config = Config(parameter_validation=False, read_timeout=120, retries={"total_max_attempts": 1})
    client = service.client(name, config=config)
    calls = list(_hostile_calls(name, _offered(name)))
    assert calls

    def send(call: tuple[str, dict[str, Any]]) -> None:
        operation, members = call
        try:
            getattr(client, _python_name(operation))(**members)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            assert status < 500, (operation, members, error)

    def attack() -> None:
        with ThreadPoolExecutor(3) as clients:
            list(clients.map(send, calls))

    assert_others_are_answered(service, attack)


def _offered(name: str) -> list[str]:
    """Return the names of the operations of a service that Glueball has."""
    return sorted(operations(name, _MODULES[name], Context))


def _hostile_calls(name: str, offered: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operation in offered:
        shape = service_model(name).operation_model(operation).input_shape
        if shape is None:
            continue
        for number, text in enumerate(HOSTILE):
            try:
                members = valid(shape, Random(number))
            except Unmatched:
                members = {}
            members.pop(_CLIENTS_OWN, None)
            yield operation, {**members, **_existing(shape)}
            yield operation, _filled(shape, text, 0)


def _existing(shape: StructureShape) -> dict[str, Any]:
    """Name what there is, so that an operation comes as far as its patterns."""
    names = {"DatabaseName": "d", "TableName": "t", "logGroupName": "g", "logStreamName": "s"}
    return {member: value for member, value in names.items() if member in shape.members}


def _filled(shape: Shape, text: str, depth: int) -> Any:
    """Return a value with a text wherever one may be, cut to its length; names name what is."""
    if isinstance(shape, StructureShape):
        members = {
            name: _filled(member, text, depth + 1)
            for name, member in shape.members.items()
            if depth < 5 and name != _CLIENTS_OWN
        }
        return {**members, **(_existing(shape) if depth == 0 else {})}
    if isinstance(shape, ListShape):
        return [] if depth > 5 else [_filled(shape.member, text, depth + 1)]
    if isinstance(shape, MapShape):
        key = _filled(shape.key, text, depth + 1)
        return {} if depth > 5 else {key: _filled(shape.value, text, depth + 1)}
    if shape.type_name == "string":
        values = shape.metadata.get("enum")
        return values[0] if values else text[: shape.metadata.get("max", 100_000)]
    plain = {"boolean": False, "blob": b"x", "timestamp": 1_700_000_000}
    return plain.get(shape.type_name, max(1, shape.metadata.get("min", 1)))


def _python_name(operation: str) -> str:
    return str(xform_name(operation))
