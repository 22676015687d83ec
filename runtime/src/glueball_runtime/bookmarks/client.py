"""The bookmarks that the service keeps."""

from __future__ import annotations

from glueball_runtime.bookmarks import documents
from glueball_runtime.bookmarks.session import Bookmarks, ReadRange, StoredBookmark
from glueball_runtime.current_run import CurrentRun
from glueball_runtime.errors import BookmarkVersionMismatch
from glueball_runtime.service import GLUE_TARGET, RUNTIME_TARGET, ServiceClient


class ServiceBookmarks:
    """The bookmarks of one run's job, kept by the service (a `BookmarkStore`).

    Args:
        client: the service.
        run: whose job, and with which fencing token.
    """

    def __init__(self, client: ServiceClient, run: CurrentRun) -> None:
        self._client = client
        self._run = run
        self.run_id = run.run_id

    def read(self) -> StoredBookmark:
        """Return the newest bookmark of the job.

        Raises:
            NotFound: the job was deleted.
        """
        request = {"JobName": self._run.job_name, "RunId": self._run.run_id}
        answer = self._client.call(RUNTIME_TARGET, "ReadJobBookmark", request)
        return StoredBookmark(version=answer["Version"], text=answer.get("JobBookmark") or "")

    def read_run(self, run_id: str) -> StoredBookmark:
        """Return the bookmark that held once that run had ended.

        Raises:
            NotFound: the job has no such run with a bookmark.
        """
        request = {"JobName": self._run.job_name, "RunId": run_id}
        answer = self._client.call(GLUE_TARGET, "GetJobBookmark", request)
        entry = answer["JobBookmarkEntry"]
        return StoredBookmark(version=entry["Version"], text=entry.get("JobBookmark") or "")

    def commit(self, version: int, text: str) -> int:
        """Replace the bookmark of that version; return the new version.

        Raises:
            BookmarkVersionMismatch: another run committed since `version` was read.
            NotPermitted: this attempt is not the one that may write.
            NotFound: the job was deleted.
        """
        request = {
            "JobName": self._run.job_name,
            "RunId": self._run.run_id,
            "Token": self._run.token,
            "Version": version,
            "JobBookmark": text,
        }
        try:
            answer = self._client.call(RUNTIME_TARGET, "CommitJobBookmark", request)
        except BookmarkVersionMismatch:
            # The answer to a first try may have been lost in a restart. The text names its run, so
            # finding it stored means that it was this commit that moved the version.
            stored = self.read()
            if stored.text != text:
                raise
            return stored.version
        return int(answer["Version"])


def open_bookmarks(
    client: ServiceClient,
    run: CurrentRun,
    *,
    read_only: bool = False,
    run_range: tuple[str, str] | None = None,
) -> Bookmarks:
    """Read the bookmark of a run's job.

    Args:
        client: the service.
        run: the run that will read its sources by it.
        read_only: `job-bookmark-pause`: never commit.
        run_range: run ids; read what was read after the first one, up to and with the second.

    Raises:
        ServiceError: the service refused; `NotFound` when a run of the range has no bookmark.
        ServiceUnreachable: the service did not answer.
        BookmarkUnreadable: what is stored is no bookmark of this runtime.
    """
    store = ServiceBookmarks(client, run)
    read_range = None
    if run_range is not None:
        after, until = (documents.decode(store.read_run(run_id).text) for run_id in run_range)
        read_range = ReadRange(after=after, until=until)
    return Bookmarks(store, store.read(), read_only=read_only, read_range=read_range)
