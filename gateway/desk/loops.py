"""Machines that do not say so: known by how much is answered, how soon they answer us, and how alike their words are.

What says that it is a machine, and what we sent ourselves, is known before (`mail.automatic`). This is for the rest.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from gateway.desk.thanks import is_bare_thanks

LOOK_BACK = timedelta(days=1)
# How often a machine of ours may write to one address, and in one conversation.
_TO_ONE = ((timedelta(minutes=10), 8), (timedelta(hours=1), 12), (timedelta(days=1), 24))
_IN_ONE = ((timedelta(minutes=10), 6), (timedelta(hours=1), 9), (timedelta(days=1), 15))

FAST = timedelta(seconds=10)  # nobody reads an answer and writes one in that time
_AT_ONCE = timedelta(seconds=3)
_TYPED = 10  # characters a second, by the quickest hands, had they read nothing
_AS_REGULAR, _WITHIN = timedelta(seconds=3), timedelta(minutes=15)
_IN_A_ROW = 3
_SAME, _SIMILAR = 0.9, 0.6
_FEW_WORDS = 4  # "Yes, please." may well be said twice
_WORD, _NO_NUMBER = re.compile(r"\w+"), re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Turn:
    """One mail between a machine of ours and one address. `at`: ours left, theirs came. `open`: it is not decided.
    `refers`: theirs names a mail of ours, so that it was written after it and did not cross it on the way."""

    conversation: str
    at: datetime
    ours: bool
    text: str = ""
    open: bool = False
    refers: bool = False


def find_loop(turns: Sequence[Turn], here: str, now: datetime) -> str:
    """Why another answer in the conversation `here` may feed a machine, or nothing. `turns` are in order of time."""
    return _too_many(turns, here, now) or _same_words(turns, here) or _too_quick(turns)


def _too_many(turns: Sequence[Turn], here: str, now: datetime) -> str:
    for caps, where in ((_IN_ONE, "in this conversation"), (_TO_ONE, "to this address")):
        ours = [one for one in turns if one.ours and (caps is _TO_ONE or one.conversation == here)]
        for window, most in caps:
            sent = sum(now - one.at < window for one in ours)
            if sent >= most:
                return f"{sent} automatic mails {where} within {_words(window)}"
    return ""


def _same_words(turns: Sequence[Turn], here: str) -> str:
    """The same words again although they were answered: a machine, or a person whom the answer did not help."""
    for one in (turn for turn in turns if turn.open and len(_WORD.findall(turn.text)) >= _FEW_WORDS):
        if is_bare_thanks(one.text):
            continue
        alike = [other for other in _answered(turns) if likeness(one.text, other.text) >= _SAME]
        if any(other.conversation == here for other in alike):
            return "the same words again after our answer: perhaps a machine writes"
        if len(alike) > 1:
            return "the same words for the third time from this address: perhaps a machine writes"
    return ""


def _too_quick(turns: Sequence[Turn]) -> str:
    """Answers that come faster than a person reads, or as regularly as no person writes."""
    pauses = _pauses(turns)
    if not pauses or not pauses[-1][1].open:
        return ""
    latest, newest = pauses[-1]
    if latest <= FAST:
        if any(likeness(newest.text, one.text, numbers=False) >= _SIMILAR for one in _answered(turns)):
            return f"much the same words, {latest.total_seconds():.0f} s after our answer: perhaps a machine writes"
        if len(pauses) > 1 and all(_beyond_hands(*one) for one in pauses[-2:]):
            return f"twice within {FAST.total_seconds():.0f} s of our answer, and too much for a hand: a machine writes"
        if len(pauses) >= _IN_A_ROW and all(pause <= FAST for pause, _ in pauses[-_IN_A_ROW:]):
            return f"{_IN_A_ROW} times within {FAST.total_seconds():.0f} s of our answer: perhaps a machine writes"
    some = [pause for pause, _ in pauses[-_IN_A_ROW:]]
    if len(some) == _IN_A_ROW and max(some) <= _WITHIN and max(some) - min(some) <= _AS_REGULAR:
        return f"always {latest.total_seconds():.0f} s after our answer: perhaps a machine writes"
    return ""


def _beyond_hands(pause: timedelta, theirs: Turn) -> bool:
    """Nobody has read ours and written this since. A tap on an offered "Thanks, got it!" is a person's, and so is what
    was written before ours came; a text that lay ready may be, so once alone says nothing."""
    if pause > FAST or not theirs.refers or is_bare_thanks(theirs.text):
        return False
    several = len(_WORD.findall(theirs.text)) >= _FEW_WORDS
    return several and (pause <= _AT_ONCE or len(theirs.text) > _TYPED * pause.total_seconds())


def _pauses(turns: Sequence[Turn]) -> list[tuple[timedelta, Turn]]:
    """How long after ours the first of theirs came, each time that the turn went over to them."""
    pairs = pairwise(turns)
    return [(theirs.at - ours.at, theirs) for ours, theirs in pairs if ours.ours and not theirs.ours]


def _answered(turns: Sequence[Turn]) -> list[Turn]:
    """Theirs that have been answered in their conversation."""
    last = {one.conversation: one.at for one in turns if one.ours}
    return [one for one in turns if not one.ours and not one.open and one.at < last.get(one.conversation, one.at)]


def likeness(one: str, other: str, *, numbers: bool = True) -> float:
    """From 0 to 1: how much of their words two texts share. `numbers=False` looks away from what is counted up."""
    word = _WORD if numbers else _NO_NUMBER
    left, right = Counter(word.findall(one.casefold()[:5_000])), Counter(word.findall(other.casefold()[:5_000]))
    together = (left | right).total()
    return (left & right).total() / together if together else 0.0


def _words(window: timedelta) -> str:
    minutes = int(window.total_seconds()) // 60
    return f"{minutes} minutes" if minutes < 60 else "an hour" if minutes == 60 else "a day"
