"""Finds the few marks that are certain even inside a line, where a mail was poured into one line."""

import re

from gateway.mail.quotes.features import ends_with_colon, has_address, has_date, has_verb
from gateway.mail.quotes.lines import LOOKED_AT
from gateway.mail.quotes.markers import ABOVE, fold, phrases
from gateway.mail.quotes.writing_verbs import OPENERS

_ABOVE = phrases(ABOVE)
_DASHED = re.compile(r"-{2,}\s?(?=\w)")


def mark_inside(shown: str) -> int:
    """How many characters of the line stand before a certain mark inside it; 0 when there is none."""
    head = shown[:LOOKED_AT]
    column = _dashed_intro(head) if "--" in head else 0
    if not column:
        folded = fold(head)
        place = next((folded.find(phrase) for phrase in _ABOVE if phrase in folded), -1)
        column = _before_mark(head, place) if place > 0 else 0
    return column if any(letter.isalnum() for letter in head[:column]) else 0


def _dashed_intro(head: str) -> int:
    """`my answer--- On Wed, Apr 4, 2012 at 3:59 PM, a@example.com wrote:`"""
    for match in _DASHED.finditer(head):
        rest = head[match.end() :]
        if fold(rest).startswith(OPENERS) and has_date(rest) and has_verb(rest) and ends_with_colon(rest):
            return match.start()
    return 0


def _before_mark(head: str, place: int) -> int:
    """Where the help desk's "reply above this line" begins, or the intro that stands before it in the same line."""
    dashes = head.rfind("--", 0, place)
    if dashes < 0:
        return 0
    start = len(head[:dashes].rstrip("-= #"))
    before = fold(head[:start])
    for opener in OPENERS:
        at = before.find(f" {opener}")
        intro = head[at:start] if at > 0 else ""
        if intro and ends_with_colon(intro) and has_verb(intro) and (has_date(intro) or has_address(intro)):
            start = min(start, at)
    return start
