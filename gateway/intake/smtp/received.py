"""A mail as the door hands it over, and who takes it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.mail.message import Envelope


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A big mail, written while it arrived, and synced. Its name is not: who takes it renames and syncs the folder."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Received:
    """One mail: an envelope for each mailbox it is for (no mailbox twice), and its bytes with our Received line."""

    envelopes: tuple[Envelope, ...]
    mailboxes: tuple[str, ...]
    raw: bytes | SpooledFile


Accept = Callable[[Received], Awaitable[None]]
"""Keeps a mail; returns only when its bytes and its name are on disk.

Whatever it raises, the sender is asked to try again: 452 for a full disk, 451 for all else. It takes a SpooledFile
over by renaming or copying it; what it leaves in place is removed by the door.
"""


class Addressing(Protocol):
    """Whose address is it? Asked for each RCPT, so it answers from memory; it may raise TryLater (451)."""

    def lookup(self, recipient: str) -> str | None:
        """The mailbox that this address belongs to, in any of its spellings."""

    def is_local_domain(self, domain: str) -> bool:
        """Whether we take mail for the domain at all."""
