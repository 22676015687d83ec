from __future__ import annotations

import sys
from pathlib import Path

import pytest

from glueball_runtime.arguments import customer_variables, listed, script_arguments, spark_conf
from glueball_runtime.launch_error import InvalidArgument
from glueball_runtime.specification import load
from tests.glueball_runtime.runs import Home


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", {}),
        ("spark.a=1", {"spark.a": "1"}),
        ("spark.a=1 --conf spark.b=2", {"spark.a": "1", "spark.b": "2"}),
        ("--conf spark.a=1 --conf spark.b=2", {"spark.a": "1", "spark.b": "2"}),  # often seen
        ("spark.a=1\n--conf spark.b=2", {"spark.a": "1", "spark.b": "2"}),
        ("spark.a=x=y", {"spark.a": "x=y"}),
        ("spark.a=-Dx=1 -Dy=2 --conf spark.b=", {"spark.a": "-Dx=1 -Dy=2", "spark.b": ""}),
        # nothing is a shell's: neither commands nor variables nor quotes
        ("spark.a=$(id) `id` ${HOME} 'q' ; ls", {"spark.a": "$(id) `id` ${HOME} 'q' ; ls"}),
    ],
)  # fmt: skip
def test_conf_is_taken_literally(text: str, settings: dict[str, str]) -> None:
    assert spark_conf(text) == settings


@pytest.mark.parametrize(
    "text",
    [
        "spark.a",  # no value
        "a.b=1",  # Spark ignores what does not begin with spark.
        "spark.a b=1",
        "-Dx=1",
        "spark.a=1 --conf x",
    ],
)
def test_conf_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="--conf"):
        spark_conf(text)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("", {}),
        ("CUSTOMER_A=1", {"CUSTOMER_A": "1"}),
        ("CUSTOMER_A=1,CUSTOMER_B=two words", {"CUSTOMER_A": "1", "CUSTOMER_B": "two words"}),
        ('CUSTOMER_A="x, y",CUSTOMER_B=2', {"CUSTOMER_A": "x, y", "CUSTOMER_B": "2"}),
        ("CUSTOMER_A=$(id)", {"CUSTOMER_A": "$(id)"}),
    ],
)
def test_customer_variables(text: str, variables: dict[str, str]) -> None:
    assert customer_variables({"--x": text}, "--x") == variables


@pytest.mark.parametrize("text", ["PATH=/evil", "CUSTOMER_A", "LD_PRELOAD=x,CUSTOMER_A=1"])
def test_other_variables_are_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="CUSTOMER_"):
        customer_variables({"--x": text}, "--x")


def test_lists() -> None:
    assert listed(" s3://a/b.py, ,s3://c/d.py ,") == ["s3://a/b.py", "s3://c/d.py"]


def test_the_script_sees_the_service_first_and_then_all_the_rest(tmp_path: Path) -> None:
    given = {
        "--day": "1\n2",
        "--TempDir": "s3://tmp/x/",
        "--enable-metrics": "",
        "--JOB_NAME": "forged",
        "--conf": "spark.a=1",
    }
    launch = Home(tmp_path).specification(arguments=given)
    argv = script_arguments(load(launch), Path("/x/job.py"))
    assert argv == [
        "/x/job.py",
        *("--JOB_NAME", "my job", "--JOB_ID", "j_1", "--JOB_RUN_ID", "jr_1"),
        *("--job-bookmark-option", "job-bookmark-disable", "--TempDir", "s3://tmp/x/"),
        *("--day", "1\n2", "--enable-metrics", "", "--conf", "spark.a=1"),
    ]
    assert sys.argv[0] != "/x/job.py"
