"""What can be seen in a line without knowing its language: a date, a time, an address, a verb of writing, its end."""

import re
from dataclasses import dataclass

from gateway.mail.quotes.calendar_words import MONTH_STARTS, MONTHS_INSIDE
from gateway.mail.quotes.writing_verbs import (
    FILLER_WORDS,
    FIRST_PERSON_WORDS,
    OPENERS,
    OPENERS_INSIDE,
    VERB_PHRASES,
    VERB_WORDS,
    VERBS_INSIDE,
)

COLONS = ":：﹕"
# What may follow the colon or the verb of an intro: bold, table and angle marks of text made from HTML.
_TRIM = " \t*_>|\"'»”-–—=~"
_NUMERIC_DATE = re.compile(
    r"(?<![\d.])\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,4}(?!\d)|\d{2,4}\s?[年년]\s?\d{1,2}\s?[月월]\s?\d{1,2}"
    r"|\d{1,2}\s?[月월]\s?\d{1,2}\s?[日일]"
)
_MOST_ORDINARY = 2
_DIGIT = re.compile(r"\d")
_TIME = re.compile(r"(?<![\d./-])\d{1,2}(?::\d{2}|[.h]\d{2}(?![\d./-])|\s?[時时点시])")
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]]@[^\s<>@,;:\"()\[\]]")
_OLD_GMAIL = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\s(?:\d{1,2}:\d{2}\s)?(?:GMT|UTC)?(?:[+-]\d{1,2}:?\d{2}\s)?\S")
_OPENERS = (*OPENERS, *OPENERS_INSIDE)


@dataclass(frozen=True, slots=True)
class Features:
    """`ends` says the text ends like an intro: with a colon, or with the verb itself."""

    date: bool
    time: bool
    address: bool
    verb: bool
    colon: bool
    ends: bool


def has_date(text: str) -> bool:
    """A numeric date, or the name of a month beside a number, in any language of the table."""
    if not has_digit(text):
        return False
    if _NUMERIC_DATE.search(text):
        return True
    words = _WORDS.findall(text.casefold())
    for index, word in enumerate(words):
        if word.isdigit() and any(is_month(near) for near in words[max(0, index - 2) : index + 3] if near != word):
            return True
    return not text.isascii() and any(name in text for name in MONTHS_INSIDE)


def has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None


def is_month(word: str) -> bool:
    return not word.isdigit() and len(word) <= 12 and any(word[:length] in MONTH_STARTS for length in (2, 3, 4, 5, 6))


def has_time(text: str) -> bool:
    return _TIME.search(text) is not None


def has_address(text: str) -> bool:
    return "@" in text and _ADDRESS.search(text) is not None


def has_verb(text: str) -> bool:
    """A verb of writing stands in the text as a word of its own."""
    folded = text.casefold().replace("\u0307", "")
    for word in folded.split():
        if word.strip("\"'.,;:：*_()<>«»-–—~=") in VERB_WORDS or word.rstrip(":：*_-=~").strip("-=~") in VERB_WORDS:
            return True
    if any(verb in folded for verb in VERB_PHRASES):
        return True
    return not folded.isascii() and any(verb in folded for verb in VERBS_INSIDE)


def ends_with_colon(text: str) -> bool:
    return text.rstrip(_TRIM)[-1:] in tuple(COLONS)


def ends_with_verb(text: str) -> bool:
    """The last word is a verb of writing. Cheap: asked of every line that ends in a letter."""
    tail = text[-40:].rstrip(_TRIM + COLONS).casefold().replace("\u0307", "")
    if tail.rpartition(" ")[2].lstrip(_TRIM) in VERB_WORDS:
        return True
    return not tail.isascii() and tail.endswith(VERBS_INSIDE)


def ends_like_intro(text: str) -> bool:
    """With a colon, or with the verb itself."""
    return ends_with_colon(text) or ends_with_verb(text)


def opens(text: str) -> bool:
    """The text begins as an intro does: with the word for "on", or with a number or a weekday and a date."""
    start = text[:40].lstrip("-–—*_>\"'• ").casefold()
    return start.startswith(_OPENERS) or start[:1].isdigit()


def speaks_of_self(text: str) -> bool:
    """The text says "I" or "we"."""
    return any(word.strip("\"'.,;:*_()<>") in FIRST_PERSON_WORDS for word in text.split())


def reads_like_sentence(text: str) -> bool:
    """More ordinary words than a mail program writes into an intro, or one behind the verb or the address."""
    ordinary = behind = 0
    named = False
    for word in text.split():
        bare = word.strip("\"'.,;:：*_()[]<>«»-–—~=|")
        if "@" in word or bare.casefold() in VERB_WORDS:
            behind, named = 0, True
        elif word.rstrip(",").endswith("."):
            continue  # an abbreviation: a weekday's, an hour's
        elif len(bare) > 1 and bare.islower() and bare.isalpha() and bare not in FILLER_WORDS and not is_month(bare):
            ordinary += 1
            behind += named
    return ordinary > _MOST_ORDINARY or behind > 0


def is_old_gmail(text: str) -> bool:
    """`2014-10-17 11:28 GMT+03:00 Name <address>`: Gmail's intro until 2016, in every language."""
    return text[:4].isdigit() and _OLD_GMAIL.match(text) is not None and ("<" in text or "GMT" in text)


def features(text: str) -> Features:
    colon = ends_with_colon(text)
    return Features(
        date=has_date(text),
        time=has_time(text),
        address=has_address(text),
        verb=has_verb(text),
        colon=colon,
        ends=colon or ends_with_verb(text),
    )
