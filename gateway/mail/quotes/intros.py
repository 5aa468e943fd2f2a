"""Finds the sentence above a quotation ("On …, … wrote:") by what it is made of, whatever its language."""

from dataclasses import dataclass

from gateway.mail.quotes.features import (
    Features,
    ends_like_intro,
    features,
    has_address,
    has_date,
    has_digit,
    has_time,
    has_verb,
    is_old_gmail,
    opens,
    reads_like_sentence,
    speaks_of_self,
)
from gateway.mail.quotes.lines import Lines

_MOST_LINES = 4
_LONGEST = 420


@dataclass(frozen=True, slots=True)
class Intro:
    """An intro begins at line `first` and ends at the line that was asked about."""

    first: int
    rule: str
    confidence: float


def intro_ending_at(lines: Lines, last: int, *, followed: bool) -> Intro | None:
    """The intro that ends at the line, over at most four lines. `followed`: quoted lines come right below it."""
    plain = lines.plain[last]
    if not followed and not (ends_like_intro(plain) or plain.endswith("--") or is_old_gmail(plain)):
        return None
    text = ""
    for first in _starts(lines, last):
        text = f"{lines.plain[first]} {text}".strip()
        if len(text) > _LONGEST:
            return None
        found = _judge(text, followed=followed)
        if found is not None:
            rule, confidence = found
            return Intro(_upwards(lines, first, text), rule, confidence)
    return None


def _starts(lines: Lines, last: int) -> list[int]:
    """The lines an intro that ends at `last` may begin at, nearest first; one blank line may stand inside it."""
    starts = [last]
    blanks = 0
    at = last - 1
    depth = lines.depth[last]
    while at >= 0 and len(starts) < _MOST_LINES and last - at <= 6:
        if not lines.plain[at]:
            blanks += 1
            if blanks > 1 or lines.plain[last][-1:] != ":":
                break
        elif lines.depth[at] != depth:
            break
        else:
            starts.append(at)
        at -= 1
    return starts


def _judge(text: str, *, followed: bool) -> tuple[str, float] | None:
    if not followed and "@" not in text and not has_digit(text) and not (text[0] == "-" and has_verb(text)):
        return None
    seen = features(text)
    if followed:
        return _judge_followed(text, seen)
    if is_old_gmail(text) and (seen.address or "GMT" in text or "UTC" in text):
        return "intro-iso-date", 0.9
    if (not seen.ends and not text.endswith("--")) or speaks_of_self(text) or reads_like_sentence(text):
        return None
    if seen.date and seen.verb and opens(text) and _names_only(text):
        return "intro-short", 0.8
    if seen.date and seen.verb and (seen.address or seen.time):
        return "intro", 0.95 if seen.address else 0.9
    if seen.date and seen.time and seen.address and seen.colon:
        return "intro-no-verb", 0.9
    if seen.address and seen.verb and (seen.time or text.rstrip(" :*").endswith(">") or _verb_last(text)):
        return "intro-no-date", 0.85
    if text.startswith("--") and text.endswith("--") and (seen.verb or (seen.date and seen.address)):
        return "intro-framed", 0.9
    return None


def _judge_followed(text: str, seen: Features) -> tuple[str, float] | None:
    certain = seen.ends and (seen.address or (seen.time and seen.date) or len(text) < 80)
    if seen.verb and (certain or (seen.date and (seen.time or seen.address))):
        return "intro-quoted", 0.99
    if seen.date and (seen.address or (seen.time and seen.colon)):
        return "intro-quoted", 0.97
    if seen.address and seen.colon and len(text) < 200:
        return "intro-quoted", 0.9
    return None


def _names_only(text: str) -> bool:
    """`On Nov 26, 2013 you wrote:` and no sentence: hardly a word in lower case but the verb."""
    words = text.split()
    return len(words) <= 9 and sum(word[:1].islower() and len(word) > 2 for word in words) <= 3


def _verb_last(text: str) -> bool:
    return "<" in text or "mailto:" in text


def _upwards(lines: Lines, first: int, text: str) -> int:
    """An intro found by its end has its beginning on a line above, when that one opens it or holds what it lacks."""
    seen = features(text)
    if seen.date and opens(text) and (seen.verb or seen.address):
        return first
    blanks = 0
    for at in range(first - 1, max(-1, first - 5), -1):
        above = lines.plain[at]
        blanks += not above
        if not above and blanks < 2:
            continue
        if blanks > 1 or lines.depth[at] != lines.depth[first] or len(above + text) > _LONGEST:
            return first
        if not blanks and not seen.verb and not seen.address and _names_writer(above):
            return at
        if not blanks and not seen.date and seen.ends and len(above) < 120 and has_date(above) and has_time(above):
            return at
        if above[-1] in ".!?":
            return first
        if opens(above) and has_date(above):
            return at
    return first


def _names_writer(above: str) -> bool:
    return len(above) < 120 and has_address(above) and (has_verb(above) or ("<" in above and above[-1] not in ".!?"))
