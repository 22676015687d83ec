"""A store of bookmarks in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from glueball_runtime.bookmarks.session import StoredBookmark
from glueball_runtime.errors import BookmarkVersionMismatch


@dataclass
class MemoryStore:
    """A `BookmarkStore` of one job."""

    run_id: str = "jr_1"
    history: list[StoredBookmark] = field(default_factory=list)

    def read(self) -> StoredBookmark:
        return self.history[-1] if self.history else StoredBookmark(version=0, text="")

    def read_run(self, run_id: str) -> StoredBookmark:
        return next(entry for entry in self.history if f'"{run_id}"' in entry.text)

    def commit(self, version: int, text: str) -> int:
        if version != self.read().version:
            raise BookmarkVersionMismatch("CommitJobBookmark", "VersionMismatchException", "")
        self.history.append(StoredBookmark(version=version + 1, text=text))
        return version + 1
