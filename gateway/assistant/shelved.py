"""An article out of Markdown: its text for customers, and what only the search looks at."""

import re
from dataclasses import dataclass

from gateway.assistant.words import stems
from gateway.desk.brief import Article

_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*\n", re.DOTALL)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+(.+)$", re.MULTILINE)

# The section with this heading holds sample questions, one a list item: it is searched, never sent.
_QUESTIONS = frozenset(
    " ".join(stems(heading))
    for heading in (
        *("Questions this answers", "Questions", "Diese Fragen beantwortet der Artikel", "Fragen"),
        *("Questions auxquelles cet article répond", "Preguntas que responde", "Preguntas", "Domande"),
        *("Domande a cui risponde", "Vragen die dit beantwoordt", "Vragen", "Perguntas", "Pytania", "Frågor"),
        *("Вопросы", "На какие вопросы отвечает", "Питання", "Otázky", "Sorular", "質問", "问题"),
    )
)


@dataclass(frozen=True, slots=True)
class Shelved:
    """An article and what only the search looks at: its headings, and the questions it answers."""

    article: Article
    headings: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def shelve(name: str, text: str) -> Shelved | None:
    """An article out of Markdown, or None for an empty one. Its id is `name`.

    The title is front matter's `title`, else the first heading; front matter's `url` is where customers find it.
    """
    front, text = _front_matter(text.replace("\r\n", "\n").lstrip("\ufeff"))
    text, questions = _take_questions(text)
    first = _HEADING.search(text)
    title = front.get("title", "")
    if not title and first is not None:
        title = first[2]
    if first is not None and first[2] == title and not text[: first.start()].strip():
        text = text[first.end() :]
    text = text.strip()
    if not text:
        return None
    headings = tuple(match[2] for match in _HEADING.finditer(text))
    article = Article(id=name, title=title or name, text=text, url=front.get("url", ""))
    return Shelved(article, headings, questions)


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    pairs = (line.partition(":") for line in match[1].splitlines())
    return {key.strip().casefold(): value.strip().strip("\"'") for key, _, value in pairs}, text[match.end() :]


def _take_questions(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without its sections of sample questions, and those questions."""
    questions: list[str] = []
    kept: list[str] = []
    taking, position = False, 0
    for match in _HEADING.finditer(text):
        part = text[position : match.start()]
        (questions if taking else kept).append(part)
        taking, position = " ".join(stems(match[2])) in _QUESTIONS, match.start()
    (questions if taking else kept).append(text[position:])
    return "".join(kept), tuple(item.strip() for part in questions for item in _ITEM.findall(part))
