"""`glueball up`: the service in the foreground."""

from __future__ import annotations

import errno
import json
import os
import shlex
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from glueball.bounded_http import BoundedHttpProtocol
from glueball.cli.options import HomeOption, resolve_home
from glueball.core.errors import ConfigurationError
from glueball.launchers import processes
from glueball.settings import Settings, load

#: where a running service says how to reach it
ENDPOINT_FILE = "endpoint.json"
_BACKLOG = 1024
#: how long requests that are under way at a signal may take to end
_LAST_REQUESTS_SECONDS = 5
#: how long a thread that computes may keep the event loop waiting; Python's default is 5 ms
_SWITCH_SECONDS = 0.001


def up(
    home: HomeOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
    testing: Annotated[
        bool | None,
        typer.Option(
            "--testing",
            help="Open POST /_glueball/reset, which empties the account; take the key test/test.",
        ),
    ] = None,
    allow_remote: Annotated[
        bool | None,
        typer.Option("--allow-remote", help="Listen on an address that other machines reach."),
    ] = None,
) -> None:
    """Run the service until it is interrupted; one line says when it is ready."""
    began = time.monotonic()
    options = {"host": host, "port": port, "testing": testing, "allow_remote": allow_remote}
    settings = load(resolve_home(home), os.environ, options)
    listening = _listen(settings)
    try:
        _serve(settings, listening, began)
    finally:
        listening.close()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {settings.port} on {settings.host} is taken. Stop what listens there, or "
                "choose another port with --port (0 takes a free one)."
            ) from error
        raise ConfigurationError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}."
        ) from error
    return listening


def _serve(settings: Settings, listening: socket.socket, began: float) -> None:
    # imported here so that a mistake in the options is answered at once
    from glueball.server import Server

    server = Server(settings)
    endpoint_url = _endpoint_url(listening)
    endpoint_file = settings.home / ENDPOINT_FILE

    class Listener(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            server.start(endpoint_url)
            _announce(settings, endpoint_file, endpoint_url, began)

    config = uvicorn.Config(
        server.gateway,
        http=BoundedHttpProtocol,
        log_level="critical",  # the gateway says itself what happens; uvicorn shows tracebacks
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_LAST_REQUESTS_SECONDS,
    )
    sys.setswitchinterval(_SWITCH_SECONDS)
    # uvicorn ends in an orderly way and then raises the signal again: take it as Ctrl-C
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with suppress(KeyboardInterrupt):
            Listener(config).run(sockets=[listening])
    finally:
        endpoint_file.unlink(missing_ok=True)
        server.close()


def _announce(settings: Settings, endpoint_file: Path, endpoint_url: str, began: float) -> None:
    pid = os.getpid()
    found = {"endpoint_url": endpoint_url, "pid": pid, "identity": processes.identity(pid)}
    incoming = endpoint_file.with_suffix(".incoming")
    incoming.write_text(json.dumps(found))
    incoming.replace(endpoint_file)  # nobody ever reads half of it
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"Glueball is ready at {endpoint_url} after {seconds:.1f} s"
        f" (home {settings.home}); in your shell: "
        f'eval "$(glueball env --home {shlex.quote(str(settings.home))})"\n'
    )
    sys.stdout.flush()


def _endpoint_url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
