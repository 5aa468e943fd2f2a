"""A mail cut into what was said, what is quoted by marks, and what is older from some line on."""

from dataclasses import dataclass, replace
from enum import Enum

from gateway.mail.quotes.boundaries import Boundary, Kind, boundary_at, marker_kind
from gateway.mail.quotes.containers import Part
from gateway.mail.quotes.features import ends_with_colon, has_date
from gateway.mail.quotes.inside import mark_inside
from gateway.mail.quotes.intros import intro_ending_at
from gateway.mail.quotes.lines import LOOKED_AT, Lines

_WRAPPED = 60  # from this length on, a quoted line may have been broken by a mail server


class Sort(Enum):
    """What a segment is. OLDER and FORWARD reach to the end of the mail."""

    SAID = "said"
    QUOTED = "quoted"
    OLDER = "older"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Segment:
    """Lines `first` to `last`, both included. For QUOTED, `body` is the first quoted line, below the intro if any.

    `column`: so many characters of line `first` are still said; the mark stood inside the line.
    """

    sort: Sort
    first: int
    last: int
    rule: str = ""
    confidence: float = 0.0
    body: int = 0
    column: int = 0


def split(lines: Lines, *, forward: bool) -> list[Segment]:
    """The segments of a mail in order. `forward`: its Subject says it is one, so its first boundary begins content."""
    segments: list[Segment] = []
    said_from = 0
    index = 0
    while index < len(lines):
        if not lines.plain[index]:
            index += 1
            continue
        found = _found_at(lines, index)
        if found is None:
            index += 1
            continue
        if forward and found.rule != "bare":
            found = Segment(Sort.FORWARD, found.first, len(lines) - 1, "forward-subject", 0.97)
        first = max(found.first, said_from)
        if first > said_from or found.column:
            segments.append(Segment(Sort.SAID, said_from, first if found.column else first - 1))
        segments.append(replace(found, first=first))
        index = said_from = found.last + 1
    if said_from < len(lines):
        segments.append(Segment(Sort.SAID, said_from, len(lines) - 1))
    return segments


def _found_at(lines: Lines, index: int) -> Segment | None:
    """What begins at a line, if anything does."""
    if lines.depth[index]:
        if _ends_intro_above(lines, index):
            lines.depth[index] = 0
            lines.plain[index] = lines.plain[index].strip("> ")
        elif not _groupwise(lines, index):
            return _quoted(lines, index)
        else:
            return Segment(Sort.OLDER, index, len(lines) - 1, "intro-groupwise", 0.95)
    if lines.plain[index].find("--") > 0 and (column := mark_inside(lines.shown[index])):
        return Segment(Sort.OLDER, index, len(lines) - 1, "inside-line", 0.95, 0, column)
    boundary = boundary_at(lines, index)
    return _after(lines, boundary) if boundary is not None else None


def _ends_intro_above(lines: Lines, index: int) -> bool:
    """`> wrote:` where the > closes an address that a line break cut in two."""
    plain = lines.plain[index]
    if lines.depth[index] != 1 or len(plain) > 30 or not ends_with_colon(plain):
        return False
    above = " ".join(lines.plain[at] for at in range(max(0, index - 3), index) if not lines.depth[at])
    return above.count("<") > above.count(">")


def _groupwise(lines: Lines, index: int) -> bool:
    """`>>> "Name" <address> 01/02/01 11:12AM >>>` is an intro of GroupWise, not a quoted line."""
    shown = lines.shown[index]
    return shown.startswith(">>>") and shown.rstrip().endswith(">>>") and has_date(shown[:LOOKED_AT])


