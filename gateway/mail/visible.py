"""What a person sees of an HTML mail, as text: links, lists and tables kept, hidden text dropped and counted."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gateway.mail.charsets import clean_text
from gateway.mail.invisible import strip_invisible
from gateway.mail.limits import MAX_TEXT
from gateway.mail.paper import Paper
from gateway.mail.styles import Look, Sheet, read_sheet

MAX_NODES = 150_000
MAX_NESTING = 1_000
_SILENT = frozenset({"head", "title", "style", "script", "template", "object", "iframe", "svg", "select", "noscript"})
_COMMENT, _TEXT = "-comment", "-text"
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_CLOSED_BY_ITSELF = frozenset(
    ("br", "hr", "img", "input", "meta", "link", "col", "area", "base", "wbr", "p", "li", "td", "th", "tr", "dd", "dt")
)


@dataclass(frozen=True, slots=True)
class Visible:
    """`text` is what a person sees; `hidden_characters` counts what they do not; `notes` say how it was hidden."""

    text: str
    hidden_characters: int = 0
    notes: tuple[str, ...] = ()


def visible_text(html: str) -> Visible:
    """The visible content of an HTML mail. Never raises; very long mails are read up to a bound, which is noted."""
    notes: dict[str, None] = {}
    if len(html) > MAX_TEXT:
        html, notes["HTML longer than is read"] = html[:MAX_TEXT], None
    if too_deep(html):
        return Visible(
            " ".join(re.sub(r"<[^<>]{0,2000}>", " ", clean_text(html)).split()), 0, ("HTML nested too deeply",)
        )
    tree = LexborHTMLParser(clean_text(html))
    root = tree.root
    if root is None:
        return Visible("")
    walk = _Walk(read_sheet("\n".join(node.text() for node in tree.css("style")[:50])), Paper(), notes)
    walk.run(root)
    text, invisible = strip_invisible(walk.paper.text())
    if invisible:
        notes["invisible characters"] = None
    return Visible(text, walk.hidden + invisible, tuple(notes))


def too_deep(html: str) -> bool:
    """An HTML parser's time grows with the square of the depth: no person's mail comes near this bound."""
    if html.count("<") < MAX_NESTING:
        return False
    depth = 0
    for closing, tag in _TAG.findall(html):
        if tag.lower() not in _CLOSED_BY_ITSELF:
            depth += -1 if closing else 1
            if depth > MAX_NESTING:
                return True
            depth = max(depth, 0)
    return False


@dataclass(slots=True)
class _Walk:
    """One pass over the tree, with a stack of its own: a mail may nest deeper than Python."""

    sheet: Sheet
    paper: Paper
    notes: dict[str, None]
    hidden: int = 0

    def run(self, root: LexborNode) -> None:
        stack: list[tuple[LexborNode | None, str, Look]] = [(root, "", Look())]
        seen = 0
        while stack:
            node, leaving, look = stack.pop()
            if node is None:
                self.paper.leave(leaving)
                continue
            seen += 1
            if seen > MAX_NODES:
                self.notes["HTML with more parts than are read"] = None
                continue
            if node.next is not None:
                stack.append((node.next, "", look))
            self._enter(node, look, stack)

    def _enter(self, node: LexborNode, look: Look, stack: list[tuple[LexborNode | None, str, Look]]) -> None:
        tag = node.tag or ""
        if tag == _TEXT:
            self._text(node.text_content or "", look)
        elif tag == _COMMENT or tag in _SILENT or tag.startswith(("!", "-doc")):
            if tag != "-document" and not tag.startswith("-doc"):
                return
            self._descend(node, "", look, stack)
        else:
            attributes = node.attributes
            inner = self.sheet.look(tag, attributes, look)
            if inner.hidden_by:
                self._hide(node, inner.hidden_by)
                return
            self.paper.enter(tag, attributes)
            self._descend(node, tag, inner, stack)

    def _descend(
        self, node: LexborNode, tag: str, look: Look, stack: list[tuple[LexborNode | None, str, Look]]
    ) -> None:
        if tag:
            stack.append((None, tag, look))
        if node.child is not None:
            stack.append((node.child, "", look))

    def _text(self, text: str, look: Look) -> None:
        if look.same_colour and text.strip():
            self.hidden += len("".join(text.split()))
            self.notes["text in the colour of its background"] = None
        else:
            self.paper.write(text)

    def _hide(self, node: LexborNode, how: str) -> None:
        characters = len(re.sub(r"\s", "", node.text(deep=True) or ""))
        if characters:
            self.hidden += characters
            self.notes[how] = None
