from __future__ import annotations

import pytest
from botocore.exceptions import DataNotFoundError

from glueball.wire.models import operation_names, service_model


def test_aws_models_come_without_their_prose() -> None:
    model = service_model("glue")
    assert model.metadata["targetPrefix"] == "AWSGlue"
    assert model.operation_model("CreateJob").documentation == ""
    # a member that happens to be called so is no prose
    assert "Description" in model.shape_for("CreateJobRequest").members  # type: ignore[attr-defined]


def test_our_own_model() -> None:
    model = service_model("glueball-runtime")
    assert operation_names("glueball-runtime") == [
        "ReadJobBookmark",
        "CommitJobBookmark",
        "ReportCrawl",
    ]
    assert model.signing_name == "glue"
    errors = {shape.name for shape in model.operation_model("CommitJobBookmark").error_shapes}
    assert errors == {
        "AccessDeniedException",
        "EntityNotFoundException",
        "VersionMismatchException",
    }


def test_an_unknown_service() -> None:
    with pytest.raises(DataNotFoundError):
        service_model("dance")
