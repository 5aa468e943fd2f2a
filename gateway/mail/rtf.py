"""Rich text as Outlook packs it into winmail.dat: decompressed (MS-OXRTFCP) and read as plain text."""

import re
import struct

from gateway.mail.charsets import decode_text

_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_COMPRESSED, _STORED = 0x75465A4C, 0x414C454D
_MAX_RTF = 4_000_000
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.I
)
_SILENT = {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"generator", b"header", b"footer"}
_BREAKS = {b"par": b"\n", b"line": b"\n", b"tab": b"\t", b"cell": b"\t", b"row": b"\n", b"page": b"\n"}


def decompress_rtf(packed: bytes) -> bytes:
    """The RTF, or nothing when it is damaged."""
    if len(packed) < 16:
        return b""
    size, raw_size, kind, _ = struct.unpack_from("<IIII", packed)
    if kind == _STORED:
        return packed[16 : 16 + raw_size]
    if kind != _COMPRESSED:
        return b""
    window = bytearray(4096)
    window[: len(_DICTIONARY)] = _DICTIONARY
    write, position, out = len(_DICTIONARY), 16, bytearray()
    end = min(len(packed), size + 4)
    while position < end and len(out) < _MAX_RTF:
        control = packed[position]
        position += 1
        for bit in range(8):
            if control & (1 << bit):
                if position + 2 > end:
                    return bytes(out)
                reference = (packed[position] << 8) | packed[position + 1]
                position += 2
                offset, length = reference >> 4, (reference & 0xF) + 2
                if offset == write:
                    return bytes(out)
                octets = bytearray()
                for step in range(length):
                    octet = window[(offset + step) % 4096]
                    octets.append(octet)
                    window[write] = octet
                    write = (write + 1) % 4096
                out += octets
            else:
                if position >= end:
                    return bytes(out)
                window[write] = packed[position]
                out.append(packed[position])
                write = (write + 1) % 4096
                position += 1
    return bytes(out)


def rtf_text(rtf: bytes) -> str:
    """The readable text of an RTF document; of HTML wrapped in RTF, the text without its tags."""
    page = re.search(rb"\\ansicpg(\d{3,5})", rtf[:500])
    charset = f"cp{page.group(1).decode()}" if page else "cp1252"
    pieces: list[str] = []
    pending = bytearray()
    silent_at, depth, skip = 0, 0, 0
    for token in _TOKEN.finditer(rtf[:_MAX_RTF]):
        word, number, octet, symbol, brace, plain = token.groups()
        if brace:
            depth += 1 if brace == b"{" else -1
            if silent_at and depth < silent_at:
                silent_at = 0
        elif silent_at:
            continue
        elif (word and (word.lower() in _SILENT)) or symbol == b"*":
            silent_at = depth
        elif word == b"u" and number:
            pieces += [decode_text(bytes(pending), charset)[0], chr(int(number) % 0x10000)]
            pending, skip = bytearray(), 1
        elif word:
            pending += _BREAKS.get(word.lower(), b"")
        elif octet or plain:
            written = bytes.fromhex(octet.decode()) if octet else plain
            pending += written[skip:] if skip else written
            skip = 0
        elif symbol in (b"\\", b"{", b"}", b"~"):
            pending += b" " if symbol == b"~" else symbol
    pieces.append(decode_text(bytes(pending), charset)[0])
    return re.sub(r"[\ud800-\udfff]", "\ufffd", "".join(pieces)).strip()
