"""The graph of a workflow: its triggers, the jobs and crawlers that they start and watch.

https://docs.aws.amazon.com/glue/latest/webapi/API_WorkflowGraph.html
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from hashlib import sha256
from typing import Any, NamedTuple

from glueball.core.crawls import crawler_of
from glueball.core.errors import InvalidInput
from glueball.core.predicates import watched
from glueball.core.runs import Run
from glueball.core.triggers import Trigger, TriggerType

#: triggers, jobs and crawlers of a workflow (blueprint_workflow_restrictions.html)
MAX_NODES = 100


class NodeType(StrEnum):
    TRIGGER = "TRIGGER"
    JOB = "JOB"
    CRAWLER = "CRAWLER"


class Node(NamedTuple):
    """One component. A job that several triggers start or watch is one node."""

    type: NodeType
    name: str


class Edge(NamedTuple):
    """What starts what: a trigger its jobs, and the end of a job the triggers that watch it."""

    source: Node
    destination: Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """Nodes and edges, each once, in the order in which the triggers name them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def downstream(self, nodes: Iterable[Node]) -> frozenset[Node]:
        """Return every node that a way of edges leads to from one of `nodes`."""
        followers = defaultdict(list)
        for edge in self.edges:
            followers[edge.source].append(edge.destination)
        found: set[Node] = set()
        ahead = deque(nodes)
        while ahead:
            new = [node for node in followers[ahead.popleft()] if node not in found]
            found.update(new)
            ahead.extend(new)
        return frozenset(found)


def graph_of(triggers: Iterable[Mapping[str, Any]]) -> Graph:
    """Return the graph that triggers span.

    Args:
        triggers: AWS's `Trigger` shapes, all of one workflow.
    """
    nodes: dict[Node, None] = {}
    edges: dict[Edge, None] = {}
    for trigger in triggers:
        own = Node(NodeType.TRIGGER, trigger["Name"])
        before = [
            Node(NodeType(kind), name) for kind, name in watched(trigger.get("Predicate", {}))
        ]
        after = [started_by(action) for action in trigger.get("Actions", ())]
        nodes.update(dict.fromkeys([own, *before, *after]))
        edges.update(dict.fromkeys(Edge(node, own) for node in before))
        edges.update(dict.fromkeys(Edge(own, node) for node in after))
    return Graph(nodes=tuple(nodes), edges=tuple(edges))


def started_by(action: Mapping[str, Any]) -> Node:
    """Return the node that an action (AWS's `Action` shape) starts."""
    if "CrawlerName" in action:
        return Node(NodeType.CRAWLER, action["CrawlerName"])
    return Node(NodeType.JOB, action["JobName"])


def node_of(run: Run) -> Node:
    """Return the node that a run belongs to."""
    crawler = crawler_of(run)
    return Node(NodeType.JOB, run.job_name) if crawler is None else Node(NodeType.CRAWLER, crawler)


def unique_id(workflow_name: str, node: Node) -> str:
    """Return AWS's `UniqueId` of a node: the same in the workflow and in all its runs."""
    # a name holds no line break, so no two nodes can be written alike
    text = "\n".join([workflow_name, node.type.value, node.name])
    return f"wnode_{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def check_graph(triggers: Iterable[Trigger]) -> None:
    """Check that triggers can form a workflow.

    Args:
        triggers: all triggers that the workflow would have.

    Raises:
        InvalidInput: two of them begin it, they and what they name are too many, or they go round
            in a circle.
    """
    of_workflow = tuple(triggers)
    _check_start(of_workflow)
    graph = graph_of({"Name": one.name, **one.document} for one in of_workflow)
    if len(graph.nodes) > MAX_NODES:
        raise InvalidInput(
            f"A workflow can have {MAX_NODES} triggers, jobs and crawlers in all; these would be "
            f"{len(graph.nodes)}. Divide it into several workflows."
        )
    _check_circles(graph)


def nodes_to_resume(
    workflow_name: str, graph: Graph, node_ids: Sequence[str], attempted: Collection[Node]
) -> tuple[Node, ...]:
    """Return the nodes from which a workflow run goes on, in the order asked for.

    A node behind another one is left out: it runs anyway (resuming-workflow.html).

    Args:
        node_ids: `UniqueId` of each node that was chosen.
        attempted: the nodes that the run tried to run.

    Raises:
        InvalidInput: none is chosen, or one is no job or crawler that the run tried to run.
    """
    if not node_ids:
        raise InvalidInput("Name at least one node to resume from in NodeIds.")
    by_id = {unique_id(workflow_name, node): node for node in graph.nodes}
    chosen: dict[Node, None] = {}
    for node_id in node_ids:
        node = by_id.get(node_id)
        if node is None:
            raise InvalidInput(
                f"{node_id} is not a node of this run; get-workflow-run --include-graph shows the "
                "UniqueId of each."
            )
        if node.type is NodeType.TRIGGER:
            raise InvalidInput(f"A run resumes from jobs and crawlers; {node.name} is a trigger.")
        if node not in attempted:
            raise InvalidInput(
                f"The {node.type.lower()} {node.name} was never started in this run, so it cannot "
                "be resumed from; choose a node before it."
            )
        chosen[node] = None
    behind = graph.downstream(chosen)
    return tuple(node for node in chosen if node not in behind)


def _check_start(triggers: Iterable[Trigger]) -> None:
    starting = [one.name for one in triggers if one.type is not TriggerType.CONDITIONAL]
    if len(starting) > 1:
        raise InvalidInput(
            f"A workflow can have only one starting trigger (ON_DEMAND, SCHEDULED or EVENT); these "
            f"are several: {', '.join(starting)}."
        )


def _check_circles(graph: Graph) -> None:
    before: dict[Node, list[Node]] = {node: [] for node in graph.nodes}
    for edge in graph.edges:
        before[edge.destination].append(edge.source)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        names = " -> ".join(f"{node.type.lower()} {node.name}" for node in error.args[1])
        raise InvalidInput(
            f"A workflow cannot go round in a circle: {names}. Take one of these away."
        ) from error
