"""Which of S3's operations a request means, found by method, path, query and headers.

The rules are the model's: a URI such as ``/{Bucket}?list-type=2`` names its literal query, and
where several operations share one, the required members that travel in query or headers tell them
apart (`x-amz-copy-source` makes a PutObject a CopyObject, `uploadId` an UploadPart).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from botocore.model import OperationModel, ServiceModel

from glueball.core.errors import AwsError

#: operations that share another's URI and that only a directory bucket or a Lambda client calls,
#: or that are an older form of another
_SHADOWED = frozenset(
    (
        "GetBucketLifecycle",
        "GetBucketNotification",
        "ListDirectoryBuckets",
        "PutBucketLifecycle",
        "PutBucketNotification",
        "WriteGetObjectResponse",
    )
)
_URI_LEVELS = {"/": 0, "/{Bucket}": 1, "/{Bucket}/{Key+}": 2}


class MethodNotAllowed(AwsError):
    code = "MethodNotAllowed"
    status = 405


@dataclass(frozen=True, kw_only=True, slots=True)
class _Route:
    operation: str
    literals: Mapping[str, str]  #: query parameters, with the value where one is demanded
    parameters: frozenset[str]  #: required query parameters
    headers: frozenset[bytes]  #: required headers

    def is_named_by(self, query: Mapping[str, str]) -> bool:
        return all(
            name in query and value in ("", query[name]) for name, value in self.literals.items()
        )

    def fit(self, query: Mapping[str, str], headers: Mapping[bytes, bytes]) -> tuple[int, int]:
        """Return how well a request fits, as a sort key: what it has, less what it lacks."""
        has = len(self.parameters & query.keys()) + len(self.headers & headers.keys())
        return has, has - len(self.parameters) - len(self.headers)


class S3Routes:
    """All of S3's operations by what their requests look like."""

    def __init__(self, model: ServiceModel) -> None:
        self._routes: dict[tuple[str, int], list[_Route]] = {}
        for name in model.operation_names:
            if name not in _SHADOWED:
                self._add(model.operation_model(name))

    def find(
        self,
        method: str,
        level: int,
        query: Mapping[str, str],
        headers: Mapping[bytes, bytes],
    ) -> str:
        """Return the name of the operation that a request means.

        Args:
            method: of HTTP.
            level: what the path names: 0 the service, 1 a bucket, 2 an object.
            query: parameters by name; those that no operation knows are ignored.
            headers: by name in lower case.

        Raises:
            MethodNotAllowed: no operation looks like that.
        """
        named = [
            route for route in self._routes.get((method, level), ()) if route.is_named_by(query)
        ]
        if not named:
            raise MethodNotAllowed(
                "The specified method is not allowed against this resource.", Method=method
            )
        most = max(len(route.literals) for route in named)
        named = [route for route in named if len(route.literals) == most]
        # A request with an upload's id but no part number means UploadPart, not PutObject: the
        # operation then says what is missing.
        return max(named, key=lambda route: route.fit(query, headers)).operation

    def _add(self, model: OperationModel) -> None:
        uri, _, literal = model.http["requestUri"].partition("?")
        members = model.input_shape.members if model.input_shape else {}
        required = [
            members[name].serialization
            for name in (model.input_shape.required_members if model.input_shape else ())
        ]
        route = _Route(
            operation=model.name,
            literals=dict(part.partition("=")[::2] for part in literal.split("&") if part),
            parameters=frozenset(
                item["name"] for item in required if item.get("location") == "querystring"
            ),
            headers=frozenset(
                item["name"].lower().encode()
                for item in required
                if item.get("location") == "header"
            ),
        )
        self._routes.setdefault((model.http["method"], _URI_LEVELS[uri]), []).append(route)
