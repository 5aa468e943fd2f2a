"""A partner that does not answer is asked less and less, and believed again step by step."""

from datetime import datetime, timedelta

_IN_A_ROW = 5
_FIRST_PAUSE = timedelta(seconds=1)
_LONGEST_PAUSE = timedelta(seconds=60)


class Breaker:
    """Closed: all hands may ask. After five failures in a row: one probe at a time, rarer up to once a minute.

    After a probe that succeeds two hands may ask, then four, until all may.
    """

    def __init__(self) -> None:
        self.why = ""
        self.since: datetime | None = None  # open since
        self._failures = 0
        self._pause = _FIRST_PAUSE
        self._left: datetime | None = None  # alone since, until `_next`
        self._next: datetime | None = None
        self._allowed: int | None = None  # None: all hands

    @property
    def is_open(self) -> bool:
        return self._allowed is not None

    def hands(self, now: datetime) -> int | None:
        """How many hands may be with the partner now; None: as many as there are."""
        return 0 if self._waits(now) else self._allowed

    def next_probe(self) -> datetime | None:
        """When the partner may be asked again, if not now."""
        return self._next

    def failed(self, now: datetime, why: str, wait: timedelta | None = None) -> bool:
        """The partner was not there; it may have said how long it wants to be left alone. True: just opened."""
        self._failures += 1
        if self._failures < _IN_A_ROW and self._allowed is None:
            return False
        opened = self._allowed is None
        if not self._waits(now) or wait:  # hands already out do not lengthen the pause
            pause = max(self._pause, min(wait or self._pause, timedelta(hours=1)))
            self._left, self._next = now, now + pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        self._allowed = 1
        self.why = why
        self.since = now if opened else self.since
        return opened

    def succeeded(self, all_hands: int) -> bool:
        """Note that the partner answered. True: it is trusted again with all hands."""
        self._failures = 0
        if self._allowed is None:
            return False
        self._next = None
        self._pause = _FIRST_PAUSE
        self._allowed *= 2
        if self._allowed < all_hands:
            return False
        self._allowed = None
        self.why, self.since = "", None
        return True

    def _waits(self, now: datetime) -> bool:
        """Not before its pause began: then the clock was set back, and nobody knows how much is left of it."""
        return self._left is not None and self._next is not None and self._left <= now < self._next
