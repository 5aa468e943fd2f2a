"""Finds what ends a mail without being said: signatures, device lines, disclaimers, list footers; and banners above."""

import re
from collections.abc import Sequence

from gateway.mail.quotes.lines import Lines
from gateway.mail.quotes.markers import phrases
from gateway.mail.quotes.tails import BANNERS, DISCLAIMERS, FOOTERS, SENT_FROM, SIGN_OFFS
from gateway.mail.quotes.trimmed import Cut

_SENT_FROM = phrases(SENT_FROM)
_DISCLAIMERS = phrases(DISCLAIMERS)
_FOOTERS = phrases(FOOTERS)
_BANNERS = phrases(BANNERS)
_SIGN_OFFS = frozenset(phrases(SIGN_OFFS))
_LONGEST = 15  # lines of a signature
_LINK = re.compile(r"<[^<>]{0,300}>|https?://\S{1,300}")
_PHONE = re.compile(r"\+?\d[\d ()/.-]{6,20}\d")


def looks_like_tail(lines: Lines, first: int, last: int) -> bool:
    """The lines from `first` on say nothing: a delimiter, a device line, a disclaimer, a sign-off with a name."""
    plain = lines.plain[first]
    if is_delimiter(plain) or is_device_line(plain) or is_disclaimer(plain):
        return True
    said = [at for at in range(first, last + 1) if lines.plain[at]]
    return len(said) <= 6 and is_sign_off(plain)


def is_tail_block(lines: Lines, first: int, last: int) -> bool:
    """Like `looks_like_tail`, and a few short lines with a telephone number or an address in them."""
    if looks_like_tail(lines, first, last):
        return True
    said = [lines.plain[at] for at in range(first, last + 1) if lines.plain[at]]
    short = all(len(plain) < 50 and plain[-1] not in ".?!。？！" for plain in said)
    return short and len(said) <= 8 and any("@" in plain or "www." in plain or _PHONE.search(plain) for plain in said)


def is_delimiter(plain: str) -> bool:
    """`--`, or a rule of underscores, hyphens or the like on a line of its own."""
    return len(plain) >= 2 and not plain.strip("-_=*~—–") and plain != "**"


def is_device_line(plain: str) -> bool:
    shown = _LINK.sub("", plain)
    if len(shown) > 90 or shown[-1:] in ("?", ":"):
        return False
    return shown.casefold().lstrip("[<(*_ ").startswith(_SENT_FROM)


def is_disclaimer(plain: str) -> bool:
    return plain.casefold().lstrip("*_[( ").startswith(_DISCLAIMERS)


def is_footer(plain: str) -> bool:
    """Put below a mail by a provider or a mailing list."""
    return plain.casefold().lstrip("*_[( ").startswith(_FOOTERS)


def is_sign_off(plain: str) -> bool:
    folded = plain.casefold().strip(" ,.!;-–—*_")
    return folded in _SIGN_OFFS or folded.partition(",")[0] in _SIGN_OFFS


def fold_below(lines: Lines, first: int, last: int) -> Cut | None:
    """Below a quotation: what a device, a provider or a list has put there, which is nobody's answer."""
    said = [at for at in range(first, last + 1) if lines.plain[at]]
    while said and is_delimiter(lines.plain[said[0]]):
        said.pop(0)
    if said and _is_machine_made(lines.plain[said[0]]):
        return Cut(first, last, "footer", 0.9)
    return None


def fold_tail(lines: Lines, first: int, last: int, *, signed: set[int], tails: Sequence[tuple[str, ...]]) -> Cut | None:
    """The signature, device lines and disclaimers that end the lines `first` to `last`; what is above them is said."""
    start = last + 1
    while True:
        above = _tail_above(lines, first, start - 1, signed)
        if above is None:
            break
        start = above
    start = min(start, _repeated(lines, first, start - 1, tails))
    said = any(_says(lines.plain[at]) for at in range(first, start))
    gone = any(_says(lines.plain[at]) for at in range(start, last + 1))
    return Cut(start, last, "signature", 0.8) if said and gone else None


def fold_banner(lines: Lines, first: int, last: int) -> Cut | None:
    """The note that the receiving house puts above mail from outside."""
    top = next((at for at in range(first, min(first + 4, last + 1)) if lines.plain[at]), None)
    plain = lines.plain[top].casefold().lstrip("*_( ⚠") if top is not None else ""
    if top is None or not (plain.startswith(_BANNERS) or plain.lstrip("[").startswith(_BANNERS)):
        return None
    end = top
    while end < last and lines.plain[end + 1] and end - top < 5:
        end += 1
    said = any(_says(lines.plain[at]) for at in range(end + 1, last + 1))
    return Cut(top, end, "banner", 0.85) if said else None


def _says(plain: str) -> bool:
    return any(letter.isalnum() for letter in plain)


def _is_machine_made(plain: str) -> bool:
    return is_device_line(plain) or is_disclaimer(plain) or is_footer(plain)


def _tail_above(lines: Lines, first: int, last: int, signed: set[int]) -> int | None:
    """Where the last part of the lines begins, when it is a tail: a marked one, one below `--`, a machine's words."""
    at = last
    while at >= first and not lines.plain[at]:
        at -= 1
    if at < first:
        return None
    if at in signed:
        while at > first and (at - 1 in signed or (not lines.plain[at - 1] and at - 2 in signed)):
            at -= 1
        return at
    return _below_delimiter(lines, first, at) or _machine_paragraph(lines, first, at)


def _below_delimiter(lines: Lines, first: int, last: int) -> int | None:
    """RFC 3676 §4.3: a signature is what stands below a line of two hyphens and a space; many forget the space."""
    said = 0
    for at in range(last, first - 1, -1):
        plain = lines.plain[at]
        if plain in ("--", "—"):
            return at
        said += bool(plain)
        if said > _LONGEST:
            return None
    return None


def _machine_paragraph(lines: Lines, first: int, last: int) -> int | None:
    top = last
    while top > first and lines.plain[top - 1]:
        top -= 1
    while top < last and is_delimiter(lines.plain[top]):
        top += 1
    for at in (top, last):
        if _is_machine_made(lines.plain[at]):
            above = at - 1
            while above >= first and (not lines.plain[above] or is_delimiter(lines.plain[above])):
                above -= 1
            return above + 1 if any(is_delimiter(lines.plain[line]) for line in range(above + 1, at)) else at
    return None


def _repeated(lines: Lines, first: int, last: int, tails: Sequence[tuple[str, ...]]) -> int:
    """Where lines begin that have ended two of their earlier mails as well: a signature, whatever it looks like."""
    said = [at for at in range(first, last + 1) if lines.plain[at]]
    start = last + 1
    for count in range(1, min(len(said) - 1, 12) + 1):
        at = said[-count]
        same = sum(len(tail) >= count and tail[-count] == " ".join(lines.plain[at].split()) for tail in tails)
        if same < 2:
            break
        if count >= 2:
            start = at
    return start
