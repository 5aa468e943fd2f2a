"""Which parts of a mail are its text, and which are files."""

from dataclasses import dataclass, field

from gateway.mail.parts import Part

_TEXTS = ("text/plain", "text/html", "text/enriched", "text/markdown", "text/x-markdown", "text/richtext")
_REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification",
            "message/global-disposition-notification", "message/feedback-report", "text/rfc822-headers",
            "message/global-headers")  # fmt: skip
MESSAGES = ("message/rfc822", "message/global", "message/news")


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of the mail's text in up to two forms of the same thing."""

    plain: tuple[Part, ...] = ()
    html: tuple[Part, ...] = ()


@dataclass(slots=True)
class Layout:
    """The passages of text in order; everything else is in `files`, in the order of the mail."""

    passages: list[Passage] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    calendars: list[Part] = field(default_factory=list)
    reports: list[Part] = field(default_factory=list)
    messages: list[Part] = field(default_factory=list)


def lay_out(tree: Part) -> Layout:
    layout = Layout()
    layout.passages = _passages(tree, layout, alone=not tree.children)
    # Files are listed in the order of the mail, whatever branch they were found in.
    layout.files.sort(key=lambda part: part.start)
    return layout


def _passages(part: Part, layout: Layout, *, alone: bool) -> list[Passage]:
    if not part.children:
        return _leaf(part, layout, alone=alone)
    if part.disposition == "attachment" and part.type != "multipart/mixed":
        layout.files.append(part)
        return []
    if part.type == "multipart/alternative":
        return _alternative(part, layout)
    if part.type == "multipart/related":
        return _related(part, layout)
    passages: list[Passage] = []
    for child in part.children:
        first = not passages and not layout.passages
        passages += _passages(child, layout, alone=first and child is part.children[0])
    return passages


def _leaf(part: Part, layout: Layout, *, alone: bool) -> list[Passage]:
    if _is_text(part, alone=alone):
        return [Passage(html=(part,))] if part.type == "text/html" else [Passage(plain=(part,))]
    if part.type in ("text/calendar", "application/ics"):
        layout.calendars.append(part)
    elif part.type in _REPORTS:
        layout.reports.append(part)
    elif part.type in MESSAGES:
        layout.messages.append(part)
    if not part.type.startswith("multipart/"):
        layout.files.append(part)
    return []


def _is_text(part: Part, *, alone: bool) -> bool:
    """Text with a name is a file, unless it is all there is to read: some mailers name the body itself."""
    if part.type not in _TEXTS or part.disposition == "attachment":
        return False
    named = bool(part.parameters.get("name") or part.disposition_parameters.get("filename"))
    return alone or not named


def _alternative(part: Part, layout: Layout) -> list[Passage]:
    """RFC 2046 section 5.1.4: the same in several forms. One that is richer by files in between is one form too."""
    plain: list[Part] = []
    html: list[Part] = []
    others: list[Passage] = []
    for child in part.children:
        found = _passages(child, layout, alone=child is part.children[0])
        if any(passage.html for passage in found):
            html = html or [piece for passage in found for piece in passage.html or passage.plain]
            if any(passage.html and passage.plain for passage in found):
                plain = plain or [piece for passage in found for piece in passage.plain]
        elif not plain:
            plain = [piece for passage in found for piece in passage.plain]
        else:
            others += [Passage(plain=passage.plain) for passage in found if passage.plain]
    return [Passage(tuple(plain), tuple(html)), *([] if html else others)] if plain or html else []


def _related(part: Part, layout: Layout) -> list[Passage]:
    """RFC 2387: the first part, or the one that `start` names, is the text; the rest belongs to it."""
    start = part.parameters.get("start", "").strip("<>")
    root = next((child for child in part.children if start and child.content_id == start), part.children[0])
    passages = _passages(root, layout, alone=True)
    for child in part.children:
        if child is not root:
            more = _passages(child, layout, alone=False)
            if passages and not child.children:
                layout.files += [piece for passage in more for piece in (*passage.plain, *passage.html)]
            else:
                passages += more
    return passages
