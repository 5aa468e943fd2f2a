"""A connected socket to a mail server, directly or through an HTTP proxy (RFC 9110 §9.3.6)."""

import asyncio
import socket
from base64 import b64encode
from urllib.parse import unquote, urlsplit

from gateway.errors import TryLater

_PATIENCE = 30.0
_LONGEST = 16_384


async def reach(host: str, port: int, proxy: str = "") -> socket.socket:
    """A connected socket to host:port. Raises OSError when it cannot be reached, TryLater when the proxy will not."""
    if not proxy:
        return await _connect(host, port)
    address = urlsplit(proxy)
    loop = asyncio.get_running_loop()
    try:
        connection = await _connect(address.hostname or "", address.port or 3128)
        try:
            async with asyncio.timeout(_PATIENCE):
                await loop.sock_sendall(connection, _request(host, port, address.username, address.password))
                status = await _status(loop, connection)
        except BaseException:
            connection.close()
            raise
    except OSError as error:
        raise TryLater(f"the proxy {address.hostname} cannot be reached ({type(error).__name__})") from None
    if status != 200:
        connection.close()
        raise TryLater(f"the proxy {address.hostname} does not connect to {host}:{port} (it answers {status})")
    return connection


async def _connect(host: str, port: int) -> socket.socket:
    """Every address of the name is tried in turn; the last error counts."""
    loop = asyncio.get_running_loop()
    trouble: OSError = OSError("the name has no address")
    for family, kind, protocol, _, place in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        connection = socket.socket(family, kind, protocol)
        connection.setblocking(False)
        try:
            async with asyncio.timeout(_PATIENCE):
                await loop.sock_connect(connection, place)
        except OSError as error:
            connection.close()
            trouble = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise trouble


def _request(host: str, port: int, user: str | None, password: str | None) -> bytes:
    lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
    if user:
        pair = f"{unquote(user)}:{unquote(password or '')}".encode()
        lines.append(f"Proxy-Authorization: Basic {b64encode(pair).decode('ascii')}")
    return "\r\n".join([*lines, "", ""]).encode()


async def _status(loop: asyncio.AbstractEventLoop, connection: socket.socket) -> int:
    """Reads byte by byte: what comes after the empty line belongs to the relay."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = await loop.sock_recv(connection, 1)
        if not piece or len(head) > _LONGEST:
            return 0
        head += piece
    words = head.split(None, 2)
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
