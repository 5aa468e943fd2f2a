"""Writes clean, safe HTML of the lines that were kept: a few tags, escaped text, links, nothing that acts or loads."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from html import escape

ALLOWED = frozenset(
    (
        *("a", "b", "blockquote", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "i", "li"),
        *(
            "ol",
            "p",
            "pre",
            "s",
            "strike",
            "strong",
            "sub",
            "sup",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "u",
            "ul",
        ),
    )
)
_AS_DIV = frozenset(
    (
        *("address", "article", "aside", "center", "details", "figure", "footer", "form", "header", "main", "nav"),
        *("section", "summary"),
    )
)
_DEEPEST = 60  # elements open at once; what is deeper is written flat


class Op(Enum):
    OPEN = "open"
    CLOSE = "close"
    TEXT = "text"
    BREAK = "break"
    PICTURE = "picture"


@dataclass(slots=True)
class Step:
    """One step of the document: `line` is the line that a text, break or picture belongs to; `value` text or tag."""

    op: Op
    line: int
    value: str
    link: str = ""


@dataclass(slots=True)
class _Element:
    tag: str
    link: str
    written: bool = False


def write_clean(steps: list[Step], kept: bytearray, columns: Mapping[int, int]) -> str:
    """The HTML of the kept lines. Elements without kept content leave nothing behind. `columns`: of a line of which
    only the beginning is kept, so many characters of it."""
    left = dict(columns)
    out: list[str] = []
    open_elements: list[_Element] = []
    unwritten = 0  # elements at the end of the list that are not written yet
    written = 0
    for step in steps:
        if step.op is Op.OPEN:
            open_elements.append(_Element(_tag(step), step.link))
            unwritten += 1
        elif step.op is Op.CLOSE:
            element = open_elements.pop()
            unwritten = max(0, unwritten - 1)
            if element.written:
                out.append(f"</{element.tag}>")
                written -= 1
        elif step.line < len(kept) and kept[step.line]:
            for element in open_elements[len(open_elements) - unwritten :]:
                if element.tag and written < _DEEPEST:
                    out.append(_opening(element))
                    element.written = True
                    written += 1
            unwritten = 0
            out.append(_content(step, left))
    return "".join(out).strip()


def _tag(step: Step) -> str:
    if step.value == "a" and not step.link:
        return ""
    if step.value in ALLOWED:
        return step.value
    return "div" if step.value in _AS_DIV else ""


def _opening(element: _Element) -> str:
    if element.link:
        return f'<a href="{escape(element.link)}" rel="noopener noreferrer nofollow">'
    return f"<{element.tag}>"


def _content(step: Step, left: dict[int, int]) -> str:
    value = step.value
    if step.line in left:
        value = value[: left[step.line]] if step.op is Op.TEXT else ""
        left[step.line] -= len(value)
        return escape(value, quote=False)
    if step.op is Op.BREAK:
        return "<br>"
    if step.op is Op.PICTURE:
        return f'<img src="{escape(step.value)}" alt="">'
    return escape(step.value, quote=False)
