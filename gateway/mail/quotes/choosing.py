"""Decides which segments of a mail are cut. In doubt a line stays."""

from gateway.mail.quotes.lines import Lines
from gateway.mail.quotes.segments import Segment, Sort
from gateway.mail.quotes.signatures import looks_like_tail
from gateway.mail.quotes.trimmed import Cut

_CONTEXT = 12  # quoted lines that stay above an answer


def choose(lines: Lines, segments: list[Segment]) -> list[Cut]:
    """The cuts, in order, with lines counted from 0. None when nothing would be left."""
    said = [any(_says(lines.plain[at]) for at in range(part.first, part.last + 1)) for part in segments]
    heard = [
        part.sort is Sort.SAID and spoken and not _is_tail(lines, part)
        for part, spoken in zip(segments, said, strict=True)
    ]
    if not any(spoken for part, spoken in zip(segments, said, strict=True) if part.sort is Sort.SAID):
        return []
    answered = _answered(segments, heard)
    interleaved = sum(answered) >= 2 or any(
        answer and any(part.sort is Sort.QUOTED for part in segments[at + 1 :]) for at, answer in enumerate(answered)
    )
    cuts: list[Cut] = []
    for at, part in enumerate(segments):
        if part.sort is Sort.QUOTED:
            cut = _cut_quoted(lines, segments, at, answered=answered[at], interleaved=interleaved)
            if cut is not None:
                cuts.append(cut)
        elif part.sort is Sort.OLDER and any(said[:at]):
            cuts.append(Cut(part.first, part.last, part.rule, part.confidence, part.column))
    return cuts


def _says(plain: str) -> bool:
    return any(letter.isalnum() for letter in plain)


def _is_tail(lines: Lines, part: Segment) -> bool:
    first = next((at for at in range(part.first, part.last + 1) if lines.plain[at]), part.first)
    return looks_like_tail(lines, first, part.last)


def _answered(segments: list[Segment], heard: list[bool]) -> list[bool]:
    """For each quoted segment, whether something is said right after it."""
    return [part.sort is Sort.QUOTED and at + 1 < len(segments) and heard[at + 1] for at, part in enumerate(segments)]


def _cut_quoted(lines: Lines, segments: list[Segment], at: int, *, answered: bool, interleaved: bool) -> Cut | None:
    part = segments[at]
    if part.rule == "bare" and _stays(lines, segments, at, answered=answered):
        return None
    if interleaved and answered:
        return _above_context(lines, part)
    return Cut(part.first, part.last, part.rule, part.confidence)


def _stays(lines: Lines, segments: list[Segment], at: int, *, answered: bool) -> bool:
    """Quoted lines without an intro may have been typed: code, a pasted text, the clause that is spoken of."""
    part = segments[at]
    if answered:
        return True
    above = next((lines.plain[line] for line in range(part.first - 1, -1, -1) if lines.plain[line]), "")
    return above.endswith((":", "：")) and part.last - part.first < 30


def _above_context(lines: Lines, part: Segment) -> Cut | None:
    """Of quoted lines that are answered, the last stay; the intro and what came long before are cut."""
    first = part.body
    if part.last - first >= _CONTEXT:
        first = part.last - _CONTEXT + 1
        first = next((line for line in range(first, part.last) if not lines.plain[line - 1]), first)
    if first <= part.first:
        return None
    return Cut(part.first, first - 1, f"{part.rule}+answered", part.confidence)
