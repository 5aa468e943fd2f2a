"""Bytes become text: the declared charset, then what the bytes themselves say, never an error."""

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

_ALIASES = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "cp936": "gb18030",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "ms_kanji": "cp932",
    "windows-31j": "cp932",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
    "x-unknown": "",
    "unknown-8bit": "",
    "unknown": "",
    "8bit": "",
    "us-ascii": "",
    "ascii": "",
    "default": "",
    "default_charset": "",
    "iso-10646-ucs-2": "utf-16",
    "utf8mb4": "utf-8",
}
_JAPANESE_MAIL = re.compile(r"(?:cs)?(?:x-)?(?:iso-?2022-?jp.*|cp5022[0-9]|jis)$")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 8_192
_FEW = 12
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_FAMILIES = ["utf_8", "cp1252", "cp932", "euc_jp", "gb18030", "big5", "cp949", "koi8_r", "cp1251", "cp1250", "cp1253"]
_ESCAPE = re.compile(rb"\x1b(\$[@B]|\$\([DO]|\([BJI])")


def decode_text(content: bytes, declared: str = "") -> tuple[str, bool]:
    """The text, and whether it is exactly what the bytes say in the declared (or an evident) charset."""
    for bom, codec in _BOMS:
        if content.startswith(bom):
            return clean_text(content.decode(codec, "replace")), True
    text = _as_declared(content, codec_name(declared))
    if text is not None:
        return clean_text(text), True
    for candidate in ("ascii", "utf-8"):
        text = _strict(content, candidate)
        if text is not None:
            return clean_text(text), True
    return clean_text(_detected(content, codec_name(declared))), False


@lru_cache(maxsize=256)
def codec_name(declared: str) -> str:
    """Python's name for a charset as mails declare it, or an empty string when nobody knows it."""
    name = declared.strip().strip("\"'").lower().split("*")[0]
    if _JAPANESE_MAIL.match(name):
        return "iso-2022-jp"
    name = _ALIASES.get(name, name)
    if not name or len(name) > 40 or not re.fullmatch(r"[a-z0-9_.:+-]+", name):
        return ""
    for guess in (name, name.removeprefix("x-"), name.replace("cp-", "cp"), name.replace("windows", "windows-")):
        try:
            codec = codecs.lookup(guess)
        except (LookupError, ValueError):
            continue
        # base64, zlib, rot13 and friends are codecs too, but no charsets; idna and punycode are none of ours.
        if getattr(codec, "_is_text_encoding", True) and codec.name not in _NO_CHARSETS:
            return codec.name
    return ""


_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "rot13", "mbcs", "oem"}


def clean_text(text: str) -> str:
    """Without NUL, other controls and lone surrogates; line ends are LF."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    text = _CONTROLS.sub("", text)
    return _SURROGATES.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """The same on one line, with single spaces and none at the ends."""
    return " ".join(clean_text(text).split())


def _as_declared(content: bytes, codec: str) -> str | None:
    if codec == "iso-2022-jp" or (not codec and b"\x1b$" in content):
        return _japanese_mail(content)
    if not codec:
        return None
    return _strict(content, codec)


def _strict(content: bytes, codec: str) -> str | None:
    try:
        text = content.decode(codec)
        text.encode("utf-8")
    except (LookupError, UnicodeError, ValueError):
        return None
    return text


def _detected(content: bytes, declared: str) -> str:
    """A few broken bytes keep the declared charset; otherwise the bytes are weighed."""
    for codec in filter(None, (declared, "utf-8")):
        text = content.decode(codec, "replace")
        broken = text.count("\ufffd")
        sound = sum(1 for letter in text[:_SAMPLE] if letter > "\x7f") - broken
        if broken <= len(text) // 100 and (broken * 3 <= sound or (codec == declared and codec != "utf-8")):
            return text
    for codec in filter(None, (_likely_codec(_telling_sample(content)), "cp1252")):
        text = content.decode(codec, "replace")
        if text.count("\ufffd") <= len(text) // 20:
            return text
    return content.decode("latin-1")


def _likely_codec(sample: bytes) -> str:
    """A handful of bytes says too little for statistics: Western, or Japanese where Western letters make no sense."""
    high = [octet for octet in sample if octet > 0x7F]
    if len(high) < _FEW:
        return "cp932" if any(octet < 0xA0 for octet in high) and _strict(sample, "cp932") is not None else "cp1252"
    best = from_bytes(sample, cp_isolation=_FAMILIES, steps=3, chunk_size=512).best()
    return codec_name(best.encoding) if best else ""


def _telling_sample(content: bytes) -> bytes:
    """The lines that hold other bytes than ASCII, up to a bound: the rest says nothing about the charset."""
    lines = [line for line in content[: 20 * _SAMPLE].splitlines() if not line.isascii()]
    return b"\n".join(lines)[:_SAMPLE] or content[:_SAMPLE]


def _japanese_mail(content: bytes) -> str:
    """ISO-2022-JP as it is really sent: with NEC and IBM characters, half-width kana, or Shift_JIS under its name."""
    if not content.isascii():
        return content.decode("cp932", "replace")
    pieces: list[str] = []
    mode = b"(B"
    position = 0
    for escape in _ESCAPE.finditer(content):
        pieces.append(_japanese_piece(content[position : escape.start()], mode))
        mode, position = escape.group(1), escape.end()
    pieces.append(_japanese_piece(content[position:], mode))
    return "".join(pieces)


def _japanese_piece(content: bytes, mode: bytes) -> str:
    if mode == b"(I":
        return bytes(octet | 0x80 if 0x21 <= octet <= 0x5F else octet for octet in content).decode("cp932", "replace")
    if mode in (b"$@", b"$B"):
        return _jis_to_shift_jis(content).decode("cp932", "replace")
    if mode in (b"$(D", b"$(O"):
        return (b"\x1b" + mode + content + b"\x1b(B").decode("iso2022_jp_ext", "replace")
    return content.decode("ascii", "replace")


def _jis_to_shift_jis(content: bytes) -> bytes:
    """JIS X 0208 pairs as Shift_JIS bytes; a line end inside them ends nothing, as mailers do."""
    out = bytearray()
    position = 0
    while position < len(content):
        row = content[position]
        cell = content[position + 1] if position + 1 < len(content) else 0
        if not (0x21 <= row <= 0x7E and 0x21 <= cell <= 0x7E):
            out.append(row)
            position += 1
            continue
        lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
        odd_trail = cell + (0x1F if cell < 0x60 else 0x20)
        trail = odd_trail if row % 2 else cell + 0x7E
        out += bytes((lead, trail))
        position += 2
    return bytes(out)
