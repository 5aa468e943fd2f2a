"""Folds signatures, disclaimers and banners away, in a pass of its own after the quotes."""

from typing import Literal

from gateway.mail.quotes.known import Known
from gateway.mail.quotes.lines import Lines
from gateway.mail.quotes.segments import Segment, Sort
from gateway.mail.quotes.signatures import fold_banner, fold_below, fold_tail
from gateway.mail.quotes.trimmed import Cut


def fold(
    lines: Lines,
    segments: list[Segment],
    cuts: list[Cut],
    known: Known,
    *,
    signed: set[int],
    signatures: Literal["fold", "keep"],
) -> list[Cut]:
    """The cuts and the folds, in order. A machine's footer below a quotation goes even where signatures are kept."""
    ranges = _kept_ranges(lines, segments, cuts)
    folds: list[Cut] = []
    for place, (first, last) in enumerate(ranges):
        below = fold_below(lines, first, last) if place else None
        if below is not None:
            folds.append(below)
        elif signatures == "fold":
            banner = None if place else fold_banner(lines, first, last)
            top = banner.last + 1 if banner else first
            tail = fold_tail(lines, top, last, signed=signed, tails=known.tails)
            folds += [one for one in (banner, tail) if one is not None]
    return sorted([*cuts, *folds], key=lambda cut: cut.first)


def _kept_ranges(lines: Lines, segments: list[Segment], cuts: list[Cut]) -> list[tuple[int, int]]:
    """The runs of lines that are kept and not quoted; nothing is folded in what is forwarded."""
    gone = bytearray(len(lines))
    for part in segments:
        if part.sort is not Sort.SAID:
            gone[part.first : part.last + 1] = b"\x01" * (part.last + 1 - part.first)
    for cut in cuts:
        gone[cut.first : cut.last + 1] = b"\x01" * (cut.last + 1 - cut.first)
    ranges: list[tuple[int, int]] = []
    at = 0
    while at < len(lines):
        end = gone.find(1, at)
        end = len(lines) if end < 0 else end
        if end > at and any(lines.plain[line] for line in range(at, end)):
            ranges.append((at, end - 1))
        at = end
        while at < len(lines) and gone[at]:
            at += 1
    return ranges
