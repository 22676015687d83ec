"""The bookmark of a job as text: what the service stores and `GetJobBookmark` shows.

::

    {"format": 1, "run_id": "jr_…",
     "contexts": {"source0": {"kind": "files", "mark_ms": 1000, "floor_ms": 100,
                              "band": [["s3://bucket/key", 1000, 42]]},
                  "orders": {"kind": "keys", "columns": ["id"], "values": ["17"],
                             "descending": false},
                  "relationalize0": {"kind": "counter", "handed_out": 500}}}

`run_id` is the run that committed it, so that a run whose commit got no answer can tell whether it
was applied. An entry of `band` is path, modification time in milliseconds, size in bytes.

A request to the service has a limit of 16 MiB. So where tens of thousands of files lie within the
band, `packed` stands in the place of `contexts`: the same JSON, compressed by zlib, in base64.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from glueball_runtime.bookmarks.state import Counter, KeyMark, SourceFile, SourceState, State
from glueball_runtime.errors import BookmarkUnreadable

FORMAT = 1
#: characters from which on the contexts are packed
PACKED_FROM = 1 << 20
_FILES = "files"
_KEYS = "keys"
_COUNTER = "counter"


def encode(contexts: Mapping[str, State], run_id: str) -> str:
    """Return the text of a bookmark; equal states of one run give equal text."""
    states = _dump({name: _encode_state(state) for name, state in contexts.items()})
    head = _dump({"format": FORMAT, "run_id": run_id})[:-1]
    if len(states) < PACKED_FROM:
        return f'{head},"contexts":{states}}}'
    packed = base64.b64encode(zlib.compress(states.encode())).decode()
    return f'{head},"packed":"{packed}"}}'


def decode(text: str) -> dict[str, State]:
    """Return the state per transformation context.

    Args:
        text: what `encode` wrote; "" is the bookmark of a job that never committed one.

    Raises:
        BookmarkUnreadable: it is no bookmark, or one of a newer format.
    """
    if not text:
        return {}
    try:
        document = json.loads(text)
        if document == {}:  # how `GetJobBookmark` shows the bookmark of a job that was reset
            return {}
        if document["format"] != FORMAT:
            raise BookmarkUnreadable(
                f"it has format {document['format']}, this runtime knows format {FORMAT}"
            )
        return {name: _decode_state(state) for name, state in _contexts(document).items()}
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise BookmarkUnreadable(f"it is damaged ({type(error).__name__}: {error})") from error


def _contexts(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if "packed" in document:
        states: Mapping[str, Any] = json.loads(
            zlib.decompress(base64.b64decode(document["packed"]))
        )
        return states
    contexts: Mapping[str, Any] = document["contexts"]
    return contexts


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def _encode_state(state: State) -> dict[str, Any]:
    if isinstance(state, Counter):
        return {"kind": _COUNTER, "handed_out": state.handed_out}
    if isinstance(state, KeyMark):
        return {
            "kind": _KEYS,
            "columns": list(state.columns),
            "values": list(state.values),
            "descending": state.descending,
        }
    return {
        "kind": _FILES,
        "mark_ms": state.mark_ms,
        "floor_ms": state.floor_ms,
        "band": [[path, file.modified_ms, file.size] for path, file in sorted(state.band.items())],
    }


def _decode_state(document: Mapping[str, Any]) -> State:
    match document["kind"]:
        case "files":
            return _decode_files(document)
        case "keys":
            return KeyMark(
                columns=tuple(map(str, document["columns"])),
                values=tuple(map(str, document["values"])),
                descending=bool(document["descending"]),
            )
        case "counter":
            return Counter(handed_out=int(document["handed_out"]))
        case kind:
            raise BookmarkUnreadable(f"this runtime has no sources of kind {kind!r}")


def _decode_files(document: Mapping[str, Any]) -> SourceState:
    files = [
        SourceFile(path=str(path), modified_ms=int(modified_ms), size=int(size))
        for path, modified_ms, size in document["band"]
    ]
    return SourceState(
        mark_ms=_optional_int(document["mark_ms"]),
        floor_ms=_optional_int(document["floor_ms"]),
        band={file.path: file for file in files},
    )


def _optional_int(value: Any) -> int | None:
    return None if value is None else int(value)
