"""Temporary credentials that nobody stores and nobody else can make."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glueball.wire.call import Caller
from glueball.wire.credentials import Credential
from glueball.wire.refusals import Refusal, SignatureRefused
from glueball.wire.session_tokens import (
    TemporaryCredentials,
    issue,
    issue_for_role,
    open_token,
)
from glueball.wire.sigv4 import verify
from wire.signing import NOW, json_request

ROOT_KEY = bytes(range(32))
RUN = "jr_" + "ab" * 32
END = NOW + 3600


def issued() -> TemporaryCredentials:
    return issue(ROOT_KEY, run_id=RUN, fencing_token="f" * 32, expires=END)


def refusal(access_key: str, token: str, *, now: float = NOW, root: bytes = ROOT_KEY) -> Refusal:
    with pytest.raises(SignatureRefused) as refused:
        open_token(root, access_key, token, now)
    return refused.value.kind


def test_they_look_like_those_of_aws() -> None:
    credentials = issued()
    assert credentials.access_key.startswith("ASIA")
    assert len(credentials.access_key) == 20
    assert len(credentials.secret_key) == 40
    assert credentials.expires == END


@given(st.text(max_size=80), st.text(max_size=80), st.floats(0, 4e9))
def test_what_was_issued_is_opened(run_id: str, fencing_token: str, expires: float) -> None:
    credentials = issue(ROOT_KEY, run_id=run_id, fencing_token=fencing_token, expires=expires)
    opened = open_token(ROOT_KEY, credentials.access_key, credentials.session_token, expires)
    assert (opened.run_id, opened.fencing_token) == (run_id, fencing_token)
    assert opened.secret_key == credentials.secret_key


@pytest.mark.parametrize("run_id", ["", RUN])
def test_credentials_of_a_role_say_who_assumed_it(run_id: str) -> None:
    credentials = issue_for_role(ROOT_KEY, assumed_role="etl/é", run_id=run_id, expires=END)
    opened = open_token(ROOT_KEY, credentials.access_key, credentials.session_token, END)
    assert (opened.assumed_role, opened.run_id, opened.fencing_token) == ("etl/é", run_id, "")
    assert opened.secret_key == credentials.secret_key


def test_a_role_cannot_be_taken_for_a_run() -> None:
    of_role = issue_for_role(ROOT_KEY, assumed_role="f" * 32, run_id=RUN, expires=END)
    assert of_role.session_token != issued().session_token
    opened = open_token(ROOT_KEY, issued().access_key, issued().session_token, NOW)
    assert opened.assumed_role is None


def test_attempts_have_credentials_of_their_own() -> None:
    second = issue(ROOT_KEY, run_id=RUN, fencing_token="g" * 32, expires=END)
    assert second.access_key != issued().access_key
    assert second.secret_key != issued().secret_key


def test_a_token_ends() -> None:
    credentials = issued()
    opened = open_token(ROOT_KEY, credentials.access_key, credentials.session_token, END)
    assert opened.run_id == RUN
    late = refusal(credentials.access_key, credentials.session_token, now=END + 1)
    assert late is Refusal.EXPIRED_TOKEN


def test_no_flipped_bit_opens() -> None:
    credentials = issued()
    sealed = base64.b64decode(credentials.session_token)
    for position in range(len(sealed)):
        for bit in range(8):
            forged = bytearray(sealed)
            forged[position] ^= 1 << bit
            token = base64.b64encode(forged).decode()
            assert refusal(credentials.access_key, token) is Refusal.BAD_TOKEN


def test_of_another_access_key_or_another_service() -> None:
    credentials = issued()
    assert refusal("ASIAOTHER", credentials.session_token) is Refusal.BAD_TOKEN
    other = refusal(credentials.access_key, credentials.session_token, root=b"another root key")
    assert other is Refusal.BAD_TOKEN


@given(
    st.one_of(
        st.text(max_size=200), st.binary(max_size=200).map(base64.b64encode).map(bytes.decode)
    )
)
def test_rubbish_is_a_bad_token(token: str) -> None:
    assert refusal("ASIAOTHER", token) is Refusal.BAD_TOKEN


def test_a_token_without_end_is_not_read() -> None:
    assert refusal("ASIAOTHER", "A" * 1_000_000) is Refusal.BAD_TOKEN


def test_a_root_key_that_is_none() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        issue(b"short", run_id=RUN, fencing_token="f", expires=END)


def test_no_secret_is_shown() -> None:
    credentials = issued()
    opened = open_token(ROOT_KEY, credentials.access_key, credentials.session_token, NOW)
    for shown in (repr(credentials), repr(opened)):
        assert credentials.secret_key not in shown
        assert credentials.session_token not in shown


def find(access_key: str, session_token: str | None) -> Credential | None:
    """Find a run's credential as the server does."""
    if session_token is None:
        return None
    opened = open_token(ROOT_KEY, access_key, session_token, NOW)
    caller = Caller(access_key=access_key, account_id="1", arn="arn:x", run_id=opened.run_id)
    return Credential(secret_key=opened.secret_key, caller=caller)


def test_a_run_signs_its_requests() -> None:
    credentials = issued()
    request = json_request(
        access_key=credentials.access_key,
        secret_key=credentials.secret_key,
        token=credentials.session_token,
    )
    verified = verify(request, credentials=find, services="glue", now=NOW)
    assert verified.caller.run_id == RUN


def test_a_run_signs_nothing_without_its_token() -> None:
    credentials = issued()
    request = json_request(access_key=credentials.access_key, secret_key=credentials.secret_key)
    with pytest.raises(SignatureRefused) as refused:
        verify(request, credentials=find, services="glue", now=NOW)
    assert refused.value.kind is Refusal.UNKNOWN_KEY
