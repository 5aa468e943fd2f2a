"""Knows the words of the earlier messages again, however they were wrapped since."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gateway.mail.quotes.lines import Lines
from gateway.mail.quotes.trimmed import Earlier

_READ = 30_000  # characters of each earlier message
_LONGEST_LINE = 10_000  # of a paragraph of HTML more is looked at than the rules do
_MOST_WORDS = 20_000  # words of the mail that are compared
# A word, or one letter of a script that writes no spaces.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]"
    r"|[^\W_\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af]+"
)
_FREE_NAME = 4  # a name of fewer letters is not looked for

Gram = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """The earlier messages as runs of three words, who took part, and the addresses and domains that are ours."""

    messages: tuple[frozenset[Gram], ...] = ()
    theirs: tuple[bool, ...] = ()  # for each message: it was not ours
    tails: tuple[tuple[str, ...], ...] = ()
    addresses: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    ours: frozenset[str] = frozenset()

    def words_in(self, line: str) -> bool:
        """The line names somebody who took part."""
        folded = line.casefold()
        return any(name in folded for name in self.names)

    def mentions(self, text: str) -> bool:
        """The text names somebody who took part, or their address."""
        folded = text.casefold()
        return self.words_in(text) or any(address in folded for address in (*self.addresses, *self.ours))

    def took_part(self, address: str) -> bool:
        """The address wrote in this conversation, or is of our house."""
        folded = address.casefold()
        domain = folded.rpartition("@")[2]
        return folded in self.addresses or folded in self.ours or any(own.endswith(f"@{domain}") for own in self.ours)


def remember(thread: Sequence[Earlier], ours: Collection[str]) -> Known:
    """The conversation in the form in which a mail is compared with it."""
    own = frozenset(address.casefold() for address in ours)
    return Known(
        messages=tuple(frozenset(_grams(words_of(one.text[:_READ]))) for one in thread),
        theirs=tuple(one.address.casefold() not in own for one in thread),
        tails=tuple(_last_lines(one.text) for one in thread if one.address.casefold() not in own),
        addresses=frozenset(one.address.casefold() for one in thread if one.address),
        names=tuple({one.name.casefold() for one in thread if len(one.name) >= _FREE_NAME}),
        ours=own,
    )


def words_of(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _grams(words: Sequence[str]) -> list[Gram]:
    return list(zip(words, words[1:], words[2:], strict=False))


def _last_lines(text: str) -> tuple[str, ...]:
    said = [" ".join(line.split()) for line in text[-2_000:].split("\n") if line.strip()]
    return tuple(said[-12:])


@dataclass(frozen=True, slots=True)
class Covered:
    """For each line how many words it has (0: none, or it was not compared) and how many of them are known."""

    words: list[int]
    known: list[int]
    grams: list[tuple[int, Gram]]  # the known runs, each with the line it begins in

    def share(self, first: int, last: int) -> float:
        total = sum(self.words[first : last + 1])
        return sum(self.known[first : last + 1]) / total if total else 0.0


def cover(lines: Lines, known: Known) -> Covered:
    """Compares a mail with all that was said before, in one pass over its words."""
    words: list[str] = []
    places: list[int] = []
    counts = [0] * len(lines)
    for at, shown in enumerate(lines.shown):
        found = words_of(shown[:_LONGEST_LINE]) if lines.plain[at] else []
        counts[at] = len(found)
        words += found
        places += [at] * len(found)
        if len(words) > _MOST_WORDS:
            break
    every = frozenset().union(*known.messages) if known.messages else frozenset()
    marked = bytearray(len(words))
    grams: list[tuple[int, Gram]] = []
    for at, gram in enumerate(_grams(words)):
        if gram in every:
            marked[at : at + 3] = b"\x01\x01\x01"
            grams.append((places[at], gram))
    recognised = [0] * len(lines)
    for place, mark in zip(places, marked, strict=True):
        recognised[place] += mark
    return Covered(counts, recognised, grams)
