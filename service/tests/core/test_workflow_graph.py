from __future__ import annotations

import random
from typing import Any

import pytest

from glueball.core.errors import InvalidInput
from glueball.core.triggers import Trigger, TriggerState, TriggerType
from glueball.core.workflow_graph import (
    MAX_NODES,
    Edge,
    Node,
    NodeType,
    check_graph,
    graph_of,
    nodes_to_resume,
    unique_id,
)


def trigger(name: str, *, after: str = "", starts: str = "", kind: str = "") -> Trigger:
    """Return a trigger that watches the jobs `after` and starts the jobs `starts`."""
    conditions = [
        {"LogicalOperator": "EQUALS", "JobName": job, "State": "SUCCEEDED"} for job in after.split()
    ]
    document: dict[str, Any] = {"Actions": [{"JobName": job} for job in starts.split()]}
    if conditions:
        document["Predicate"] = {"Conditions": conditions}
    return Trigger(
        name=name,
        type=TriggerType(kind or ("CONDITIONAL" if after else "ON_DEMAND")),
        state=TriggerState.ACTIVATED,
        workflow_name="w",
        schedule=None,
        created=0.0,
        modified=0.0,
        activated=None,
        next_due=None,
        document=document,
    )


def shape(one: Trigger) -> dict[str, Any]:
    return {"Name": one.name, **one.document}


def job(name: str) -> Node:
    return Node(NodeType.JOB, name)


def fires(name: str) -> Node:
    return Node(NodeType.TRIGGER, name)


def test_a_job_between_two_triggers_is_one_node() -> None:
    graph = graph_of(
        [shape(trigger("t1", starts="a")), shape(trigger("t2", after="a", starts="b"))]
    )
    assert graph.nodes == (fires("t1"), job("a"), fires("t2"), job("b"))
    assert graph.edges == (
        Edge(fires("t1"), job("a")),
        Edge(job("a"), fires("t2")),
        Edge(fires("t2"), job("b")),
    )


def test_crawlers_are_nodes_too() -> None:
    conditions = [{"LogicalOperator": "EQUALS", "CrawlerName": "c", "CrawlState": "SUCCEEDED"}]
    found = graph_of(
        [
            {"Name": "t1", "Actions": [{"CrawlerName": "c"}]},
            {"Name": "t2", "Actions": [{"JobName": "c"}], "Predicate": {"Conditions": conditions}},
        ]
    )
    crawler = Node(NodeType.CRAWLER, "c")
    assert found.nodes == (fires("t1"), crawler, fires("t2"), job("c"))
    assert found.downstream([crawler]) == {fires("t2"), job("c")}


def test_several_conditions_on_a_job_make_one_edge() -> None:
    conditions = [{"JobName": "a", "State": state} for state in ("FAILED", "TIMEOUT")]
    one = {"Name": "t", "Actions": [], "Predicate": {"Logical": "ANY", "Conditions": conditions}}
    assert graph_of([one]).edges == (Edge(job("a"), fires("t")),)


def test_nodes_have_ids_of_their_own() -> None:
    nodes = [job("a"), fires("a"), Node(NodeType.CRAWLER, "a"), job("b")]
    ids = {unique_id(workflow, node) for workflow in ("w", "v") for node in nodes}
    assert len(ids) == 8
    assert all(len(one) == len("wnode_") + 64 for one in ids)
    assert unique_id("w", job("a")) == unique_id("w", job("a"))


@pytest.mark.parametrize(
    ("triggers", "reason"),
    [
        ([], "a workflow begins empty"),
        ([trigger("t2", after="a", starts="b")], "the starting trigger may come last"),
        ([trigger("t1", starts="a"), trigger("t2", after="a", starts="b")], "a chain"),
        (
            [
                trigger("t1", starts="a b"),
                trigger("t2", after="a", starts="c"),
                trigger("t3", after="b c", starts="d"),
            ],
            "a diamond is no circle",
        ),
        (
            [
                trigger("t1", starts="a"),
                trigger("t2", after="a", starts="b"),
                trigger("t3", after="a", starts="b"),
            ],
            "two ways to start a job",
        ),
        ([trigger("t", starts=" ".join(f"j{n}" for n in range(MAX_NODES - 1)))], "100 nodes"),
    ],
)
def test_a_workflow_may_be(triggers: list[Trigger], reason: str) -> None:
    check_graph(triggers)


@pytest.mark.parametrize(
    ("triggers", "message"),
    [
        (
            [trigger("t1", starts="a"), trigger("t2", starts="b")],
            "only one starting trigger.*t1, t2",
        ),
        (
            [trigger("t1", starts="a", kind="SCHEDULED"), trigger("t2", starts="a", kind="EVENT")],
            "only one starting trigger",
        ),
        ([trigger("t", after="a", starts="a")], "circle: .*trigger t"),
        (
            [trigger("t1", after="a", starts="b"), trigger("t2", after="b", starts="a")],
            "job a -> trigger t1 -> job b -> trigger t2 -> job a|circle",
        ),
        ([trigger("t", starts=" ".join(f"j{n}" for n in range(MAX_NODES)))], "would be 101"),
    ],
)
def test_a_workflow_may_not_be(triggers: list[Trigger], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        check_graph(triggers)


_DIAMOND = graph_of(
    [
        shape(trigger("t1", starts="a")),
        shape(trigger("t2", after="a", starts="b c")),
        shape(trigger("t3", after="b c", starts="d")),
    ]
)


@pytest.mark.parametrize(
    ("chosen", "resumed", "reason"),
    [
        ("b", "b", "one node"),
        ("c b", "c b", "in the order asked for"),
        ("b b", "b", "once"),
        ("d a", "a", "d runs anyway"),
        ("d b c", "b c", "behind both"),
    ],
)
def test_a_run_resumes_from(chosen: str, resumed: str, reason: str) -> None:
    ids = [unique_id("w", job(name)) for name in chosen.split()]
    found = nodes_to_resume("w", _DIAMOND, ids, {job(name) for name in "abcd"})
    assert found == tuple(map(job, resumed.split()))


@pytest.mark.parametrize(
    ("node_ids", "message"),
    [
        ([], "at least one"),
        ([unique_id("w", fires("t1"))], "t1 is a trigger"),
        ([unique_id("w", job("d"))], "job d was never started"),
        ([unique_id("other", job("a"))], "not a node of this run"),
        ([unique_id("w", job("a")), "nonsense"], "nonsense is not a node"),
    ],
)
def test_no_run_resumes_from(node_ids: list[str], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        nodes_to_resume("w", _DIAMOND, node_ids, {job("a"), job("b")})


@pytest.mark.parametrize("seed", range(200))
def test_circles_are_found_as_by_walking(seed: int) -> None:
    chance = random.Random(seed)
    jobs = "abcde"
    triggers = [
        trigger(f"t{number}", after=chance.choice(jobs), starts=chance.choice(jobs))
        for number in range(chance.randint(1, 5))
    ]
    if _walks_round(triggers):
        with pytest.raises(InvalidInput, match="circle"):
            check_graph(triggers)
    else:
        check_graph(triggers)


def _walks_round(triggers: list[Trigger]) -> bool:
    """Tell whether some walk of as many steps as there are jobs and one more is possible."""
    steps = [
        (one.document["Predicate"]["Conditions"][0]["JobName"], one.actions[0]["JobName"])
        for one in triggers
    ]
    reached = {before for before, _ in steps}
    for _ in range(6):
        reached = {after for before, after in steps if before in reached}
    return bool(reached)
