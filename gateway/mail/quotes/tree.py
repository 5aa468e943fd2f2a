"""Turns HTML into the lines a reader sees, each with its quote depth and the parts that mail programs named."""

from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gateway.mail.quotes.clean import Op, Step
from gateway.mail.quotes.containers import INDENTS, Container, Part
from gateway.mail.quotes.elements import BLOCKS, CELLS, SKIPPED, SPACED, container_of, link_of
from gateway.mail.quotes.lines import Lines
from gateway.mail.styles import Look, Sheet, read_sheet


@dataclass(slots=True)
class Read:
    """The lines of an HTML body and the steps from which clean HTML of some of them is written again."""

    lines: Lines = field(default_factory=Lines)
    steps: list[Step] = field(default_factory=list)
    signed: set[int] = field(default_factory=set)


@dataclass(slots=True)
class _Leave:
    """What is undone when an element ends."""

    tag: str
    look: Look
    depth: int = 0
    named: bool = False
    wrapper: bool = False
    signature: bool = False
    preformatted: bool = False
    cell: bool = False


def read_html(html: str) -> Read:
    """The visible lines of an HTML body, in order. Linear in the number of nodes, whatever their nesting."""
    tree = LexborHTMLParser(html)
    root = tree.body or tree.root
    reader = _Reader(read_sheet("\n".join(node.text() for node in tree.css("style")[:50])))
    if root is None:
        return reader.read
    stack: list[LexborNode | _Leave] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, _Leave):
            reader.leave(item)
            continue
        following = item.next if item is not root else None
        if following is not None:
            stack.append(following)
        tag = item.tag or ""
        if tag == "-text":
            reader.text(item.text_content or "")
        elif tag[:1] not in "-!" and tag not in SKIPPED:
            left = reader.enter(item, tag)
            if left is not None:
                stack.append(left)
                child = item.child
                if child is not None:
                    stack.append(child)
    reader.end_line()
    return reader.read


