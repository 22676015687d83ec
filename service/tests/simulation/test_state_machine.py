"""Whatever people do in whatever order, the service does what the small model says."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from glueball.api.glue import jobs, runs, triggers, workflow_runs, workflows
from glueball.core.errors import AwsError
from glueball.core.flex import FixedReserve
from glueball.core.pool import Pool
from glueball.core.runs import Run
from glueball.engine.bell import Bell
from glueball.engine.loop import Engine
from glueball.launchers.launch import Launch
from glueball.stores.orchestration_tables import workflow_runs as workflow_runs_table
from glueball.stores.tables import runs as runs_table
from simulation.model import ENDED, Model, ModelJob, ModelRun, ModelTrigger, Refused
from support.clocks import VirtualClock
from support.contexts import make_context
from support.launchers import ScriptedLauncher
from support.memory import memory_directory
from support.runs import BASE_TIME

_JOBS = ("a", "b", "c", "d")
_STATES = ("SUCCEEDED", "FAILED", "FAILED", "STOPPED")
_ROWS = sa.select(
    runs_table.c.id,
    runs_table.c.job_name,
    runs_table.c.state,
    runs_table.c.attempt,
    runs_table.c.trigger_name,
    runs_table.c.chain_id,
).order_by(runs_table.c.sequence)


class Prompt(ScriptedLauncher):
    """Runs the first line of a script as soon as it is started."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def start(self, launch: Launch) -> None:
        super().start(launch)
        self.runs(launch.run_id, self._clock.now())


