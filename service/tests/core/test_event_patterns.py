from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from glueball.core.event_conditions import InvalidEventPattern
from glueball.core.event_patterns import parse_pattern

_EVENT: dict[str, Any] = {
    "version": "0",
    "source": "aws.glue",
    "detail-type": "Glue Job State Change",
    "resources": ["arn:aws:glue:r:a:job/x", "arn:aws:glue:r:a:job/y"],
    "detail": {
        "jobName": "nightly-load",
        "state": "FAILED",
        "empty": "",
        "nothing": None,
        "flag": True,
        "count": 300,
        "ratio": 0.5,
        "ip": "10.0.0.17",
        "ip6": "2001:db8::17",
        "path": "landing/2024/data.CSV",
        "items": [{"name": "a", "size": 1}, {"name": "b", "size": 2}],
        "list": [],
        "nested": [["deep"]],
        "star": "a*b",
    },
}


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        # every field that is named must be there with one of its values
        ({"source": ["aws.glue"]}, True),
        ({"source": ["aws.s3", "aws.glue"]}, True),
        ({"source": ["aws.glue"], "detail-type": ["Object Created"]}, False),
        ({"absent": ["x"]}, False),
        ({"source": ["AWS.glue"]}, False),  # character by character
        ({"detail": {"state": ["FAILED"], "jobName": ["nightly-load"]}}, True),
        ({"source": {"deeper": ["x"]}}, False),  # a text has no members
        ({"detail": ["x"]}, False),  # an object is no value
        # a list in the event matches by one of its elements
        ({"resources": ["arn:aws:glue:r:a:job/y"]}, True),
        ({"detail": {"nested": ["deep"]}}, True),
        ({"detail": {"list": ["x"]}}, False),
        # … and within it the members of one element belong together
        ({"detail": {"items": {"name": ["a"], "size": [1]}}}, True),
        ({"detail": {"items": {"name": ["a"], "size": [2]}}}, False),
        # JSON's types
        ({"detail": {"nothing": [None]}}, True),
        ({"detail": {"empty": [None]}}, False),
        ({"detail": {"empty": [""]}}, True),
        ({"detail": {"flag": [True]}}, True),
        ({"detail": {"flag": [1]}}, False),
        ({"detail": {"count": [300]}}, True),
        ({"detail": {"count": ["300"]}}, False),
        ({"detail": {"count": [300.0]}}, True),
        # prefix and suffix
        ({"detail": {"jobName": [{"prefix": "nightly-"}]}}, True),
        ({"detail": {"jobName": [{"prefix": "Nightly-"}]}}, False),
        ({"detail": {"jobName": [{"prefix": {"equals-ignore-case": "NIGHT"}}]}}, True),
        ({"detail": {"path": [{"suffix": ".csv"}]}}, False),
        ({"detail": {"path": [{"suffix": ".CSV"}]}}, True),
        ({"detail": {"path": [{"suffix": {"equals-ignore-case": ".csv"}}]}}, True),
        ({"detail": {"count": [{"prefix": "3"}]}}, False),  # numbers have none
        ({"detail": {"state": [{"equals-ignore-case": "failed"}]}}, True),
        # anything-but
        ({"detail": {"state": [{"anything-but": "SUCCEEDED"}]}}, True),
        ({"detail": {"state": [{"anything-but": ["SUCCEEDED", "FAILED"]}]}}, False),
        ({"detail": {"count": [{"anything-but": [1, 300]}]}}, False),
        ({"detail": {"count": [{"anything-but": "300"}]}}, True),
        ({"detail": {"absent": [{"anything-but": "x"}]}}, False),  # it must be there
        ({"detail": {"state": [{"anything-but": {"prefix": "FAI"}}]}}, False),
        ({"detail": {"state": [{"anything-but": {"prefix": ["SUC", "STO"]}}]}}, True),
        ({"detail": {"path": [{"anything-but": {"suffix": ".CSV"}}]}}, False),
        ({"detail": {"state": [{"anything-but": {"equals-ignore-case": ["failed"]}}]}}, False),
        ({"detail": {"path": [{"anything-but": {"wildcard": "*/2024/*"}}]}}, False),
        # numeric
        ({"detail": {"count": [{"numeric": [">", 0, "<=", 300]}]}}, True),
        ({"detail": {"count": [{"numeric": [">", 300]}]}}, False),
        ({"detail": {"count": [{"numeric": ["=", 3.0e2]}]}}, True),
        ({"detail": {"ratio": [{"numeric": ["<", 1]}]}}, True),
        ({"detail": {"flag": [{"numeric": [">=", 0]}]}}, False),
        ({"detail": {"count": [{"numeric": ["<", 10**400]}]}}, True),  # no float is so large
        # exists
        ({"detail": {"nothing": [{"exists": True}]}}, True),
        ({"detail": {"absent": [{"exists": True}]}}, False),
        ({"detail": {"absent": [{"exists": False}]}}, True),
        ({"detail": {"state": [{"exists": False}]}}, False),
        ({"detail": {"state": [{"exists": False}, "FAILED"]}}, True),
        ({"detail": {"no": {"such": {"path": [{"exists": False}]}}}}, True),
        # addresses
        ({"detail": {"ip": [{"cidr": "10.0.0.0/24"}]}}, True),
        ({"detail": {"ip": [{"cidr": "10.0.1.0/24"}]}}, False),
        ({"detail": {"ip6": [{"cidr": "2001:db8::/32"}]}}, True),
        ({"detail": {"ip6": [{"cidr": "10.0.0.0/8"}]}}, False),
        ({"detail": {"state": [{"cidr": "10.0.0.0/24"}]}}, False),
        # wildcard
        ({"detail": {"path": [{"wildcard": "landing/*/data.*"}]}}, True),
        ({"detail": {"path": [{"wildcard": "*"}]}}, True),
        ({"detail": {"path": [{"wildcard": "landing/*.csv"}]}}, False),
        ({"detail": {"star": [{"wildcard": "a\\*b"}]}}, True),
        ({"detail": {"path": [{"wildcard": "landing\\*"}]}}, False),
        ({"detail": {"state": [{"wildcard": "FAIL*ILED"}]}}, False),  # no letter counts twice
        # $or
        ({"$or": [{"source": ["aws.s3"]}, {"detail": {"state": ["FAILED"]}}]}, True),
        ({"detail": {"$or": [{"state": ["STOPPED"]}, {"count": [1]}]}}, False),
        ({"source": ["aws.s3"], "$or": [{"version": ["0"]}, {"version": ["1"]}]}, False),
        ({"$or": ["x"]}, False),  # a field of that name
    ],
)
def test_which_events_match(pattern: dict[str, Any], matches: bool) -> None:
    assert parse_pattern(json.dumps(pattern)).match(_EVENT) is matches


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ('{"a": [NaN]}', "not valid JSON"),
        ("[" * 4000, "not valid JSON"),
        ('{"a": [' + "9" * 4000 + "9" * 400 + "]}", "not valid JSON"),
        ("[]", "Filter is not an object"),
        ('"source"', "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"a": {}}', "Empty objects"),
        ('{"a": []}', "Empty arrays are not allowed"),
        ('{"source": "aws.glue"}', '"source" must be an object or an array'),
        ('{"a": [["x"]]}', "Match value must be"),
        ('{"a": [{"prefix": 1}]}', "prefix match pattern must be a string"),
        ('{"a": [{"suffix": null}]}', "suffix match pattern must be a string"),
        ('{"a": [{"equals-ignore-case": []}]}', "must be a string"),
        ('{"a": [{"starts": "x"}]}', "Unrecognized match type starts"),
        ('{"a": [{}]}', "Only one key allowed in match expression"),
        ('{"a": [{"prefix": "a", "suffix": "b"}]}', "Only one key allowed"),
        ('{"a": [{"exists": "yes"}]}', "exists match pattern must be either true or false"),
        ('{"a": [{"numeric": []}]}', "numeric must be an array"),
        ('{"a": [{"numeric": 5}]}', "numeric must be an array"),
        ('{"a": [{"numeric": ["~", 5]}]}', "Unrecognized numeric range operator: ~"),
        ('{"a": [{"numeric": [[], 5]}]}', "Unrecognized numeric range operator"),
        ('{"a": [{"numeric": [">", "5"]}]}', "must be a number"),
        ('{"a": [{"numeric": [">", true]}]}', "must be a number"),
        ('{"a": [{"numeric": [">", 1e999]}]}', "must be a number"),
        ('{"a": [{"numeric": [">", 5, "<", 5]}]}', "Bottom must be less than top"),
        ('{"a": [{"numeric": ["<", 5, ">", 1]}]}', "begins with > or >="),
        ('{"a": [{"cidr": "10.0.0.0/33"}]}', "Malformed CIDR"),
        ('{"a": [{"cidr": 1}]}', "cidr match pattern must be a string"),
        ('{"a": [{"wildcard": "a**"}]}', "Consecutive wildcard"),
        ('{"a": [{"wildcard": "a\\\\b"}]}', "Invalid escape"),
        ('{"a": [{"wildcard": "a\\\\"}]}', "Invalid escape"),
        ('{"a": [{"anything-but": []}]}', "Empty arrays"),
        ('{"a": [{"anything-but": [1, "a"]}]}', "all values must be strings or numbers"),
        ('{"a": [{"anything-but": null}]}', "all values must be strings or numbers"),
        ('{"a": [{"anything-but": {}}]}', "Unsupported anything-but"),
        ('{"a": [{"anything-but": {"exists": true}}]}', "Unsupported anything-but"),
        ('{"$or": [{"a": ["x"]}, {}]}', "Empty objects"),
        ('{"a":' * 70 + '["x"]' + "}" * 70, "nests deeper"),
    ],
)
def test_what_is_no_pattern(text: str, reason: str) -> None:
    with pytest.raises(
        InvalidEventPattern, match=r"^Event pattern is not valid. Reason: "
    ) as caught:
        parse_pattern(text)
    assert reason in caught.value.message


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=20,
)


