"""Ten thousand short lives of a service, and some long ones.

A failing seed is printed with the failure; `live(home, seed, events=8)` does the same again.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from glueball.core.triggers import TriggerType
from simulation.world import Home, World
from support.memory import memory_directory

_SEEDS = 10_000
_SEEDS_A_TEST = 250
_STATES = ("SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")
_CRAWL_STATES = ("SUCCEEDED", "SUCCEEDED", "FAILED", "CANCELLED")
_CRAWLER = "lake"
_CIRCLE = "again"
_SCHEDULES = ("rate(5 minutes)", "cron(0/10 * * * ? *)", "cron(0 * * * ? *)", "rate(7 minutes)")


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with memory_directory() as directory:
        home = Home(Path(directory))
        yield home
        home.close()


@pytest.mark.parametrize("first", range(0, _SEEDS, _SEEDS_A_TEST))
def test_short_lives(home: Home, first: int) -> None:
    retries = joins = 0
    for seed in range(first, first + _SEEDS_A_TEST):
        with _told(seed):
            chains = live(home, seed, events=8).chains
        retries += chains.retries
        joins += chains.joins
    assert retries and joins, "what never happened was not checked"


@pytest.mark.parametrize("seed", range(_SEEDS, _SEEDS + 20))
def test_long_lives(home: Home, seed: int) -> None:
    with _told(seed):
        live(home, seed, events=150)


def test_two_years_of_schedules(home: Home) -> None:
    world = World(home, seed=1)
    world.create_job("nightly", WorkerType="G.1X", NumberOfWorkers=10)
    schedules = ("cron(0 2 * * ? *)", "cron(30 6 ? * MON *)", "cron(0 0 L * ? *)", "rate(3 days)")
    for number, schedule in enumerate(schedules):
        world.create_trigger(
            f"trigger{number}",
            TriggerType.SCHEDULED,
            Schedule=schedule,
            Actions=[{"JobName": "nightly"}],
        )
    end = world.machine.now() + 2 * 365 * 86_400
    while world.machine.now() < end:
        if world.chance.random() < 0.2:
            world.die_within(world.chance.randrange(8))
        world.pass_by(world.until_due())
        world.settle()
    _come_to_rest(world)
    world.check_end()
    # 2 × 365 nights, 104 Mondays, 24 ends of months, each third day: give or take an edge
    assert 1095 <= len(world.expected) <= 1105


class _told:
    """Says which seed it was."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None:
            error.add_note(f"seed {self._seed}")


def live(home: Home, seed: int, *, events: int) -> World:
    """Let a service live through `events` events of chance and then come to rest."""
    world = World(home, seed)
    chance = world.chance
    parts = _define(world, chance)
    for _ in range(events):
        _happen(world, chance, parts)
        world.settle()
    _come_to_rest(world)
    world.check_end()
    return world


def _define(world: World, chance: random.Random) -> list[str]:
    """Make jobs, maybe a crawler, and triggers that chain them; return what can be started."""
    names = [f"job{number}" for number in range(chance.randint(2, 4))]
    for name in names:
        world.create_job(
            name,
            MaxRetries=chance.choice((0, 0, 1, 2)),
            Timeout=chance.choice((1, 3, 30)),
            ExecutionClass=chance.choice(("STANDARD", "FLEX")),
            ExecutionProperty={"MaxConcurrentRuns": chance.choice((1, 2, 5))},
            JobRunQueuingEnabled=chance.random() < 0.5,
            WorkerType="G.1X",
            NumberOfWorkers=chance.choice((2, 10, 30, 60)),
        )
    flow = "flow" if chance.random() < 0.5 else None
    if flow:
        world.create_workflow(flow, MaxConcurrentRuns=chance.choice((1, 3)))
    kind = chance.choice((TriggerType.ON_DEMAND, TriggerType.SCHEDULED))
    schedule = chance.choice(_SCHEDULES) if kind is TriggerType.SCHEDULED else None
    parts = _parts(world, chance, names)
    actions = [_named(name) for name in chance.sample(parts, chance.randint(1, len(parts)))]
    members = {"WorkflowName": flow, "Schedule": schedule, "Actions": actions}
    world.create_trigger("begin", kind, **{name: one for name, one in members.items() if one})
    for number in range(chance.randint(1, 4)):
        _chain(world, chance, parts, flow, number)
    return parts


