"""What the windows need of the house beyond its parts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto

from starlette.requests import HTTPConnection

from gateway.config.settings import Settings
from gateway.health import Finding
from gateway.pipeline.parts import Parts
from gateway.web.guesses import Guesses
from gateway.web.invitations import Invitations


class Door(Enum):
    """Which door an application stands behind."""

    INBOX = auto()  # web.listen: people sign in
    SOCKET = auto()  # data_dir/gateway.sock: who can open it may do all
    HOOK = auto()  # web.hook_listen: only Creatio's hook


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`parts` gives the newest ones: a reload makes others.

    `reload` reads the settings again, or raises Misconfigured and changes nothing. `test` tries one connection by its
    area of `gateway check`, now. `not_ready` says why no mail can be taken, or nothing.
    """

    parts: Callable[[], Parts]
    reload: Callable[[], Awaitable[Settings]]
    test: Callable[[str], Awaitable[Sequence[Finding]]]
    not_ready: Callable[[], Awaitable[str]]
    version: str = ""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    invitations: Invitations = field(default_factory=Invitations)
    guesses: Guesses = field(default_factory=Guesses)
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))


def around(connection: HTTPConnection) -> Surroundings:
    """The surroundings of the application that a request came to."""
    found = connection.app.state.around
    assert isinstance(found, Surroundings)
    return found


def door(connection: HTTPConnection) -> Door:
    found = connection.app.state.door
    assert isinstance(found, Door)
    return found


def parts(connection: HTTPConnection) -> Parts:
    return around(connection).parts()
