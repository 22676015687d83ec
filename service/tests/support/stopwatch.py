"""A client in a process of its own that asks the same again and again, and times the answers.

Beside the service it asks a server that does nothing, so that what a busy machine adds is known.
It prints the longest times of both in seconds, and the number of answers, when its input ends.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """What was measured."""

    longest: float  #: seconds from a request to its answer
    longest_of_nothing: float  #: the same of the server that does nothing
    answers: int


class Stopwatch:
    """A running client; what it has measured is in `times` once it has stopped."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.times = Times(longest=0.0, longest_of_nothing=0.0, answers=0)

    def stop(self) -> None:
        """End the client and take over what it has measured."""
        output, _ = self._process.communicate(timeout=120)
        self.times = Times(**json.loads(output))


@contextmanager
def running(endpoint_url: str, headers: Mapping[str, str], body: bytes) -> Iterator[Stopwatch]:
    """Time the answers to one request while the `with` statement lasts.

    Args:
        endpoint_url: of the service.
        headers: of the request, signed.
        body: of the request.
    """
    arguments = json.dumps([endpoint_url, dict(headers), body.decode()])
    with subprocess.Popen(
        [sys.executable, __file__, arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        stopwatch = Stopwatch(process)
        try:
            yield stopwatch
        finally:
            stopwatch.stop()


#: answers that are waited for
_FEWEST = 5
_NOTHING = """
import socket
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
connection, _ = listening.accept()
while data := connection.recv(64):
    connection.sendall(data)
"""


def _main(endpoint_url: str, headers: Mapping[str, str], body: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _NOTHING], stdout=subprocess.PIPE, text=True
    ) as nothing:
        assert nothing.stdout is not None
        with socket.create_connection(("127.0.0.1", int(nothing.stdout.readline()))) as echo:
            times = _measured(endpoint_url, headers, body.encode(), echo)
    sys.stdout.write(json.dumps(times))


def _measured(
    endpoint_url: str, headers: Mapping[str, str], body: bytes, echo: socket.socket
) -> dict[str, float]:
    longest = longest_of_nothing = 0.0
    answers = 0
    while answers < _FEWEST or not select.select([sys.stdin], [], [], 0.005)[0]:
        began = time.perf_counter()
        echo.sendall(b"x")
        echo.recv(1)
        longest_of_nothing = max(longest_of_nothing, time.perf_counter() - began)
        began = time.perf_counter()
        connection = http.client.HTTPConnection(urlsplit(endpoint_url).netloc, timeout=120)
        connection.request("POST", "/", body, dict(headers))
        assert connection.getresponse().status == 200
        connection.close()
        longest = max(longest, time.perf_counter() - began)
        answers += 1
        if answers == 1:  # the first one may find caches empty
            longest = 0.0
            sys.stdout.write("ready\n")
            sys.stdout.flush()
    return {"longest": longest, "longest_of_nothing": longest_of_nothing, "answers": answers}


if __name__ == "__main__":
    _main(*json.loads(sys.argv[1]))
