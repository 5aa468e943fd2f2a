"""What an HTTP call promises: limits, and errors that say whether the request may have been carried out."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import GiveUp
from gateway.http_client.client import HttpClient, MaybeDone, NeverSent, TooLarge

SOON = timedelta(seconds=10)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def a_server(talk: Talk) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@asynccontextmanager
async def a_client(**options: int) -> AsyncIterator[HttpClient]:
    client = HttpClient(limit=options.get("limit", 1_000_000))
    try:
        yield client
    finally:
        await client.close()


def says(head: str, body: bytes = b"") -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        length = f"Content-Length: {len(body)}\r\n" if "Content-Length" not in head else ""
        writer.write(f"HTTP/1.1 {head}\r\n{length}\r\n".encode() + body)
        await writer.drain()

    return talk


async def test_any_status_is_a_reply_and_no_redirect_is_followed() -> None:
    async with a_server(says("302 Found\r\nLocation: http://192.0.2.1/")) as url, a_client() as client:
        reply = await client.call("GET", url, timeout=SOON)
    assert reply.status == 302
    assert reply.headers["location"] == "http://192.0.2.1/"


async def test_the_wait_that_the_partner_asks_for_is_told() -> None:
    async with a_server(says("429 Slow Down\r\nRetry-After: 17", b"{}")) as url, a_client() as client:
        reply = await client.call("POST", url, content=b"x", timeout=SOON)
    assert (reply.status, reply.retry_after) == (429, timedelta(seconds=17))


async def test_cookies_are_told_but_not_kept() -> None:
    seen: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: A=1; path=/; HttpOnly\r\nSet-Cookie: .B=2=3\r\n")
            writer.write(b"Content-Length: 0\r\n\r\n")
            await writer.drain()

    async with a_server(talk) as url, a_client() as client:
        reply = await client.call("GET", url, timeout=SOON)
        await client.call("GET", url, timeout=SOON)
    assert reply.cookies == {"A": "1", ".B": "2=3"}
    assert b"cookie" not in seen[1].lower()


async def test_a_refused_connection_never_sent_anything() -> None:
    async with a_server(says("200 OK")) as url:
        pass
    async with a_client() as client:
        with pytest.raises(NeverSent, match="refuses the connection"):
            await client.call("POST", url, content=b"x", timeout=SOON)


async def test_a_partner_that_speaks_no_tls_never_got_anything() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"220 this is not TLS\r\n")

    async with a_server(talk) as url, a_client() as client:
        with pytest.raises(NeverSent, match="TLS failed"):
            await client.call("GET", url.replace("http:", "https:"), timeout=SOON)


async def test_a_drop_after_the_request_left_may_have_been_done() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with a_server(talk) as url, a_client() as client:
        with pytest.raises(MaybeDone, match="closed the connection"):
            await client.call("POST", url, content=b"x", timeout=SOON)


async def test_an_answer_cut_short_may_have_been_done() -> None:
    async with a_server(says("200 OK\r\nContent-Length: 10", b"half")) as url, a_client() as client:
        with pytest.raises(MaybeDone):
            await client.call("POST", url, content=b"x", timeout=SOON)


async def test_no_answer_in_time_may_have_been_done() -> None:
    never = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await never.wait()

    async with a_server(talk) as url, a_client() as client:
        with pytest.raises(MaybeDone, match="in time"):
            await client.call("POST", url, content=b"x", timeout=timedelta(milliseconds=200))
        never.set()


async def test_a_secret_in_the_address_is_not_in_the_error() -> None:
    async with a_server(says("200 OK")) as url:
        pass
    async with a_client() as client:
        with pytest.raises(NeverSent) as caught:
            await client.call("GET", f"{url}/hook/sesame?key=sesame", headers={"X-Key": "sesame"}, timeout=SOON)
    assert "sesame" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_an_answer_larger_than_the_limit_is_not_read() -> None:
    async with a_server(says("200 OK", b"x" * 2000)) as url, a_client(limit=1000) as client:
        with pytest.raises(TooLarge):
            await client.call("GET", url, timeout=SOON)


async def test_a_small_answer_that_unpacks_to_more_than_the_limit_is_not_read() -> None:
    bomb = gzip.compress(bytes(20_000_000))
    async with a_server(says("200 OK\r\nContent-Encoding: gzip", bomb)) as url, a_client() as client:
        with pytest.raises(TooLarge):
            await client.call("GET", url, timeout=SOON)


async def test_a_compressed_answer_is_unpacked() -> None:
    packed = gzip.compress(b"hello " * 1000)
    async with a_server(says("200 OK\r\nContent-Encoding: gzip", packed)) as url, a_client() as client:
        assert (await client.call("GET", url, timeout=SOON)).body == b"hello " * 1000


async def test_a_file_is_streamed_up_with_its_length() -> None:
    got = bytearray()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"content-length: 6\r\n" in head.lower()
        assert b"transfer-encoding" not in head.lower()
        got.extend(await reader.readexactly(6))
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    async def pieces() -> AsyncIterator[bytes]:
        yield b"abc"
        yield b"def"

    async with a_server(talk) as url, a_client() as client:
        headers = {"Content-Length": "6"}
        reply = await client.call("POST", url, headers=headers, content=pieces(), timeout=SOON)
    assert (reply.status, bytes(got)) == (201, b"abcdef")


async def test_a_file_is_streamed_down(tmp_path: Path) -> None:
    target = tmp_path / "file"
    async with a_server(says("200 OK", b"y" * 300_000)) as url, a_client() as client:
        reply = await client.download(url, target, timeout=SOON, limit=1_000_000)
    assert (reply.status, reply.body, target.stat().st_size) == (200, b"", 300_000)


async def test_a_refused_download_writes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    async with a_server(says("404 Not Found", b"gone")) as url, a_client() as client:
        reply = await client.download(url, target, timeout=SOON, limit=1_000_000)
    assert (reply.status, reply.body, target.exists()) == (404, b"gone", False)


async def test_what_is_no_http_request_is_given_up() -> None:
    async with a_server(says("200 OK")) as url, a_client() as client:
        with pytest.raises(GiveUp):
            await client.call("GET", "gopher://127.0.0.1/", timeout=SOON)
        with pytest.raises(GiveUp):
            await client.call("GET", url, headers={"X-A": "b\r\nc: d"}, timeout=SOON)
