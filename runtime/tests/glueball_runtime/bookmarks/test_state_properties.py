"""The state against a model that simply remembers, for every path, which content was read last."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from glueball_runtime.bookmarks import documents
from glueball_runtime.bookmarks.state import NOTHING_READ, Bounds, SourceFile, SourceState, select

#: how late a listing may show a file, milliseconds; every band in use is at least this wide
LATEST = 50
BANDS = st.integers(min_value=LATEST, max_value=4 * LATEST)
PATHS = st.sampled_from([f"s3://bucket/{name}" for name in "abcdefgh"])


class Source(RuleBasedStateMachine):
    """Files come, change and go; runs read them and succeed or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 10_000
        self.files: dict[str, SourceFile] = {}
        self.unseen: list[SourceFile] = []  #: written, but not in the listing yet
        self.state: SourceState = NOTHING_READ
        self.read: dict[str, SourceFile] = {}

    @rule(milliseconds=st.integers(min_value=0, max_value=3 * LATEST))
    def time_passes(self, milliseconds: int) -> None:
        self.now_ms += milliseconds
        self._show([file for file in self.unseen if self.now_ms - file.modified_ms >= LATEST])

    @rule(path=PATHS, size=st.integers(min_value=0, max_value=3))
    def write(self, path: str, size: int) -> None:
        self._show([SourceFile(path=path, modified_ms=self.now_ms, size=size)])

    @rule(path=PATHS)
    def write_but_list_late(self, path: str) -> None:
        self.unseen.append(SourceFile(path=path, modified_ms=self.now_ms, size=9))

    @rule()
    def list_late_ones(self) -> None:
        self._show(self.unseen)

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        self.files.pop(path, None)

    @rule(band_ms=BANDS, succeeds=st.booleans(), limit=st.none() | st.integers(1, 3))
    def run(self, band_ms: int, succeeds: bool, limit: int | None) -> None:
        listing = list(self.files.values())
        bounds = Bounds(files=limit)
        chosen, following = select(self.state, listing, self.now_ms, band_ms, bounds)
        unread = [file for file in listing if self.read.get(file.path) != file]
        assert chosen == sorted(unread, key=_age)[:limit]
        if succeeds:
            self.read.update({file.path: file for file in chosen})
            text = documents.encode({"source": following}, "jr_1")
            assert documents.decode(text) == {"source": following}
            self.state = following

    @invariant()
    def the_list_is_only_the_band(self) -> None:
        floor_ms = self.state.floor_ms
        assert all(
            floor_ms is not None and file.modified_ms >= floor_ms
            for file in self.state.band.values()
        )

    def _show(self, files: list[SourceFile]) -> None:
        """Bring files into the listing; of one path the newest content wins, as in a store."""
        for file in files:
            held = self.files.get(file.path)
            if held is None or held.modified_ms <= file.modified_ms:
                self.files[file.path] = file
        self.unseen = [file for file in self.unseen if file not in files]


def _age(file: SourceFile) -> tuple[int, str]:
    return file.modified_ms, file.path


TestSource = Source.TestCase
TestSource.settings = settings(max_examples=400, stateful_step_count=40, deadline=None)
