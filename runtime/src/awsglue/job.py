"""`Job`: the beginning and the end of a job script, and its bookmark.

https://docs.aws.amazon.com/glue/latest/dg/monitor-continuations.html
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from glueball_runtime import bookmarks
from glueball_runtime.current_run import CurrentRun, current_run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from awsglue.context import GlueContext

_logger = logging.getLogger(__name__)

_ENABLE = "job-bookmark-enable"
_PAUSE = "job-bookmark-pause"
_DISABLE = "job-bookmark-disable"
_NO_ARGUMENTS: Mapping[str, Any] = MappingProxyType({})


class Job:
    """A job run as its script sees it: `init` before the sources are read, `commit` at the end.

    Outside a service (a script started by hand, a unit test) both do nothing, and sources read
    everything.

    Args:
        glue_context_or_spark_session: the script's GlueContext, or its SparkSession.
    """

    #: as for AWS, one job per process: every `Job` of a script is the same
    _initialized: ClassVar[bool] = False

    @classmethod
    def continuation_options(cls) -> list[str]:
        """Return the values of the legacy argument `--continuation-option`.

        They stand in the order of their successors in `job_bookmark_options`.
        """
        return ["continuation-enabled", "continuation-readonly", "continuation-ignore"]

    @classmethod
    def job_bookmark_options(cls) -> list[str]:
        """Return the values of the argument `--job-bookmark-option`."""
        return [_ENABLE, _PAUSE, _DISABLE]

    @classmethod
    def job_bookmark_range_options(cls) -> list[str]:
        """Return the names of the arguments that bound what a paused bookmark reads."""
        return ["job-bookmark-from", "job-bookmark-to"]

    @classmethod
    def id_params(cls) -> list[str]:
        """Return the names of the arguments that say which run it is."""
        return ["JOB_NAME", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION"]

    @classmethod
    def encryption_type_options(cls) -> list[str]:
        """Return the values of the legacy argument `--encryption-type`."""
        return ["sse-s3"]

    @classmethod
    def data_lineage_options(cls) -> list[str]:
        """Return the names of the arguments about data lineage."""
        return ["enable-data-lineage"]

    def __init__(self, glue_context_or_spark_session: GlueContext | SparkSession) -> None:
        self.context = glue_context_or_spark_session

    def init(self, job_name: str, args: Mapping[str, Any] = _NO_ARGUMENTS) -> None:
        """Begin the job: read its bookmark, if the run has one.

        Args:
            job_name: usually `args["JOB_NAME"]`. The bookmark is always that of the run's own job.
            args: what `getResolvedOptions` returned. What it does not say about bookmarks, the
                arguments of the run do.

        Raises:
            ValueError: the bookmark option is none of `job_bookmark_options`, or only one end of a
                range is given.
            glueball_runtime.errors.RuntimeFault: the bookmark cannot be read.
        """
        run = current_run()
        option = _option(args, run, "job-bookmark-option") or _DISABLE
        if option not in self.job_bookmark_options():
            options = ", ".join(self.job_bookmark_options())
            raise ValueError(f"--job-bookmark-option must be one of {options}; it is {option!r}.")
        bookmarks.deactivate()
        if option == _DISABLE:
            _logger.debug("Job %s runs without a bookmark: it is disabled.", job_name)
        elif run is None:
            _logger.warning("Job %s belongs to no run of a service: no bookmark.", job_name)
        else:
            _activate_bookmarks(run, option, args)
        Job._initialized = True

    def isInitialized(self) -> bool:  # AWS's spelling
        """Say whether `init` was called."""
        return Job._initialized

    def commit(self) -> None:
        """End the job: record what its sources have read, all of them or none.

        Raises:
            glueball_runtime.errors.BookmarkVersionMismatch: another run of the job has committed
                since `init`; nothing was recorded.
            glueball_runtime.errors.RuntimeFault: the bookmark cannot be written.
        """
        active = bookmarks.active()
        if active is not None:
            active.commit()
        elif not Job._initialized:
            _logger.warning("Job.commit without Job.init: there is no bookmark to write.")


def _option(args: Mapping[str, Any], run: CurrentRun | None, name: str) -> str | None:
    """Return what the script, or else the run, says about an option; `name` without its dashes."""
    value = args.get(name.replace("-", "_"))
    if value is None and run is not None:
        value = run.arguments.get(f"--{name}")
    return None if value is None else str(value)


def _activate_bookmarks(run: CurrentRun, option: str, args: Mapping[str, Any]) -> None:
    # Here and not above: what signs requests takes a tenth of a second to import, and most scripts
    # run without bookmarks.
    from glueball_runtime.bookmarks.client import open_bookmarks
    from glueball_runtime.service import ServiceClient

    client = ServiceClient(run.endpoint_url, run.region)
    run_range = _run_range(run, args) if option == _PAUSE else None
    opened = open_bookmarks(client, run, read_only=option == _PAUSE, run_range=run_range)
    bookmarks.activate(opened)


def _run_range(run: CurrentRun, args: Mapping[str, Any]) -> tuple[str, str] | None:
    after = _option(args, run, "job-bookmark-from")
    until = _option(args, run, "job-bookmark-to")
    if after is None and until is None:
        return None
    if after is None or until is None:
        raise ValueError("--job-bookmark-from and --job-bookmark-to must be given together.")
    return after, until