class Service(RuleBasedStateMachine):
    """The operations over a real store, a real engine, and the model beside them."""

    def __init__(self) -> None:
        super().__init__()
        self._directory = memory_directory()
        home = Path(self._directory.name)
        self.clock = VirtualClock(BASE_TIME)
        self.context = make_context(home, self.clock)
        self.launcher = Prompt(self.clock)
        self.bell = Bell(home / "bell")
        self.engine = Engine(
            database=self.context.database,
            launcher=self.launcher,
            clock=self.clock,
            bell=self.bell,
            pool=Pool(dpus=1000.0, memory_mb=1_000_000),
            reserve=FixedReserve(share=0.0),
            remarks=lambda _run: (),
            prepare=lambda run: _launch(run, home),
            account=self.context.account,
            catch_up_seconds=3600.0,
        )
        self.model = Model()

    def teardown(self) -> None:
        self.bell.close()
        self.context.database.close()
        self._directory.cleanup()

    # ---- definitions

    @initialize(
        numbers=st.lists(
            st.tuples(st.integers(1, 2), st.integers(0, 1), st.booleans()), min_size=4, max_size=4
        ),
        limit=st.integers(1, 2),
        chains=st.lists(
            st.tuples(
                st.lists(st.sampled_from(_JOBS), min_size=1, max_size=2, unique=True),
                st.lists(st.sampled_from(_JOBS[:3]), min_size=1, max_size=2, unique=True),
                st.tuples(st.sampled_from(_STATES), st.sampled_from(_STATES)),
                st.booleans(),
                st.booleans(),
            ),
            min_size=1,
            max_size=4,
        ),
    )
    def define(self, numbers: list[tuple[int, int, bool]], limit: int, chains: list[Any]) -> None:
        for name, (most, retries, queues) in zip(_JOBS, numbers, strict=True):
            request: Any = {
                "Name": name,
                "Role": "r",
                "Command": {"Name": "pythonshell", "ScriptLocation": "s3://scripts/job.py"},
                "MaxRetries": retries,
                "ExecutionProperty": {"MaxConcurrentRuns": most},
                "JobRunQueuingEnabled": queues,
            }
            jobs.create_job(self.context, request)
            self.model.jobs[name] = ModelJob(limit=most, retries=retries, queues=queues)
        workflows.create_workflow(self.context, {"Name": "flow", "MaxConcurrentRuns": limit})
        self.model.limits["flow"] = limit
        for workflow, name in ((None, "alone"), ("flow", "begin")):
            self._create(ModelTrigger(name=name, actions=("a", "b"), workflow=workflow))
        self._chain(chains)

    def _chain(
        self, chains: list[tuple[list[str], list[str], tuple[str, str], bool, bool]]
    ) -> None:
        for actions, watched, states, any_of, in_workflow in chains:
            trigger = ModelTrigger(
                name=f"then{len(self.model.triggers)}",
                actions=tuple(actions),
                conditions=tuple(zip(watched, states, strict=False)),
                any_of=any_of,
                workflow="flow" if in_workflow else None,
            )
            failures = all(state == "FAILED" for _, state in trigger.conditions)
            # a circle of failures comes to an end, and is refused in a workflow only
            is_circle = failures and not in_workflow and not {*watched} & {*actions}
            if max(watched) < min(actions) or is_circle:
                self._create(trigger)
                self.model.active.add(trigger.name)

    def _create(self, trigger: ModelTrigger) -> None:
        request: Any = {
            "Name": trigger.name,
            "Type": "CONDITIONAL" if trigger.conditions else "ON_DEMAND",
            "Actions": [{"JobName": name} for name in trigger.actions],
        }
        if trigger.conditions:
            conditions = [
                {"LogicalOperator": "EQUALS", "JobName": job, "State": state}
                for job, state in trigger.conditions
            ]
            logical = "ANY" if trigger.any_of else "AND"
            request["Predicate"] = {"Logical": logical, "Conditions": conditions}
            request["StartOnCreation"] = True
        if trigger.workflow:
            request["WorkflowName"] = trigger.workflow
        triggers.create_trigger(self.context, request)
        self.model.triggers[trigger.name] = trigger

    @rule(data=st.data())
    @precondition(lambda self: any(one.conditions for one in self.model.triggers.values()))
    def switch(self, data: st.DataObject) -> None:
        conditional = sorted(name for name, one in self.model.triggers.items() if one.conditions)
        name = data.draw(st.sampled_from(conditional))
        if name in self.model.active:
            triggers.stop_trigger(self.context, {"Name": name})
        else:
            triggers.start_trigger(self.context, {"Name": name})
        self.model.active ^= {name}

    @rule(job=st.sampled_from(_JOBS[2:]), really=st.integers(0, 9))
    def delete_job(self, job: str, really: int) -> None:
        if really:  # rarely: nothing happens to a job that is gone
            return
        jobs.delete_job(self.context, {"JobName": job})
        self.model.jobs.pop(job, None)

    # ---- runs

    @rule(job=st.sampled_from(_JOBS))
    def start_run(self, job: str) -> None:
        self._same(
            lambda: self.model.start_run(job),
            lambda: runs.start_job_run(self.context, {"JobName": job}),
        )

    @rule()
    def start_all_that_may_run(self) -> None:
        """Then what a trigger starts fails at once, where it may not queue."""
        for job in sorted(self.model.jobs):
            for _ in range(self.model.jobs[job].limit):
                self.start_run(job)

    @rule()
    def start_trigger(self) -> None:
        self._same(
            lambda: self.model.start_trigger(self.model.triggers["alone"]),
            lambda: triggers.start_trigger(self.context, {"Name": "alone"}),
        )

    @rule(by_trigger=st.booleans())
    def start_workflow(self, by_trigger: bool) -> None:
        def start() -> None:
            if by_trigger:
                triggers.start_trigger(self.context, {"Name": "begin"})
            else:
                workflow_runs.start_workflow_run(self.context, {"Name": "flow"})

        begin = self.model.triggers["begin"]
        self._same(lambda: self.model.start_workflow("flow", begin), start)

    @rule(data=st.data(), state=st.sampled_from(("SUCCEEDED", "SUCCEEDED", "FAILED")))
    @precondition(lambda self: any(run.state == "RUNNING" for run in self.model.runs))
    def end(self, data: st.DataObject, state: str) -> None:
        self._end(data.draw(st.sampled_from(self._which("RUNNING"))), state)

    @rule()
    @precondition(lambda self: any(run.state == "RUNNING" for run in self.model.runs))
    def end_the_oldest(self) -> None:
        self._end(self._which("RUNNING")[0], "SUCCEEDED")

    def _end(self, index: int, state: str) -> None:
        code = 0 if state == "SUCCEEDED" else 1
        self.launcher.ends(self._rows()[index].id, self.clock.now(), code)
        self.model.end(self.model.runs[index], state)

    @rule(data=st.data())
    @precondition(lambda self: any(run.state not in ENDED for run in self.model.runs))
    def stop(self, data: st.DataObject) -> None:
        index = data.draw(st.sampled_from(self._which("RUNNING", "WAITING")))
        row = self._rows()[index]
        with suppress(AwsError):  # its job was deleted: nobody can stop it by its name
            request: Any = {"JobName": row.job_name, "JobRunIds": [row.id]}
            runs.batch_stop_job_run(self.context, request)
            self._end_the_stopped()
            self.model.stop_run(self.model.runs[index])

    @rule(data=st.data())
    @precondition(lambda self: any(c.workflow and c.status == "RUNNING" for c in self.model.chains))
    def stop_workflow_run(self, data: st.DataObject) -> None:
        running = [
            number
            for number, chain in enumerate(self.model.chains)
            if chain.workflow and chain.status == "RUNNING"
        ]
        number = data.draw(st.sampled_from(running))
        request: Any = {"Name": "flow", "RunId": self._chain_ids()[number]}
        workflow_runs.stop_workflow_run(self.context, request)
        self._end_the_stopped()
        self.model.stop_workflow_run(number)

    # ---- the comparison

    @invariant()
    def the_service_does_what_the_model_says(self) -> None:
        for _ in range(4):
            self.engine.step()
        self.model.admit()
        chains = {chain_id: number for number, chain_id in enumerate(self._chain_ids())}
        found = [
            ModelRun(
                job=row.job_name,
                state=row.state,
                attempt=row.attempt,
                trigger=row.trigger_name,
                chain=None if row.chain_id is None else chains[row.chain_id],
            )
            for row in self._rows()
        ]
        assert [_plain(run) for run in found] == [_plain(run) for run in self.model.runs]
        with self.context.database.read() as connection:
            query = sa.select(workflow_runs_table.c.status).order_by(workflow_runs_table.c.sequence)
            statuses = list(connection.execute(query).scalars())
        assert statuses == [chain.status for chain in self.model.chains if chain.workflow]

    def _same(self, expected: Any, done: Any) -> None:
        """Do the same to both; what the model refuses, the service must refuse."""
        try:
            expected()
        except Refused:
            try:
                done()
            except AwsError:
                return
            raise AssertionError("the service accepted what it must refuse") from None
        done()

    def _rows(self) -> list[Any]:
        with self.context.database.read() as connection:
            return list(connection.execute(_ROWS))

    def _chain_ids(self) -> list[str]:
        """Return the chains, in order of their first runs: each of them has one at once."""
        ids = [row.chain_id for row in self._rows() if row.chain_id is not None]
        return list(dict.fromkeys(ids))

    def _which(self, *states: str) -> list[int]:
        return [number for number, run in enumerate(self.model.runs) if run.state in states]

    def _end_the_stopped(self) -> None:
        """Let processes end that were asked to."""
        for row in self._rows():
            if row.state == "STOPPING":
                self.launcher.ends(row.id, self.clock.now(), None, stopped=True)


def _plain(run: ModelRun) -> tuple[Any, ...]:
    return (run.job, run.state, run.attempt, run.trigger, run.chain)


def _launch(run: Run, home: Path) -> Launch:
    return Launch(
        run_id=run.id,
        token=run.token,
        job_name=run.job_name,
        command=run.command,
        script_location=run.script_location,
        output_path=home / "output",
        error_path=home / "error",
        endpoint_url="http://127.0.0.1:1",
        region="us-east-1",
        account_id="123456789012",
        objects_root=home,
    )


TestService = Service.TestCase
TestService.settings = settings(
    max_examples=150,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def test_a_trigger_fires_once_for_several_failures() -> None:
    service = Service()
    watches_both = (["d"], ["a", "b"], ("FAILED", "FAILED"), True, False)
    service.define(numbers=[(1, 0, False)] * 4, limit=1, chains=[watches_both])
    service.start_all_that_may_run()
    service.the_service_does_what_the_model_says()
    service.start_trigger()  # which starts a and b
    service.the_service_does_what_the_model_says()
    assert [run.job for run in service.model.runs if run.trigger == "then2"] == ["d"]
    service.teardown()
