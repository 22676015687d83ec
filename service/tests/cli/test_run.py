from __future__ import annotations

import pytest

from glueball.cli.run import job_arguments
from glueball.core.errors import ConfigurationError


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ([], {}),
        (["--day", "2013-01-01"], {"--day": "2013-01-01"}),
        (["--day=2013-01-01"], {"--day": "2013-01-01"}),
        (["--query=a=b"], {"--query": "a=b"}),  # only the first equals sign parts
        (["--flag"], {"--flag": ""}),
        (["--flag", "--day", "x"], {"--flag": "", "--day": "x"}),
        (["--day", "-5"], {"--day": "-5"}),  # a value may begin with one dash
        (["--a", "1", "--a", "2"], {"--a": "2"}),  # the last one wins
        (["--conf", "k=v"], {"--conf": "k=v"}),
        # as spark-submit takes it, handed on as Glue does
        (["--conf", "k=v", "--a", "1", "--conf=k2=v2"], {"--conf": "k=v --conf k2=v2", "--a": "1"}),
    ],
)
def test_words_become_arguments(words: list[str], arguments: dict[str, str]) -> None:
    assert job_arguments(words) == arguments


@pytest.mark.parametrize("words", [["2013"], ["--a", "1", "2"], ["--a=1", "2"]])
def test_a_word_without_a_name_is_refused(words: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="--name value"):
        job_arguments(words)
