"""What the words above an older mail say it is there for: passed on to us, or answered inside; then it is content."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.mail.quotes.lines import LOOKED_AT, Lines
from gateway.mail.quotes.markers import fold
from gateway.mail.quotes.notes import ANSWERED, BELOW, PASSED_ON
from gateway.mail.quotes.segments import Segment, Sort
from gateway.mail.quotes.signatures import looks_like_tail
from gateway.mail.quotes.subjects import says_reply

ANSWERED_BELOW, PASSED = "note-answers", "note-passed-on"
_HEADED = ("header", "short-header", "notes-header", "one-line-header", "original-marker", "container:")
_ENDS = 6  # lines that are looked at, from the top and from the header up
_LONGEST_NOTE = 20  # words in all, above a mail that is passed on
_LONGEST_SENTENCE = 12  # words that send a reader to the mail below
_LETTERS = 3  # of a script without spaces, for one word
_SENTENCE = re.compile(r"[.!?;…。！？；]+(?:\s+|$)|[。！？；]")
_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class _Sentence:
    """Its words with a space around each, and without any."""

    count: int
    spaced: str
    joined: str


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Those found between spaces, and those of a script without spaces, which are found anywhere."""

    spaced: tuple[str, ...]
    unspaced: tuple[str, ...]


def heed_notes(lines: Lines, segments: list[Segment], subject: str) -> list[Segment]:
    """The segments, an older mail below a header turned into content if the words above it say so."""
    at = next((at for at, part in enumerate(segments) if part.sort is not Sort.SAID), None)
    if at is None or segments[at].sort is not Sort.OLDER or not segments[at].rule.startswith(_HEADED):
        return segments
    older = segments[at]
    rule = _note(_said(lines, older.first), reply=says_reply(subject))
    if not rule or older.column:
        return segments
    return [*segments[:at], Segment(Sort.FORWARD, older.first, len(lines) - 1, rule, 0.7)]


def _said(lines: Lines, end: int) -> list[str]:
    """The lines above that say something, without the signature below them."""
    said: list[str] = []
    for at in range(end):
        if lines.plain[at]:
            if said and looks_like_tail(lines, at, end - 1):
                break
            said.append(lines.plain[at][:LOOKED_AT])
    return said


def _note(said: list[str], *, reply: bool) -> str:
    near = said if len(said) <= 2 * _ENDS else said[:_ENDS] + said[-_ENDS:]
    split = [_words(sentence) for plain in near for sentence in _SENTENCE.split(fold(plain))]
    sentences = [_Sentence(len(words), f" {' '.join(words)} ", "".join(words)) for words in split if words]
    if any(one.count <= _LONGEST_SENTENCE and _points_below(one) for one in sentences):
        return ANSWERED_BELOW
    short = len(said) <= _ENDS and sum(one.count for one in sentences) <= _LONGEST_NOTE
    return PASSED if short and not reply and any(_has(one, _PASSED_ON) for one in sentences) else ""


def _words(sentence: str) -> list[str]:
    """Words as they are written; of a script without spaces a few letters count as one."""
    if not _UNSPACED.search(sentence):
        return _WORD.findall(sentence)
    words: list[str] = []
    for word in _WORD.findall(sentence):
        step = _LETTERS if _UNSPACED.search(word) else len(word)
        words += [word[at : at + step] for at in range(0, len(word), step)]
    return words


def _points_below(sentence: _Sentence) -> bool:
    return _has(sentence, _BELOW) or any(
        _has(sentence, nouns) and _has(sentence, places) for nouns, places in _ANSWERED
    )


def _has(sentence: _Sentence, phrases: _Phrases) -> bool:
    for phrase in phrases.spaced:
        if phrase in sentence.spaced:
            return True
    return not sentence.joined.isascii() and any(phrase in sentence.joined for phrase in phrases.unspaced)


def _phrases(names: Iterable[str]) -> _Phrases:
    folded = [_WORD.findall(fold(name)) for name in names]
    spaced = tuple(f" {' '.join(words)} " for words in folded if not _UNSPACED.search("".join(words)))
    return _Phrases(spaced, tuple("".join(words) for words in folded if _UNSPACED.search("".join(words))))


_PASSED_ON = _phrases(name for _, names in PASSED_ON for name in names.split("|"))
_BELOW = _phrases(name for _, names in BELOW for name in names.split("|"))
_ANSWERED = tuple(
    (_phrases(nouns.split("|" if "|" in nouns else None)), _phrases(places.split("|"))) for _, nouns, places in ANSWERED
)
