"""Trims a mail to what is new in it."""

from collections.abc import Collection, Sequence
from typing import Literal

from gateway.mail.message import Body
from gateway.mail.quotes.choosing import choose
from gateway.mail.quotes.lines import Lines, read_text
from gateway.mail.quotes.segments import split
from gateway.mail.quotes.subjects import says_forward
from gateway.mail.quotes.trimmed import Cut, Earlier, Trimmed


def trim(
    body: Body,
    *,
    subject: str = "",
    thread: Sequence[Earlier] = (),
    ours: Collection[str] = (),
    signatures: Literal["fold", "keep"] = "fold",
) -> Trimmed:
    """What is new in a mail, as a selection of its lines; when that would leave nothing, the whole of it."""
    lines = read_text(body.text, flowed=body.flowed, delsp=body.delsp)
    cuts = choose(lines, split(lines, forward=says_forward(subject)))
    return _result(lines, cuts)


def _result(lines: Lines, cuts: list[Cut]) -> Trimmed:
    kept = bytearray(b"\x01") * len(lines)
    for cut in cuts:
        kept[cut.first : cut.last + 1] = bytes(cut.last + 1 - cut.first)
    shown = [line for line, keep in zip(lines.shown, kept, strict=True) if keep]
    text = "\n".join(shown).strip("\n")
    return Trimmed(
        text=text,
        html="",
        full="\n".join(lines.shown),
        cuts=tuple(Cut(cut.first + 1, cut.last + 1, cut.rule, cut.confidence, cut.column) for cut in cuts),
    )
