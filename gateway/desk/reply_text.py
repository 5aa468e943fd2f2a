"""A rep's reply as Creatio keeps it becomes what the customer reads: only the new text, safe HTML, its own pictures."""

import binascii
import re
from base64 import b64decode
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from html import unescape

from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.visible import visible_text

_SUBJECT = "Re:"  # whatever stands in the activity's title: what a rep writes on a case answers it
_STORED_PICTURE = re.compile(
    r"""(?i)\bsrc\s*=\s*(["'])[^"'<>]{0,300}?/FileService/(?:GetFile|Download)/[^"'<>/]{1,100}/"""
    r"""([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[^"'<>]{0,300}\1"""
)
_DATA_PICTURE = re.compile(
    r"""(?i)\bsrc\s*=\s*(["'])data:(image/(?:png|jpe?g|gif|webp|bmp));base64,([A-Za-z0-9+/=\s]{1,20000000})\1"""
)
_SHOWN = re.compile(r'<img src="cid:([^"]*)" alt="">')


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that stood in the HTML itself. `content_id` is what the HTML calls it now."""

    content_id: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReplyText:
    """`html` is safe and may be empty. It shows files as `cid:` and their Creatio id, and `pictures`."""

    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


def tidy(body: str, is_html: bool, number: str) -> ReplyText:
    """Without Creatio's quoted history and case number; the rep's own signature stays."""
    if not is_html:
        said = trim(Body(text=body), subject=_SUBJECT, signatures="keep").text
        return ReplyText(_without_number(said, number).strip(), "")
    pictures: dict[str, Picture] = {}

    def take_out(found: re.Match[str]) -> str:
        try:
            content = b64decode("".join(found[3].split()), validate=True)
        except (binascii.Error, ValueError):
            return 'src=""'
        name = sha256(content).hexdigest()[:32]
        pictures[name] = Picture(name, found[2].lower().replace("jpg", "jpeg"), content)
        return f'src="cid:{name}"'

    page = _STORED_PICTURE.sub(lambda found: f'src="cid:{found[2].lower()}"', body)
    page = _without_number(_DATA_PICTURE.sub(take_out, page), number)
    new = trim(Body(text=visible_text(page).text, html=page), subject=_SUBJECT, signatures="keep")
    shown = tuple(one for one in pictures.values() if f"cid:{one.content_id}" in new.html)
    return ReplyText(new.text.strip(), new.html, shown)


def shown_in(html: str) -> frozenset[str]:
    """The content ids of all that a reply shows."""
    return frozenset(unescape(found[1]) for found in _SHOWN.finditer(html))


def showing_only(html: str, there: Collection[str]) -> str:
    """Without the pictures that do not go along: the customer would see them broken."""
    return _SHOWN.sub(lambda found: found[0] if unescape(found[1]) in there else "", html)


def _without_number(text: str, number: str) -> str:
    """Creatio's stamp, as in "(Case #SR00031980)". A number that a person wrote into a sentence stays."""
    if not number:
        return text
    stamp = rf"\s?(?:\(\s*(?:case\s*)?#?\s*{re.escape(number)}\s*\)|\[\s*(?:case\s*)?#?\s*{re.escape(number)}\s*\])"
    return re.sub(stamp, "", text, flags=re.IGNORECASE)
