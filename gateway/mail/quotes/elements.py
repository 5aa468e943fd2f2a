"""The elements of HTML by how they are laid out, and the marks of mail programs found on them."""

from gateway.mail.quotes.containers import CONTAINERS, Container

SKIPPED = frozenset(
    (
        *("head", "style", "script", "title", "meta", "link", "noscript", "template", "svg", "math", "object"),
        *("embed", "iframe", "select", "textarea", "button", "xml"),
    )
)
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section"),
        *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"])
CELLS = frozenset(["td", "th"])


def container_of(attributes: dict[str, str | None]) -> Container | None:
    """The mark of a mail program that an element carries in its class, id or name."""
    for name in ("class", "id", "name", "data-signature-widget"):
        value = attributes.get(name)
        if not value:
            continue
        words = value[:300].split() if name == "class" else [value[:100]]
        for word in words:
            found = _NAMED.get((name, _unprefixed(word)))
            if found is not None:
                return found
    return None


def link_of(tag: str, attributes: dict[str, str | None]) -> str:
    """Where a link leads, if that can be shown; empty for all that is no safe link."""
    if tag != "a":
        return ""
    target = (attributes.get("href") or "").strip()
    return target if target[:8].lower().startswith(("http://", "https://", "mailto:", "tel:")) else ""


def _unprefixed(word: str) -> str:
    """Outlook puts x_ before foreign names, Yahoo ydp and eight digits, Thunderbird's answers moz-."""
    while word.startswith("x_"):
        word = word[2:]
    if word.startswith("FoxDiv"):
        return "foxdiv"
    if word.startswith("ydp"):
        return "yahoo_quoted" if word.endswith("yahoo_quoted") else word
    return "yahoo_quoted" if word.startswith("yahoo_quoted") else word.casefold()


_NAMED = {(row.attribute, row.name.casefold()): row for row in CONTAINERS}
