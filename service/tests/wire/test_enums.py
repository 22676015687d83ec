from __future__ import annotations

from glueball.wire.enums import values_of
from glueball.wire.models import service_model


def test_enums_are_the_models() -> None:
    shape = service_model("glue").shape_for("ExecutionClass")
    assert values_of("glue", shape) == ("FLEX", "STANDARD")


def test_what_aws_takes_beyond_its_model() -> None:
    values = values_of("glue", service_model("glue").shape_for("WorkerType"))
    assert values[0] == "Standard"
    assert values[-6:] == ("G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X")


def test_a_free_string() -> None:
    assert values_of("glue", service_model("glue").shape_for("NameString")) == ()
