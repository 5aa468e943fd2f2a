"""The decision hook: your own service decides (contract 6)."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from gateway.assistant.article_folder import ArticleFolder
from gateway.assistant.articles import find_articles
from gateway.assistant.contract import Invalid, from_json, parse, to_json
from gateway.assistant.signature import sign
from gateway.config.settings import Assistant
from gateway.desk.brief import Brief
from gateway.desk.decision import Decision
from gateway.errors import GiveUp, TryLater
from gateway.http_client.client import HttpClient


class Hook:
    """Posts the brief and reads the decision. One request a decision: what fails is handed off, not asked again."""

    def __init__(self, settings: Assistant, client: HttpClient, folder: ArticleFolder) -> None:
        self._settings = settings
        self._client = client
        self._folder = folder

    async def decide(self, brief: Brief) -> Decision:
        brief = await find_articles(self._folder, brief)
        body = json.dumps(to_json(brief)).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._settings.key:
            headers |= sign(self._settings.key.value, f"msg_{uuid4().hex}", int(datetime.now(UTC).timestamp()), body)
        reply = await self._client.call(
            "POST", self._settings.url, headers=headers, content=body, timeout=brief.deadline
        )
        if reply.status == 429 or reply.status >= 500:
            raise TryLater(f"the decision hook answers {reply.status}", wait=reply.retry_after)
        if reply.status != 200:
            raise GiveUp(f"the decision hook answers {reply.status}; check [assistant] url and key")
        try:
            return from_json(parse(reply.body), brief)
        except Invalid as error:
            raise GiveUp(f"the decision hook's answer is not valid: {error}") from None

    async def close(self) -> None:
        await self._client.close()
