"""Which assistant the settings ask for."""

from typing import Protocol

from gateway.assistant.absent import Absent
from gateway.assistant.article_folder import ArticleFolder
from gateway.assistant.articles import Articles
from gateway.assistant.http import Hook
from gateway.assistant.openai import Model
from gateway.config.settings import Assistant as AssistantSettings
from gateway.config.settings import Settings
from gateway.errors import Fault, Misconfigured
from gateway.http_client.client import HttpClient
from gateway.ports import Assistant

MOST = 1024 * 1024  # bytes of an answer
CONNECTIONS = 20


class Chosen(Assistant, Protocol):
    """An Assistant that holds connections until it is closed."""

    async def close(self) -> None: ...


def choose(settings: Settings) -> Chosen:
    """Raises Misconfigured for a kind that is not built."""
    asked = settings.assistant
    match asked.kind:
        case "none":
            return Absent()
        case "articles":
            return Articles(ArticleFolder(asked.articles))
        case "http":
            return Hook(asked, _client(asked), ArticleFolder(asked.articles))
        case "openai":
            return Model(asked, _client(asked), ArticleFolder(asked.articles))
        case kind:
            raise Misconfigured([Fault(str(settings.path), 0, "assistant.kind", f"{kind} is not built yet")])


def _client(asked: AssistantSettings) -> HttpClient:
    return HttpClient(ca_file=asked.ca_file, proxy=asked.proxy, connections=CONNECTIONS, limit=MOST)
