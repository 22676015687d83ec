"""The bookmark of a job as text: what the service stores and `GetJobBookmark` shows.

::

    {"format": 1, "run_id": "jr_…",
     "contexts": {"source0": {"kind": "files", "mark_ms": 1000, "floor_ms": 100,
                              "band": [["s3://bucket/key", 1000, 42]]}}}

`run_id` is the run that committed it, so that a run whose commit got no answer can tell whether it
was applied. An entry of `band` is path, modification time in milliseconds, size in bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from glueball_runtime.bookmarks.state import SourceFile, SourceState
from glueball_runtime.errors import BookmarkUnreadable

FORMAT = 1
_FILES = "files"


def encode(contexts: Mapping[str, SourceState], run_id: str) -> str:
    """Return the text of a bookmark; equal states of one run give equal text."""
    document = {
        "format": FORMAT,
        "run_id": run_id,
        "contexts": {name: _encode_state(state) for name, state in contexts.items()},
    }
    return json.dumps(document, separators=(",", ":"), sort_keys=True)


def decode(text: str) -> dict[str, SourceState]:
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
        return {name: _decode_state(state) for name, state in document["contexts"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BookmarkUnreadable(f"it is damaged ({type(error).__name__}: {error})") from error


def _encode_state(state: SourceState) -> dict[str, Any]:
    return {
        "kind": _FILES,
        "mark_ms": state.mark_ms,
        "floor_ms": state.floor_ms,
        "band": [[path, file.modified_ms, file.size] for path, file in sorted(state.band.items())],
    }


def _decode_state(document: Mapping[str, Any]) -> SourceState:
    if document["kind"] != _FILES:
        raise BookmarkUnreadable(f"this runtime has no sources of kind {document['kind']!r}")
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