def _after(lines: Lines, boundary: Boundary) -> Segment:
    """What a boundary opens: all the rest, or only the quoted lines right below it."""
    end = len(lines) - 1
    if boundary.kind is Kind.FORWARD:
        return Segment(Sort.FORWARD, boundary.first, end, boundary.rule, boundary.confidence)
    body = boundary.last + 1
    while body < len(lines) and not lines.plain[body] and body - boundary.last <= 4:
        body += 1
    if body < len(lines) and (lines.depth[body] > lines.depth[boundary.last] or _barred(lines, body)):
        last = _run_end(lines, body)
        confidence = max(boundary.confidence, 0.99)
        return Segment(Sort.QUOTED, boundary.first, last, boundary.rule, confidence, body)
    return Segment(Sort.OLDER, boundary.first, end, boundary.rule, boundary.confidence)


def _quoted(lines: Lines, index: int) -> Segment:
    """Quoted lines with no intro above them; their own first lines may be the intro, or say they are forwarded."""
    last = _run_end(lines, index)
    for at in range(index, min(index + 4, last + 1)):
        plain = lines.plain[at]
        if not plain:
            continue
        kind = marker_kind(plain)
        if kind is Kind.FORWARD or (kind is Kind.OLDER and _open_xchange(plain)):
            return Segment(Sort.FORWARD, index, len(lines) - 1, "forward-marker", 0.98)
        boundary = boundary_at(lines, at)
        if boundary is not None:
            return Segment(Sort.QUOTED, index, last, f"quoted-{boundary.rule}", 0.98, index)
        intro = intro_ending_at(lines, at, followed=True)
        if intro is not None:
            return Segment(Sort.QUOTED, index, last, intro.rule, 0.97, index)
    client = lines.marked(index, Part.QUOTE) or lines.marked(index, Part.WRAPPER)
    if client:
        return Segment(Sort.QUOTED, index, last, f"container:{client}", 0.98, index)
    if index in lines.named:
        return Segment(Sort.QUOTED, index, last, "blockquote", 0.95, index)
    return Segment(Sort.QUOTED, index, last, "bare", 0.7, index)


def _open_xchange(plain: str) -> bool:
    """Open-Xchange forwards inside > under ten dashes and "Original Message"; it answers with an intro instead."""
    return plain.startswith("-" * 10)


def _run_end(lines: Lines, first: int) -> int:
    """The last line of the quoted run: blank lines between quoted ones and a line broken by a server belong to it."""
    bar = _bar(lines, first)
    last = first
    at = first + 1
    while at < len(lines):
        if lines.depth[at] or (bar and lines.plain[at].startswith(bar)):
            last = at
        elif lines.plain[at]:
            end = _wrap_end(lines, at)
            if end is None:
                break
            last = at = end
        at += 1
    return last


def _wrap_end(lines: Lines, at: int) -> int | None:
    """Up to three unquoted lines squeezed between quoted ones are the rest of a long line, not an answer."""
    if at == 0 or not lines.depth[at - 1] or not lines.plain[at - 1]:
        return None
    end = at
    while end + 1 < len(lines) and lines.plain[end + 1] and not lines.depth[end + 1]:
        end += 1
        if end - at > 2:
            return None
    if end + 1 >= len(lines) or not lines.depth[end + 1]:
        return None
    above, plain = lines.plain[at - 1], lines.plain[at]
    if lines.depth[at - 1] > 2 and lines.depth[end + 1] > 1:
        return end
    if len(lines.shown[at - 1]) < _WRAPPED:
        linked = ("http" in above and " " not in plain) or ("http" in plain and plain.endswith(">"))
        return end if end == at and linked else None
    long = all(len(lines.shown[line]) >= _WRAPPED for line in range(at, end))
    if above[-1] in "?!？！":
        return None  # it is answered
    return end if long and (plain[0].islower() or above[-1] not in ".:") else None


def _barred(lines: Lines, index: int) -> bool:
    return bool(_bar(lines, index))


def _bar(lines: Lines, index: int) -> str:
    """Quoted by a bar or by somebody's initials (`| text`, `AB> text`), which counts only right below an intro."""
    plain = lines.plain[index]
    if plain.startswith("|"):
        return "" if len(plain) > 1 and plain.endswith("|") else "|"  # a row of a table
    name, mark, _ = plain[:12].partition(">")
    return f"{name}>" if mark and name.isalpha() else ""