def _parts(world: World, chance: random.Random, names: list[str]) -> list[str]:
    """Return what triggers start and watch, in an order in which nothing starts what is before it:
    the jobs, and maybe a crawler."""
    if chance.random() < 0.6:
        return names
    world.create_crawler(_CRAWLER)
    place = chance.randint(0, len(names))
    return [*names[:place], f"@{_CRAWLER}", *names[place:]]


def _named(name: str) -> dict[str, str]:
    return {"CrawlerName": name[1:]} if _is_crawler(name) else {"JobName": name}


def _condition(chance: random.Random, name: str, *, failed: bool) -> dict[str, str]:
    crawls = _is_crawler(name)
    states = ("FAILED",) if failed else _CRAWL_STATES if crawls else _STATES
    member = "CrawlState" if crawls else "State"
    return {"LogicalOperator": "EQUALS", **_named(name), member: chance.choice(states)}


def _chain(
    world: World, chance: random.Random, names: list[str], flow: str | None, number: int
) -> None:
    """Let jobs start a later one, or those that failed an earlier one: such a circle goes on for
    as long as people let it, and where nothing can even start the service must end it."""
    is_circle = flow is None and chance.random() < 0.3
    index = chance.randrange(len(names) - 1)
    watched = names[1:] if is_circle else names[: index + 1]
    chosen = chance.sample(watched, min(len(watched), chance.randint(1, 2)))
    conditions = [_condition(chance, name, failed=is_circle) for name in chosen]
    unwatched = [name for name in names if name not in chosen]
    action = chance.choice(unwatched if is_circle else names[index + 1 :])
    members: dict[str, Any] = {
        "Actions": [_named(action)],
        "Predicate": {"Logical": chance.choice(("AND", "ANY")), "Conditions": conditions},
    }
    if flow:
        members["WorkflowName"] = flow
    name = f"{_CIRCLE if is_circle else 'then'}{number}"
    world.create_trigger(name, TriggerType.CONDITIONAL, **members)


def _happen(world: World, chance: random.Random, parts: list[str]) -> None:
    if chance.random() < 0.3:
        world.die_within(chance.randrange(12))
    event = chance.random()
    if event < 0.25:
        _start(world, chance.choice(parts))
    elif event < 0.45:
        world.fire("begin")
    elif event < 0.55:
        _stop(world, chance, chance.choice(parts))
    elif event < 0.60:
        world.stop_workflow_runs()
    elif event < 0.605:
        world.delete_job(chance.choice([part for part in parts if not _is_crawler(part)]))
    elif event < 0.67:
        world.set_clock(chance.choice((-7200.0, -60.0, -1.0, 1.0, 60.0, 7200.0)))
    else:
        world.pass_by(chance.choice((0.4, 5.0, 60.0, 400.0)))


def _start(world: World, part: str) -> None:
    if _is_crawler(part):
        world.start_crawler(part[1:])
    else:
        world.start_run(part)


def _stop(world: World, chance: random.Random, part: str) -> None:
    if _is_crawler(part):
        world.stop_crawler(part[1:])
        return
    active = [run.id for run in world.runs() if run.job_name == part]
    if active:
        chosen = chance.sample(active, min(len(active), 2))
        world.stop_runs(part, sorted(chosen, key=active.index))


def _is_crawler(part: str) -> bool:
    return part.startswith("@")


def _come_to_rest(world: World) -> None:
    """Let nothing begin by itself any more, and give everything the time that it takes."""
    world.stop_triggers(name for name in world.triggers if name.startswith(_CIRCLE))
    for _ in range(2000):
        if all(run.completed is not None for run in world.runs()):
            return
        world.pass_by((world.executor.next_event() or 30.0) + 0.01)
        world.settle()
    raise AssertionError("some runs never end")
