"""A part's bytes, decoded: base64, quoted-printable, uuencode; and files packed inside another part."""

import binascii
import re
from collections.abc import Iterator

from gateway.mail.charsets import decode_text
from gateway.mail.fields import decode_base64
from gateway.mail.parts import Part
from gateway.mail.tnef import PackedFile, Unpacked, unpack_tnef

_UU_BEGIN = re.compile(r"^begin[ \t]+[0-7]{3,4}[ \t]+(\S[^\n]{0,250})$", re.M)
_UU_END = re.compile(r"^end[ \t]*$", re.M)
TNEF_TYPES = ("application/ms-tnef", "application/vnd.ms-tnef")


def part_bytes(raw: bytes, part: Part) -> bytes:
    """The decoded content of one part; what cannot be decoded comes as it is written."""
    return decode_body(memoryview(raw)[part.start : part.end], part.encoding)


def decode_body(body: bytes | memoryview, encoding: str) -> bytes:
    """The same of a body that was cut out."""
    if encoding == "base64":
        return decode_base64(memoryview(body))
    if encoding in ("quoted-printable", "quoted_printable", "qp"):
        return binascii.a2b_qp(_with_line_feeds(bytes(body)))
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        packed = list(_uu_files(bytes(body).decode("latin-1")))
        return packed[0][0].content if packed else bytes(body)
    return bytes(body)


def _with_line_feeds(body: bytes) -> bytes:
    """The decoder knows a soft break only before a line feed: after a lone CR it drops all that follows."""
    return body.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in body.replace(b"\r\n", b"") else body


def part_text(raw: bytes, part: Part) -> str:
    """The text of a text part in whatever charset it is."""
    charset = part.charset
    content = part_bytes(raw, part)
    if not charset and part.type == "text/html":
        named = re.search(rb"(?i)<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", content[:4_000])
        charset = named.group(1).decode("ascii") if named else ""
    return decode_text(content, charset)[0]


def split_uuencoded(text: str) -> tuple[str, tuple[PackedFile, ...]]:
    """The text without the files that are uuencoded in it, and the files."""
    if "begin " not in text:
        return text, ()
    files: list[PackedFile] = []
    kept: list[str] = []
    position = 0
    for file, (start, end) in _uu_files(text):
        files.append(file)
        kept.append(text[position:start])
        position = end
    return ("".join([*kept, text[position:]]), tuple(files)) if files else (text, ())


def unpack(raw: bytes, part: Part) -> Unpacked | None:
    """What is inside a winmail.dat; None when this part is none."""
    named = part.type in TNEF_TYPES or part.parameters.get("name", "").lower() == "winmail.dat"
    return unpack_tnef(part_bytes(raw, part)) if named else None


def _uu_files(text: str) -> Iterator[tuple[PackedFile, tuple[int, int]]]:
    position = 0
    while begin := _UU_BEGIN.search(text.replace("\r", "\n") if "\r" in text else text, position):
        end = _UU_END.search(text, begin.end())
        if not end:
            return
        content = _uu_decoded(text[begin.end() : end.start()])
        if content is not None:
            yield PackedFile(begin.group(1).strip(), "", "", content), (begin.start(), end.end())
        position = end.end()


def _uu_decoded(text: str) -> bytes | None:
    """None when these lines are none: a person may well write "begin" and "end"."""
    out = bytearray()
    lines = [line for line in re.split(r"[\r\n]+", text) if line]
    if not lines:
        return None
    for line in lines:
        length = (ord(line[0]) - 32) & 63
        if ord(line[0]) > 96 or not line.isascii() or len(line) > 90:
            return None
        try:
            out += binascii.a2b_uu(line.encode("ascii"))
        except binascii.Error:
            try:  # some encoders write one character too many or too few at the line's end
                out += binascii.a2b_uu(
                    line[: 1 + (length * 4 + 5) // 3].ljust(1 + (length + 2) // 3 * 4).encode("ascii")
                )
            except binascii.Error:
                return None
    return bytes(out)
