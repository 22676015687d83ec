"""What the documentation says is so."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from docs.operations_page import PAGE, ROOT, available, render, services
from glueball.api.context import Context
from glueball.api.glue import (
    catalogs,
    column_statistics,
    connections,
    databases,
    functions,
    partition_indexes,
    partitions,
    table_versions,
    tables,
)
from glueball.cli.main import app
from glueball.core.errors import ConfigurationError
from glueball.launchers.choice import NAMES, RUNTIMES, choose
from glueball.server import operations

_PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_ALL = "\n".join(page.read_text() for page in _PAGES)
_REFERENCE = (ROOT / "docs" / "command-line.md").read_text()
_MARKDOWN = [*_PAGES, ROOT / "CHANGELOG.md", ROOT / "service" / "README.md"]
#: typer and click are loosely typed where commands are walked
_ROOT_COMMAND: Any = get_command(app)


def commands(command: Any = _ROOT_COMMAND, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the words of each command, and the command."""
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        yield path, command
        return
    for name, subcommand in subcommands.items():
        yield from commands(subcommand, *path, name)


def command_lines() -> list[str]:
    """Return every `glueball …` that the pages tell people to type."""
    found = []
    for fence in re.findall(r"^```(?:console|shell|bash)\n(.*?)^```", _ALL, re.M | re.S):
        for line in fence.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                found += re.findall(r"\bglueball .*?(?=\)|&|  #|$)", line)
    prose = re.sub(r"^```.*?^```", "", _ALL, flags=re.M | re.S)
    found += re.findall(r"`(glueball [^`·]+)`", prose)  # · lists several at once
    return sorted({line.strip() for line in found if "…" not in line})


@pytest.mark.parametrize("path", [path for path, _ in commands()], ids=" ".join)
def test_every_command_has_its_place(path: tuple[str, ...]) -> None:
    assert f"glueball {' '.join(path)}" in _REFERENCE


@pytest.mark.parametrize(("path", "command"), list(commands()), ids=lambda value: str(value)[:30])
def test_every_command_and_option_is_explained(path: tuple[str, ...], command: Any) -> None:
    assert command.help, path
    for parameter in command.params:
        for option in parameter.opts:
            if option.startswith("--"):
                assert f"`{option}" in _REFERENCE, option
                assert parameter.help, option


def test_command_lines_are_found() -> None:
    lines = command_lines()
    assert "glueball run etl.py --day 2013-01-01" in lines
    assert "glueball env --wait 30" in lines
    assert len(lines) > 8


@pytest.mark.parametrize("line", command_lines())
def test_every_command_line_parses(line: str) -> None:
    command, words = _ROOT_COMMAND, shlex.split(line)[1:]
    with command.make_context("glueball", words, resilient_parsing=words[:1] == ["--version"]):
        pass
    while words and getattr(command, "commands", None):
        command = command.commands.get(words.pop(0)) or pytest.fail(f"{line}: no such command")
    if words:
        command.make_context("glueball", words).close()


@pytest.mark.parametrize("page", _MARKDOWN, ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" not in link:
            assert (page.parent / link.partition("#")[0]).exists(), link


def test_every_page_is_linked_from_the_readme() -> None:
    linked = set(re.findall(r"\(docs/([^)#]+)", (ROOT / "README.md").read_text()))
    assert linked == {page.name for page in (ROOT / "docs").glob("*.md")}


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    named = set(re.findall(r"(?:`|\$ )make ([a-z]+)", _ALL))
    assert {"demo", "test"} <= named <= targets


def test_the_page_of_operations_is_what_the_code_says() -> None:
    """If it is not: `cd service/tests && python -m docs.operations_page`."""
    assert PAGE.read_text() == render()


def test_operations_that_other_pages_name_exist() -> None:
    tables = re.findall(r"^\|[^|]+\|([^|]+)\|$", (ROOT / "docs" / "s3.md").read_text(), re.M)
    named = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}(?:V2)?\b", " ".join(tables)))
    assert len(named) > 20
    assert named == set(available("s3"))


def test_the_page_of_the_catalog_names_its_operations() -> None:
    page = (ROOT / "docs" / "catalog.md").read_text()
    table = page.partition("## What there is")[2].partition("\n- ")[0]
    named = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", table))
    modules = (catalogs, column_statistics, connections, databases, functions, partition_indexes,
               partitions, table_versions, tables)  # fmt: skip
    assert named == set(operations("glue", modules, Context))


def works_today() -> dict[str, tuple[str, str]]:
    """Return the README's table: what works, and what does not yet, by subject."""
    section = (ROOT / "README.md").read_text().partition("## What works today")[2]
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.*?) ?\|$", section, re.M)
    return {subject.strip("`"): (works, missing) for subject, works, missing in rows}


