"""The header block: cut into fields, within limits, and each field's text decoded whatever it is written in."""

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.mail.charsets import clean_line, codec_name, decode_text
from gateway.mail.limits import MAX_FIELD, MAX_HEAD, Unreadable

_LINE_END = re.compile(rb"\r{0,3}\n|\r")
_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_UNIX_FROM = re.compile(rb">?From [^\r\n]{0,1000}(?:\r{0,3}\n|\r)")
_BLANK = re.compile(rb"[ \t\r\n]*")
_WELL_KNOWN = re.compile(
    rb"(?i)(received|return-path|from|to|date|delivered-to|message-id|subject|mime-version)[ \t]*:"
)
_LOST_FOLDS = 8_000
_BLANK_LINE = re.compile(rb"\n\r?\n|\r\r")
_STILL_TO_COME = re.compile(rb"(?i)[\r\n](?:from|to|date|message-id|subject|mime-version|content-type)[ \t]*:")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?((?:[^?]|\?(?!=))*)(?:\?=|$)")
_ADDRESSES = frozenset({"from", "to", "cc", "bcc", "sender", "reply-to", "return-path"})


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name in lower case, its value as bytes on one line."""

    name: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The fields of a mail or part, and where its body begins. `odd` counts lines that are no field."""

    fields: tuple[Field, ...]
    body_start: int
    odd: int = 0

    def first(self, name: str) -> bytes:
        return next((field.value for field in self.fields if field.name == name), b"")

    def every(self, name: str) -> tuple[bytes, ...]:
        return tuple(field.value for field in self.fields if field.name == name)


def read_head(raw: bytes, start: int, end: int) -> Head:
    """Cuts the fields out of raw[start:end]; raises Unreadable over the limits."""
    names: list[str] = []
    values: list[bytearray] = []
    position, odd = start, 0
    while position < end:
        line_end = _LINE_END.search(raw, position, min(end, position + MAX_FIELD + MAX_HEAD))
        line_stop, following = (line_end.start(), line_end.end()) if line_end else (end, end)
        if following - start > MAX_HEAD:
            raise Unreadable(f"the header fields are larger than {MAX_HEAD} bytes")
        line = raw[position:line_stop]
        if not line.strip(b" \t"):
            if line and values and _continues(raw, following, end):
                position = following
                continue
            return Head(_fields(names, values), following, odd)
        if line[:1] in b" \t":
            if values:
                values[-1] += b" " + line.strip(b" \t")
        elif match := _NAME.match(line):
            names.append(match.group(1).decode("ascii").lower())
            values.append(bytearray(line[match.end() :].strip(b" \t")))
        elif _is_body(line, raw, following, end):
            return Head(_fields(names, values), position, odd + 1)
        else:
            odd += 1
        if values and len(values[-1]) > MAX_FIELD:
            raise Unreadable(f"the header field {names[-1]} is larger than {MAX_FIELD} bytes")
        position = following
    return Head(_fields(names, values), end if names else start, odd)


def skip_preamble(raw: bytes) -> int:
    """Where the header block begins: behind a BOM, blank lines before a well-known field, and an mbox "From " line."""
    position = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    blank = _BLANK.match(raw, position, position + 1000)
    if blank and (_WELL_KNOWN.match(raw, blank.end()) or _UNIX_FROM.match(raw, blank.end())):
        position = blank.end()
    while unix_from := _UNIX_FROM.match(raw, position):
        position = unix_from.end()
    return position


def field_text(value: bytes, fallback: str = "") -> str:
    """A field's text on one line: raw 8-bit bytes and encoded words decoded, broken ones too (RFC 2047)."""
    return clean_line(decode_words(raw_text(value, fallback)))


def raw_text(value: bytes, fallback: str = "") -> str:
    """Bytes of a header as text: ASCII, UTF-8, the charset of the mail's body, else what they look like."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    if not value.isascii():
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return decode_text(value, fallback)[0]


def decode_words(text: str) -> str:
    """RFC 2047 encoded words decoded; white space between two of them is dropped (section 6.2)."""
    return "".join(piece for piece, _ in _pieces(text))


def canonical_words(text: str) -> str:
    """The same words in one plain form, so that any address parser understands them."""
    out: list[str] = []
    for piece, encoded in _pieces(text):
        if encoded:
            octets = clean_line(piece).encode("utf-8")
            out.append("=?utf-8?b?" + binascii.b2a_base64(octets, newline=False).decode("ascii") + "?=")
        else:
            out.append(piece)
    return "".join(out)


def is_address_field(name: str) -> bool:
    return name in _ADDRESSES or name.removeprefix("resent-") in _ADDRESSES


def _fields(names: Iterable[str], values: Iterable[bytearray]) -> tuple[Field, ...]:
    return tuple(Field(name, bytes(value)) for name, value in zip(names, values, strict=True))


def _continues(raw: bytes, position: int, end: int) -> bool:
    """A line of blanks only was meant as a fold when the next line is folded too or a well-known field."""
    following = raw[position : min(end, position + 60)]
    return following[:1] in (b" ", b"\t") and bool(following.strip())


def _is_body(line: bytes, raw: bytes, following: int, end: int) -> bool:
    """A line that is no field ends the header, unless another field follows it at once."""
    if line.startswith(b"--"):
        return True
    if _NAME.match(raw, following, min(end, following + 220)) or raw[following : following + 1] in b" \t\r\n":
        return False
    # A long field whose folds lost their blanks: the header goes on when a field that every mail has is still to come.
    return not _STILL_TO_COME.search(raw, following, _next_blank_line(raw, following, end))


def _next_blank_line(raw: bytes, position: int, end: int) -> int:
    blank = _BLANK_LINE.search(raw, position, min(end, position + _LOST_FOLDS))
    return blank.start() if blank else position


def _pieces(text: str) -> list[tuple[str, bool]]:
    """(text, was it encoded) in order; neighbours of one charset are joined as bytes before they are decoded."""
    pieces: list[tuple[str, bool]] = []
    pending: list[bytes] = []
    charset, position = "", 0
    for word in _WORD.finditer(text):
        between = text[position : word.start()]
        if pending and (between.strip(" \t\r\n") or word.group(1).lower() != charset):
            pieces.append((_decode(pending, charset), True))
            pending = []
            between = between if between.strip(" \t\r\n") else ""
        elif pending or (pieces and pieces[-1][1] and not between.strip(" \t\r\n")):
            between = ""
        if between:
            pieces.append((between, False))
        charset = word.group(1).lower()
        pending.append(_word_bytes(word.group(2), word.group(3)))
        position = word.end()
    if pending:
        pieces.append((_decode(pending, charset), True))
    if text[position:]:
        pieces.append((text[position:], False))
    return pieces


def _decode(pending: list[bytes], charset: str) -> str:
    content = b"".join(pending)
    return decode_text(content, charset if codec_name(charset) else "")[0]


def _word_bytes(encoding: str, text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(octets.replace(b"\n", b" "), header=True)
    return decode_base64(octets)


def decode_base64(content: bytes | memoryview) -> bytes:
    """Base64 with whatever a sender made of it: foreign characters skipped, a missing or a doubled end mended."""
    try:
        return binascii.a2b_base64(content)
    except binascii.Error:
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", bytes(content).split(b"=", 1)[0] or bytes(content))
        letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
