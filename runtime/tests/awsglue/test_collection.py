from __future__ import annotations

import pytest

from awsglue.context import GlueContext
from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from tests.awsglue.conftest import Make, rows_of


def test_frames_by_name(make: Make, glue: GlueContext) -> None:
    one, two = make("a int", (1,)), make("a int", (2,))
    frames = DynamicFrameCollection({"one": one, "two": two}, glue)
    assert (len(frames), list(frames.keys()), list(frames.values())) == (
        2,
        ["one", "two"],
        [one, two],
    )
    assert frames["one"] is frames.select("one") is one
    assert list(DynamicFrameCollection([one], glue).keys()) == ["made"]  # by its own name


def test_a_missing_frame_is_an_empty_one(glue: GlueContext) -> None:
    frames = DynamicFrameCollection({}, glue)
    assert frames.select("none").count() == 0
    with pytest.raises(KeyError):
        frames["none"]


def test_frames_are_mapped(make: Make, glue: GlueContext) -> None:
    frames = DynamicFrameCollection({"one": make("a int", (1,)), "two": make("a int", (2,))}, glue)
    contexts: list[str] = []

    def rename(frame: DynamicFrame, context: str) -> DynamicFrame:
        contexts.append(context)
        return frame.rename_field("a", "b")

    assert rows_of(frames.map(rename, "ctx_").select("two")) == [{"b": 2}]
    assert contexts == ["ctx_one", "ctx_two"]

    def split(frame: DynamicFrame, context: str) -> DynamicFrameCollection:
        return frame.split_rows({"a": {">": 1}}, "high", "low")

    assert list(frames.flatmap(split).keys()) == ["one_high", "one_low", "two_high", "two_low"]
    assert list(frames.flatmap(rename).keys()) == ["one", "two"]
