from __future__ import annotations

import pytest

from glueball.crawl.log import CrawlLog


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def log(lines: list[str]) -> CrawlLog:
    return CrawlLog("run-1", lines.append)


def test_lines_are_those_of_aws(log: CrawlLog, lines: list[str]) -> None:
    log.benchmark("Running Start Crawl for Crawler c")
    log.info("Created table t in database d")
    log.warn("look")
    log.error("why")
    assert lines == [
        "[run-1] BENCHMARK : Running Start Crawl for Crawler c",
        "[run-1] INFO : Created table t in database d",
        "[run-1] WARN : look",
        "[run-1] ERROR : why",
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\u2028", "\x85", "\x0b"])
def test_a_message_is_one_line_whatever_is_in_it(log: CrawlLog, lines: list[str], end: str) -> None:
    log.info(f"a{end}b")
    assert lines == ["[run-1] INFO : a b"]


def test_long_lines_are_cut(log: CrawlLog, lines: list[str]) -> None:
    log.info("x" * (8000 - len("[run-1] INFO : ")))
    log.info("x" * 8000)
    assert [len(line) for line in lines] == [8000, 8000]
    assert [line[-1] for line in lines] == ["x", "…"]
