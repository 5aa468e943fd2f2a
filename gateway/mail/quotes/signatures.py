"""Finds what ends a mail without being said: signatures, device lines, disclaimers, list footers."""

from gateway.mail.quotes.lines import Lines
from gateway.mail.quotes.markers import phrases
from gateway.mail.quotes.tails import DISCLAIMERS, SENT_FROM, SIGN_OFFS

_SENT_FROM = phrases(SENT_FROM)
_DISCLAIMERS = phrases(DISCLAIMERS)
_SIGN_OFFS = frozenset(phrases(SIGN_OFFS))
_LONGEST = 12  # lines of a signature


def looks_like_tail(lines: Lines, first: int, last: int) -> bool:
    """The lines from `first` on say nothing: a delimiter, a device line, a disclaimer, a sign-off with a name."""
    plain = lines.plain[first]
    if is_delimiter(plain) or is_device_line(plain) or is_disclaimer(plain):
        return True
    said = [at for at in range(first, last + 1) if lines.plain[at]]
    return len(said) <= 6 and is_sign_off(plain)


def is_delimiter(plain: str) -> bool:
    """`--`, or a rule of underscores, hyphens or the like on a line of its own."""
    return len(plain) >= 2 and not plain.strip("-_=*~—–") and plain != "**"


def is_device_line(plain: str) -> bool:
    return len(plain) < 120 and plain.casefold().lstrip("[<(*_ ").startswith(_SENT_FROM)


def is_disclaimer(plain: str) -> bool:
    return plain.casefold().lstrip("*_[( ").startswith(_DISCLAIMERS)


def is_sign_off(plain: str) -> bool:
    folded = plain.casefold().strip(" ,.!;-–—*_")
    return folded in _SIGN_OFFS or folded.partition(",")[0] in _SIGN_OFFS
