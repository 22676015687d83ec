"""A small model of jobs, runs, triggers and workflows: what the service must do, told again.

It knows no clock, no store and no processes: every job that may run runs at once and ends when the
test says so. Runs are in order of their beginning, as in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

ENDED = frozenset({"SUCCEEDED", "FAILED", "STOPPED", "ERROR", "TIMEOUT"})


@dataclass(kw_only=True)
class ModelJob:
    limit: int
    retries: int
    queues: bool


@dataclass(kw_only=True)
class ModelRun:
    job: str
    state: str
    attempt: int = 0
    retries: int = 0
    trigger: str | None = None
    chain: int | None = None


@dataclass(frozen=True, kw_only=True)
class ModelTrigger:
    name: str
    actions: tuple[str, ...]
    #: (job, state) pairs; none for a trigger that is started by hand
    conditions: tuple[tuple[str, str], ...] = ()
    any_of: bool = False
    workflow: str | None = None


@dataclass(kw_only=True)
class ModelChain:
    """What descends from one start: a workflow run, or a chain without a name."""

    workflow: str | None
    #: of a workflow run: the triggers as they were when it began
    triggers: list[ModelTrigger]
    status: str = "RUNNING"
    #: what each trigger has seen of what it watches, since it fired last
    seen: dict[str, dict[str, str]] = field(default_factory=dict)

    def follow(
        self,
        ended: Iterable[ModelRun],
        listening: Iterable[ModelTrigger],
        begin: Callable[[str, str], ModelRun],
    ) -> set[str]:
        """Tell of ends, one after the other; a trigger fires once for all of them.

        Args:
            listening: triggers that may fire.
            begin: starts a job as an action of a trigger, by their names.

        Returns:
            The names of the triggers that have fired.
        """
        fired: set[str] = set()
        in_order = sorted(listening, key=lambda one: one.name)
        queue = list(ended)
        while queue:
            run = queue.pop(0)
            for trigger in in_order:
                if trigger.name not in fired and self._is_met(trigger, run):
                    fired.add(trigger.name)
                    started = [begin(job, trigger.name) for job in trigger.actions]
                    queue += [one for one in started if one.state in ENDED]
        return fired

    def _is_met(self, trigger: ModelTrigger, run: ModelRun) -> bool:
        """Note the end for a trigger; tell whether it fires now, and forgets what it saw."""
        if run.job not in {job for job, _ in trigger.conditions}:
            return False
        seen = self.seen.setdefault(trigger.name, {})
        seen[run.job] = run.state
        holds = [seen.get(job) == state for job, state in trigger.conditions]
        if any(holds) if trigger.any_of else all(holds):
            seen.clear()
            return True
        return False


class Refused(Exception):
    """The service must refuse it."""


class Model:
    def __init__(self) -> None:
        self.jobs: dict[str, ModelJob] = {}
        self.runs: list[ModelRun] = []
        self.triggers: dict[str, ModelTrigger] = {}
        self.active: set[str] = set()
        self.limits: dict[str, int] = {}  # of workflows
        self.chains: list[ModelChain] = []

    # ---- what people do

    def start_run(self, job: str) -> None:
        if job not in self.jobs or not self._may_begin(job):
            raise Refused
        self._begin(job, None, None)

    def start_trigger(self, trigger: ModelTrigger) -> None:
        if trigger.workflow is not None:
            self.start_workflow(trigger.workflow, trigger)
            return
        self.chains.append(ModelChain(workflow=None, triggers=[]))
        self._set_off(trigger, len(self.chains) - 1)

    def start_workflow(self, workflow: str, trigger: ModelTrigger) -> None:
        running = [chain for chain in self.chains if chain.workflow == workflow]
        if sum(c.status in ("RUNNING", "STOPPING") for c in running) >= self.limits[workflow]:
            raise Refused
        kept = [
            one
            for one in self.triggers.values()
            if one.workflow == workflow and one.name in self.active
        ]
        self.chains.append(ModelChain(workflow=workflow, triggers=kept))
        self._set_off(trigger, len(self.chains) - 1)

    def stop_workflow_run(self, chain: int) -> None:
        self.chains[chain].status = "STOPPING"
        for run in [run for run in self.runs if run.chain == chain]:
            if run.state not in ENDED:
                run.state = "STOPPED"
        self._settle(chain)

    def stop_run(self, run: ModelRun) -> None:
        self.end(run, "STOPPED")

    def end(self, run: ModelRun, state: str) -> None:
        """Let a run end, and everything follow."""
        run.state = state
        if state == "FAILED" and run.attempt < run.retries:
            self.runs.append(
                ModelRun(
                    job=run.job,
                    state="WAITING",
                    attempt=run.attempt + 1,
                    retries=run.retries,
                    trigger=run.trigger,
                    chain=run.chain,
                )
            )
            return
        if run.chain is not None:
            self._follow(run.chain, [run])
            self._settle(run.chain)

    def admit(self) -> None:
        """Let those start that no limit keeps back, in order of their beginning."""
        for run in self.runs:
            if run.state == "WAITING":
                job = self.jobs.get(run.job)
                running = sum(one.job == run.job and one.state == "RUNNING" for one in self.runs)
                if job is None or running < job.limit:
                    run.state = "RUNNING"

    # ---- what follows

    def _may_begin(self, job: str) -> bool:
        active = sum(run.job == job and run.state not in ENDED for run in self.runs)
        return self.jobs[job].queues or active < self.jobs[job].limit

    def _begin(self, job: str, trigger: str | None, chain: int | None) -> ModelRun:
        state, retries = "WAITING", 0
        if job not in self.jobs:
            state = "ERROR"
        elif not self._may_begin(job):
            state = "FAILED"
        else:
            retries = self.jobs[job].retries
        run = ModelRun(job=job, state=state, retries=retries, trigger=trigger, chain=chain)
        self.runs.append(run)
        return run

    def _set_off(self, trigger: ModelTrigger, chain: int) -> None:
        started = [self._begin(job, trigger.name, chain) for job in trigger.actions]
        failed = [run for run in started if run.state in ENDED]
        self._follow(chain, failed)
        self._settle(chain)

    def _follow(self, chain: int, ended: Iterable[ModelRun]) -> None:
        self.chains[chain].follow(
            ended,
            self._listening(self.chains[chain]),
            lambda job, trigger: self._begin(job, trigger, chain),
        )

    def _listening(self, chain: ModelChain) -> list[ModelTrigger]:
        if chain.workflow is not None:
            return chain.triggers if chain.status == "RUNNING" else []
        return [
            one
            for one in self.triggers.values()
            if one.workflow is None and one.name in self.active
        ]

    def _settle(self, chain: int) -> None:
        if any(run.chain == chain and run.state not in ENDED for run in self.runs):
            return
        one = self.chains[chain]
        if one.status in ("RUNNING", "STOPPING"):
            one.status = "STOPPED" if one.status == "STOPPING" else "COMPLETED"
