"""Failpoints: the places between two durable steps, where a test lets the service die.

`GLUEBALL_FAILPOINT=engine.decided` ends the process by SIGKILL when it gets there, and
`engine.decided:3` at the third time. What was promised must hold whichever place it was.
"""

from __future__ import annotations

import os
import signal

#: every place, in the order in which a run comes by
FAILPOINTS = (
    "database.uncommitted",  #: everything of a transaction is said, nothing is kept
    "database.committed",  #: it is kept; nobody was told
    "gateway.answered",  #: an operation has its answer, which was neither settled nor sent
    "gateway.settled",  #: the answer is durable, and not sent
    "engine.fired",  #: schedules have fired; their runs wait
    "engine.delivered",  #: events were looked at; what they start waits, and is not synced
    "engine.decided",  #: runs may start or must end; nothing was done about it
    "launcher.ordered",  #: a run's order is written; no supervisor was started
    "launcher.spawned",  #: a supervisor was started; it may not have claimed the attempt
    "engine.launched",  #: a launcher was told of one run, and not of the next
    "engine.stopped",  #: a launcher was told to end one run, and not the next
    "engine.cleaned",  #: what an ended run has left was removed
)

_place, _, _times = os.environ.get("GLUEBALL_FAILPOINT", "").partition(":")
_left = int(_times or 1)


def reach(place: str) -> None:
    """Say that the process is at a failpoint; usually nothing happens."""
    global _left
    if place == _place:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
