"""Who guesses passwords has to wait: longer after each wrong one."""

import time
from collections.abc import Callable
from dataclasses import dataclass

_FREE = 4
_LONGEST = 900.0
_FORGET = 3600.0
_MOST = 10_000


@dataclass(slots=True)
class _Wrong:
    count: int
    until: float
    last: float


class Guesses:
    """Counts wrong passwords by name and by place, in memory: a restart forgives."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: dict[str, _Wrong] = {}

    def wait(self, *keys: str) -> float:
        """Seconds until the next try is looked at; 0 when it may come now."""
        now = self._clock()
        return max((self._wrong[key].until - now for key in keys if key in self._wrong), default=0.0)

    def wrong(self, *keys: str) -> None:
        now = self._clock()
        if len(self._wrong) > _MOST:
            self._wrong = {key: one for key, one in self._wrong.items() if one.last > now - _FORGET}
        for key in keys:
            one = self._wrong.get(key)
            count = 1 if one is None or one.last < now - _FORGET else one.count + 1
            pause = min(2.0 ** (count - _FREE), _LONGEST) if count >= _FREE else 0.0
            self._wrong[key] = _Wrong(count, now + pause, now)

    def right(self, *keys: str) -> None:
        for key in keys:
            self._wrong.pop(key, None)
