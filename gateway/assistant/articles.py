"""Answers out of the articles, offline: the one article that answers, word for word, or a handoff with a summary."""

import re
from dataclasses import replace

from gateway.assistant.article_folder import ArticleFolder
from gateway.assistant.asked import Asked, newest, what_is_asked
from gateway.assistant.fields import fill, topic_in
from gateway.assistant.ranking import Index, Match
from gateway.assistant.shelved import Shelved
from gateway.assistant.tone import sentiment_of, troubles
from gateway.assistant.words import language_of
from gateway.desk.brief import Article, Brief
from gateway.desk.decision import Answer, Decision, HandOff, Understanding

# How much of each question the article must know, by [assistant] handoff.
ENOUGH = {"quick": 0.8, "balanced": 0.75, "ai_first": 0.6, "ai_only": 0.5}
LEAD = 1.25  # the best article's score over the second's
LONGEST_ANSWER = 12_000
MOST_FOUND, MOST_TEXT = 5, 24_000
_QUOTED = 600
_PROSE = re.compile(r"(?!\d+[.)]\s)[\w\"'(“„«¿¡]")  # no list, table, quote or code


class Articles:
    """No model: words are compared. It answers only what an article clearly covers."""

    def __init__(self, folder: ArticleFolder) -> None:
        self._folder = folder

    async def decide(self, brief: Brief) -> Decision:
        return choose_article(await self._folder.index(), brief)

    async def close(self) -> None:
        """Nothing is open."""


def choose_article(index: Index, brief: Brief) -> Decision:
    """The decision. Each question must lead to the same article, and nothing else may need a person."""
    asked = what_is_asked(brief)
    found, why = _one_article(index, asked, ENOUGH.get(brief.handoff, 1.0))
    topic = topic_in(asked.text, brief.topics)
    if topic:
        why = f"the mail is about {topic}"
    elif found and asked.again:
        why = "the customer asks again after an answer"
    elif found and any(not index.knows(found, stem) for stem in troubles(asked.text)):
        why = "the customer is in trouble of which the article says nothing"
    elif found and len(found.article.text) > LONGEST_ANSWER:
        why = f"the article {found.article.id} is too long for an answer"
    about = Understanding(
        summary=_summary(brief, asked, found) if why or found is None else "",
        language=language_of(asked.text),
        sentiment=sentiment_of(asked.text),
        topic=topic,
        fields=fill(brief, f"{asked.subject}\n{asked.text}"),
    )
    if found is None or why:
        return HandOff(why, about)
    return Answer(_verbatim(found.article), resolved=True, citations=(found.article.id,), about=about)


async def find_articles(folder: ArticleFolder, brief: Brief) -> Brief:
    """The brief with the articles that may help, best first; one that has some already stays as it is."""
    if brief.articles:
        return brief
    index = await folder.index()
    asked = what_is_asked(brief)
    matches = index.match(asked.text, asked.subject)
    found, room = [], MOST_TEXT
    for match in matches[:MOST_FOUND]:
        article = match.shelved.article
        if len(article.text) <= room:
            found.append(article)
            room -= len(article.text)
    return replace(brief, articles=tuple(found))


def _one_article(index: Index, asked: Asked, enough: float) -> tuple[Shelved | None, str]:
    """The article, or why there is none; the nearest one is told all the same when a doubt is left."""
    nearest: Shelved | None = None
    for wish in asked.wishes:
        matches = index.match(wish, asked.subject)
        if not matches or matches[0].covered < enough:
            return None, "no article answers this"
        if _is_doubtful(matches):
            return None, "more than one article may answer this"
        if nearest is not None and nearest is not matches[0].shelved:
            return None, "the customer asks about more than one thing"
        nearest = matches[0].shelved
    return nearest, ""


def _is_doubtful(matches: list[Match]) -> bool:
    best, *others = matches
    return any(best.score < one.score * LEAD and one.covered >= best.covered for one in others)


def _verbatim(article: Article) -> str:
    """Its words as they are, each paragraph on one line: where the file was wrapped means nothing in a mail."""
    paragraphs = [_unwrapped(one) for one in article.text.split("\n\n")]
    return "\n\n".join(part for part in (article.title, *paragraphs, article.url) if part)


def _unwrapped(paragraph: str) -> str:
    lines = paragraph.splitlines()
    is_prose = all(_PROSE.match(line) for line in lines)
    return " ".join(line.strip() for line in lines) if is_prose else paragraph


def _summary(brief: Brief, asked: Asked, nearest: Shelved | None) -> str:
    """In the customer's own words: what they ask, what troubles them, what they sent along."""
    who = brief.customer_name or brief.customer_address
    told = list(asked.sentences)
    if sum(map(len, told)) > _QUOTED:
        told = [one for one in told if one in asked.questions or troubles(one)] or told
    lines = [f"{who} writes about “{asked.subject}”:" if asked.subject else f"{who} writes:"]
    lines += [f"“{_shortened(' '.join(told))}”"] if told else []
    files = [file.name for said in newest(brief) for file in said.attachments]
    lines += [f"Attached: {', '.join(files)[:_QUOTED]}"] if files else []
    lines += [f"Nearest article, not sent: {nearest.article.title}"] if nearest else []
    return "\n".join(lines)


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTED else text[:_QUOTED].rsplit(" ", 1)[0] + " …"
