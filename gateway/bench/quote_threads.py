"""Conversations made of texts that do not know each other: an answer that quotes an earlier mail in many ways."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from textwrap import wrap

from gateway.bench.quote_corpus import Case
from gateway.mail.quotes.trimmed import Earlier

OURS = "support@shop.example"
CONVERSATIONS = 320
_SHORTEST, _LONGEST = 12, 160  # words of the texts that are used
_TELLING = 25  # letters of a line that two mails do not share by chance
_FIRST = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Conversation:
    """`case` is the mail that is trimmed; `thread` what was said before it; `way` how it quotes."""

    way: str
    case: Case
    thread: tuple[Earlier, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """The three texts: a customer's first mail, our answer to it, and what the customer writes now."""

    first: str
    answer: str
    now: str


def make_conversations(cases: Sequence[Case], count: int = CONVERSATIONS) -> list[Conversation]:
    """The same ones each time. All texts are cores of mails that quote nothing, each from another mail."""
    texts = _strangers(case.core.strip() for case in cases if case.kind == "none" and case.core and _usable(case.core))
    chance = random.Random(20_260_303)
    ways = list(WAYS.items())
    made: list[Conversation] = []
    while len(texts) > 2 and len(made) < count:
        way, write = ways[len(made) % len(ways)]
        made.append(_conversation(way, write, _Said(*chance.sample(texts, 3)), chance))
    return made


def _usable(text: str) -> bool:
    return _SHORTEST <= len(text.split()) <= _LONGEST and ">" not in text


def _strangers(texts: Iterable[str]) -> list[str]:
    """Those that share no sentence with one before: collections test several trimmers with the same mail."""
    seen: set[str] = set()
    apart: list[str] = []
    for text in texts:
        lines = {line.strip().casefold() for line in text.split("\n") if len(line.strip()) >= _TELLING}
        if not lines & seen:
            apart.append(text)
        seen |= lines
    return apart


Way = Callable[[_Said, random.Random], tuple[str, str, list[str]]]


def _conversation(way: str, write: Way, said: _Said, chance: random.Random) -> Conversation:
    text, html, answers = write(said, chance)
    core = "\n".join(answers)
    everything = f"{text}\n{html}" if len(answers) > 1 else core
    thread = (
        Earlier(said.first, "anna@customer.example", "Anna Berg", _FIRST, "<one@customer.example>"),
        Earlier(said.answer, OURS, "Support Team", _FIRST + timedelta(hours=3), "<two@shop.example>"),
    )
    case = Case(
        id=way,
        kind="reply",
        format="html" if html else "txt",
        language="en",
        text=text,
        html=html,
        subject="Re: hello",
        plain=text,
        core=core,
        most=everything,
        expected=core,
        must=(),
        must_not=(),
    )
    return Conversation(way, case, thread)


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]


def _wrapped(text: str, width: int, mark: str = "") -> str:
    lines = [line for part in _paragraphs(text) for line in (*wrap(part, width), "")]
    return "\n".join(f"{mark}{line}".rstrip() for line in lines[:-1])


def _edited(text: str, chance: random.Random) -> str:
    """Every twelfth word gone, one paragraph shortened."""
    words = [word for word in text.split() if chance.random() > 1 / 12]
    cut = len(words) // 3
    return " ".join((*words[:cut], "[...]", *words[cut + len(words) // 6 :]))


def _html(text: str) -> str:
    return "".join(f"<div>{escape(part)}</div><div><br></div>" for part in _paragraphs(text))


def _halves(text: str) -> tuple[str, str]:
    words = text.split()
    return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])


_INTRO = "On Tue, Mar 3, 2026 at 5:05 PM Support Team <support@shop.example> wrote:"
_HEADER = (
    "From: Support Team <support@shop.example>\nSent: Tuesday, March 3, 2026 5:05 PM\nTo: Anna Berg\nSubject: hello"
)
# Of a language that no table has, and of a program that nobody knows.
_FOREIGN = "ავტორი: Support Team <support@shop.example>\nგაგზავნილია: 3.3.2026 17:05\nადრესატი: Anna Berg\nთემა: hello"
_OLDER = "From: Anna Berg\nSent: Tuesday, March 3, 2026 2:05 PM"
_ODD = "Support Team <support@shop.example>, 3.3.2026 17:05"

WAYS: dict[str, Way] = {
    "marked, wrapped again": lambda said, _: (
        f"{said.now}\n\n{_INTRO}\n\n{_wrapped(said.answer, 66, '> ')}",
        "",
        [said.now],
    ),
    "intro, no marks": lambda said, _: (f"{said.now}\n\n{_INTRO}\n\n{_wrapped(said.answer, 60)}", "", [said.now]),
    "nothing marks it": lambda said, _: (f"{said.now}\n\n{_wrapped(said.answer, 70)}", "", [said.now]),
    "an odd intro, no marks": lambda said, _: (f"{said.now}\n\n{_ODD}\n\n{_wrapped(said.answer, 76)}", "", [said.now]),
    "a header in an unknown language": lambda said, _: (f"{said.now}\n\n{_FOREIGN}\n\n{said.answer}", "", [said.now]),
    "edited, nothing marks it": lambda said, chance: (
        f"{said.now}\n\n{_ODD}\n{_wrapped(_edited(said.answer, chance), 70)}",
        "",
        [said.now],
    ),
    "answered inline, marked": lambda said, _: _inline(said, _INTRO, "> "),
    "answered inside a header's mail": lambda said, _: _inline(said, "Thank you for your mail."),
    "answered inside, and told so above": lambda said, _: _inline(said, "See my answers below."),
    "answered below, no marks": lambda said, _: (
        f"{_INTRO}\n\n{_wrapped(said.answer, 64)}\n\n{said.now}",
        "",
        [said.now, ""],
    ),
    "HTML, nothing marks it": lambda said, _: ("", f"{_html(said.now)}{_html(said.answer)}", [said.now]),
    "HTML, an odd intro": lambda said, _: (
        "",
        f"{_html(said.now)}<p>{escape(_ODD)}</p><div>{_html(said.answer)}</div>",
        [said.now],
    ),
    "two levels": lambda said, _: (
        f"{said.now}\n\n{_HEADER}\n\n{said.answer}\n\n{_OLDER}\n\n{said.first}",
        "",
        [said.now],
    ),
    "repeats a sentence of ours as its own": lambda said, _: _repeated(said),
    "sends its first mail again": lambda said, _: (
        f"I have had no answer yet.\n\n{said.first}",
        "",
        [f"I have had no answer yet.\n\n{said.first}"],
    ),
    "quotes nothing": lambda said, _: (said.now, "", [said.now]),
}


def _repeated(said: _Said) -> tuple[str, str, list[str]]:
    sentence = _paragraphs(said.answer)[-1][:200]
    text = f"{said.now}\n\nYou say:\n\n{sentence}\n\nThat does not help me at all."
    return text, "", [text]


def _inline(said: _Said, head: str, mark: str = "") -> tuple[str, str, list[str]]:
    """Both halves of our answer, each with half of what the customer writes below it; without marks, below a header."""
    above, below = _halves(said.answer)
    one, two = _halves(said.now)
    top = head if mark else f"{head}\n\n{_HEADER}"
    parts = (top, _wrapped(above, 70, mark), one, _wrapped(below, 70, mark), two)
    return "\n\n".join(parts), "", [one, two] if mark else [head, one, two]
