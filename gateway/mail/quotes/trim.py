"""Trims a mail to what is new in it."""

from collections.abc import Collection, Sequence
from typing import Literal

from gateway.mail.message import Body
from gateway.mail.quotes.choosing import choose
from gateway.mail.quotes.clean import Step, write_clean
from gateway.mail.quotes.lines import Lines, read_text
from gateway.mail.quotes.segments import split
from gateway.mail.quotes.subjects import says_forward
from gateway.mail.quotes.tree import read_html
from gateway.mail.quotes.trimmed import Cut, Earlier, Trimmed
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
    forward = says_forward(subject)
    if body.html.strip() and not too_deep(body.html):
        read = read_html(body.html)
        if any(read.lines.plain):
            cuts = choose(read.lines, split(read.lines, forward=forward))
            return _result(read.lines, cuts, read.steps)
    lines = read_text(body.text or visible_text(body.html).text, flowed=body.flowed, delsp=body.delsp)
    return _result(lines, choose(lines, split(lines, forward=forward)), [])


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
