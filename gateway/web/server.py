"""The web server inside our loop: sockets we bound ourselves, signals left to the daemon."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from gateway.config.values import split_endpoint

_BACKLOG = 256
_LONGEST_ADDRESS = 100  # bytes of a unix socket's path; the kernel takes 107


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the daemon's own affair."""
        yield


async def serve_web(app: Starlette, sockets: Sequence[socket.socket], stopping: asyncio.Event) -> None:
    """Serve until `stopping` is set; requests under way get five seconds to end. The sockets are closed then."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="none",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        backlog=_BACKLOG,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=list(sockets)))
        waiting = group.create_task(stopping.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        waiting.cancel()


def open_endpoint(endpoint: str) -> socket.socket:
    """A listening TCP socket at HOST:PORT (port 0: any). Raises OSError."""
    host, port = split_endpoint(endpoint)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.getaddrinfo(host or "0.0.0.0", port, family, socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    door = socket.socket(found[0][0], socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(found[0][4])
        door.listen(_BACKLOG)
    except OSError:
        door.close()
        raise
    door.setblocking(False)
    return door


def open_socket_file(path: Path) -> socket.socket:
    """A listening socket at `path` that only our own user can open. One left behind by a dead daemon is replaced.

    Must not be called while another daemon serves there; the store's lock on the folder sees to it.
    """
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        short = len(os.fsencode(path)) <= _LONGEST_ADDRESS
        door.bind(str(path) if short else f"/proc/self/fd/{folder}/{path.name}")
        door.listen(_BACKLOG)
    except OSError:
        door.close()
        raise
    finally:
        os.close(folder)
        os.umask(before)
    door.setblocking(False)
    return door