@pytest.mark.parametrize(
    ("subject", "words", "service", "names"),
    [
        ("jobs", "create, update, get, list, delete", "glue",
         ["CreateJob", "UpdateJob", "GetJob", "GetJobs", "BatchGetJobs", "ListJobs", "DeleteJob"]),
        ("jobs", "tags", "glue", ["TagResource", "UntagResource", "GetTags"]),
        ("runs", "states", "glue", ["StartJobRun", "GetJobRun", "GetJobRuns"]),
        ("runs", "stops", "glue", ["BatchStopJobRun"]),
        ("runs", "live logs", "logs", ["GetLogEvents", "FilterLogEvents"]),
        ("triggers", "on demand, scheduled, conditional", "glue",
         ["CreateTrigger", "UpdateTrigger", "StartTrigger", "StopTrigger", "DeleteTrigger"]),
        ("awsglue", "bookmarks", "glue", ["GetJobBookmark", "ResetJobBookmark"]),
        ("Data Catalog", "databases, tables", "glue",
         ["CreateDatabase", "GetTables", "UpdateTable", "GetTableVersions"]),
        ("Data Catalog", "partitions", "glue", ["BatchCreatePartition", "GetPartitions"]),
        ("Data Catalog", "functions, connections", "glue",
         ["GetUserDefinedFunctions", "CreateConnection", "GetConnection"]),
        ("crawlers", "files in S3", "glue", ["CreateCrawler", "StartCrawler", "ListCrawls"]),
        ("crawlers", "schedules", "glue", ["UpdateCrawlerSchedule", "StartCrawlerSchedule"]),
        ("other services", "S3", "s3", ["GetObject", "PutObject", "ListObjectsV2"]),
        ("other services", "CloudWatch Logs", "logs", ["PutLogEvents", "CreateLogStream"]),
        ("other services", "EventBridge", "events", ["PutRule", "PutTargets", "PutEvents"]),
        ("other services", "STS", "sts", ["GetCallerIdentity"]),
        ("other services", "IAM roles", "iam",
         ["CreateRole", "GetRole", "ListRoles", "DeleteRole", "AttachRolePolicy"]),
    ],
)  # fmt: skip
def test_what_works_works(subject: str, words: str, service: str, names: list[str]) -> None:
    assert words in works_today()[subject][0]
    assert set(names) <= set(available(service))


@pytest.mark.parametrize(
    ("subject", "words", "prefix"),
    [
        ("workflows", "blueprints", "CreateBlueprint"),
        ("Data Catalog", "schema registry", "CreateRegistry"),
        ("crawlers", "custom classifiers", "CreateClassifier"),
    ],
)
def test_what_is_missing_is_missing(subject: str, words: str, prefix: str) -> None:
    assert words in works_today()[subject][1]
    assert not [name for name in available("glue") if name.startswith(prefix)]


def test_services_that_are_missing_are_missing() -> None:
    missing = works_today()["other services"][1]
    names = {"CloudWatch metrics": "cloudwatch", "CloudFormation": "cloudformation", "SNS": "sns"}
    assert {title for title in names if title in missing} == set(names)
    assert not services() & set(names.values())


def test_commands_and_versions_are_those_that_run() -> None:
    works, missing = works_today()["jobs"]
    assert set(re.findall(r"`(\w+)`", works)) == {"glueetl", "gluestreaming", "pythonshell"}
    assert not choose("pythonshell", "").note
    for command in re.findall(r"`(\w+)`", missing):
        with pytest.raises(ConfigurationError):
            choose(command, "5.1")
    works, missing = works_today()["Glue versions"]
    *quietly, noted = works.split(";")
    for version in _glue_versions("".join(quietly)):
        assert not choose("glueetl", version).note
    for version in _glue_versions(noted):
        assert choose("glueetl", version).note
    with pytest.raises(ConfigurationError):
        choose("glueetl", missing.split()[0])


def _glue_versions(text: str) -> list[str]:
    found = re.findall(r"(?<![.\d])\d\.\d(?![.\d])", text)
    assert found
    return found


def test_the_table_of_runtimes_is_that_of_the_code() -> None:
    lines = (ROOT / "docs" / "runtimes.md").read_text().splitlines()
    rows = [_cells(line) for line in lines if line.startswith("| ")][1:6]
    pins = {name: _pins(name) for name in NAMES}
    seen = set()
    for versions, place, spark, _, pythons, javas, packages in rows:
        name = re.findall(r"`([\w.]+)`", place)[0]
        runtime = RUNTIMES[name]
        for version in re.findall(r"\d\.\d", versions):
            assert choose("glueetl", version).name == name
            seen.add(version)
        assert spark == pins[name].get("pyspark", "none")
        assert pythons == ", ".join(f"{a}.{b}" for a, b in sorted(runtime.pythons))
        releases = runtime.java.releases if runtime.java else ("none",)
        assert javas == ", ".join(map(str, releases))
        ours = [pins[name][package] for package in ("numpy", "pandas", "pyarrow")]
        assert packages == ", ".join(ours)
    assert seen == {"6.0", "5.1", "5.0", "4.0", "3.0"}


def test_the_modules_that_every_runtime_has_are_in_its_pins() -> None:
    text = (ROOT / "docs" / "runtimes.md").read_text()
    sentence = text.split("every runtime has:")[1].split("and what these need")[0]
    packages = set(re.findall(r"`(\w+)`", sentence))
    assert len(packages) > 5
    assert [
        (name, packages - set(_pins(name))) for name in NAMES if packages - set(_pins(name))
    ] == []


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("| ").replace("| |", "|  |").split("|")]


def _pins(name: str) -> dict[str, str]:
    lines = (ROOT / f"service/src/glueball/launchers/pins/{name}.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_every_example_is_run_by_a_test() -> None:
    """The demo runs the first one."""
    runs = (ROOT / "service/src/glueball/cli/demo.py").read_text()
    for name in ("test_command_line.py", "test_terraform.py"):
        runs += (ROOT / "service/tests/acceptance" / name).read_text()
    examples = sorted((ROOT / "examples").iterdir())
    assert [example.name for example in examples if example.name not in runs] == []
    package = ROOT / "service/src/glueball/examples"
    scripts = [example.resolve() for example in examples if example.suffix == ".py"]
    assert scripts == sorted(package.glob("*.py"))
