"""A mail's own HTML as the case shows it: a few tags, its pictures where they stood, cut between words and tags."""

import re
from collections.abc import Mapping
from html import escape, unescape

from gateway.mail.quotes.clean import ALLOWED

_DEEPEST = 60  # elements open at once; what is deeper is written flat
_DROPPED = frozenset(("script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg"))
_PIECE = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)([^<>]*+)>|<[!?/][^<>]*+>|([^<]++)|<")
_LINK = re.compile(r'(?i)\bhref="((?:https?://|mailto:|tel:)[^"]*)"')
_PICTURE = re.compile(r'(?i)\bsrc="cid:([^"]*)"')
_BEGUN = re.compile(r"&[#0-9A-Za-z]{0,30}$")  # an escaped letter that a cut went through


def set_out(html: str, pictures: Mapping[str, str], limit: int, mark: str) -> str:
    """At most about `limit` characters, every tag closed; `mark` is said where more was cut. Empty: nothing to see.

    `pictures`: content id (case-folded) -> the HTML to stand in its place. Any other picture leaves nothing. No more
    is read than is shown.
    """
    setter = _Setter(pictures, limit)
    for found in _PIECE.finditer(html):
        closing, tag, attributes, text = found.groups("")
        if tag:
            setter.end(tag.lower()) if closing else setter.begin(tag.lower(), attributes)
        elif text or found[0] == "<":
            setter.say(text or "&lt;")
        if setter.full:
            break
    if not setter.seen:
        return ""
    closed = "".join(f"</{tag}>" for tag in reversed(setter.open))
    return "".join(setter.out) + closed + (f"<p>{escape(mark)}</p>" if setter.full else "")


def shows(html: str, content_id: str) -> bool:
    """Whether the kept HTML of a mail shows this picture."""
    return bool(content_id) and escape(f"cid:{content_id}").casefold() + '"' in html.casefold()


class _Setter:
    """Kept HTML is clean already; nothing else gets through here either, wherever it came from."""

    def __init__(self, pictures: Mapping[str, str], limit: int) -> None:
        self.out: list[str] = []
        self.open: list[str] = []
        self.seen = self.full = False
        self._pictures = pictures
        self._left = limit
        self._dropped = 0

    def begin(self, tag: str, attributes: str) -> None:
        if tag in _DROPPED:
            self._dropped += 1
        if tag == "br":
            self._put("<br />")
        elif tag == "img":
            self._picture(attributes)
        elif tag in ALLOWED and len(self.open) < _DEEPEST:
            link = _LINK.search(attributes) if tag == "a" else None
            if self._put(f'<a href="{link[1]}">' if link else f"<{tag}>"):
                self.open.append(tag)
                self._left -= len(f"</{tag}>")  # which is written in any case

    def end(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropped = max(0, self._dropped - 1)
        if tag not in self.open:
            return
        while (last := self.open.pop()) != tag:
            self.out.append(f"</{last}>")
        self.out.append(f"</{tag}>")

    def say(self, text: str) -> None:
        """Text as it stands in HTML: escaped, and cut through no escaped letter."""
        text = text.replace(">", "&gt;")
        fits = text[: max(0, self._left)]
        if len(fits) < len(text):
            fits = _BEGUN.sub("", fits)
        if self._put(fits):
            self.seen = self.seen or bool(fits.strip())
            self.full = len(fits) < len(text)

    def _picture(self, attributes: str) -> None:
        found = _PICTURE.search(attributes)
        shown = self._pictures.get(unescape(found[1]).casefold(), "") if found else ""
        if shown and self._put(shown):
            self.seen = True

    def _put(self, piece: str) -> bool:
        """Whether there was room left for it."""
        if self._dropped or self.full:
            return False
        if self._left <= 0:
            self.full = True
            return False
        self._left -= len(piece)
        self.out.append(piece)
        return True
