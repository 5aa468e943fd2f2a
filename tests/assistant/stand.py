"""A real HTTP server in the place of a decision hook or a model, and briefs to ask it about."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.assistant.choosing import Chosen, choose
from gateway.config.settings import Assistant, Mailbox, Settings
from gateway.desk.brief import Article, AskedField, Brief, Said

Serve = Callable[[Request], Awaitable[Response]]
BULBS = Article("bulbs", "Which bulb fits which lamp", "The floor lamps take an E27 bulb of at most 60 W.")
PRIORITY = AskedField("PriorityId", "Priority", "dropdown", "High: broken. Medium: all else.", ("High", "Medium"))


def a_brief(text: str = "Which bulb fits the floor lamp?", **changes: Any) -> Brief:
    values: dict[str, Any] = {
        "conversation_id": "11111111-2222-3333-4444-555555555555",
        "url": "https://gateway.example/conversations/1",
        "mailbox": "support@lumen.example",
        "subject": "",
        "answers_so_far": 0,
        "customer_address": "ann@mail.example",
        "customer_name": "Ann Keller",
        "verified": True,
        "messages": (a_message(text),),
        "fields": (PRIORITY,),
        "handoff": "quick",
        "topics": ("legal threats",),
        "deadline": timedelta(seconds=5),
    }
    return Brief(**(values | changes))


def a_message(text: str, author: str = "customer") -> Said:
    return Said(author, datetime(2026, 3, 1, 9, 30, tzinfo=UTC), text)


def some_settings(**changes: Any) -> Settings:
    box = Mailbox("support@lumen.example")
    return Settings(Path("config.toml"), "https://gateway.example", Path(), (box,), assistant=Assistant(**changes))


@asynccontextmanager
async def an_assistant(**changes: Any) -> AsyncIterator[Chosen]:
    assistant = choose(some_settings(**changes))
    try:
        yield assistant
    finally:
        await assistant.close()


class Service:
    """Answers each request with the next of its answers, the last one for ever; remembers what it was asked."""

    def __init__(self, *answers: Response | Serve) -> None:
        self._answers = answers
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def asked(self) -> list[Any]:
        return [json.loads(body) for body in self.bodies]

    async def serve(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.headers.append(dict(request.headers))
        self.paths.append(request.url.path)
        answer = self._answers[min(len(self.bodies), len(self._answers)) - 1]
        return answer if isinstance(answer, Response) else await answer(request)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        """Its address."""
        app = Starlette(routes=[Route("/{path:path}", self.serve, methods=["GET", "POST"])])
        with socket.create_server(("127.0.0.1", 0)) as door:
            config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve(sockets=[door]))
            try:
                yield f"http://127.0.0.1:{door.getsockname()[1]}/v1"
            finally:
                server.should_exit = True
                await task


def decides(**said: Any) -> Response:
    """What a decision hook answers."""
    return JSONResponse(said)


def says(content: Any, **message: Any) -> Response:
    """What a model answers: `content` is its words, or a decision to be written as JSON."""
    words = json.dumps(content) if isinstance(content, dict) else content
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": words, **message}}
    return JSONResponse({"id": "1", "object": "chat.completion", "unknown": [1, 2], "choices": [choice]})
