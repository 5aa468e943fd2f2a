"""The best text of a mail, put together from its passages."""

import html as entities
import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.mail.calendars import CalendarLine
from gateway.mail.content import part_text, split_uuencoded
from gateway.mail.flowed import unflow
from gateway.mail.invisible import strip_invisible
from gateway.mail.layout import Passage
from gateway.mail.limits import MAX_TEXT
from gateway.mail.message import Body
from gateway.mail.parts import Part
from gateway.mail.visible import visible_text

_ENRICHED = re.compile(r"<<|</?[a-zA-Z-]{1,60}>")
_STUB_WORDS = 30


@dataclass(frozen=True, slots=True)
class Written:
    """The body, and what was hidden in it."""

    body: Body
    hidden_characters: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    html: str
    flowed: bool
    delsp: bool
    hidden: int
    notes: tuple[str, ...]


def write_body(
    raw: bytes, passages: Sequence[Passage], calendars: Sequence[CalendarLine] = (), packed: tuple[str, str] = ("", "")
) -> Written:
    """All passages in order; `packed` is text and HTML of a winmail.dat, used when the mail has nothing else."""
    pieces = [piece for passage in passages if (piece := _piece(raw, passage)).text.strip() or piece.html.strip()]
    if not any(piece.text.strip() for piece in pieces) and any(text.strip() for text in packed):
        pieces = [_packed_piece(*packed)]
    lines = "\n".join(calendar.text for calendar in calendars)
    if lines and not any(line in piece.text for piece in pieces for line in lines.split("\n")):
        pieces.append(_Piece(lines, "", False, False, 0, ()))
    flowed = bool(pieces) and all(piece.flowed for piece in pieces) and len({piece.delsp for piece in pieces}) == 1
    texts = [piece.text if flowed or not piece.flowed else unflow(piece.text, delsp=piece.delsp) for piece in pieces]
    body = Body(
        text="\n\n".join(text.strip("\n") for text in texts if text.strip())[:MAX_TEXT],
        html=_joined_html(pieces)[:MAX_TEXT],
        flowed=flowed,
        delsp=flowed and pieces[0].delsp,
    )
    notes = dict.fromkeys(note for piece in pieces for note in piece.notes)
    return Written(body, sum(piece.hidden for piece in pieces), tuple(notes))


def _piece(raw: bytes, passage: Passage) -> _Piece:
    plain = "\n\n".join(_plain(raw, part).strip("\n") for part in passage.plain)
    html = "\n".join(_as_html(raw, part) for part in passage.html)
    plain, invisible = strip_invisible(plain)
    notes: tuple[str, ...] = ("invisible characters",) if invisible else ()
    if not html.strip():
        parameters = passage.plain[0].parameters if passage.plain else {}
        flowed = all(part.parameters.get("format", "").lower() == "flowed" for part in passage.plain)
        return _Piece(plain, "", flowed and bool(plain), parameters.get("delsp", "").lower() == "yes", invisible, notes)
    seen = visible_text(html)
    hidden, notes = invisible + seen.hidden_characters, (*notes, *seen.notes)
    if not plain.strip() or _is_stub(plain, seen.text):
        return _Piece(seen.text, html, False, False, hidden, notes)
    flowed = passage.plain[0].parameters.get("format", "").lower() == "flowed"
    delsp = passage.plain[0].parameters.get("delsp", "").lower() == "yes"
    return _Piece(plain, html, flowed, delsp, hidden, notes)


def _plain(raw: bytes, part: Part) -> str:
    text = part_text(raw, part)
    if part.type in ("text/enriched", "text/richtext"):
        return _ENRICHED.sub(lambda match: "<" if match.group() == "<<" else "", text)
    if part.type == "text/html":
        return visible_text(text).text
    return split_uuencoded(text)[0]


def _as_html(raw: bytes, part: Part) -> str:
    text = part_text(raw, part)
    return text if part.type == "text/html" else _escaped(text)


def _escaped(text: str) -> str:
    lines = entities.escape(text, quote=False).split("\n")
    return "<div>" + "<br>\n".join(lines) + "</div>"


def _is_stub(plain: str, seen: str) -> bool:
    """A plain part that only says "use an HTML viewer" is not the mail; one that says the same in fewer words is."""
    words, seen_words = plain.split(), seen.split()
    return len(words) <= _STUB_WORDS and len(seen_words) > 4 * max(5, len(words)) and not _shares(words, seen_words)


def _shares(words: list[str], seen_words: list[str]) -> bool:
    letters = {word.casefold() for word in words if len(word) > 3}
    seen = {word.casefold() for word in seen_words}
    return len(letters & seen) * 2 > len(letters)


def _packed_piece(text: str, html: str) -> _Piece:
    if not html.strip():
        return _Piece(text, "", False, False, 0, ())
    seen = visible_text(html)
    return _Piece(text if text.strip() else seen.text, html, False, False, seen.hidden_characters, seen.notes)


def _joined_html(pieces: Sequence[_Piece]) -> str:
    if not any(piece.html.strip() for piece in pieces):
        return ""
    return "\n".join(piece.html if piece.html.strip() else _escaped(piece.text) for piece in pieces)
