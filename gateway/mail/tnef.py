"""winmail.dat (TNEF, MS-OXTNEF) unpacked: its files, and its text where the mail has no other."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.mail.charsets import clean_line, decode_text
from gateway.mail.rtf import decompress_rtf, rtf_text

_SIGNATURE = 0x223E9F78
_MAX_ATTRIBUTES = 10_000
_ATTACHMENT_BEGINS = 0x9002
_ATTACHMENT_TITLE = 0x8010
_ATTACHMENT_CONTENT = 0x800F
_ATTACHMENT_PROPERTIES = 0x9005
_MESSAGE_PROPERTIES = 0x9003
_BODY = 0x800C
_CODE_PAGE = 0x9007
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8, 0x0040: 8}
_TEXTS = {0x001E, 0x001F, 0x0102, 0x000D}
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _TYPE_TAG, _CONTENT_ID = 0x3707, 0x3704, 0x3001, 0x370E, 0x3712
_CONTENT = 0x3701
_PLAIN, _HTML, _RTF = 0x1000, 0x1013, 0x1009


@dataclass(frozen=True, slots=True)
class PackedFile:
    name: str
    type: str
    content_id: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was inside. `text` and `html` may be empty."""

    files: tuple[PackedFile, ...]
    text: str = ""
    html: str = ""


def unpack_tnef(content: bytes) -> Unpacked | None:
    """The content of a winmail.dat, or None when it is none. A damaged one gives what came before the damage."""
    if len(content) < 6 or struct.unpack_from("<I", content)[0] != _SIGNATURE:
        return None
    drafts: list[dict[str, bytes | str]] = []
    body: dict[int, bytes | str] = {}
    code_page = "cp1252"
    for attribute, value in _attributes(content):
        if attribute == _CODE_PAGE and len(value) >= 4:
            code_page = f"cp{struct.unpack_from('<I', value)[0]}"
        elif attribute == _ATTACHMENT_BEGINS:
            drafts.append({})
        elif attribute == _ATTACHMENT_TITLE and drafts:
            drafts[-1]["title"] = _string(value, code_page)
        elif attribute == _ATTACHMENT_CONTENT and drafts:
            drafts[-1]["content"] = value
        elif attribute == _ATTACHMENT_PROPERTIES and drafts:
            _take_properties(drafts[-1], dict(_properties(value, code_page)))
        elif attribute == _MESSAGE_PROPERTIES:
            body.update(_properties(value, code_page))
        elif attribute == _BODY:
            body.setdefault(_PLAIN, _string(value, code_page))
    text, html = _bodies(body, code_page)
    return Unpacked(tuple(_finished(draft, number) for number, draft in enumerate(drafts, 1)), text, html)


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    position = 6
    for _ in range(_MAX_ATTRIBUTES):
        if position + 9 > len(content):
            return
        _, attribute, _, length = struct.unpack_from("<BHHI", content, position)
        position += 9
        yield attribute, content[position : position + length]
        position += length + 2


def _properties(value: bytes, code_page: str) -> Iterator[tuple[int, bytes | str]]:
    """MAPI properties: (id, value) of those that hold text or bytes; stops at the first that makes no sense."""
    reader = _Reader(value)
    try:
        for _ in range(min(reader.number("<I"), 5_000)):
            kind, tag = reader.number("<H"), reader.number("<H")
            if tag >= 0x8000:
                reader.skip(16)
                if reader.number("<I") == 0:
                    reader.skip(4)
                else:
                    reader.skip(reader.padded(reader.number("<I")))
            many, kind = bool(kind & 0x1000), kind & 0x0FFF
            if kind in _TEXTS:
                for _ in range(min(reader.number("<I"), 1_000)):
                    length = reader.number("<I")
                    yield tag, _mapi_value(kind, reader.take(length), code_page)
                    reader.skip(reader.padded(length) - length)
            elif kind in _FIXED:
                count = min(reader.number("<I"), 10_000) if many else 1
                reader.skip(_FIXED[kind] * count)
            elif kind == 0x0048:
                reader.skip(16)
            else:
                return
    except (struct.error, EOFError):
        return


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._position = 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from(form, self._content, self._position)
        self._position += struct.calcsize(form)
        return int(value)

    def take(self, length: int) -> bytes:
        if self._position + length > len(self._content):
            raise EOFError
        self._position += length
        return self._content[self._position - length : self._position]

    def skip(self, length: int) -> None:
        self._position += length

    @staticmethod
    def padded(length: int) -> int:
        return length + (-length % 4)


def _mapi_value(kind: int, value: bytes, code_page: str) -> bytes | str:
    if kind == 0x001F:
        return value.decode("utf-16-le", "replace").rstrip("\x00")
    return _string(value, code_page) if kind == 0x001E else value


def _string(value: bytes, code_page: str) -> str:
    return decode_text(value.rstrip(b"\x00"), code_page)[0]


def _take_properties(draft: dict[str, bytes | str], found: dict[int, bytes | str]) -> None:
    for tag, key in ((_LONG_NAME, "long"), (_SHORT_NAME, "short"), (_DISPLAY_NAME, "display"), (_TYPE_TAG, "type")):
        if isinstance(found.get(tag), str):
            draft[key] = found[tag]
    if isinstance(found.get(_CONTENT_ID), str):
        draft["content_id"] = found[_CONTENT_ID]
    content = found.get(_CONTENT)
    if "content" not in draft and isinstance(content, bytes):
        # An embedded object begins with the id of its interface.
        draft["content"] = content[16:] if content[:4] in (b"\x07\x03\x02\x00", b"\x0b\x00\x00\x00") else content


def _finished(draft: dict[str, bytes | str], number: int) -> PackedFile:
    name = next((str(draft[key]) for key in ("long", "title", "display", "short") if draft.get(key)), f"file-{number}")
    content = draft.get("content", b"")
    return PackedFile(
        name=clean_line(name),
        type=clean_line(str(draft.get("type", ""))).lower(),
        content_id=clean_line(str(draft.get("content_id", ""))).strip("<>"),
        content=content if isinstance(content, bytes) else b"",
    )


def _bodies(body: dict[int, bytes | str], code_page: str) -> tuple[str, str]:
    plain = body.get(_PLAIN, "")
    html = body.get(_HTML, "")
    text = plain if isinstance(plain, str) else _string(plain, code_page)
    page = html if isinstance(html, str) else decode_text(html.rstrip(b"\x00"), _html_charset(html, code_page))[0]
    packed = body.get(_RTF)
    if not text.strip() and not page.strip() and isinstance(packed, bytes):
        text = rtf_text(decompress_rtf(packed))
    return text, page


def _html_charset(html: bytes, code_page: str) -> str:
    match = re.search(rb"charset=[\"']?([\w-]{1,40})", html[:2_000])
    return match.group(1).decode("ascii") if match else code_page
