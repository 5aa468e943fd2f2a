"""What every answer carries, and how large a request may be."""

from collections.abc import MutableMapping
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Nothing but our own stylesheet and our own forms: not a script, not even one of ours.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
    b"cache-control": b"no-store",
    b"x-robots-tag": b"noindex",
}
LARGEST = 2 * 1024 * 1024


class SafeHeaders:
    """Adds the headers that are not there yet, and refuses large requests but for `but` (a path's beginning)."""

    def __init__(self, app: ASGIApp, *, https: bool, largest: int = LARGEST, but: str = "") -> None:
        self._app = app
        self._largest = largest
        self._but = but
        self._headers = dict(_ALWAYS)
        if https:
            self._headers[b"strict-transport-security"] = b"max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                there = {name.lower() for name, _ in headers}
                message["headers"] = headers + [one for one in self._headers.items() if one[0] not in there]
            await send(message)

        if self._but and scope["path"].startswith(self._but):
            await self._app(scope, receive, send_safely)
            return
        await self._limited(scope, receive, send_safely)

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """RFC 9110 §15.5.14: a body that is too large is refused, said or found to be."""
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self._largest:
            await PlainTextResponse("too large", 413)(scope, receive, send)
            return
        taken = 0

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._largest:
                raise TooLarge
            return message

        try:
            await self._app(scope, receive_some, send)
        except TooLarge:
            await PlainTextResponse("too large", 413)(scope, receive, send)


class TooLarge(Exception):
    """The body of this request goes on and on."""
