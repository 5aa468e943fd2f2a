"""Trims a mail to what is new in it."""

from collections.abc import Collection, Sequence
from typing import Literal

from gateway.mail.message import Body
from gateway.mail.quotes.choosing import choose
from gateway.mail.quotes.clean import Step, write_clean
from gateway.mail.quotes.folding import fold
from gateway.mail.quotes.known import Known, remember
from gateway.mail.quotes.lines import Lines, read_text
from gateway.mail.quotes.segments import Sort, split
from gateway.mail.quotes.strangers import show_strangers
from gateway.mail.quotes.subjects import says_forward
from gateway.mail.quotes.tree import read_html
from gateway.mail.quotes.trimmed import Cut, Earlier, Trimmed
from gateway.mail.quotes.weighing import weigh
from gateway.mail.visible import too_deep, visible_text


def trim(
    body: Body,
    *,
    subject: str = "",
    thread: Sequence[Earlier] = (),
    ours: Collection[str] = (),
    signatures: Literal["fold", "keep"] = "fold",
) -> Trimmed:
    """What is new in a mail, as a selection of its lines; when that would leave nothing, the whole of it."""
    known = remember(thread, ours)
    if body.html.strip() and not too_deep(body.html):
        read = read_html(body.html)
        if any(read.lines.plain):
            cuts = _cuts(read.lines, subject, known, read.signed, signatures)
            return _result(read.lines, cuts, read.steps)
    lines = read_text(body.text or visible_text(body.html).text, flowed=body.flowed, delsp=body.delsp)
    return _result(lines, _cuts(lines, subject, known, set(), signatures), [])


def _cuts(lines: Lines, subject: str, known: Known, signed: set[int], signatures: Literal["fold", "keep"]) -> list[Cut]:
    """Rules alone first, then the conversation's word on it, then what is no quote and yet not said."""
    segments = split(lines, forward=says_forward(subject))
    segments = show_strangers(lines, segments, known, subject)
    content = next((part for part in segments if part.sort is Sort.FORWARD), None)
    end, forwarded = (content.first, content.rule) if content else (len(lines), "")
    cuts = weigh(lines, choose(lines, segments), known, end=end, forwarded=forwarded)
    return fold(lines, segments, cuts, known, signed=signed, signatures=signatures)


def _result(lines: Lines, cuts: list[Cut], steps: list[Step]) -> Trimmed:
    kept = bytearray(b"\x01") * len(lines)
    beginnings: dict[int, str] = {}
    for cut in cuts:
        first = cut.first
        if cut.column:
            beginnings[first] = lines.shown[first][: cut.column].rstrip()
            first += 1
        kept[first : cut.last + 1] = bytes(max(0, cut.last + 1 - first))
    shown = [beginnings.get(at, line) for at, line in enumerate(lines.shown) if kept[at]]
    return Trimmed(
        text="\n".join(shown).strip("\n"),
        html=write_clean(steps, kept) if not beginnings else "",
        full="\n".join(lines.shown),
        cuts=tuple(Cut(cut.first + 1, cut.last + 1, cut.rule, cut.confidence, cut.column) for cut in cuts),
    )
