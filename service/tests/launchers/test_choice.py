from __future__ import annotations

import pytest

from glueball.core.errors import ConfigurationError
from glueball.launchers.choice import SHELL, SPARK, SPARK4, Choice, choose


@pytest.mark.parametrize(
    ("command", "version", "name", "note"),
    [
        ("glueetl", "", SPARK, ""),
        ("glueetl", "auto", SPARK, ""),
        ("glueetl", "5.1", SPARK, ""),
        ("glueetl", "5.0", SPARK, ""),
        ("glueetl", "6.0", SPARK4, ""),
        ("gluestreaming", "5.1", SPARK, ""),
        ("glueetl", "4.0", SPARK, "Glue 4.0 jobs run on the 5.1 runtime"),
        ("glueetl", "3.0", SPARK, "Glue 3.0 jobs run on the 5.1 runtime"),
        ("pythonshell", "1.0", SHELL, ""),  # their GlueVersion means nothing
    ],
)
def test_a_job_gets_the_nearest_runtime(command: str, version: str, name: str, note: str) -> None:
    choice = choose(command, version)
    assert choice.name == name
    assert choice.note.startswith(note)
    assert bool(choice.note) == bool(note)


def test_a_python_shell_of_another_version_says_so() -> None:
    choice = choose("pythonshell", "", "3.9")
    assert choice.name == SHELL
    assert choice.note.startswith("Python 3.9 was asked for")
    assert choose("pythonshell", "", "3") == Choice(name=SHELL)


@pytest.mark.parametrize(
    ("command", "version", "sentence"),
    [
        ("glueetl", "2.0", "There is no runtime for Glue 2.0"),
        ("glueetl", "x", "There is no runtime for Glue x"),
        ("glueray", "5.1", "glueetl, gluestreaming and pythonshell can"),
    ],
)
def test_what_cannot_run_is_refused_with_the_remedy(
    command: str, version: str, sentence: str
) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        choose(command, version)
