"""A body as lines that carry a quote depth, the one form in which text and HTML are judged."""

import re
from dataclasses import dataclass, field

from gateway.mail.flowed import unflow
from gateway.mail.invisible import strip_invisible
from gateway.mail.quotes.containers import Part

LOOKED_AT = 400
"""So many characters of a line are looked at, however long it is."""
_DEEPEST_SHOWN = 6  # levels of > put before a line of HTML

# Seen by nobody, put into intros by Outlook, Gmail and right-to-left keyboards.
_INVISIBLE = dict.fromkeys(
    map(
        ord,
        "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad\u061c\r",
    )
) | dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009\u3000\t"), " ")
_QUOTED = re.compile(r"[ \t\xa0]{0,4}[>＞](?:[ \t\xa0]?[>＞])*[ \t\xa0]?")


@dataclass(slots=True)
class Lines:
    """Parallel lists, one item a line: half a million lines must stay cheap.

    `shown` is the line as it is given back. `plain` is what the rules read: no quote marks, no invisible characters,
    trimmed, at most LOOKED_AT characters. `depth` is how deep the line is quoted. `marks` are the parts that an
    HTML client named, by the line they begin at; `named` are lines inside a quotation that a client's HTML names.
    `barren`: no header begins up to that line; a block that is none is not read again from its second line.
    """

    shown: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    depth: list[int] = field(default_factory=list)
    marks: dict[int, list[tuple[Part, str]]] = field(default_factory=dict)
    named: set[int] = field(default_factory=set)
    barren: int = -1

    def __len__(self) -> int:
        return len(self.shown)

    def add(self, shown: str, depth: int = 0) -> None:
        """Takes one more line; quote marks typed inside it count on top of `depth`."""
        typed, plain = unquote(shown)
        self.shown.append(shown)
        self.plain.append(plain)
        self.depth.append(depth + typed)

    def add_html(self, text: str, depth: int) -> None:
        """Takes a line of HTML, which is shown with as many quote marks as it is deep (up to six)."""
        text = strip_invisible(text.strip())[0]
        typed, plain = unquote(text)
        self.shown.append(f"{'> ' * min(depth, _DEEPEST_SHOWN)}{text}" if text else "")
        self.plain.append(plain)
        self.depth.append(depth + typed if plain else 0)

    def marked(self, index: int, part: Part) -> str:
        """The client whose mark of that kind begins at the line, or an empty string."""
        return next((client for kind, client in self.marks.get(index, ()) if kind is part), "")


def read_text(text: str, *, flowed: bool = False, delsp: bool = False) -> Lines:
    """The lines of a text/plain body. format=flowed is unstuffed and joined to paragraphs (RFC 3676 §4)."""
    lines = Lines()
    text = strip_invisible(text.replace("\r\n", "\n").replace("\r", "\n"))[0]
    for line in (unflow(text, delsp=delsp) if flowed else text).split("\n"):
        lines.add(line)
    return lines


def unquote(line: str) -> tuple[int, str]:
    """How deep a line is quoted by > and what the rules read of it."""
    depth = 0
    start = 0
    if ">" in line[:6] or "＞" in line[:6]:
        quoted = _QUOTED.match(line)
        if quoted:
            start = quoted.end()
            depth = line.count(">", 0, start) + line.count("＞", 0, start)
    return depth, _plain(line[start : start + LOOKED_AT])


def _plain(text: str) -> str:
    if text.isascii() and "\t" not in text and "\r" not in text:
        return text.strip()
    return text.translate(_INVISIBLE).strip()
