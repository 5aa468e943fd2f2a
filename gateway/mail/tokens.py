"""Signed tokens in what we send: whatever comes back with one belongs to the conversation it names.

A token holds the conversation (16 bytes), for a single mail also that mail (8 bytes), and 80 bits of HMAC-SHA256 over
kind, mailbox, conversation and mail. It is in lower-case base32, because local parts of addresses lose their case.
"""

import hashlib
import hmac
import re
from base64 import b32decode, b32encode
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from gateway.mail.message import Address


class Carrier(StrEnum):
    """Where a token is written. One made for a carrier is not believed in another."""

    ANCHOR = "a"
    MESSAGE = "m"
    BOUNCE = "b"
    PLUS = "p"
    SUBJECT = "s"
    NOTICE = "n"


@dataclass(frozen=True, slots=True)
class Token:
    """`mail` is the mark of one mail (see `mark_of`), empty when the token stands for the whole conversation."""

    carrier: Carrier
    conversation: str
    mail: str = ""


NOBODY = str(UUID(int=0))
_MAC = 10
_WRITTEN = re.compile(r"(?<![a-z0-9])([abmnps])([a-z2-7]{55}|[a-z2-7]{42})(?![a-z0-9])", re.IGNORECASE)


def mark_of(key: str) -> str:
    """What a token says of one mail: 16 hexadecimal digits of its key."""
    return hashlib.sha256(key.encode()).digest()[:8].hex()


def make(secret: bytes, carrier: Carrier, mailbox: str, conversation: str, mail: str = "") -> str:
    """A token. `mail` is the key of the mail, or empty."""
    body = UUID(conversation).bytes + (bytes.fromhex(mark_of(mail)) if mail else b"")
    return carrier.value + _encode(body + _sign(secret, carrier, mailbox, body))


def find(secret: bytes, mailbox: str, text: str) -> Token | None:
    """The first token in `text` that we made for this mailbox, or None. Never raises."""
    for match in _WRITTEN.finditer(text[:100_000]):
        token = verify(secret, mailbox, match.group())
        if token is not None:
            return token
    return None


def may_be(text: str) -> bool:
    """Whether something in `text` is written like a token, whoever made it."""
    return _WRITTEN.search(text[:100_000]) is not None


def verify(secret: bytes, mailbox: str, written: str) -> Token | None:
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    packed = match.group(2).upper()
    whole = b32decode(packed + "=" * (-len(packed) % 8))
    carrier, body = Carrier(match.group(1).lower()), whole[:-_MAC]
    if not hmac.compare_digest(whole[-_MAC:], _sign(secret, carrier, mailbox, body)):
        return None
    return Token(carrier, str(UUID(bytes=body[:16])), body[16:].hex())


def anchor(secret: bytes, mailbox: str, conversation: str) -> str:
    """The Message-ID that no mail has: it begins the References of all we send in this conversation (contract 8)."""
    return f"<{make(secret, Carrier.ANCHOR, mailbox, conversation)}@{wire_domain(mailbox)}>"


def message_id(secret: bytes, mailbox: str, conversation: str, mail: str, sender: str) -> str:
    """The Message-ID of one mail of ours, in the domain of `sender`, its From: the same on every attempt."""
    return f"<{make(secret, Carrier.MESSAGE, mailbox, conversation, mail)}@{wire_domain(sender)}>"


def notice_id(secret: bytes, mailbox: str, key: str) -> str:
    """The Message-ID of a mail of ours that belongs to no conversation."""
    return f"<{make(secret, Carrier.NOTICE, mailbox, NOBODY, key)}@{wire_domain(mailbox)}>"


def bounce_address(secret: bytes, mailbox: str, conversation: str, mail: str, domain: str) -> str:
    """The envelope sender of one mail: what comes back to it names the mail, whatever the bounce looks like."""
    return f"{make(secret, Carrier.BOUNCE, mailbox, conversation, mail)}@{wire_domain('@' + domain)}"


def plus_address(secret: bytes, mailbox: str, conversation: str) -> str:
    """The mailbox's address with the conversation in its sub-address (RFC 5233)."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{make(secret, Carrier.PLUS, mailbox, conversation)}@{domain}"


def subject_mark(secret: bytes, mailbox: str, conversation: str) -> str:
    return f"[#{make(secret, Carrier.SUBJECT, mailbox, conversation)}]"


def wire_domain(address: str) -> str:
    """The domain of an address as every mail server understands it (RFC 5891 A-labels)."""
    domain = Address(address).domain
    try:
        return domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        return domain.encode("ascii", "replace").decode("ascii").replace("?", "x")


def _sign(secret: bytes, carrier: Carrier, mailbox: str, body: bytes) -> bytes:
    said = b"\0".join((b"gateway token 1", carrier.value.encode(), mailbox.casefold().encode("utf-8", "replace"), body))
    return hmac.digest(secret, said, "sha256")[:_MAC]


def _encode(packed: bytes) -> str:
    return b32encode(packed).decode("ascii").rstrip("=").lower()
