"""How many entries lists and maps of a request may have where botocore's model does not say.

AWS publishes a limit for some of them; for the others there is one of our own, which no client of
AWS's is known to reach: what one request leaves behind, every later reader pays for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_API: Final = "https://docs.aws.amazon.com/glue/latest/webapi"
_EVENTS: Final = "https://docs.aws.amazon.com/eventbridge/latest/APIReference"

#: by service and shape: the most entries, and who says so
DOCUMENTED: Final[Mapping[str, Mapping[str, tuple[int, str]]]] = {
    "glue": {
        "PartitionIndexList": (3, f"{_API}/API_CreateTable.html"),
        "TableAttributesList": (3, "the attributes that there are"),
        "DatabaseAttributesList": (2, "the attributes that there are"),
        "JobNameList": (1_000, "our own: BatchGetWorkflows has 25, BatchGetCrawlers 100"),
        "TriggerNameList": (1_000, "our own: BatchGetWorkflows has 25, BatchGetCrawlers 100"),
        "CrawlsFilterList": (100, "our own: there are five fields"),
        "SearchPropertyPredicates": (100, "our own: there are ten fields"),
    },
    "events": {
        "TagList": (50, f"{_EVENTS}/API_TagResource.html"),
        "TagKeyList": (50, f"{_EVENTS}/API_TagResource.html"),
    },
    "glueball-runtime": {"NameList": (100_000, "our own: tables that one crawl has written")},
    "cloudtrail": {
        "LookupAttributesList": (
            1,
            "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html",
        ),
    },
}
#: entries of a list or map that nobody has set a limit for; Spark keeps eight parameters for each
#: column of a table that has statistics
MOST_ENTRIES: Final = 10_000
#: they speak a protocol with errors of its own for lists that are too long
_UNBOUNDED: Final = frozenset({"s3"})


def bounded(service: str, model: dict[str, Any]) -> dict[str, Any]:
    """Return a service model in which every list and map has a limit.

    Args:
        service: botocore's name of it.
        model: as botocore reads it; stays as it is.
    """
    if service in _UNBOUNDED:
        return model
    limits = DOCUMENTED.get(service, {})
    shapes = {
        name: {**shape, "max": limits.get(name, (MOST_ENTRIES, ""))[0]}
        if shape["type"] in ("list", "map") and "max" not in shape
        else shape
        for name, shape in model["shapes"].items()
    }
    return {**model, "shapes": shapes}