@given(_JSON, _JSON)
def test_any_text_is_a_pattern_or_refused(document: Any, event: Any) -> None:
    try:
        pattern = parse_pattern(json.dumps(document))
    except InvalidEventPattern:
        return
    assert pattern.match(event) in (True, False)


@given(st.text("ab", max_size=12), st.text("ab*", max_size=6))
def test_wildcards_agree_with_regular_expressions(value: str, glob: str) -> None:
    import re

    if "**" in glob:
        return
    pattern = parse_pattern(json.dumps({"k": [{"wildcard": glob}]}))
    oracle = re.fullmatch(".*".join(map(re.escape, glob.split("*"))), value) is not None
    assert pattern.match({"k": value}) is oracle


def test_deep_lists_in_events_do_no_harm() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert parse_pattern('{"k": ["x"]}').match({"k": deep})
    assert not parse_pattern('{"k": {"l": ["x"]}}').match({"k": deep})


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.text("ab*", min_size=1, max_size=6), min_size=1, max_size=4),
    st.text("ab\n", max_size=60),
    st.booleans(),
)
def test_wildcards_match_as_expressions_do(wildcards: list[str], text: str, negated: bool) -> None:
    assume(not any("**" in wildcard for wildcard in wildcards))
    meant = [wildcard.replace("*", ".*") for wildcard in wildcards]
    expected = any(re.fullmatch(expression, text, re.DOTALL) for expression in meant)
    demanded: list[Any] = [{"wildcard": wildcard} for wildcard in wildcards]
    if negated:
        demanded = [{"anything-but": {"wildcard": wildcards}}]
    pattern = parse_pattern(json.dumps({"k": demanded}))
    assert pattern.match({"k": text}) is (expected is not negated)


def test_many_wildcards_over_many_texts_take_little_time() -> None:
    pattern = parse_pattern(json.dumps({"k": [{"wildcard": f"x{n}*y*z"} for n in range(170)]}))
    event = {"k": [f"x{number}yy" for number in range(40_000)]}
    began = time.process_time()
    assert not pattern.match(event)
    assert time.process_time() - began < 2.0
