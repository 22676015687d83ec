"""What scripts can import, and what importing costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

import awsglue
from awsglue import transforms


def test_arguments_can_be_read_without_spark() -> None:
    program = (
        "from awsglue.utils import getResolvedOptions; import awsglue, sys; "
        "assert not {'pyspark', 'pyarrow', 'pandas'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_package_exports_dynamic_frame_only() -> None:
    from awsglue.dynamicframe import DynamicFrame

    assert awsglue.__all__ == ["DynamicFrame"]
    assert awsglue.DynamicFrame is DynamicFrame
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        awsglue.Nothing  # noqa: B018


def test_a_star_import_gives_exactly_the_transforms_that_work() -> None:
    assert transforms.__all__ == sorted(transforms.__all__)
    for name in transforms.__all__:
        transform = getattr(transforms, name)
        assert issubclass(transform, transforms.GlueTransform)
        assert transform.name() == name
