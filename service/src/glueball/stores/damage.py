"""Damage of the database's files: found when it is opened, kept for whoever can mend it, told."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from glueball.stores.log_record import LogState
from glueball.stores.write_ahead_log import LogFrames

#: below the home: copies of damaged files, a directory each time
FOLDER = "damaged"


@dataclass(frozen=True, kw_only=True, slots=True)
class LogDamage:
    """What is wrong with a log."""

    #: transactions that the log held and that cannot be read, at least
    lost: int
    #: whether the database itself is further than what SQLite would read of the log
    drops_log: bool


def find_damage(
    frames: LogFrames, recovered: int, record: LogState | None, boot: str
) -> LogDamage | None:
    """Compare what SQLite reads of a log with what was written into it.

    A process that was killed leaves its last frame unfinished, and a power cut leaves everything
    after the last sync in any state: neither is damage.

    Args:
        frames: those that the file holds.
        recovered: how many of them SQLite reads.
        record: what the last service noted; None where it noted nothing.
        boot: of the machine, as now; "" where nobody can tell.

    Returns:
        None when nothing that was promised is lost.
    """
    if frames.has_damaged_header:
        return LogDamage(lost=1, drops_log=False)
    if not frames.salts:
        if record is None or record.synced <= record.checkpointed:
            return None
        return LogDamage(lost=1, drops_log=False)
    if record is not None and record.salts != frames.salts.hex():
        record = None  # of an earlier log, all of which is in the database
    behind = [number for number in frames.commits if number > recovered]
    promised = record is not None and record.synced > recovered
    if not promised:
        unfinished = not behind or behind == [frames.last]
        after_power_cut = record is not None and record.boot != boot
        if unfinished or after_power_cut:
            return None
    checkpointed = record.checkpointed if record is not None else 0
    lost = [number for number in behind if number > checkpointed]
    complete = checkpointed >= frames.last
    return LogDamage(lost=0 if complete else max(1, len(lost)), drops_log=checkpointed > recovered)


def keep_copy(database: Path) -> Path:
    """Copy the database and what lies beside it to a new directory of the home.

    Raises:
        OSError: there is no room for it.
    """
    parent = database.parent / FOLDER
    parent.mkdir(mode=0o700, exist_ok=True)
    name = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}"
    place = parent / name
    number = 1
    while place.exists():
        number += 1
        place = parent / f"{name}-{number}"
    place.mkdir(mode=0o700)
    for path in sorted(database.parent.glob(f"{database.name}*")):
        if not path.name.endswith("-shm"):
            shutil.copy2(path, place / path.name)
    return place


def describe_file_damage(problems: Sequence[str], place: Path) -> str:
    """Say what SQLite has found wrong with the database itself, and where the copy is."""
    return (
        f"The database is damaged ({problems[0]}; {len(problems)} in all): some requests will fail "
        f'or show too little. A copy of it is in {place}; restore a backup, or see "After damage" '
        "in docs/safety.md. Check the disk and its memory."
    )


def describe_log_damage(damage: LogDamage, place: Path) -> str:
    """Say what the damage means, and where the copy is."""
    if damage.lost == 0:
        return (
            "The write-ahead log of the database was damaged. Everything in it had reached the "
            f"database before, so nothing is missing. The damaged files are kept in {place}."
        )
    many = "change" if damage.lost == 1 else "changes"
    return (
        f"The write-ahead log of the database was damaged: at least {damage.lost} {many} that had "
        "been confirmed cannot be read. The newest jobs, runs, tables, bookmarks or other "
        "definitions may be missing or may show an older state. The damaged files are kept in "
        f'{place}; see "After damage" in docs/safety.md. Check the disk and its memory.'
    )
