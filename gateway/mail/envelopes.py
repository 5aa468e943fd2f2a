"""The envelope of a mail that has none any more (a file, a folder): read from what was written into its head."""

import re
from collections.abc import Iterator

from gateway.mail.message import Address, Envelope, Message

# Mail servers; then who forwards: Fastmail, Proton, Microsoft 365 ("mailbox;tenant"), Gmail ("mailbox target").
_MEANT = (
    "delivered-to", "x-forwarded-to", "x-original-to", "x-envelope-to", "envelope-to", "x-rcpt-to", "x-delivered-to",
    "x-resolved-to", "x-pm-forwarded-from", "x-ms-exchange-forwardingloop",
    "x-ms-exchange-inbox-rules-loop", "x-forwarded-for",
)  # fmt: skip


def envelope_of(message: Message, recipient: str) -> Envelope:
    """Return-Path is the reverse path, also the null one; without it the first sender, if there is any."""
    paths = message.all_headers("return-path")
    if paths and paths[0].strip() == "<>":
        return Envelope("", recipient)
    written = paths[0].strip().strip("<>").strip() if paths else ""
    first = message.senders[0].address if message.senders else ""
    return Envelope(written if "@" in written else first, recipient)


def recipients_of(message: Message) -> Iterator[Address]:
    """Whom a mail was meant for, the likeliest first: To, Cc, then what mail servers noted of their envelopes."""
    yield from message.to
    yield from message.cc
    for name in _MEANT:
        for value in message.all_headers(name):
            for written in re.split(r"[;,\s]+", value):
                if "@" in (bare := written.strip("<>")):
                    yield Address(bare)
