"""How much smaller the pool could be: the peak of STANDARD demand with a job, and without it."""

from __future__ import annotations

from collections.abc import Iterable

from glueball.core.advisor_replay import start_of
from glueball.core.past_runs import PastRun
from glueball.core.pool import FLEX


class Peaks:
    """Demand in some time.

    Args:
        runs: of all jobs.
    """

    def __init__(self, runs: Iterable[PastRun]) -> None:
        #: in order of time: DPUs that are taken (or given back), the job, whether it was STANDARD
        self._steps: list[tuple[float, float, str, bool]] = []
        for run in runs:
            if run.started is not None and run.completed is not None:
                began, kind = start_of(run), run.execution_class != FLEX
                self._steps.append((began, run.dpus, run.job_name, kind))
                self._steps.append((max(began, run.completed), -run.dpus, run.job_name, kind))
        self._steps.sort()  # what ends makes room for what starts in the same moment

    def saved(self, job_name: str) -> float:
        """Return by how many DPUs the highest demand of STANDARD is lower where a job is FLEX.

        A pool has to hold that demand; FLEX takes its turn in what is left. It is 0 where other
        jobs make the peak at another time.

        Args:
            job_name: its runs count as STANDARD, whatever they were.
        """
        others = level = peak_of_others = peak = 0.0
        for _, dpus, name, is_standard in self._steps:
            if name == job_name:
                level += dpus
            elif is_standard:
                level += dpus
                others += dpus
            peak = max(peak, level)
            peak_of_others = max(peak_of_others, others)
        return peak - peak_of_others
