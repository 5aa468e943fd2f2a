"""Outlook's Thread-Index ([MS-OXOMSG] 2.2.1.3): where a mail stands in its thread, as Exchange and Outlook sort it."""

import binascii
import hashlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta

_HEADER, _BLOCK = 22, 5
_MOST = _HEADER + 100 * _BLOCK
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # of FILETIME, which counts tenths of a microsecond
_TICKS = timedelta(microseconds=1)
_COARSE = 1 << 31  # the delta code: set when the pause is longer than 1.7 years


def unpack(written: str) -> bytes:
    """The bytes of a Thread-Index, or none when it is not sound. The first 22 are the same in a whole thread."""
    try:
        packed = binascii.a2b_base64("".join(written.split()).encode("ascii", "ignore"))
    except binascii.Error:
        return b""
    return packed if len(packed) >= _HEADER else b""


def continue_index(written: str, at: datetime, mark: str) -> str:
    """The Thread-Index of a mail written `at` that answers the one with this; empty when that one is not sound.

    `mark` stands for the random bits: the same mail gets the same bytes.
    """
    packed = unpack(written)
    whole = packed[: len(packed) - (len(packed) - _HEADER) % _BLOCK]
    if not whole or len(whole) >= _MOST:
        return b64encode(whole).decode()
    random = hashlib.sha256(mark.encode("utf-8", "replace")).digest()[0] & 0xF0  # the low bits: response level, 0
    return b64encode(whole + _delta(_filetime(at) - _time_of(whole)).to_bytes(4, "big") + bytes([random])).decode()


def time_of(written: str) -> datetime | None:
    """When the mail at the end of this Thread-Index was begun, to the fraction of a second; None: not sound."""
    packed = unpack(written)
    try:
        return _EPOCH + _TICKS * (_time_of(packed) // 10) if packed else None
    except OverflowError:
        return None


def _time_of(packed: bytes) -> int:
    """As FILETIME. The specification counts each block from the header; what Outlook writes counts it from the block
    before, as real mails show. Outlook leaves the reserved byte out, Exchange does not."""
    at = int.from_bytes(packed[1:6], "big") << 24 if packed[1] == 1 else int.from_bytes(packed[:6], "big") << 16
    for start in range(_HEADER, len(packed) - _BLOCK + 1, _BLOCK):
        delta = int.from_bytes(packed[start : start + 4], "big")
        at += (delta & (_COARSE - 1)) << (23 if delta & _COARSE else 18)
    return at


def _delta(pause: int) -> int:
    """31 bits of a pause; one into the past is none."""
    pause = max(0, pause)
    if pause < 1 << 49:
        return pause >> 18
    return _COARSE | min(pause >> 23, _COARSE - 1)


def _filetime(at: datetime) -> int:
    return (at - _EPOCH) // _TICKS * 10
