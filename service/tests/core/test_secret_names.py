from __future__ import annotations

import pytest

from glueball.core.secret_names import is_secret, masked, secrets_in

_NAMES = [
    # name, secret, why
    ("--password", True, "the word"),
    ("--db_secret", True, "the word"),
    ("--api-key", True, "two words"),
    ("apiKey", True, "as camels write it"),
    ("--my_token_1", True, "anywhere in the name"),
    ("PASSWORD", True, "of connections"),
    ("KAFKA_SASL_SCRAM_PASSWORD", True, "of Kafka"),
    ("--snowflake-pwd", True, "its short form"),
    ("--auth", True, "the whole name"),
    ("--author", False, "another word"),
    ("--TempDir", False, "of Glue"),
    ("--job-bookmark-option", False, "of Glue"),
    ("--secret-arn", False, "says where the secret is"),
    ("--secret_name", False, "says where the secret is"),
    ("--compass", False, "another word"),
    ("--partition-key", False, "a key of another kind"),
]


@pytest.mark.parametrize(("name", "secret", "_why"), _NAMES)
def test_a_secret_is_told_by_its_name(name: str, secret: bool, _why: str) -> None:
    assert is_secret(name, "value") is secret


@pytest.mark.parametrize(
    ("value", "secret"),
    [
        ("jdbc:mysql://h/d?user=u&password=pa55word", "pa55word"),
        ("jdbc:oracle:thin:scott/t1ger@//h:1521/x", "t1ger"),
        ("mongodb://ana:s3cret@h/x", "s3cret"),
        ("spark.hadoop.my.token=abcdef --conf spark.x=1", "abcdef"),
        ('{"password": "hunter2"}', "hunter2"),
        ("CUSTOMER_SECRET=abcdef,CUSTOMER_B=2", "abcdef"),
        ("s3://bucket/key", None),
        ("jdbc:mysql://h:3306/d?useSSL=false", None),
    ],
)
def test_a_login_within_a_value_is_secret(value: str, secret: str | None) -> None:
    assert is_secret("--anything", value) is (secret is not None)
    assert list(secrets_in({"--anything": value})) == ([] if secret is None else [secret])


def test_secrets_of_any_depth_are_masked_in_texts() -> None:
    document = {
        "Arguments": {"--password": "hunter2", "--day": "2026"},
        "Actions": [{"Arguments": {"--token": "abcde", "--api-key": "hunter2-long"}}],
    }
    text = "refused hunter2-long and hunter2 on 2026, abcde"
    # what is shorter than six characters would tear words apart
    assert masked(text, document) == "refused **** and **** on 2026, abcde"
