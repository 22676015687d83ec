"""What the service says about the crawl that this process has to run: launch.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueball.crawl.crawler import Crawler, read_crawler
from glueball.crawl.errors import LaunchUnreadable


@dataclass(frozen=True, kw_only=True, slots=True)
class Specification:
    """The `run` part of launch.json."""

    directory: Path  #: the run's own
    run_id: str
    token: str  #: fences late processes of older attempts off
    region: str
    account_id: str
    endpoint_url: str  #: "http://127.0.0.1:4566"
    notify_fifo: Path
    crawler: Mapping[str, Any]  #: AWS's `Crawler`, its defaults filled in

    def read_crawler(self) -> Crawler:
        """Return the crawler.

        Raises:
            InvalidTarget: it asks for what cannot be crawled.
            LaunchUnreadable: a member is missing or of a wrong type.
        """
        try:
            return read_crawler(self.crawler)
        except KeyError as error:
            raise LaunchUnreadable(f"launch.json lacks the member {error} of crawler.") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise LaunchUnreadable(
                f"launch.json has a member of a wrong type in crawler: {error}."
            ) from error


def load(path: Path) -> Specification:
    """Read launch.json.

    Raises:
        LaunchUnreadable: it is missing or malformed; the text names the file and the fault.
    """
    try:
        launch = json.loads(path.read_bytes())
    except OSError as error:
        raise LaunchUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise LaunchUnreadable(f"{path} is not JSON: {error}.") from error
    run = launch.get("run") if isinstance(launch, dict) else None
    if not isinstance(run, dict):
        raise LaunchUnreadable(f'{path} lacks the object "run".')
    try:
        return _read(path.parent, run)
    except KeyError as error:
        raise LaunchUnreadable(f"{path} lacks the member {error} of run.") from error
    except TypeError as error:
        raise LaunchUnreadable(f"{path} has a member of a wrong type in run: {error}.") from error


def _read(directory: Path, run: Mapping[str, Any]) -> Specification:
    crawler = run["crawler"]
    if not isinstance(crawler, dict):
        raise LaunchUnreadable("launch.json has no object as the member crawler of run.")
    return Specification(
        directory=directory,
        run_id=str(run["run_id"]),
        token=str(run["token"]),
        region=str(run["region"]),
        account_id=str(run["account_id"]),
        endpoint_url=str(run["endpoint_url"]),
        notify_fifo=Path(run["notify_fifo"]),
        crawler=crawler,
    )
