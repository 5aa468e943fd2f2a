"""A mail of somebody who never took part is not a quote of this conversation: it is shown to us, so it is content."""

import re

from gateway.mail.quotes.known import Covered, Known
from gateway.mail.quotes.lines import Lines
from gateway.mail.quotes.segments import Segment, Sort
from gateway.mail.quotes.subjects import says_reply

_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]|]+@[^\s<>@,;:\"()\[\]|*]+\.[^\s<>@,;:\"()\[\]|*.]+")
_UNKNOWN = 0.15  # phrases that any two mails share
_LOOKED_AT = 6  # lines of a header or intro


def show_strangers(
    lines: Lines, segments: list[Segment], known: Known, covered: Covered | None, subject: str
) -> list[Segment]:
    """The segments, an older mail of a stranger's turned into content. A Subject that says "Re:" is believed, unless
    the conversation is known and none of its words stand there."""
    if not known.ours or (says_reply(subject) and covered is None):
        return segments
    for at, part in enumerate(segments):
        if part.sort is not Sort.OLDER:
            continue
        head = " ".join(lines.plain[part.first : min(part.first + _LOOKED_AT, part.last + 1)])
        writer = _ADDRESS.search(head) if "@" in head else None
        if writer is None or known.took_part(writer.group()):
            return segments
        if covered and says_reply(subject) and covered.share(part.first, part.last) > _UNKNOWN:
            return segments
        shown = Segment(Sort.FORWARD, part.first, len(lines) - 1, "stranger", 0.8)
        return [*segments[:at], shown]
    return segments
