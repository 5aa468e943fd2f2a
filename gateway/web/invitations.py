"""Links that let somebody in once: the demo opens the inbox with one."""

import secrets
import time
from collections.abc import Callable

_LIFE = 3600.0


class Invitations:
    """Made on this machine (through the socket), good for one hour and one visit, in memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, tuple[str, float]] = {}

    def invite(self, name: str) -> str:
        """A token for this name."""
        now = self._clock()
        self._open = {token: one for token, one in self._open.items() if one[1] > now}
        token = secrets.token_urlsafe(32)
        self._open[token] = (name, now + _LIFE)
        return token

    def accept(self, token: str) -> str | None:
        """Whose it is; it is spent by asking. None when there is no such invitation."""
        name, until = self._open.pop(token, ("", 0.0))
        return name if name and until > self._clock() else None
