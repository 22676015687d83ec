"""The files by which a crawl tells the service how it stands: started.json and failure.json."""

from __future__ import annotations

import contextlib
import json
import os
import time
from pathlib import Path

from glueball.crawl.specification import Specification


def tell_started(specification: Specification) -> None:
    """Write started.json, and ring the service's named pipe.

    Raises:
        OSError: the directory is gone or full.
    """
    moment = {"time": time.time(), "steady": time.monotonic()}
    _write(specification.directory / "started.json", moment)
    with contextlib.suppress(OSError):  # nobody may be listening
        descriptor = os.open(specification.notify_fifo, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(descriptor, f"{specification.run_id}\n".encode())
        finally:
            os.close(descriptor)


def tell_failure(directory: Path, message: str, category: str) -> None:
    """Write failure.json, where the directory still is.

    Args:
        directory: the run's own.
        message: a sentence for people.
        category: a word for programs.
    """
    with contextlib.suppress(OSError):  # the directory itself may be what is wrong
        _write(directory / "failure.json", {"message": message, "category": category, "line": None})


def _write(path: Path, value: object) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(value), encoding="utf-8")
    temporary.replace(path)
