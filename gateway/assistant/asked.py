"""What the customer asks: their newest words, cut into sentences, without greetings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.assistant.words import is_question, telling
from gateway.desk.brief import Brief, Said

LONGEST = 8_000  # characters of a mail that a search looks at
_GREETING_WORDS = 5
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_SENTENCE = re.compile(r"(?<=[.!?…。！？؟])[\"'”»)]*(?:\s+|(?<=[。！？]))")
_SIGN_OFF = re.compile(
    r"(?im)^(?:--\s*$|(?:best|kind|warm|many|with kind|sincerely|yours|cheers|thank you|thanks|regards)\b.{0,25}$"
    r"|(?:mit |viele |beste |liebe |herzliche |schöne )?(?:freundliche[nr]? |lieben )?gr[üu](?:ß|ss)e?n?\b.{0,20}$"
    r"|vielen dank\W*$|(?:bien )?cordialement\b.{0,10}$|salutations\b|(?:un )?saludos?\b.{0,20}$"
    r"|(?:cordiali|distinti) saluti|met vriendelijke groet|groeten\b|atenciosamente|cumprimentos|pozdrawiam"
    r"|(?:med )?vänliga hälsningar|mvh\b|с уважением|s pozdravem|saygılarımla)"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """`questions` are the sentences that ask; without any, all that the customer says is one wish.

    `text` is all they wrote since somebody last answered, `sentences` that without greetings.
    """

    subject: str
    text: str
    sentences: tuple[str, ...]
    questions: tuple[str, ...]
    again: bool  # the assistant has answered them before

    @property
    def wishes(self) -> tuple[str, ...]:
        return self.questions or (" ".join(self.sentences),)


def what_is_asked(brief: Brief) -> Asked:
    texts = [said.text[:LONGEST] for said in newest(brief)]
    text = "\n\n".join(texts)
    names = frozenset(telling(brief.customer_name))
    sentences = tuple(
        sentence for part in texts for sentence in split(part) if not names or not set(telling(sentence)) <= names
    )
    questions = tuple(one for one in sentences if is_question(one) and telling(one))
    again = any(said.author == "assistant" for said in brief.messages)
    return Asked(brief.subject, text, sentences, questions, again)


def newest(brief: Brief) -> Sequence[Said]:
    """The customer's messages since anybody answered."""
    last = max((at for at, said in enumerate(brief.messages) if said.author != "customer"), default=-1)
    return brief.messages[last + 1 :]


def split(text: str) -> list[str]:
    """Sentences; wrapped lines are joined. A greeting and what stands below a farewell are none."""
    farewell = _SIGN_OFF.search(text)
    if farewell is not None and text[: farewell.start()].strip():
        text = text[: farewell.start()]
    sentences = []
    for paragraph in _PARAGRAPH.split(text):
        for sentence in _SENTENCE.split(" ".join(paragraph.split())):
            if sentence and not _is_greeting(sentence):
                sentences.append(sentence)
    return sentences


def _is_greeting(sentence: str) -> bool:
    return (
        sentence.endswith((",", "!", "，")) and len(sentence.split()) <= _GREETING_WORDS and len(telling(sentence)) <= 2
    )
