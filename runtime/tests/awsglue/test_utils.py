from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from awsglue import utils
from awsglue.utils import GlueArgumentError, GlueArgumentParser, callsite, getResolvedOptions

#: what the result always holds, beside the names that were asked for
ALWAYS: dict[str, Any] = {
    "job_bookmark_option": "job-bookmark-disable",
    "job_bookmark_from": None,
    "job_bookmark_to": None,
    "JOB_ID": None,
    "JOB_RUN_ID": None,
    "SECURITY_CONFIGURATION": None,
    "encryption_type": None,
    "enable_data_lineage": None,
    "TempDir": None,
    "RedshiftTempDir": None,
}
PAUSE = ["--job-bookmark-option", "job-bookmark-pause"]
FROM = ["--job-bookmark-from", "jr_1"]
TO = ["--job-bookmark-to", "jr_2"]
TEMPORARY = {"TempDir": "s3://t/", "RedshiftTempDir": "s3://t/"}


def row(
    reason: str, options: list[str], arguments: list[str], expected: dict[str, Any]
) -> Any:  # pytest's ParameterSet is not public
    return pytest.param(options, arguments, expected, id=reason)


@pytest.fixture
def glue_5(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names may be shortened, whatever Spark is installed."""
    monkeypatch.setattr(utils, "glue_version", lambda: "5.1")


@pytest.mark.usefixtures("glue_5")
@pytest.mark.parametrize(
    ("options", "arguments", "expected"),
    [
        row("nothing asked, nothing given", [], [], {}),
        row("the usual one", ["JOB_NAME"], ["--JOB_NAME", "flights"], {"JOB_NAME": "flights"}),
        row("with an equals sign", ["x"], ["--x=1"], {"x": "1"}),
        row("an equals sign in the value", ["x"], ["--x=a=b"], {"x": "a=b"}),
        row("several, in any order", ["x", "y"], ["--y", "2", "--x", "1"], {"x": "1", "y": "2"}),
        row("values are text", ["n"], ["--n", "007"], {"n": "007"}),
        row("an empty value", ["x"], ["--x", ""], {"x": ""}),
        row("an empty value after an equals sign", ["x"], ["--x="], {"x": ""}),
        row("spaces in a value", ["x"], ["--x", "a b"], {"x": "a b"}),
        row("a value beyond ASCII", ["x"], ["--x", "Zürich ✈"], {"x": "Zürich ✈"}),
        row("JSON in a value", ["x"], ["--x", '{"a": [1]}'], {"x": '{"a": [1]}'}),
        row("a percent sign", ["x"], ["--x", "100%(y)s"], {"x": "100%(y)s"}),
        row("the last of two counts", ["x"], ["--x", "1", "--x", "2"], {"x": "2"}),
        row("unknown ones are ignored", ["x"], ["--z", "9", "--x", "1"], {"x": "1"}),
        row("an unknown one without a value", ["x"], ["--z", "--x", "1"], {"x": "1"}),
        row("an unknown one that is a name", ["x"], ["--z", "x", "--x", "1"], {"x": "1"}),
        row("stray words are ignored", ["x"], ["stray", "--x", "1", "words"], {"x": "1"}),
        row("dashes become underscores", ["my-name"], ["--my-name", "1"], {"my_name": "1"}),
        row("underscores stay", ["my_name"], ["--my_name", "1"], {"my_name": "1"}),
        row("dots stay", ["a.b"], ["--a.b", "1"], {"a.b": "1"}),
        row("names differ by case", ["x", "X"], ["--x", "1", "--X", "2"], {"x": "1", "X": "2"}),
        row("a negative number is a value", ["n"], ["--n", "-5"], {"n": "-5"}),
        row("a dash alone is a value", ["x"], ["--x", "-"], {"x": "-"}),
        row("dashes and a space are a value", ["x"], ["--x", "--a b"], {"x": "--a b"}),
        row("dashes after an equals sign", ["x"], ["--x=--y"], {"x": "--y"}),
        row(
            "--conf as the service passes it",
            ["x"],
            ["--conf", "spark.a=1 --conf spark.b=2", "--x", "1"],
            {"x": "1"},
        ),
        row("an argument called help", ["help"], ["--help", "me"], {"help": "me"}),
        row("--help is no request for help", ["x"], ["--help", "--x", "1"], {"x": "1"}),
        row("an at sign names no file", ["x"], ["--x", "@file"], {"x": "@file"}),
        row("ids of the run", [], ["--JOB_ID", "j_1", "--JOB_RUN_ID", "jr_1"],
            {"JOB_ID": "j_1", "JOB_RUN_ID": "jr_1"}),
        row("a security configuration", [], ["--SECURITY_CONFIGURATION", "sc"],
            {"SECURITY_CONFIGURATION": "sc"}),
        row("the legacy encryption", [], ["--encryption-type", "sse-s3"],
            {"encryption_type": "sse-s3"}),
        row("data lineage", [], ["--enable-data-lineage", "true"],
            {"enable_data_lineage": "true"}),
        row("a name in a workflow", ["WORKFLOW_NAME"], ["--WORKFLOW_NAME", "w"],
            {"WORKFLOW_NAME": "w"}),
        # the temporary directory: optional even when asked for, and one name stands for the other
        row("TempDir without being asked", [], ["--TempDir", "s3://t/"], TEMPORARY),
        row("TempDir asked for", ["TempDir"], ["--TempDir", "s3://t/"], TEMPORARY),
        row("TempDir asked for, not given", ["TempDir"], [], {}),
        row("RedshiftTempDir for TempDir", ["TempDir"], ["--RedshiftTempDir", "s3://t/"],
            TEMPORARY),
        row("RedshiftTempDir asked for, not given", ["RedshiftTempDir"], [], {}),
        row("both asked for, one given", ["TempDir", "RedshiftTempDir"],
            ["--TempDir", "s3://t/"], TEMPORARY),
        row("both given, each its own", [], ["--TempDir", "a", "--RedshiftTempDir", "b"],
            {"TempDir": "a", "RedshiftTempDir": "b"}),
        # the bookmark
        row("enabled", [], ["--job-bookmark-option", "job-bookmark-enable"],
            {"job_bookmark_option": "job-bookmark-enable"}),
        row("paused", [], PAUSE, {"job_bookmark_option": "job-bookmark-pause"}),
        row("paused, with a range", [], [*PAUSE, *FROM, *TO],
            {"job_bookmark_option": "job-bookmark-pause",
             "job_bookmark_from": "jr_1", "job_bookmark_to": "jr_2"}),
        row("one end without a pause is not looked at", [], FROM, {"job_bookmark_from": "jr_1"}),
        row("legacy, enabled", [], ["--continuation-option", "continuation-enabled"],
            {"job_bookmark_option": "job-bookmark-enable"}),
        row("legacy, read only", [], ["--continuation-option", "continuation-readonly"],
            {"job_bookmark_option": "job-bookmark-pause"}),
        row("legacy, ignored", [], ["--continuation-option", "continuation-ignore"], {}),
        row("the newer name wins", [],
            ["--continuation-option", "continuation-enabled", *PAUSE],
            {"job_bookmark_option": "job-bookmark-pause"}),
        # beginnings of names, up to Glue 5.1
        row("the beginning of a name", ["JOB_NAME"], ["--JOB_N", "f"], {"JOB_NAME": "f"}),
        row("the beginning, with =", ["JOB_NAME"], ["--JOB_N=f"], {"JOB_NAME": "f"}),
        row("a full name is no beginning", ["day", "day_to"], ["--day", "1", "--day_to", "2"],
            {"day": "1", "day_to": "2"}),
    ],
)  # fmt: skip
def test_resolved(options: list[str], arguments: list[str], expected: dict[str, Any]) -> None:
    assert getResolvedOptions(["script.py", *arguments], options) == ALWAYS | expected


@pytest.mark.usefixtures("glue_5")
@pytest.mark.parametrize(
    ("options", "arguments", "message"),
    [
        (["JOB_NAME"], [], "the following arguments are required: --JOB_NAME"),
        (["a", "b"], ["--z", "1"], "the following arguments are required: --a, --b"),
        (["a-b"], [], "the following arguments are required: --a-b"),
        # the name without its dashes is just a stray word
        (["x"], ["x", "1"], "the following arguments are required: --x"),
        # names differ by case
        (["x"], ["--X", "1"], "the following arguments are required: --x"),
        # behind a lone -- there are no options
        (["x"], ["--", "--x", "1"], "the following arguments are required: --x"),
        # a name is given without its dashes
        (["--x"], ["--x", "1"], "the following arguments are required: ----x"),
        (["x"], ["--x"], "argument --x: expected one argument"),
        (["x", "y"], ["--x", "--y", "1"], "argument --x: expected one argument"),
        # what begins with a dash and has no space looks like an option
        (["x"], ["--x", "-abc"], "argument --x: expected one argument"),
        ([], ["--TempDir"], "argument --TempDir: expected one argument"),
        (
            [],
            ["--job-bookmark-option", "yes"],
            "argument --job-bookmark-option: invalid choice: 'yes' (choose from "
            "'job-bookmark-enable', 'job-bookmark-pause', 'job-bookmark-disable')",
        ),
        (
            [],
            ["--continuation-option", "job-bookmark-enable"],
            "argument --continuation-option: invalid choice: 'job-bookmark-enable' (choose from "
            "'continuation-enabled', 'continuation-readonly', 'continuation-ignore')",
        ),
        (
            [],
            ["--encryption-type", "sse-kms"],
            "argument --encryption-type: invalid choice: 'sse-kms' (choose from 'sse-s3')",
        ),
        # two names begin like this
        (["ab1", "ab2"], ["--ab", "1"], "ambiguous option: --ab could match --ab1, --ab2"),
        (
            ["ab1", "ab2"],
            ["--ab=1"],
            "ambiguous option: --ab=1 could match --ab1, --ab2",
        ),
    ],
)
def test_wrong_arguments(options: list[str], arguments: list[str], message: str) -> None:
    with pytest.raises(GlueArgumentError) as caught:
        getResolvedOptions(["script.py", *arguments], options)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("options", "arguments", "error", "message"),
    [
        # only the service gives these
        (["job-bookmark-option"], [], RuntimeError, "Using reserved arguments job-bookmark-option"),
        (["continuation-option"], [], RuntimeError, "Using reserved arguments continuation-option"),
        (["job-bookmark-from"], FROM, RuntimeError, "Using reserved arguments job-bookmark-from"),
        (
            ["x", "job-bookmark-to", "job-bookmark-from"],
            [],
            RuntimeError,
            "Using reserved arguments job-bookmark-to, job-bookmark-from",
        ),
        # these are in the result anyway
        (["JOB_ID"], [], argparse.ArgumentError, "conflicting option string: --JOB_ID"),
        (["JOB_RUN_ID"], [], argparse.ArgumentError, "conflicting option string: --JOB_RUN_ID"),
        (
            ["SECURITY_CONFIGURATION"],
            [],
            argparse.ArgumentError,
            "conflicting option string: --SECURITY_CONFIGURATION",
        ),
        (["x", "x"], ["--x", "1"], argparse.ArgumentError, "conflicting option string: --x"),
        # a range has two ends, and belongs to a pause
        ([], [*PAUSE, *FROM], RuntimeError, "Missing option or value for --job-bookmark-to"),
        ([], [*PAUSE, *TO], RuntimeError, "Missing option or value for --job-bookmark-from"),
        (
            [],
            [*FROM, *TO],
            RuntimeError,
            "Invalid option(s)--job-bookmark-from --job-bookmark-to",
        ),
        (
            [],
            ["--job-bookmark-option", "job-bookmark-enable", *FROM, *TO],
            RuntimeError,
            "Invalid option(s)--job-bookmark-from --job-bookmark-to",
        ),
    ],
)
def test_wrong_requests(
    options: list[str], arguments: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        getResolvedOptions(["script.py", *arguments], options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("glue_version", "allow_abbrev", "accepted"),
    [
        ("3.0", None, True),
        ("4.0", None, True),
        ("5.0", None, True),
        ("5.1", None, True),
        ("6.0", None, False),  # as AWS changed it
        ("10.0", None, False),  # by number, not by text
        ("6.0", True, True),  # the script's word counts
        ("5.1", False, False),
    ],
)
def test_beginnings_of_names_by_version(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    glue_version: str,
    allow_abbrev: bool | None,
    accepted: bool,
) -> None:
    run = {
        "job_name": "flights",
        "run_id": "jr_1",
        "arguments": {},
        "endpoint_url": "http://127.0.0.1:4566",
        "region": "us-east-1",
        "glue_version": glue_version,
    }
    launch = tmp_path / "launch.json"
    launch.write_text(json.dumps({"token": "t", "run": run}))
    monkeypatch.setenv("GLUEBALL_RUN_SPEC", str(launch))
    arguments = ["script.py", "--JOB_N", "f"]
    if accepted:
        assert getResolvedOptions(arguments, ["JOB_NAME"], allow_abbrev)["JOB_NAME"] == "f"
    else:
        with pytest.raises(GlueArgumentError, match="required: --JOB_NAME"):
            getResolvedOptions(arguments, ["JOB_NAME"], allow_abbrev)


def test_the_first_item_is_the_script() -> None:
    with pytest.raises(GlueArgumentError):
        getResolvedOptions(["--x", "1"], ["x"])


def test_transforms_find_what_was_resolved() -> None:
    getResolvedOptions(["script.py", "--TempDir", "s3://t/", "--x", "1"], ["x"])
    assert utils._global_args["TempDir"] == "s3://t/"
    assert utils._global_args["x"] == "1"


def test_the_parser_never_ends_the_process() -> None:
    with pytest.raises(GlueArgumentError, match=r"^my sentence$"):
        GlueArgumentParser().error("my sentence")


def test_callsite_is_where_the_script_called() -> None:
    def transform() -> str:
        return callsite()

    assert transform().endswith("test_callsite_is_where_the_script_called")
    assert __file__ in transform()


def test_importing_it_does_not_import_pyspark() -> None:
    code = "import sys, awsglue.utils, awsglue.job; assert 'pyspark' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": _path()})


def _path() -> str:
    return str(Path(utils.__file__).parents[1])
