"""What all sessions of the door share."""

import asyncio
import itertools
import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from gateway.intake.smtp.crowd import Crowd
from gateway.intake.smtp.received import Accept, Addressing, Received, SpooledFile
from gateway.intake.smtp.settings import DoorSettings

WRITERS = 4
CLOSING_PATIENCE = 1.0


class Guest(Protocol):
    """A session, as far as the door ends it."""

    @property
    def state(self) -> object: ...

    def dismiss(self) -> None: ...

    def throw_out(self) -> None: ...

    def abort(self) -> None: ...


class Hall:
    """The settings of the day, who is here, and the mails that are being stored.

    `counts` are since the start: connections, mails, and each way in which something was refused or cut.
    """

    def __init__(
        self, settings: DoorSettings, addressing: Addressing, accept: Accept, enough_room: Callable[[], bool]
    ) -> None:
        self.settings = settings
        self.addressing = addressing
        self.enough_room = enough_room
        self.crowd = Crowd()
        self.counts: Counter[str] = Counter()
        self.sessions: set[Guest] = set()
        self.storing: set[asyncio.Task[None]] = set()
        self.threads = ThreadPoolExecutor(WRITERS, thread_name_prefix="smtp-spool")
        self.closing = False
        self._accept = accept
        self.ended = asyncio.Event()
        self._opened = secrets.token_hex(6)
        self._numbers = itertools.count(1)

    def next_id(self) -> str:
        """A name for a mail that no other has, here or after a restart. It is no secret."""
        return f"{self._opened}{next(self._numbers):06x}"

    def patience(self) -> float:
        """Seconds that a peer has to take our last words; less when the next process waits for our place."""
        return min(self.settings.limits.goodbye, CLOSING_PATIENCE if self.closing else self.settings.limits.goodbye)

    def leave(self, session: Guest) -> None:
        self.sessions.discard(session)
        self.ended.set()

    async def something_ended(self) -> None:
        """Until the next session ends."""
        self.ended.clear()
        await self.ended.wait()

    def store(self, mail: Received) -> asyncio.Task[None]:
        """Begin to keep a mail. It goes on whatever becomes of the client, so a mail is kept once or not at all."""
        task = asyncio.get_running_loop().create_task(self._store(mail))
        self.storing.add(task)
        task.add_done_callback(self.storing.discard)
        return task

    async def _store(self, mail: Received) -> None:
        try:
            await self._accept(mail)
        finally:
            if isinstance(mail.raw, SpooledFile):
                self.threads.submit(mail.raw.path.unlink, missing_ok=True)
