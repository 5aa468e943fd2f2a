"""An HTTP call: one client for each partner, with limits, and errors that say what to do."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import certifi
import httpx

from gateway.errors import GiveUp, TryLater

Content = bytes | AsyncIterator[bytes] | Path | None
_CHUNK = 1024 * 1024


class NeverSent(TryLater):
    """Not a byte of the request left (no name, no connection, no TLS, no proxy): it is safe to repeat."""


class MaybeDone(TryLater):
    """The request began to leave and no whole answer came: look whether it was done before it is repeated."""


class TooLarge(GiveUp):
    """The request was answered, with more than we are ready to read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Any whole answer, whatever its status. Header names are in lower case; `cookies` are those set by it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    retry_after: timedelta | None = None
    cookies: Mapping[str, str] = field(default_factory=dict)


class HttpClient:
    """Talks to one partner over kept connections. Follows no redirect, keeps no cookie, reads no environment.

    `ca_file` replaces the machine's trusted certificates. `limit` is the largest answer in bytes, after decoding.
    """

    def __init__(
        self, *, ca_file: str = "", proxy: str = "", connections: int = 10, limit: int = 32 * _CHUNK, agent: str = ""
    ) -> None:
        self._limit = limit
        self._client = httpx.AsyncClient(
            verify=trust(ca_file),
            proxy=proxy or None,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
            timeout=timedelta(hours=1).total_seconds(),  # each call brings a shorter limit for the whole of it
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"User-Agent": agent or "creatio-mail-gateway", "Accept-Encoding": "gzip"},
        )

    async def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: Content = None,
        timeout: timedelta,
    ) -> Reply:
        """Send one request and read the whole answer within `timeout`.

        Raises NeverSent, MaybeDone, TooLarge, or GiveUp when no such request can be made. A streamed `content` needs
        a Content-Length among `headers`, else it goes out in chunks; a file is read piece by piece as it leaves.
        """
        body = bytearray()
        async with self._answer(method, url, headers, content, timeout) as answer:
            async for chunk in answer.chunks(self._limit):
                body += chunk
        return answer.reply(bytes(body))

    async def download(
        self, url: str, path: Path, *, headers: Mapping[str, str] | None = None, timeout: timedelta, limit: int
    ) -> Reply:
        """GET into a file of at most `limit` bytes. The file is only written when the status is 200."""
        body = bytearray()
        async with self._answer("GET", url, headers, None, timeout) as answer:
            if answer.response.status_code == 200:
                await _write(path, answer.chunks(limit))
            else:
                async for chunk in answer.chunks(self._limit):
                    body += chunk
        return answer.reply(bytes(body))

    def _answer(
        self, method: str, url: str, headers: Mapping[str, str] | None, content: Content, timeout: timedelta
    ) -> "_Answer":
        try:
            given = dict(headers or {})
            if isinstance(content, Path):
                given["Content-Length"] = str(content.stat().st_size)
            sent = _pieces(content) if isinstance(content, Path) else content
            request = self._client.build_request(method, url, headers=given, content=sent)
        except (httpx.InvalidURL, UnicodeError, TypeError) as error:
            raise GiveUp(f"this is no address or header that HTTP can carry: {type(error).__name__}") from None
        return _Answer(self._client, request, timeout)

    async def close(self) -> None:
        await self._client.aclose()


