"""`python -m glueball.crawl <launch.json>`: runs one crawl.

Its log goes to the standard output. It ends with 0 if it succeeded, and else with 1 and a
failure.json.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from functools import partial
from pathlib import Path

from botocore.credentials import Credentials

from glueball.crawl.catalog import GlueCatalog
from glueball.crawl.client import LateClient, make_client
from glueball.crawl.crawl import Means, run_crawl
from glueball.crawl.errors import CrawlFailed, LaunchUnreadable
from glueball.crawl.log import CrawlLog
from glueball.crawl.lookers import ManyLookers
from glueball.crawl.memory import CrawlMemory, fingerprint
from glueball.crawl.objects import S3Objects
from glueball.crawl.private_calls import PrivateCalls
from glueball.crawl.reports import ServiceReports
from glueball.crawl.run_files import tell_failure, tell_started
from glueball.crawl.specification import Specification, load


def main(path: Path) -> int:
    """Run the crawl that a launch.json describes; return the exit code."""
    log = CrawlLog(path.parent.name, _write)
    try:
        specification = load(path)
        log = CrawlLog(specification.run_id, _write)
        _run(specification, log)
    except CrawlFailed as error:
        log.error(str(error))
        tell_failure(path.parent, str(error), error.category)
        return 1
    except Exception as error:
        traceback.print_exc()
        message = f"The crawl met an error that it does not know: {type(error).__name__}: {error}"
        log.error(message)
        tell_failure(path.parent, message, CrawlFailed.category)
        return 1
    return 0


def _run(specification: Specification, log: CrawlLog) -> None:
    credentials = _credentials()
    crawler = specification.read_crawler()
    tell_started(specification)
    connect = partial(_objects, specification, credentials)
    means = Means(
        objects=connect(),
        catalog=GlueCatalog(make_client(specification, "glue")),
        log=log,
        run_id=specification.run_id,
        now=time.time(),
        lookers=lambda: ManyLookers(connect),
        memory=_memory(specification),
        directory=specification.directory,
    )
    summary = run_crawl(crawler, means)
    ServiceReports(specification, credentials).report(summary)
    log.benchmark("Crawler has finished running and is in state READY")


def _objects(specification: Specification, credentials: Credentials) -> S3Objects:
    return S3Objects(
        LateClient(lambda: make_client(specification, "s3")),
        PrivateCalls(specification, credentials),
    )


def _memory(specification: Specification) -> CrawlMemory | None:
    directory = specification.crawler.get("Memory")
    if directory is None:
        return None
    return CrawlMemory(directory=Path(directory), fingerprint=fingerprint(specification.crawler))


def _credentials() -> Credentials:
    """Return the run's own credentials.

    Raises:
        LaunchUnreadable: the environment lacks them.
    """
    try:
        return Credentials(
            os.environ["AWS_ACCESS_KEY_ID"],
            os.environ["AWS_SECRET_ACCESS_KEY"],
            os.environ.get("AWS_SESSION_TOKEN"),
        )
    except KeyError as error:
        raise LaunchUnreadable(f"The environment lacks {error}.") from error


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
