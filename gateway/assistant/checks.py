"""check assistant: it is asked about a mail that we made up, with the settings' own time limit."""

from collections.abc import Sequence
from datetime import UTC, datetime

from gateway.assistant.article_folder import ArticleFolder
from gateway.assistant.choosing import choose
from gateway.config.settings import Settings
from gateway.desk.brief import Brief, Said
from gateway.desk.decision import Answer, Decision, HandOff
from gateway.errors import GiveUp, TryLater
from gateway.health import Finding

AREA = "assistant"
_QUESTION = "Hello,\n\nthis is a test of the connection. Which opening hours do you have?\n\nKind regards\nTest"


async def check(settings: Settings) -> Sequence[Finding]:
    asked = settings.assistant
    if asked.kind == "none":
        return [Finding(AREA, True, 'nobody is asked (kind = "none"): people answer everything')]
    findings = [await _look_at_articles(asked.articles, needed=asked.kind == "articles")]
    if asked.kind != "articles":
        findings.append(await _ask(settings))
    return findings


async def _look_at_articles(folder: str, *, needed: bool) -> Finding:
    if not folder:
        return Finding(
            AREA, False, "no articles: nothing can be answered from them", "set articles", warning=not needed
        )
    try:
        count = len((await ArticleFolder(folder).index()).shelved)
    except GiveUp as error:
        return Finding(AREA, False, str(error), "set articles to a folder of Markdown files that the gateway may read")
    if not count:
        return Finding(
            AREA, False, f"{folder} has no articles", "put Markdown files (*.md) into it", warning=not needed
        )
    return Finding(AREA, True, f"{folder}: {count} article{'s' if count > 1 else ''}")


async def _ask(settings: Settings) -> Finding:
    asked = settings.assistant
    assistant = choose(settings)
    try:
        decision = await assistant.decide(_brief(settings))
    except TryLater as error:
        return Finding(AREA, False, str(error), f"is {asked.url} right, does it run, is timeout long enough?")
    except GiveUp as error:
        return Finding(AREA, False, str(error), "see [assistant] url, model and key, and the log of its server")
    finally:
        await assistant.close()
    return Finding(AREA, True, f"{asked.url} decided about a test mail: {_told(decision)}")


def _brief(settings: Settings) -> Brief:
    return Brief(
        conversation_id="00000000-0000-0000-0000-000000000000",
        url=f"{settings.public_url}/connections",
        mailbox=settings.mailboxes[0].address,
        subject="A test of the connection",
        answers_so_far=0,
        customer_address="test@example.com",
        customer_name="Test",
        verified=False,
        messages=(Said("customer", datetime.now(UTC), _QUESTION),),
        fields=(),
        handoff=settings.assistant.handoff,
        topics=settings.assistant.topics,
        deadline=settings.assistant.timeout,
    )


def _told(decision: Decision) -> str:
    match decision:
        case Answer():
            return "answer"
        case HandOff():
            return f"hand off ({decision.reason})"
        case _:
            return f"keep silent ({decision.reason})"
