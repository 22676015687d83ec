from __future__ import annotations

import math
from typing import Any

import pytest

from glueball.core.errors import InvalidInput
from glueball.core.workers import WORKER_TYPES, capacity_of


def asked(command: str = "glueetl", glue_version: str | None = "5.1", **members: Any) -> float:
    everything = dict.fromkeys(
        ("worker_type", "number_of_workers", "max_capacity", "allocated_capacity")
    )
    return capacity_of(command, glue_version, **{**everything, **members})


@pytest.mark.parametrize(
    ("command", "version", "members", "dpus"),
    [
        # AWS's default: ten workers G.1X
        ("glueetl", "5.1", {}, 10),
        ("gluestreaming", "4.0", {}, 10),
        # the seed's job
        ("glueetl", "4.0", {"worker_type": "G.1X", "number_of_workers": 10}, 10),
        ("glueetl", "5.0", {"worker_type": "G.2X", "number_of_workers": 5}, 10),
        # first version that has the worker
        ("glueetl", "3.0", {"worker_type": "G.8X", "number_of_workers": 2}, 16),
        ("glueetl", "4.0", {"worker_type": "R.8X", "number_of_workers": 3}, 24),
        # a quarter of a DPU, and only for streams
        ("gluestreaming", "3.0", {"worker_type": "G.025X", "number_of_workers": 2}, 0.5),
        # one Standard worker alone
        ("glueetl", "2.0", {"worker_type": "Standard", "number_of_workers": 1}, 1),
        # more than any pool: cut later, not refused
        ("glueetl", "5.1", {"worker_type": "G.1X", "number_of_workers": 5000}, 5000),
        # no version: the newest
        ("glueetl", None, {"worker_type": "G.16X", "number_of_workers": 2}, 32),
        ("glueetl", "auto", {"worker_type": "G.16X", "number_of_workers": 2}, 32),
        # what Airflow's operator sends unless told otherwise
        ("glueetl", "5.1", {"max_capacity": 10.0}, 10),
        ("glueetl", "1.0", {"allocated_capacity": 2}, 2),
        # a Python shell has two sizes; the small one is the default
        ("pythonshell", None, {}, 0.0625),
        ("pythonshell", "3.0", {"max_capacity": 0.0625}, 0.0625),
        ("pythonshell", None, {"max_capacity": 1.0}, 1),
        ("pythonshell", None, {"allocated_capacity": 1}, 1),
        ("glueray", "4.0", {"worker_type": "Z.2X", "number_of_workers": 1}, 2),
    ],
)
def test_capacity_is_workers_times_their_size(
    command: str, version: str | None, members: dict[str, Any], dpus: float
) -> None:
    assert asked(command, version, **members) == dpus


G1X = {"worker_type": "G.1X", "number_of_workers": 2}


@pytest.mark.parametrize(
    ("command", "version", "members", "sentence"),
    [
        # cloudposse/terraform-aws-glue #42
        ("pythonshell", None, G1X, "Worker Type is not supported for Job Command pythonshell"),
        (
            "pythonshell",
            None,
            {"number_of_workers": 2},
            "Number of Workers is not supported for Job Command pythonshell",
        ),
        # aws-samples/cql-replicator #181
        (
            "glueetl",
            "4.0",
            {"worker_type": "G.1X", "number_of_workers": 1},
            "To use Worker Type G.1X, minimum allowed value of Number of Workers is 2.",
        ),
        # below nothing
        (
            "glueetl",
            "4.0",
            {"worker_type": "Standard", "number_of_workers": -3},
            "To use Worker Type Standard, minimum allowed value of Number of Workers is 1.",
        ),
        # one of the pair
        (
            "glueetl",
            "4.0",
            {"worker_type": "G.1X"},
            "Please set both Worker Type and Number of Workers.",
        ),
        (
            "glueetl",
            "4.0",
            {"number_of_workers": 2},
            "Please set both Worker Type and Number of Workers.",
        ),
        # Ray has no other way to say it
        ("glueray", "4.0", {}, "Please set both Worker Type and Number of Workers."),
        # the pair and the sum
        (
            "glueetl",
            "4.0",
            {**G1X, "max_capacity": 2.0},
            "Please do not set Max Capacity if using Worker Type and Number of Workers.",
        ),
        # apache/airflow #19207
        (
            "glueetl",
            "3.0",
            {**G1X, "allocated_capacity": 2},
            "Please do not set Allocated Capacity if using Worker Type and Number of Workers.",
        ),
        (
            "glueetl",
            "1.0",
            {"max_capacity": 2.0, "allocated_capacity": 2},
            "Please set only Allocated Capacity or Max Capacity.",
        ),
        # terraform-provider-aws #44420
        (
            "glueetl",
            "2.0",
            {"worker_type": "G.4X", "number_of_workers": 2},
            "Worker type G.4X is not supported for Glue Version 2.0",
        ),
        (
            "glueetl",
            "3.0",
            {"worker_type": "R.1X", "number_of_workers": 2},
            "Worker type R.1X is not supported for Glue Version 3.0",
        ),
        (
            "glueetl",
            "4.0",
            {"worker_type": "G.025X", "number_of_workers": 2},
            "Worker type G.025X is not supported for Job Command glueetl",
        ),
        (
            "gluestreaming",
            "4.0",
            {"worker_type": "Z.2X", "number_of_workers": 2},
            "Worker type Z.2X is not supported for Job Command gluestreaming",
        ),
        # cql-replicator #160
        ("glueetl", "five.one", G1X, "Given GlueVersion [five.one] is not valid."),
        (
            "pythonshell",
            None,
            {"max_capacity": 0.5},
            "Max Capacity for Job Command pythonshell must be 0.0625 or 1; it is 0.5.",
        ),
        # a fraction
        (
            "glueetl",
            "1.0",
            {"max_capacity": 2.5},
            "Max Capacity for Job Command glueetl must be a whole number of at least 2; it is 2.5.",
        ),
        (
            "glueetl",
            "1.0",
            {"max_capacity": 1.0},
            "Max Capacity for Job Command glueetl must be a whole number of at least 2; it is 1.",
        ),
        # what JSON parsers let through
        (
            "glueetl",
            "1.0",
            {"max_capacity": math.inf},
            "Max Capacity for Job Command glueetl must be a whole number of at least 2; it is inf.",
        ),
        (
            "glueetl",
            "1.0",
            {"max_capacity": math.nan},
            "Max Capacity for Job Command glueetl must be a whole number of at least 2; it is nan.",
        ),
    ],
)
def test_contradictions_are_refused_in_the_words_of_aws(
    command: str, version: str | None, members: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        asked(command, version, **members)
    assert refused.value.message == sentence


def test_an_unknown_worker_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"G\.3X is not valid; use one of Standard, G\.025X"):
        asked(worker_type="G.3X", number_of_workers=2)


def test_every_worker_is_a_whole_share_of_a_dpu() -> None:
    """Sums of such numbers are exact in floating point, which the ledger relies on."""
    for worker in WORKER_TYPES.values():
        assert worker.dpus * 16 == int(worker.dpus * 16)
        assert worker.vcpus == (2 if worker.name == "G.025X" else worker.dpus * 4)
