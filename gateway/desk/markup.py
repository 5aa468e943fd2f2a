"""A mail's own HTML as the case shows it: a few tags, its pictures where they stood, cut between words and tags."""

from collections.abc import Mapping
from html import escape
from html.parser import HTMLParser

from gateway.mail.quotes.clean import ALLOWED

_FOLLOWED = ("http://", "https://", "mailto:", "tel:")
_DROPPED = frozenset(("script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg"))

_PIECE = 20_000  # characters read at once: nothing is read far beyond the limit
_DEEPEST = 60  # elements open at once; what is deeper is written flat


def set_out(html: str, pictures: Mapping[str, str], limit: int, mark: str) -> str:
    """At most about `limit` characters, every tag closed; `mark` is said where more was cut. Empty: nothing to see.

    `pictures`: content id (case-folded) -> the HTML to stand in its place. Any other picture leaves nothing.
    """
    setter = _Setter(pictures, limit)
    for begin in range(0, len(html), _PIECE):
        setter.feed(html[begin : begin + _PIECE])
        if setter.full:
            break
    else:
        setter.close()
    if not setter.seen:
        return ""
    closed = "".join(f"</{tag}>" for tag in reversed(setter.open))
    return "".join(setter.out) + closed + (f"<p>{escape(mark)}</p>" if setter.full else "")


def shows(html: str, content_id: str) -> bool:
    """Whether the kept HTML of a mail shows this picture."""
    return bool(content_id) and escape(f"cid:{content_id}").casefold() + '"' in html.casefold()


class _Setter(HTMLParser):
    """Kept HTML is clean already; nothing else gets through here either, wherever it came from."""

    def __init__(self, pictures: Mapping[str, str], limit: int) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.seen = self.full = False
        self._pictures = pictures
        self._left = limit
        self._dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropped += 1
        if tag == "br":
            self._put("<br />")
        elif tag == "img":
            self._picture(dict(attrs).get("src") or "")
        elif (
            tag in ALLOWED
            and len(self.open) < _DEEPEST
            and self._put(f"<{tag}{_target(dict(attrs)) if tag == 'a' else ''}>")
        ):
            self.open.append(tag)
            self._left -= len(f"</{tag}>")  # which is written in any case

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropped = max(0, self._dropped - 1)
        if self.full or tag not in self.open:
            return
        while (last := self.open.pop()) != tag:
            self.out.append(f"</{last}>")
        self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        fits = data[: max(0, self._left)]
        if self._put(escape(fits, quote=False)):
            self.seen = self.seen or bool(fits.strip())
            self.full = len(fits) < len(data)

    def _picture(self, source: str) -> None:
        shown = self._pictures.get(source[4:].casefold(), "") if source[:4].casefold() == "cid:" else ""
        if shown and self._put(shown):
            self.seen = True

    def _put(self, piece: str) -> bool:
        """Whether there was room left for it. The last text may be a few escapes longer."""
        if self._dropped or self.full:
            return False
        if self._left <= 0:
            self.full = True
            return False
        self._left -= len(piece)
        self.out.append(piece)
        return True


def _target(attributes: Mapping[str, str | None]) -> str:
    target = (attributes.get("href") or "").strip()
    return f' href="{escape(target)}"' if target.casefold().startswith(_FOLLOWED) else ""