def trust(ca_file: str = "") -> ssl.SSLContext:
    """The certificates we believe in: only those in `ca_file`, or the machine's and Mozilla's. TLS 1.2 at least."""
    if ca_file:
        context = ssl.create_default_context(cafile=ca_file)
    else:
        context = ssl.create_default_context()
        context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Answer:
    """One exchange: sends on entry, closes on exit, and turns every failure into ours."""

    def __init__(self, client: httpx.AsyncClient, request: httpx.Request, timeout: timedelta) -> None:
        self._client = client
        self._request = request
        self._timeout = asyncio.timeout(timeout.total_seconds())
        self._leaving = False
        self.response: httpx.Response

    async def __aenter__(self) -> Self:
        self._request.extensions = {**self._request.extensions, "trace": self._watch}
        await self._timeout.__aenter__()
        try:
            self.response = await self._client.send(self._request, stream=True)
        except BaseException as error:
            await self._leave(error)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self.response.aclose()
        finally:
            await self._leave(error)

    async def chunks(self, limit: int) -> AsyncIterator[bytes]:
        """The decoded body; never holds more than `limit` bytes plus one piece."""
        total = 0
        async for piece in _decoded(self.response):
            total += len(piece)
            if total > limit:
                raise TooLarge(f"{self._request.url.host} answers with more than {limit} bytes")
            yield piece

    def reply(self, body: bytes) -> Reply:
        headers = {key.lower(): value for key, value in self.response.headers.items()}
        cookies = (line.split(";")[0].partition("=") for line in self.response.headers.get_list("set-cookie"))
        return Reply(
            status=self.response.status_code,
            headers=headers,
            body=body,
            retry_after=_retry_after(headers.get("retry-after", "")),
            cookies={name.strip(): value.strip() for name, _, value in cookies},
        )

    async def _watch(self, event: str, _: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            self._leaving = True

    async def _leave(self, error: BaseException | None) -> None:
        """End the time limit; whatever went wrong leaves as an instruction."""
        host = self._request.url.host
        if error is not None and hasattr(self, "response"):
            await self.response.aclose()
        try:
            await self._timeout.__aexit__(type(error) if error else None, error, None)
        except TimeoutError:
            raise self._failed(f"{host} does not answer in time") from None
        if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.DecodingError):
            raise GiveUp(f"the exchange with {host} is not HTTP as we speak it: {type(error).__name__}") from None
        if isinstance(error, httpx.TransportError | zlib.error):
            raise self._failed(f"{host}: {_why(error)}") from None

    def _failed(self, why: str) -> TryLater:
        return MaybeDone(why) if self._leaving else NeverSent(why)


def _why(error: BaseException) -> str:
    """The cause in plain words. Never the text of a foreign error: it may quote an address with a secret in it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted ({cause.verify_message}); for a private one set ca_file"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed ({cause.reason or 'connection closed'})"
        if isinstance(cause, OSError) and type(cause).__name__ == "gaierror":
            return "its name cannot be resolved; check the address and the DNS"
        if isinstance(cause, ConnectionRefusedError):
            return "refuses the connection; is it running, is the port right?"
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ProxyError():
            return "the proxy refuses to connect"
        case httpx.RemoteProtocolError():
            return "closed the connection before its answer was complete"
        case httpx.ConnectError():
            return "cannot be reached"
    return f"the connection broke ({type(error).__name__})"


def _retry_after(value: str) -> timedelta | None:
    """RFC 9110 §10.2.3: seconds or a date; at most a day is believed."""
    try:
        wait = timedelta(seconds=int(value)) if value.strip().isdigit() else parsedate_to_datetime(value) - _now()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), timedelta(days=1))


def _now() -> datetime:
    return datetime.now(UTC)


async def _decoded(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body in pieces of at most a mebibyte, however far it was compressed."""
    if "gzip" not in response.headers.get("content-encoding", "").lower():
        async for chunk in response.aiter_raw(_CHUNK):
            yield chunk
        return
    unpack = zlib.decompressobj(wbits=31)
    async for chunk in response.aiter_raw():
        rest = chunk
        while rest:
            yield unpack.decompress(rest, _CHUNK)
            rest = unpack.unconsumed_tail
    yield unpack.flush()


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    """Each piece is read by itself, so no file stays open when the request breaks off."""
    start = 0
    while piece := await asyncio.to_thread(_read, path, start):
        yield piece
        start += len(piece)


def _read(path: Path, start: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(_CHUNK)


async def _write(path: Path, chunks: AsyncIterator[bytes]) -> None:
    file = await asyncio.to_thread(path.open, "wb")
    try:
        async for chunk in chunks:
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
