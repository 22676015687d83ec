from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import botocore.exceptions as boto
import pytest

from crawl.specifications import specification
from crawl.stub_server import stub_server
from glueball.crawl.client import Patience, code_of, make_client, message_of
from glueball.crawl.errors import ServiceUnreachable


class Time:
    """A clock that goes on while somebody pauses."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def patience(time: Time) -> Patience:
    return Patience(restart_seconds=60.0, pause=time.pause, clock=lambda: time.now)


def refusal(status: int, code: str = "Oops", message: str = "it was so") -> boto.ClientError:
    return boto.ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "",
                "HostId": "",
                "HTTPHeaders": {},
                "RetryAttempts": 0,
            },
        },
        "GetTable",
    )


PASSING = [
    pytest.param(boto.EndpointConnectionError(endpoint_url="u"), id="nobody listens"),
    pytest.param(boto.ConnectTimeoutError(endpoint_url="u"), id="nobody takes the call"),
    pytest.param(boto.ConnectionClosedError(endpoint_url="u"), id="the call was cut off"),
    pytest.param(boto.ReadTimeoutError(endpoint_url="u"), id="no answer"),
    pytest.param(boto.ResponseStreamingError(error=OSError()), id="the answer was cut off"),
    pytest.param(boto.IncompleteReadError(actual_bytes=1, expected_bytes=2), id="half an answer"),
    pytest.param(refusal(500), id="a fault within"),
    pytest.param(refusal(503, "ServiceUnavailable"), id="not ready"),
    pytest.param(refusal(400, "ThrottlingException"), id="too fast"),
    pytest.param(refusal(400, "SlowDown"), id="too fast for S3"),
]


@pytest.mark.parametrize("error", PASSING)
def test_calls_are_repeated_until_one_is_answered(
    error: Exception, patience: Patience, time: Time
) -> None:
    faults: Iterator[Exception] = iter([error] * 3)

    def call() -> str:
        for fault in faults:
            raise fault
        return "answer"

    assert patience.call("GetTable", call) == "answer"
    for pause, longest in zip(time.pauses, (0.1, 0.2, 0.4), strict=True):
        assert longest / 2 <= pause <= longest


@pytest.mark.parametrize("error", PASSING)
def test_a_minute_without_an_answer_is_enough(
    error: Exception, patience: Patience, time: Time
) -> None:
    tries = 0

    def call() -> None:
        nonlocal tries
        tries += 1
        raise error

    with pytest.raises(ServiceUnreachable, match="did not answer GetTable for 60 s") as raised:
        patience.call("GetTable", call)
    assert type(error).__name__ in str(raised.value)
    assert raised.value.__cause__ is error
    assert 1000 + 60 - 3 <= time.now <= 1000 + 60
    assert max(time.pauses) <= 3.0
    assert tries == len(time.pauses) + 1


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(refusal(400, "EntityNotFoundException"), id="an answer that refuses"),
        pytest.param(refusal(404, "NoSuchKey"), id="another"),
        pytest.param(boto.ParamValidationError(report="x"), id="a request that is wrong"),
        pytest.param(KeyError("x"), id="a fault of our own"),
    ],
)
def test_other_errors_are_raised_at_once(error: Exception, patience: Patience, time: Time) -> None:
    def call() -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        patience.call("GetTable", call)
    assert raised.value is error
    assert time.pauses == []


def test_errors_tell_their_code_and_sentence() -> None:
    assert code_of(refusal(400, "NoSuchKey")) == "NoSuchKey"
    assert message_of(refusal(400, message="it was so")) == "it was so"
    bare = boto.ClientError({}, "GetTable")
    assert code_of(bare) == ""
    assert "GetTable" in message_of(bare)


def test_what_is_set_up_for_a_real_account_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile other]\nregion = eu-west-9\naws_access_key_id = WRONG\n")
    settings = {
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(config),
        "AWS_PROFILE": "missing",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "RIGHT",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    body = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
    with stub_server([(200, body)]) as stub:
        client = make_client(specification(tmp_path, stub.url), "s3")
        client.list_objects_v2(Bucket="data", Prefix="a")
        client.close()
    [asked] = stub.asked
    assert asked.path.startswith("/data?")
    assert "Credential=RIGHT/" in asked.headers["authorization"]
    assert "/us-east-1/s3/" in asked.headers["authorization"]


def test_clients_do_not_repeat_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "RIGHT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with stub_server([(503, b"")]) as stub:
        client = make_client(specification(tmp_path, stub.url), "glue")
        with pytest.raises(boto.ClientError):
            client.get_table(DatabaseName="d", Name="t")
        client.close()
    assert len(stub.asked) == 1
