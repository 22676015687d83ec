"""The log of a crawl: a line for each thing that a person wants to know."""

from __future__ import annotations

from collections.abc import Callable

_LONGEST_LINE = 8_000


class CrawlLog:
    """Writes lines as AWS's crawlers do: `[<run id>] INFO : Created table t in database d`.

    Args:
        run_id: what each line begins with.
        write: takes a line, without its end.
    """

    def __init__(self, run_id: str, write: Callable[[str], None]) -> None:
        self._run_id = run_id
        self._write = write

    def benchmark(self, message: str) -> None:
        """Say that a step of the crawl has begun or ended."""
        self._line("BENCHMARK", message)

    def info(self, message: str) -> None:
        """Say what was found or done."""
        self._line("INFO", message)

    def warn(self, message: str) -> None:
        """Say what somebody should look at."""
        self._line("WARN", message)

    def error(self, message: str) -> None:
        """Say why the crawl fails."""
        self._line("ERROR", message)

    def _line(self, level: str, message: str) -> None:
        # One event is one line, whatever keys and errors hold.
        line = " ".join(f"[{self._run_id}] {level} : {message}".splitlines())
        self._write(line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…")
