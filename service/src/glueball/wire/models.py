"""The service models: what every operation takes and gives.

AWS's come from the installed botocore; the door between a job and the service, which AWS does not
publish, has a model of our own in the same format.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel

from glueball.wire.bounds import bounded

#: our own models, by service name
_OWN = {"glueball-runtime": "glueball_runtime.json"}


@lru_cache
def service_model(service: str) -> ServiceModel:
    """Return a service's model, without its documentation.

    Args:
        service: botocore's name of it ("glue", "logs", "s3", …), or "glueball-runtime".

    Raises:
        botocore.exceptions.DataNotFoundError: botocore does not know the service.
    """
    if service in _OWN:
        text = files(__package__).joinpath("models", _OWN[service]).read_text("utf-8")
        return ServiceModel(bounded(service, json.loads(text)), service)
    # load_service_model would look through the folders of all four hundred services first
    loader = Loader()
    version = loader.determine_latest_version(service, "service-2")
    model = loader.load_data(f"{service}/{version}/service-2")
    return ServiceModel(bounded(service, _undocumented(model)), service)


def operation_names(service: str) -> list[str]:
    """Return the names of all operations that the model of a service has ("CreateJob", …)."""
    return list(service_model(service).operation_names)


#: names of the member with which a client asks for the next page
_TOKENS = frozenset({"NextToken", "nextToken", "Marker"})
#: beginnings of the names of operations whose work grows with what the account holds or the client
#: sends; BatchGetJobs reads many jobs, DeleteDatabase deletes all that is in it
_LONG = ("Batch", "Delete", "Search", "TestEventPattern", "PutEvents", "Report", "Reset")


def long_operations(service: str) -> frozenset[str]:
    """Return the names of the operations whose work has no small bound: those that answer pages,
    take batches, evaluate a client's patterns, or delete what holds other things."""
    model = service_model(service)
    return frozenset(
        name
        for name in model.operation_names
        if name.startswith(_LONG)
        or _TOKENS & set(getattr(model.operation_model(name).input_shape, "members", ()))
    )


def _undocumented(node: Any) -> Any:
    """Drop the prose, which is most of a model's size in memory."""
    if isinstance(node, list):
        return [_undocumented(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _undocumented(value)
        for name, value in node.items()
        if name != "documentation" or not isinstance(value, str)
    }
