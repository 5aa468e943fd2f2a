"""A language model behind any OpenAI-compatible /chat/completions: asked at most twice, believed when it is valid."""

import asyncio
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from gateway.assistant.article_folder import ArticleFolder
from gateway.assistant.articles import find_articles
from gateway.assistant.contract import Invalid, from_json, parse
from gateway.assistant.facts import check_facts
from gateway.assistant.prompt import schema, write_prompt
from gateway.config.settings import Assistant
from gateway.desk.brief import Brief
from gateway.desk.decision import Answer, Decision, HandOff
from gateway.errors import GiveUp, TryLater
from gateway.http_client.client import HttpClient, Reply

TRIES = 2
_SHORTEST = timedelta(seconds=1)  # with less time left a second try is not begun
_REMEMBERED = 4_000
_NO_SCHEMA = (400, 404, 415, 422, 501)  # how servers say that they know no response_format
_THOUGHTS = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"```(?:json)?\s*(\{.*\})\s*```", re.DOTALL)


class Model:
    """Asks with a JSON schema; a server that knows none is asked in words, from then on."""

    def __init__(self, settings: Assistant, client: HttpClient, folder: ArticleFolder) -> None:
        self._settings = settings
        self._client = client
        self._folder = folder
        self._structured = True
        base = settings.url.rstrip("/")
        self._url = base if base.endswith("/chat/completions") else f"{base}/chat/completions"

    async def decide(self, brief: Brief) -> Decision:
        loop = asyncio.get_running_loop()
        ends = loop.time() + brief.deadline.total_seconds()
        brief = await find_articles(self._folder, brief)
        structured, remarks = self._structured, list[dict[str, str]]()
        trouble: Exception = TryLater("the model was given no time to answer")
        for attempt in range(TRIES):
            left = timedelta(seconds=ends - loop.time())
            if attempt and left < _SHORTEST:
                break
            messages = write_prompt(brief, structured=structured) + remarks
            reply = await self._ask(messages, schema(brief) if structured else None, left)
            if reply.status == 200:
                self._structured = structured
                said = _said(reply.body)
                try:
                    return self._read(said, brief)
                except Invalid as wrong:
                    trouble = GiveUp(f"the model's answer is not valid: {wrong}")
                    remarks = _remarks(said, wrong)
            elif structured and reply.status in _NO_SCHEMA:
                trouble = _refusal(reply)
                structured = False
            elif reply.status >= 500:
                trouble = _refusal(reply)
            else:
                raise _refusal(reply)
        raise trouble

    async def close(self) -> None:
        await self._client.close()

    async def _ask(self, messages: list[dict[str, str]], form: Mapping[str, Any] | None, timeout: timedelta) -> Reply:
        asked: dict[str, Any] = {"model": self._settings.model, "messages": messages}
        if form is not None:
            named = {"name": "decision", "strict": True, "schema": form}
            asked["response_format"] = {"type": "json_schema", "json_schema": named}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._settings.key:
            headers["Authorization"] = f"Bearer {self._settings.key.value}"
        content = json.dumps(asked).encode()
        return await self._client.call("POST", self._url, headers=headers, content=content, timeout=timeout)

    def _read(self, said: str | None, brief: Brief) -> Decision:
        if said is None:
            return HandOff("the model declined to answer")
        decision = from_json(parse(_object_in(said)), brief)
        if isinstance(decision, Answer):
            check_facts(decision, brief)
        return decision


def _said(body: bytes) -> str | None:
    """The model's words, or None when it (or its filter) declined. What is no such answer gives empty words."""
    try:
        choice = parse(body)["choices"][0]
        message = choice["message"]
        if message.get("refusal") or choice.get("finish_reason") == "content_filter":
            return None
        content = message["content"]
        if isinstance(content, list):
            content = "".join(str(part.get("text") or "") for part in content)
        return content if isinstance(content, str) else ""
    except (Invalid, LookupError, TypeError, AttributeError):
        return ""


def _object_in(said: str) -> str:
    """The JSON object, out of the thoughts, fences and politeness that some models put around it."""
    said = _THOUGHTS.sub("", said).strip()
    if said.startswith("{"):
        return said
    if fenced := _FENCED.search(said):
        return fenced[1]
    return said[said.find("{") : said.rfind("}") + 1]


def _remarks(said: str | None, wrong: Invalid) -> list[dict[str, str]]:
    faults = "\n".join(f"- {fault}" for fault in wrong.faults)
    return [
        {"role": "assistant", "content": (said or "")[:_REMEMBERED] or "(nothing)"},
        {"role": "user", "content": f"That was not a valid decision:\n{faults}\nGive the whole JSON object again."},
    ]


def _refusal(reply: Reply) -> TryLater | GiveUp:
    match reply.status:
        case 401 | 403:
            return GiveUp(f"the model's server answers {reply.status}; check [assistant] key")
        case 404:
            return GiveUp("the model's server answers 404; check [assistant] url and model")
        case 408 | 409 | 425 | 429:
            return TryLater(f"the model's server answers {reply.status}", wait=reply.retry_after)
        case status if status >= 500:
            return TryLater(f"the model's server answers {status}", wait=reply.retry_after)
    return GiveUp(f"the model's server answers {reply.status}{_why(reply.body)}; check [assistant] url and model")


def _why(body: bytes) -> str:
    """The server's own words, shortened, when it has some: {"error": {"message": …}}."""
    try:
        error = parse(body)["error"]
    except (Invalid, LookupError, TypeError):
        return ""
    words = error.get("message") if isinstance(error, Mapping) else error
    return f" ({words[:200]})" if isinstance(words, str) else ""
