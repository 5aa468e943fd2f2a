"""Text set on paper as a browser would: blocks, lists, quotes, tables and links as plain lines."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "body", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "header", "html", "legend", "li", "main", "menu", "nav", "ol"),
        *("optgroup", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "blockquote", "table"])
_SPACES = re.compile(r"[ \t\r\n\x0b\x0c]+")
_URL = re.compile(r"(?i)(https?://|ftp://|mailto:|tel:)[^\s<>\"]{1,2000}$")
_RULE = "_" * 32


@dataclass(slots=True)
class _Sheet:
    """A region with lines of its own: the page, a quote, a list item, a table's cell."""

    lines: list[str] = field(default_factory=list)
    line: str = ""
    gap: bool = False

    def newline(self, *, forced: bool = False) -> None:
        if self.line.strip() or forced:
            self.lines.append(self.line.rstrip())
        self.line = ""

    def space(self) -> None:
        self.newline()
        if self.lines and self.lines[-1]:
            self.lines.append("")


@dataclass(slots=True)
class Paper:
    """Written to from the top; `text()` gives the page."""

    sheets: list[_Sheet] = field(default_factory=lambda: [_Sheet()])
    lists: list[int] = field(default_factory=list)
    rows: list[list[list[str]]] = field(default_factory=list)
    links: list[tuple[str, int]] = field(default_factory=list)
    verbatim: int = 0
    written: int = 0

    def text(self) -> str:
        while len(self.sheets) > 1:
            inner = self._close()
            self.sheets[-1].lines.extend(inner)
        page = "\n".join(self._close_lines(self.sheets[0])).replace("\u00a0", " ")
        return re.sub(r"\n{3,}", "\n\n", page).strip("\n")

    def write(self, text: str) -> None:
        sheet = self.sheets[-1]
        if self.verbatim:
            *full, rest = text.split("\n")
            for line in full:
                sheet.line += line
                sheet.newline(forced=True)
            sheet.line += rest
            self.written += len(text)
            return
        text = _SPACES.sub(" ", text)
        if not sheet.line or sheet.line.endswith(" "):
            text = text.lstrip(" ")
        sheet.line += text
        self.written += len(text)

    def enter(self, tag: str, attributes: Mapping[str, str | None]) -> None:
        if tag == "br":
            self.sheets[-1].newline(forced=True)
        elif tag == "hr":
            self.sheets[-1].newline()
            self.sheets[-1].lines.append(_RULE)
        elif tag == "img":
            self._picture(attributes)
        elif tag == "a":
            self.links.append((_link(attributes.get("href")), self.written))
        elif tag in _SPACED:
            self.sheets[-1].space()
        elif tag in _BLOCKS:
            self.sheets[-1].newline()
        self._open(tag)

    def _open(self, tag: str) -> None:
        if tag == "pre":
            self.verbatim += 1
        elif tag in ("ul", "ol"):
            self.lists.append(1 if tag == "ol" else 0)
        elif tag == "tr":
            self.rows.append([])
        if tag in ("blockquote", "li", "td", "th", "tr"):
            self.sheets.append(_Sheet())

    def leave(self, tag: str) -> None:
        if tag == "a" and self.links:
            self._end_link()
        elif tag == "pre":
            self.verbatim = max(0, self.verbatim - 1)
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "blockquote":
            self._put([f"> {line}".rstrip() for line in self._close()], spaced=True)
        elif tag == "li":
            self._item()
        elif tag in ("td", "th"):
            cell = self._close()
            if self.rows:
                self.rows[-1].append(cell)
            else:
                self._put(cell)
        elif tag == "tr":
            self._row()
        if tag in _SPACED:
            self.sheets[-1].space()
        elif tag in _BLOCKS:
            self.sheets[-1].newline()

    def _item(self) -> None:
        lines = self._close()
        mark = "- "
        if self.lists and self.lists[-1]:
            mark = f"{self.lists[-1]}. "
            self.lists[-1] += 1
        if lines:
            self._put([mark + lines[0], *(" " * len(mark) + line if line else "" for line in lines[1:])])

    def _row(self) -> None:
        """Cells of one line each stand side by side; a table that only lays out the page stays lines."""
        loose = self._close()
        cells = [cell for cell in (self.rows.pop() if self.rows else []) if any(line.strip() for line in cell)]
        if len(cells) > 1 and all(len(cell) == 1 for cell in cells):
            self._put([*loose, " | ".join(cell[0].strip() for cell in cells)])
        else:
            self._put([*loose, *(line for cell in cells for line in cell)])

    def _picture(self, attributes: Mapping[str, str | None]) -> None:
        alternative = _SPACES.sub(" ", attributes.get("alt") or "").strip()
        tiny = (attributes.get("width") or "").strip() in ("0", "1") or (attributes.get("height") or "").strip() in (
            "0",
            "1",
        )
        if alternative and not tiny:
            self.write(f"[{alternative[:200]}]")

    def _end_link(self) -> None:
        target, before = self.links.pop()
        sheet = self.sheets[-1]
        shown = sheet.line[-(self.written - before) :].strip() if self.written > before else ""
        bare = target.removeprefix("mailto:")
        if not target or bare.rstrip("/").casefold() in shown.casefold().rstrip("/"):
            return
        if target.startswith(("http", "ftp")) and shown and f"http://{shown}".rstrip("/") == target.rstrip("/"):
            return
        if shown:
            sheet.line = sheet.line.rstrip() + f" <{bare}>"
            self.written += len(bare) + 3

    def _put(self, lines: list[str], *, spaced: bool = False) -> None:
        sheet = self.sheets[-1]
        if spaced:
            sheet.space()
        else:
            sheet.newline()
        sheet.lines.extend(lines)

    def _close(self) -> list[str]:
        sheet = self.sheets.pop() if len(self.sheets) > 1 else _Sheet()
        return self._close_lines(sheet)

    def _close_lines(self, sheet: _Sheet) -> list[str]:
        sheet.newline()
        lines = sheet.lines
        while lines and not lines[-1].strip():
            lines.pop()
        first = next((number for number, line in enumerate(lines) if line.strip()), 0)
        return lines[first:]


def _link(target: str | None) -> str:
    cleaned = "".join((target or "").split())
    return cleaned if _URL.match(cleaned) else ""
