"""HTML of a mail made safe to show in a page: a few harmless tags, links, Creatio's own pictures, nothing that runs."""

import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from markupsafe import Markup

_TAGS = {"p", "br", "b", "strong", "i", "em", "u", "ul", "ol", "li", "blockquote", "div", "hr", "pre", "code", "a"}
_TAGS |= {"h1", "h2", "h3", "h4", "table", "tr", "td", "th", "tbody", "thead"}
_EMPTY = {"br", "hr"}
_DROPPED = {"script", "style", "head", "title", "template", "noscript", "iframe", "object", "svg"}
# As Creatio writes it into bodies. On the page of a case it leads to the same page's own copy of that address.
_STORED = re.compile(r"^\.\./rest/FileService/GetFile/[0-9a-fA-F-]{36}/[0-9a-fA-F-]{36}$")


def clean_html(html: str) -> Markup:
    """The harmless part of it, every tag closed."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    whole = "".join([*cleaner.out, *(f"</{tag}>" for tag in reversed(cleaner.open))])
    return Markup(whole)  # noqa: S704 - text is escaped above, and no tag or attribute but the listed is let through


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self._inside_dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._inside_dropped += 1
        if self._inside_dropped or tag not in _TAGS:
            if tag == "img" and not self._inside_dropped:
                self.out.append(_picture(dict(attrs)))
            return
        self.out.append(f"<{tag}{_link(dict(attrs)) if tag == 'a' else ''}>")
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._inside_dropped = max(0, self._inside_dropped - 1)
        elif tag in self.open:
            while (last := self.open.pop()) != tag:
                self.out.append(f"</{last}>")
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._inside_dropped:
            self.out.append(escape(data))


def _link(attributes: dict[str, str | None]) -> str:
    target = attributes.get("href") or ""
    if urlsplit(target).scheme not in ("http", "https", "mailto"):
        return ""
    return f' href="{escape(target)}" rel="noreferrer noopener" target="_blank"'


def _picture(attributes: dict[str, str | None]) -> str:
    source, name = attributes.get("src") or "", escape(attributes.get("alt") or "image")
    return f'<img src="{source}" alt="{name}">' if _STORED.match(source) else f"[{name}]"
