"""Finds the one line after which a mail is older: a marker, a header, an intro, a line of ours."""

import re
from dataclasses import dataclass
from enum import Enum

from gateway.mail.quotes.containers import Part
from gateway.mail.quotes.features import COLONS, ends_with_verb, is_old_gmail
from gateway.mail.quotes.headers import Header, header_at, header_in_one_line, label_of, notes_header_at
from gateway.mail.quotes.intros import intro_ending_at
from gateway.mail.quotes.labels import Label
from gateway.mail.quotes.lines import Lines
from gateway.mail.quotes.markers import ABOVE, FORWARDED, ORIGINAL, REPLY_ABOVE, fold, phrases

_FRAME = "-_=*~—–―‐‑‒#+"
_FRAMED = re.compile(r"[-_=*~—–―‐‑‒#+]{2,}\s*([^-_=*~—–―‐‑‒]{3,80})")
_MOST_BESIDE = 30  # letters beside the words that ask for the answer above, where nothing frames them
_SHORTEST_LABEL = 2  # a letter and its colon
_SHORTEST = 4  # letters of the shortest marker
_ORIGINAL = phrases(ORIGINAL)
_FORWARDED = phrases(FORWARDED)
_FORWARDED_WHOLE = frozenset(_FORWARDED)
_ABOVE = phrases(ABOVE)
_ABOVE_ASCII = tuple(phrase for phrase in _ABOVE if phrase.isascii())
_BY = ("processed by", "verarbeitet von")  # Tobit david writes no dashes
_PROCESSED = tuple(f"{phrase} {how}" for phrase in ("original message", "ursprüngliche nachricht") for how in _BY)
_OURS = fold(REPLY_ABOVE)


class Kind(Enum):
    """OLDER: all that follows is an older mail. FORWARD: all that follows is forwarded."""

    OLDER = "older"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Boundary:
    """Lines `first` to `last` say that something older follows. `intro`: it speaks of quoted lines when such follow."""

    first: int
    last: int
    kind: Kind
    rule: str
    confidence: float


def boundary_at(lines: Lines, index: int) -> Boundary | None:
    """What the line says about those below it. One cheap test each before any pattern is tried."""
    plain = lines.plain[index]
    if index in lines.marks:
        found = _marked(lines, index)
        if found:
            return found
    elif len(plain) < _SHORTEST_LABEL:
        return None
    if len(plain) >= _SHORTEST and (len(plain) < 60 or plain[0] in _FRAME or plain[-1] in _FRAME):
        found = _marker_at(lines, index)
        if found:
            return found
    if any(colon in plain for colon in COLONS):
        found = _header_boundary(lines, index)
        if found:
            return found
    return _intro_boundary(lines, index)


def _marked(lines: Lines, index: int) -> Boundary | None:
    forward = lines.marked(index, Part.FORWARD)
    if forward:
        return Boundary(index, index, Kind.FORWARD, f"container:{forward}", 1.0)
    after = lines.marked(index, Part.AFTER)
    if not after:
        return _intro_container(lines, index)
    last = index
    if label_of(lines.plain[index]):
        header = header_at(lines, index)
        last = header.last if header else index
    return Boundary(index, last, Kind.OLDER, f"container:{after}", 1.0)


def _intro_container(lines: Lines, index: int) -> Boundary | None:
    """The lines of a client's container above the blockquote in it: the intro, whatever its words."""
    client = lines.marked(index, Part.INTRO) or lines.marked(index, Part.WRAPPER)
    if not client or marker_kind(lines.plain[index]) is Kind.FORWARD:
        return None
    for at in range(index + 1, min(index + 8, len(lines))):
        if lines.depth[at] > lines.depth[index]:
            last = max(line for line in range(index, at) if lines.plain[line])
            intro = None if lines.marked(index, Part.INTRO) else intro_ending_at(lines, last, followed=True)
            first = max(index, intro.first) if intro else index
            return Boundary(first, at - 1, Kind.OLDER, f"container:{client}", 0.99)
    return None


def marker_kind(plain: str) -> Kind | None:
    """Whether a line is a marker of a forwarded or an original mail, framed by dashes or alone with a colon."""
    framed = _FRAMED.match(plain)
    inner = fold((framed.group(1) if framed else plain).strip(" :：*"))
    if framed:
        if inner.startswith(_FORWARDED):
            return Kind.FORWARD
        return Kind.OLDER if inner.startswith(_ORIGINAL) else None
    if len(inner) < 60 and (inner in _FORWARDED_WHOLE or (plain[-1] in COLONS and inner.startswith(_FORWARDED))):
        return Kind.FORWARD
    return Kind.OLDER if inner.startswith(_PROCESSED) else None


