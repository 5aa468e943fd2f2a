"""Speaks to the running daemon: HTTP over the socket in its data folder."""

import getpass
import http.client
import json
import os
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from gateway.cli.ending import Stop

SOCKET = "gateway.sock"
_TIMEOUT = 120.0
_LONGEST_ADDRESS = 100  # of a socket's path, in bytes; longer ones are reached through their folder


class Daemon:
    """The daemon of one data folder. Every call raises Stop with a sentence when it cannot be done."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / SOCKET

    def get(self, path: str, **query: str | int | bool | None) -> Any:
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, Any] | None = None, **query: str | int | bool | None) -> Any:
        return self._call("POST", path, query=query, content=json.dumps(dict(body or {})).encode())

    def delete(self, path: str, **query: str | int | bool | None) -> Any:
        return self._call("DELETE", path, query=query)

    def send(self, path: str, chunks: Iterable[bytes], **query: str | int | bool | None) -> Any:
        """POST a mail as it is, piece by piece."""
        return self._call("POST", path, query=query, content=chunks, kind="message/rfc822")

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int | bool | None],
        content: bytes | Iterable[bytes] | None = None,
        kind: str = "application/json",
    ) -> Any:
        asked = urlencode({key: _written(value) for key, value in query.items() if value not in (None, "", False)})
        target = f"/api/v1/{path}" + (f"?{asked}" if asked else "")
        connection = _Connection(self._path)
        headers = {"Content-Type": kind, "X-Gateway-By": quote(_who())}
        try:
            connection.request(method, target, content, headers, encode_chunked=not isinstance(content, bytes | None))
            answer = connection.getresponse()
            body = answer.read()
        except (FileNotFoundError, ConnectionRefusedError):
            raise Stop(f"the gateway is not running here (nobody listens at {self._path}): gateway serve") from None
        except PermissionError:
            raise Stop(f"{self._path} may not be opened by this user: use the gateway's own, or root") from None
        except (OSError, http.client.HTTPException) as error:
            raise Stop(f"the gateway broke off: {error or type(error).__name__}") from None
        finally:
            connection.close()
        return _understand(answer.status, body)


def part(text: str) -> str:
    """A piece of a path, safely."""
    return quote(text, safe="")


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_TIMEOUT)
        if len(os.fsencode(self._path)) <= _LONGEST_ADDRESS:
            self.sock.connect(str(self._path))
            return
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            self.sock.connect(f"/proc/self/fd/{folder}/{self._path.name}")
        finally:
            os.close(folder)


def _understand(status: int, body: bytes) -> Any:
    try:
        said = json.loads(body) if body else {}
    except ValueError:
        said = {}
    if status < 400:
        return said
    why = said.get("error") if isinstance(said, dict) else None
    raise Stop(str(why or f"the gateway answers {status}"))


def _written(value: str | int | bool | None) -> str:
    return "yes" if value is True else str(value)


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"
