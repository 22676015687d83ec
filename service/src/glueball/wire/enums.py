"""The values that enumerated strings may have."""

from __future__ import annotations

from botocore.model import Shape

#: what AWS takes although the enum of its model lacks it, by service and shape, with the reason
_ADDITIONS = {
    # The documentation of the same model describes these worker types; boto3 never checks enums,
    # so they reach AWS, which runs them.
    ("glue", "WorkerType"): ("G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X"),
}


def values_of(service: str, shape: Shape) -> tuple[str, ...]:
    """Return the values that a string shape is limited to; none if it is free.

    Args:
        service: botocore's name of the service.
        shape: the string's shape.
    """
    values = tuple(shape.metadata.get("enum", ()))
    return values + _ADDITIONS.get((service, shape.name), ()) if values else ()