class _Reader:
    """Collects text nodes into lines as a browser would lay them out."""

    def __init__(self, sheet: Sheet) -> None:
        self.read = Read()
        self._sheet = sheet
        self._look = Look()
        self._unseen = False
        self._pieces: list[str] = []
        self._pending: list[tuple[Part, str]] = []
        self._depth = self._named = self._wrappers = self._signatures = self._preformatted = self._cells = 0

    def enter(self, node: LexborNode, tag: str) -> _Leave | None:
        """Takes an element's beginning; None when its content is not to be read."""
        if tag == "br":
            self.read.steps.append(Step(Op.BREAK, len(self.read.lines), ""))
            self.end_line(always=True)
            return None
        attributes = node.attributes
        if tag == "img":
            self._picture(attributes)
            return None
        look = self._sheet.look(tag, attributes, self._look) if attributes or self._sheet.rules else self._look
        if look.hidden_by:
            return None
        if tag in BLOCKS:
            self._begin_block(tag, attributes)
        if tag == "hr" or _draws_rule((attributes.get("style") or "")[:400].lower()):
            self._pending.append((Part.RULE, tag))
        left = _Leave(tag, self._look)
        self._take(look)
        self._contain(node, tag, attributes, left)
        self.read.steps.append(Step(Op.OPEN, 0, tag, link_of(tag, attributes)))
        if tag == "pre":
            left.preformatted = True
            self._preformatted += 1
        if tag in CELLS:
            left.cell = True
            self._cells += 1
        return left

    def leave(self, left: _Leave) -> None:
        self._take(left.look)
        if left.tag in BLOCKS and left.tag not in CELLS:
            self.end_line()
        if left.tag in SPACED:
            self._space_out()
        self.read.steps.append(Step(Op.CLOSE, 0, left.tag))
        self._depth -= left.depth
        self._named -= left.named
        self._wrappers -= left.wrapper
        self._signatures -= left.signature
        self._preformatted -= left.preformatted
        self._cells -= left.cell

    def _take(self, look: Look) -> None:
        if look is not self._look:
            self._look, self._unseen = look, look.same_colour

    def text(self, text: str) -> None:
        if self._unseen:
            return
        if self._preformatted:
            first, *rest = text.split("\n")
            self._put(first)
            for line in rest:
                self.read.steps.append(Step(Op.TEXT, len(self.read.lines), "\n"))
                self.end_line(always=True)
                self._put(line)
            return
        words = text.split()
        if not words or text[0].isspace():
            self._blank()
        if words:
            self._put(" ".join(words))
            if text[-1].isspace():
                self._blank()

    def _put(self, text: str) -> None:
        if text:
            self.read.steps.append(Step(Op.TEXT, len(self.read.lines), text))
            self._pieces.append(text)

    def _blank(self) -> None:
        """One space, where words stand before it in the line."""
        steps = self.read.steps
        if self._pieces and self._pieces[-1] != " ":
            self._put(" ")
        elif steps and steps[-1].op is Op.PICTURE:
            # The line has its space from before the picture.
            steps.append(Step(Op.TEXT, len(self.read.lines), " "))

    def end_line(self, *, always: bool = False) -> None:
        """Ends the line that is being read; an empty one counts only when it was asked for."""
        text = "".join(self._pieces)
        self._pieces = []
        lines = self.read.lines
        if not text.strip():
            if always:
                lines.add_html("", self._depth)
            return
        index = len(lines)
        if self._pending:
            lines.marks[index] = self._pending
            self._pending = []
        if self._named:
            lines.named.add(index)
        if self._signatures:
            self.read.signed.add(index)
        lines.add_html(text, self._depth)

    def _begin_block(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in CELLS and self._pieces:
            self._blank()
            return
        self.end_line()
        if tag in SPACED and not (attributes.get("class") or "").startswith("Mso"):
            self._space_out()

    def _space_out(self) -> None:
        lines = self.read.lines
        if len(lines) and lines.plain[-1] and not self._cells:
            lines.add_html("", self._depth)

    def _contain(self, node: LexborNode, tag: str, attributes: dict[str, str | None], left: _Leave) -> None:
        found = container_of(attributes) if attributes else None
        if tag == "blockquote" and not (found and found.part is Part.SIGNATURE):
            self._quote(attributes, left, found)
            return
        if found is None:
            return
        match found.part:
            case Part.QUOTE:
                self._deepen(left)
                left.named = True
                self._named += 1
                self._pending.append((Part.QUOTE, found.client))
            case Part.WRAPPER:
                if self._wrappers:
                    return
                left.wrapper = True
                self._wrappers += 1
                self._pending.append((Part.WRAPPER, found.client))
                if node.css_first("blockquote") is None:
                    self._deepen(left)
                    left.named = True
                    self._named += 1
            case Part.SIGNATURE:
                left.signature = True
                self._signatures += 1
            case Part.INTRO | Part.AFTER | Part.FORWARD:
                self._pending.append((found.part, found.client))

    def _quote(self, attributes: dict[str, str | None], left: _Leave, found: Container | None) -> None:
        style = (attributes.get("style") or "")[:400].lower()
        if found is None and any(indent in style for indent in INDENTS) and "border-left" not in style:
            return
        self._deepen(left)
        if (
            found is not None
            or self._wrappers
            or "type" in attributes
            or "cite" in attributes
            or "border-left" in style
        ):
            left.named = True
            self._named += 1
        if "cite" in attributes and (attributes["cite"] or "").startswith("mid:"):
            self._pending.append((Part.QUOTE, f"cite {(attributes['cite'] or '')[4:]}"))

    def _deepen(self, left: _Leave) -> None:
        left.depth += 1
        self._depth += 1

    def _picture(self, attributes: dict[str, str | None]) -> None:
        """A drawn emoji is a word; a picture sent along (cid:) stays; anything else would be fetched from afar."""
        alternative = (attributes.get("alt") or "").strip()
        if alternative and len(alternative) <= 4 and not any(letter.isascii() for letter in alternative):
            self._put(alternative)
            return
        source = (attributes.get("src") or "").strip()
        if source.lower().startswith("cid:"):
            self.read.steps.append(Step(Op.PICTURE, len(self.read.lines), source[:300]))


def _draws_rule(style: str) -> bool:
    """Outlook and Windows Mail draw the line above an older mail as a border; its colour differs."""
    return "border-top" in style and "solid" in style