def is_reply_above(plain: str) -> bool:
    """Our own line, or a help desk's, that asks for the answer above it; prose that mentions such a line is not one."""
    folded = fold(plain)
    if _OURS in folded:
        return True
    known = _ABOVE_ASCII if folded.isascii() else _ABOVE
    phrase = next((phrase for phrase in known if phrase in folded), "") if len(folded) <= 120 else ""
    if not phrase or folded[-1] in '?？"':
        return False
    return folded[0] in _FRAME or len(folded) - len(phrase) <= _MOST_BESIDE


def _marker_at(lines: Lines, index: int) -> Boundary | None:
    plain = lines.plain[index]
    if is_reply_above(plain):
        return Boundary(index, index, Kind.OLDER, "reply-above", 1.0 if _OURS in fold(plain) else 0.98)
    kind = marker_kind(plain)
    if kind is None:
        return None
    if kind is Kind.FORWARD:
        return Boundary(index, index, kind, "forward-marker", 0.99)
    following = _next_said(lines, index + 1)
    header = _header_from(lines, following) if following is not None else None
    return Boundary(index, header.last if header else index, kind, "original-marker", 0.98 if header else 0.9)


def _header_from(lines: Lines, index: int) -> Header | None:
    named = label_of(lines.plain[index])
    return header_at(lines, index) if named else None


def _header_boundary(lines: Lines, index: int) -> Boundary | None:
    plain = lines.plain[index]
    named = label_of(plain)
    if named is None:
        if header_in_one_line(plain, ruled=bool(lines.marked(index, Part.RULE))):
            return Boundary(_separated(lines, index), index, Kind.OLDER, "one-line-header", 0.9)
        return None
    ruled = bool(lines.marked(index, Part.RULE))
    header = header_at(lines, index, ruled=ruled) if ruled or index > lines.barren else None
    if header is None and Label.TO in named[0]:
        header = notes_header_at(lines, index)
    if header is None and header_in_one_line(plain, ruled=ruled):
        header = Header(index, index, "one-line-header", 0.9)
    if header is None:
        return None
    kind = Kind.FORWARD if _introduced(lines, header.first) else Kind.OLDER
    return Boundary(_separated(lines, header.first), header.last, kind, header.rule, header.confidence)


def _introduced(lines: Lines, first: int) -> bool:
    """The words right above end in a colon: the older mail is what they speak of, so it is content."""
    above = next((lines.plain[at] for at in range(first - 1, max(-1, first - 3), -1) if lines.plain[at]), "")
    return above[-1:] in tuple(COLONS) and label_of(above) is None and not lines.depth[first]


def _separated(lines: Lines, first: int) -> int:
    """The rule or framed words above a header or intro belong to it, and labels between the two."""
    top = first
    for at in range(first - 1, max(-1, first - 6), -1):
        plain = lines.plain[at]
        if not plain:
            continue
        if lines.depth[at] != lines.depth[first]:
            break
        if _is_rule(plain):
            top = at
        elif label_of(plain) is None:
            break
    return top


def _is_rule(plain: str) -> bool:
    """A line drawn with characters, or words between two such: in a frame even words unknown here are a marker."""
    if not plain.strip(_FRAME + " "):
        return len(plain) >= 5
    return len(plain) < 80 and not plain[:2].strip(_FRAME) and not plain[-2:].strip(_FRAME)


def _intro_boundary(lines: Lines, index: int) -> Boundary | None:
    following = _next_said(lines, index + 1)
    followed = following is not None and lines.depth[following] > lines.depth[index] and following - index <= 4
    plain = lines.plain[index]
    if not (followed or plain[-1] in ":：>*-_=|" or is_old_gmail(plain) or ends_with_verb(plain)):
        return None
    intro = intro_ending_at(lines, index, followed=followed)
    if intro is None:
        return None
    return Boundary(_separated(lines, intro.first), index, Kind.OLDER, intro.rule, intro.confidence)


def _next_said(lines: Lines, index: int) -> int | None:
    """The next line that says anything, among the next few."""
    return next((at for at in range(index, min(index + 6, len(lines))) if lines.plain[at]), None)
