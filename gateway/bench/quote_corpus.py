"""The corpus of quoted mail: a folder a case, with the words that must stay and the words that may."""

import email
import email.policy
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

_UNSEEN = frozenset(["head", "style", "script", "title", "noscript", "template", "meta", "link"])
_INLINE = frozenset(
    (
        "a",
        "b",
        "i",
        "u",
        "s",
        "em",
        "strong",
        "span",
        "font",
        "code",
        "small",
        "big",
        "sub",
        "sup",
        "tt",
        "img",
        "label",
    )
)


@dataclass(frozen=True, slots=True)
class Case:
    """`core` must survive and `most` is all that may; a case without them has snippets instead.

    `plain` is what trimmers of text are given: the text, or neutral text made from the HTML."""

    id: str
    kind: str
    format: str
    language: str
    text: str
    html: str
    subject: str
    plain: str
    core: str | None
    most: str
    expected: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]


def read_corpus(folder: Path) -> list[Case]:
    return [_read_case(path.parent) for path in sorted(folder.glob("*/*/meta.json"))]


def _read_case(folder: Path) -> Case:
    about = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    text, html, subject = _bodies(folder / f"input.{about['format']}")
    subject = _optional(folder / "subject.txt") or subject
    core = _optional(folder / "core.txt") if (folder / "core.txt").exists() else None
    return Case(
        id=about["id"],
        kind=about["kind"],
        format=about["format"],
        language=about.get("lang", ""),
        text=text,
        html=html,
        subject=subject.strip(),
        plain=text or neutral_text(html),
        core=core,
        most=_optional(folder / "max.txt"),
        expected=_optional(folder / "expected.txt"),
        must=tuple(about.get("must", ())),
        must_not=tuple(about.get("mustnot", ())),
    )


def _optional(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _bodies(path: Path) -> tuple[str, str, str]:
    """The text, the HTML and the Subject of an input."""
    raw = path.read_bytes()
    match path.suffix:
        case ".txt":
            return raw.decode("utf-8", "replace"), "", ""
        case ".html":
            return "", raw.decode("utf-8", "replace"), ""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    return _part(mail, "text/plain"), _part(mail, "text/html"), str(mail["Subject"] or "")


def _part(mail: Any, kind: str) -> str:
    for part in mail.walk():
        if part.get_content_type() == kind:
            try:
                return str(part.get_content())
            except (LookupError, UnicodeError):
                return bytes(part.get_payload(decode=True) or b"").decode("utf-8", "replace")
    return ""


def neutral_text(html: str) -> str:
    """The words of an HTML mail with a line for each block, for trimmers that read only text."""
    root = LexborHTMLParser(html).body
    pieces: list[str] = []
    stack: list[LexborNode | str] = [root] if root is not None else []
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        if item.next is not None and item is not root:
            stack.append(item.next)
        tag = item.tag or ""
        if tag == "-text":
            pieces.append(" ".join((item.text_content or "").replace("\xa0", " ").split(" ")))
        elif tag[:1] not in "-!" and tag not in _UNSEEN:
            line = "" if tag in _INLINE else "\n"
            pieces.append(line)
            stack.append(line)
            if item.child is not None:
                stack.append(item.child)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line, before in _with_before(list(lines)) if line or before).strip()


def _with_before(lines: list[str]) -> list[tuple[str, str]]:
    return list(zip(lines, ["", *lines], strict=False))
