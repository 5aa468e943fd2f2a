"""An assistant as a company would build one: it answers the decision hook, and a story says how."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Answering = Callable[[dict[str, Any]], dict[str, Any] | Response]


def answers(text: str = "It is on its way.", **more: Any) -> Answering:
    return lambda brief: {"action": "answer", "text": text, **more}


def hands_off(summary: str = "A customer needs help.", **more: Any) -> Answering:
    return lambda brief: {"action": "hand_off", "summary": summary, "reason": "not in the articles", **more}


@dataclass
class Assistant:
    """`says` makes the answer to a brief; `asked` lists the briefs; while `held` is clear, it thinks."""

    says: Answering = field(default_factory=answers)
    asked: list[dict[str, Any]] = field(default_factory=list)
    thinking: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def answer(self, request: Request) -> Response:
        brief = await request.json()
        self.asked.append(brief)
        await self.thinking.wait()
        said = self.says(brief)
        return said if isinstance(said, Response) else JSONResponse(said)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def assistant() -> AsyncIterator[Assistant]:
    played = Assistant()
    played.thinking.set()
    app = Starlette(routes=[Route("/decide", played.answer, methods=["POST"])])
    listening = socket.create_server(("127.0.0.1", 0))
    played.url = f"http://127.0.0.1:{listening.getsockname()[1]}/decide"
    server = _Server(uvicorn.Config(app, log_level="critical", lifespan="off", access_log=False))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield played
    finally:
        played.thinking.set()
        server.force_exit = server.should_exit = True
        await task
