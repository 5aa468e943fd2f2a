"""A mail that is passed on as it is: only what threads it is ours, and what must not be seen is taken out."""

import re
from collections.abc import Sequence

from gateway.mail import wire
from gateway.mail.addresses import plain_address, read_addresses

# A signature of the header fields that change here would be a broken one.
_TAKEN_OUT = frozenset({b"bcc", b"resent-bcc", b"return-path", b"dkim-signature", b"message-id", b"references"})
_LINE_END = re.compile(rb"\r\n|\r|\n")
_QUOTED = re.compile(rb'"[^"]*"|\([^()]*\)')
_WRITTEN = re.compile(rb"[^\s<>,;:\"()\\]+")
_NEXT_FIELD = re.compile(rb"\r\n(?![ \t])")


def authors_of(raw: bytes) -> tuple[str, ...]:
    """Every address of every From field as the mail is passed on, and an empty one for a field without any.

    Parsers differ on a broken field, so whatever stands in it like an address counts, unless it is quoted.
    """
    head, _, _ = _LINE_END.sub(b"\r\n", raw).partition(b"\r\n\r\n")
    fields = [field.partition(b":")[2] for field in _NEXT_FIELD.split(head) if _name(field) == b"from"]
    read = [(*(one.address for one in read_addresses([field])), *_looks_like_addresses(field)) for field in fields]
    return tuple(dict.fromkeys(address for some in read for address in (some or ("",))))


def _looks_like_addresses(field: bytes) -> list[str]:
    # With a backslash in it nobody knows where the next parser sees a quotation end.
    bare = field if b"\\" in field else _QUOTED.sub(b" ", field)
    words = _WRITTEN.findall(bare)
    written = [plain_address(word.decode("utf-8", "replace")) for word in words if b"@" in word]
    return [address for address in written if address]


def pass_on(raw: bytes, message_id: str, references: Sequence[str]) -> bytes:
    """The mail under this Message-ID with these References, with CRLF line ends. Never raises."""
    head, _, body = _LINE_END.sub(b"\r\n", raw).partition(b"\r\n\r\n")
    kept = [field + b"\r\n" for field in _NEXT_FIELD.split(head) if field and _name(field) not in _TAKEN_OUT]
    threading = wire.id_field("Message-ID", [message_id]) + wire.id_field("References", references)
    return b"".join(kept) + threading + b"\r\n" + body


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()
