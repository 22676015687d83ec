"""The one transform of data quality."""

from __future__ import annotations

from awsgluedq._transform import EvaluateDataQuality

__all__ = ["EvaluateDataQuality"]
