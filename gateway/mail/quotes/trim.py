"""Trims a mail to what is new in it."""

from collections.abc import Collection, Sequence
from typing import Literal

from gateway.mail.message import Body
from gateway.mail.quotes.choosing import choose
from gateway.mail.quotes.clean import Step, write_clean
from gateway.mail.quotes.folding import fold
from gateway.mail.quotes.known import Known, cover, remember
from gateway.mail.quotes.lines import Lines, read_text
from gateway.mail.quotes.noted import heed_notes
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
    covered = cover(lines, known) if known.messages else None
    segments = show_strangers(lines, segments, known, covered, subject)
    segments = heed_notes(lines, segments, subject)
    content = next((part for part in segments if part.sort is Sort.FORWARD), None)
    end, forwarded = (content.first, content.rule) if content else (len(lines), "")
    cuts = choose(lines, segments)
    if covered is not None:
        cuts = weigh(lines, cuts, known, covered, end=end, forwarded=forwarded)
    cuts = fold(lines, segments, cuts, known, signed=signed, signatures=signatures)
    return cuts if _something_stays(lines, cuts) else []


def _something_stays(lines: Lines, cuts: list[Cut]) -> bool:
    """Whatever the rules say: a mail is never shown without a word."""
    kept = _kept(lines, cuts)
    return not cuts or any(kept[at] and any(map(str.isalnum, plain)) for at, plain in enumerate(lines.plain))


def _result(lines: Lines, cuts: list[Cut], steps: list[Step]) -> Trimmed:
    kept = _kept(lines, cuts)
    beginnings = {cut.first: lines.shown[cut.first][: cut.column].rstrip() for cut in cuts if cut.column}
    shown = [beginnings.get(at, line) for at, line in enumerate(lines.shown) if kept[at]]
    return Trimmed(
        text="\n".join(shown).strip("\n"),
        html=write_clean(steps, _without_blank_ends(lines, kept), {at: len(text) for at, text in beginnings.items()}),
        full="\n".join(lines.shown),
        cuts=tuple(Cut(cut.first + 1, cut.last + 1, cut.rule, cut.confidence, cut.column) for cut in cuts),
    )


def _kept(lines: Lines, cuts: list[Cut]) -> bytearray:
    """A one for each line that stays; where a cut begins inside a line, the line does."""
    kept = bytearray(b"\x01") * len(lines)
    for cut in cuts:
        first = cut.first + (cut.column > 0)
        kept[first : cut.last + 1] = bytes(max(0, cut.last + 1 - first))
    return kept


def _without_blank_ends(lines: Lines, kept: bytearray) -> bytearray:
    said = [at for at, shown in enumerate(lines.shown) if kept[at] and shown.strip()]
    trimmed = bytearray(len(kept))
    if said:
        trimmed[said[0] : said[-1] + 1] = kept[said[0] : said[-1] + 1]
    return trimmed
