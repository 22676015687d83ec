"""The state against a model that simply remembers, for every path, which content was read last."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from glueball_runtime.bookmarks import documents
from glueball_runtime.bookmarks.state import NOTHING_READ, SourceFile, SourceState, select

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

    @rule(band_ms=BANDS, succeeds=st.booleans())
    def run(self, band_ms: int, succeeds: bool) -> None:
        listing = list(self.files.values())
        chosen, following = select(self.state, listing, self.now_ms, band_ms)
        unread = [file for file in listing if self.read.get(file.path) != file]
        assert sorted(chosen, key=_path) == sorted(unread, key=_path)
        if succeeds:
            self.read.update({file.path: file for file in chosen})
            text = documents.encode({"source": following}, "jr_1")
            self.state = documents.decode(text)["source"]
            assert self.state == following

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


def _path(file: SourceFile) -> str:
    return file.path


TestSource = Source.TestCase
TestSource.settings = settings(max_examples=400, stateful_step_count=40, deadline=None)
