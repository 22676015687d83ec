from __future__ import annotations

import contextlib
import os
import stat
import threading
import time
from pathlib import Path

from glueball.engine.bell import Bell


def test_a_ring_wakes_who_waits(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "bell")
    thread = threading.Timer(0.05, bell.ring)
    thread.start()
    began = time.monotonic()
    bell.wait(30)
    assert time.monotonic() - began < 10
    thread.join()
    bell.close()


def test_rings_before_the_wait_count_as_one(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "bell")
    for _ in range(100_000):
        bell.ring()
    bell.wait(30)
    began = time.monotonic()
    bell.wait(0.05)
    assert time.monotonic() - began >= 0.05
    bell.close()


def test_another_process_can_ring(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "bell")
    descriptor = os.open(tmp_path / "bell", os.O_WRONLY | os.O_NONBLOCK)
    os.write(descriptor, b"jr_1\n")
    os.write(descriptor, b"jr_2\n")
    os.write(descriptor, b"jr_1\n")
    os.close(descriptor)
    assert bell.wait(30) == {"jr_1", "jr_2"}
    bell.ring()
    assert bell.wait(30) == {""}
    assert bell.wait(0.01) == set()
    bell.close()


def test_a_pipe_that_is_full_is_heard_to_its_end(tmp_path: Path) -> None:
    bell = Bell(tmp_path / "bell")
    descriptor = os.open(tmp_path / "bell", os.O_WRONLY | os.O_NONBLOCK)
    rung: list[str] = []
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(descriptor, f"jr_{len(rung):064d}\n".encode())
            rung.append(f"jr_{len(rung):064d}")
    os.close(descriptor)
    assert bell.wait(30) == set(rung)
    bell.close()


def test_only_the_owner_may_ring_and_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "bell"
    path.write_text("left by a service that was killed")
    bell = Bell(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    bell.close()
    assert not path.exists()
