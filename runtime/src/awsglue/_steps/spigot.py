"""`spigot`: a sample of the records as a file, to look at what a job does.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-crawler-pyspark-transforms-spigot.html

The sample is written at once; on AWS it is written when the frame is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awsglue._files import writers
from awsglue._records import Records

_FIRST = 100  # how many records a sample has when nothing is said about it


def write_sample(records: Records, path: str, options: Mapping[str, Any]) -> None:
    """Write a sample of the records to a directory, one in a line, as JSON.

    Args:
        records: what to take it from.
        path: the directory.
        options: `topk`, the first so many records; or `prob`, the probability of each to be taken,
            from 0 to 1. Both together take the first of those.

    Raises:
        ValueError: an option is no such number, or there is no such option.
    """
    if unknown := set(options) - {"topk", "prob"}:
        raise ValueError(f"{sorted(unknown)} are no options of spigot; these are: topk, prob.")
    sample = records.frame
    if "prob" in options:
        sample = sample.sample(_between(options, "prob", 1.0))
    if "topk" in options or not options:
        sample = sample.limit(int(_between({"topk": _FIRST, **options}, "topk", 2**31 - 1)))
    writers.write(records.next(frame=sample), path=path, name="json", options={})


def _between(options: Mapping[str, Any], name: str, most: float) -> float:
    number = float(options[name])
    if not 0 <= number <= most:
        raise ValueError(f"spigot's option {name} must be from 0 to {most}; it is {options[name]}.")
    return number
