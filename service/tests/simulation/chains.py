"""What must follow from the ends of runs, told again by the small model from what was seen."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Iterable, Sequence

from glueball.core.crawls import run_name
from simulation.model import ENDED, ModelChain, ModelRun, ModelTrigger
from simulation.rows import RunRow


class Chains:
    """Watches runs come and end.

    It knows no reason why a run fails at its start (its job is gone, a limit is reached), and takes
    that from what it sees.
    """

    def __init__(self) -> None:
        self._triggers: dict[str, ModelTrigger] = {}
        self._chains: dict[str, ModelChain] = {}
        self._known: set[str] = set()
        self._ended: set[str] = set()
        #: how often something followed: a check that never saw any has proved nothing
        self.retries = self.firings = self.joins = 0

    def add(self, trigger: ModelTrigger) -> None:
        """Tell of a trigger that is active from now on."""
        self._triggers[trigger.name] = trigger

    def remove(self, name: str) -> None:
        """Tell that a trigger starts nothing any more."""
        del self._triggers[name]

    def check(self, every: Sequence[RunRow], stopped: Container[str]) -> None:
        """Check that what came since the last check is just what had to follow.

        Args:
            every: all runs, in order of arrival.
            stopped: the workflow runs in which nothing starts any more.
        """
        new = [run for run in every if run.id not in self._known]
        ended = [run for run in every if run.state in ENDED and run.id not in self._ended]
        self._known.update(run.id for run in new)
        self._ended.update(run.id for run in ended)
        at_once = {run.id for run in new}.intersection(run.id for run in ended)
        retries = {run.previous_run_id: run for run in new if run.previous_run_id is not None}
        started = _started(run for run in new if run.previous_run_id is None)
        for chain_id in started.keys() - self._chains.keys():
            self._begin(chain_id, started[chain_id], stopped)
        for run in ended:
            if run.id not in at_once and not self._is_retried(run, retries):
                self._follow(run, started, stopped)
        assert not retries, f"nobody had to try again: {sorted(retries)}"
        for chain_id, runs in started.items():
            assert not runs, f"nothing had to start {runs[0].job_name} in {chain_id}"

    def _is_retried(self, run: RunRow, retries: dict[str, RunRow]) -> bool:
        retry = retries.pop(run.id, None)
        if run.state != "FAILED" or run.attempt >= run.max_retries:
            assert retry is None, f"{run.id} is {run.state}, and was tried again"
            return False
        assert retry is not None, f"{run.id} has failed, and was not tried again"
        assert retry.attempt == run.attempt + 1
        assert (retry.job_name, retry.chain_id) == (run.job_name, run.chain_id)
        self.retries += 1
        return True

    def _begin(self, chain_id: str, runs: deque[RunRow], stopped: Container[str]) -> None:
        trigger = self._triggers[runs[0].trigger_name or ""]
        assert not trigger.conditions, f"{trigger.name} has begun a chain"
        chain = ModelChain(workflow=trigger.workflow, triggers=[])
        self._chains[chain_id] = chain
        begun = [_take(runs, job, trigger.name) for job in trigger.actions]
        failed = [run for run in begun if run.state in ENDED]
        self._tell(chain_id, failed, runs, stopped)

    def _follow(
        self, run: RunRow, started: dict[str, deque[RunRow]], stopped: Container[str]
    ) -> None:
        if run.chain_id is not None:
            end = ModelRun(job=run.job_name, state=_told(run))
            self._tell(run.chain_id, [end], started[run.chain_id], stopped)

    def _tell(
        self,
        chain_id: str,
        ended: Sequence[ModelRun],
        runs: deque[RunRow],
        stopped: Container[str],
    ) -> None:
        if chain_id in stopped:
            return
        chain = self._chains[chain_id]
        listening = [one for one in self._triggers.values() if one.workflow == chain.workflow]
        fired = chain.follow(ended, listening, lambda job, trigger: _take(runs, job, trigger))
        self.firings += len(fired)
        self.joins += sum(len(self._triggers[name].conditions) > 1 for name in fired)


def _told(run: RunRow) -> str:
    """Return what triggers are told of an end: crawls have other states than runs of jobs."""
    if run.job_name.startswith(run_name("")):
        return {"STOPPED": "CANCELLED", "TIMEOUT": "FAILED"}.get(str(run.state), str(run.state))
    return str(run.state)


def _started(runs: Iterable[RunRow]) -> dict[str, deque[RunRow]]:
    """Return the runs of each chain, in order of arrival."""
    found: dict[str, deque[RunRow]] = defaultdict(deque)
    for run in runs:
        if run.chain_id is None:
            assert run.trigger_name is None
        else:
            found[run.chain_id].append(run)
    return found


def _take(runs: deque[RunRow], job: str, trigger: str) -> ModelRun:
    """Take the next run, which has to be that of an action."""
    assert runs, f"{trigger} should have started {job}"
    run = runs.popleft()
    assert (run.job_name, run.trigger_name) == (job, trigger), f"{trigger} should start {job}"
    return ModelRun(job=job, state=run.state)
