"""How far a folder has been fetched, and which of its mails waited there before the first look."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

MOST_FAILURES = 3  # of one mail; then a person is told, and it is not tried again


@dataclass(frozen=True, slots=True)
class Progress:
    """`boundary` is the UID from which on mails came after the first look at these numbers (`validity`).

    Mail above it is fetched first, up to `above`; then what waited below it, up to `below`. `first_at` is when the
    folder was first looked at ever, and `recounted` says that it has got new numbers since. `failures`: UID -> how
    often it could not be had. `doubtful` are mails whose fetching lost the connection: they are fetched one by one.
    """

    validity: int
    boundary: int
    above: int
    below: int
    first_at: str
    recounted: bool = False
    failures: Mapping[str, int] = field(default_factory=dict)
    doubtful: Sequence[int] = ()

    @property
    def has_older(self) -> bool:
        return self.below < self.boundary - 1

    def as_mark(self) -> dict[str, Any]:
        return {**asdict(self), "doubtful": list(self.doubtful)}


def begin(validity: int, next_uid: int, now: datetime) -> Progress:
    """The first look at a folder: all that waits in it was there before us."""
    return Progress(validity, next_uid, next_uid - 1, 0, now.isoformat())


def go_on(mark: Mapping[str, Any], validity: int, next_uid: int) -> Progress:
    """From what was kept. Other numbers: everything is looked at again, and known by its content."""
    before = Progress(**mark)
    if before.validity == validity:
        return before
    return Progress(validity, next_uid, next_uid - 1, 0, before.first_at, recounted=True)


def is_history(progress: Progress, start: Literal["new", "all"] | date, uid: int, received: datetime | None) -> bool:
    """Whether a mail is only recorded: `start` of the account says what counts as waiting before the first look."""
    if start == "all" or (uid >= progress.boundary and start == "new"):
        return False
    if start == "new":
        if not progress.recounted:
            return True
        return received is not None and received < datetime.fromisoformat(progress.first_at)
    return received is not None and received.astimezone(UTC).date() < start


def passed(progress: Progress, uids: Sequence[int], unfit: Sequence[int] = ()) -> Progress:
    """These have been dealt with. The `unfit` among them could not be had: they are tried again, in nobody's way."""
    failures = {uid: count for uid, count in progress.failures.items() if int(uid) not in uids}
    failures |= {str(uid): tries(progress, uid) for uid in unfit}
    return replace(
        progress,
        above=max([progress.above, *(uid for uid in uids if uid >= progress.boundary)]),
        below=max([progress.below, *(uid for uid in uids if uid < progress.boundary)]),
        failures=failures,
        doubtful=[uid for uid in progress.doubtful if uid not in uids],
    )


def tries(progress: Progress, uid: int) -> int:
    """How often that mail could not be had, this time counted."""
    return progress.failures.get(str(uid), 0) + 1


def some_of(progress: Progress, uids: Sequence[int], most: int) -> Sequence[int]:
    """The first of them to be fetched together. A doubtful one is fetched alone."""
    if uids[0] in progress.doubtful:
        return uids[:1]
    before = next((at for at, uid in enumerate(uids) if uid in progress.doubtful), len(uids))
    return uids[: min(most, before)]
