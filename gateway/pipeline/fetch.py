"""FETCH: a mailbox is visited. Like a door it keeps each mail first; only then is it marked there as taken."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from gateway.config.settings import Imap, Settings
from gateway.errors import SignInRefused, TryLater
from gateway.health import Condition
from gateway.log import Event
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.pipeline.visit import Visit, notice_of
from gateway.store import jobs, notices
from gateway.store.database import Store, StoreAway, Transaction

_AWAY = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 15, 60, 300))
_REFUSED = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
_TELL_AFTER = 4  # failures in a row; a refused sign-in is told at once


def name_of(account: Imap) -> str:
    """The account's name: the subject of its job, and the beginning of the place of each of its mails."""
    return f"{account.user}@{account.host}/{account.folder}"


def begin(tx: Transaction, settings: Settings) -> None:
    """Queue a visit to each account, unless one is queued or under way."""
    for account in settings.imap:
        name = name_of(account)
        jobs.add(tx, "fetch", name, name, key=f"fetch:{name}")


async def fetch(parts: Parts, job: Job) -> Write:
    """One visit: what is new is kept, then the folder is listened to for a while; the job queues itself again."""
    account = next((one for one in parts.settings.imap if name_of(one) == job.subject), None)
    pickup = parts.pickups.get(job.subject)
    if account is None or pickup is None:
        return nothing
    health = f"imap:{account.user}"
    try:
        async with pickup.visit() as folder:
            parts.health.note(health, Condition.WORKING)
            await Visit(parts.store, job, account, folder).work()
    except StoreAway:
        raise
    except TryLater as error:
        parts.health.note(health, Condition.FAILED, str(error))
        raise await _later(parts.store, job, error) from error
    return partial(_again, name=job.subject)


def _again(tx: Transaction, name: str) -> Sequence[Event]:
    jobs.add(tx, "fetch", name, name, key=f"fetch:{name}")
    return []


async def _later(store: Store, job: Job, error: TryLater) -> TryLater:
    """When to come again, and whether the operator should know. A refused sign-in must not lock the account."""
    refused = isinstance(error, SignInRefused)
    if refused or job.attempts >= _TELL_AFTER:
        await store.write(
            notices.raise_notice, notice_of(job.subject), f"No mail is fetched from {job.subject}: {error}"
        )
    pauses = _REFUSED if refused else _AWAY
    wait = pauses[min(job.attempts, len(pauses) - 1)]
    return TryLater(str(error), wait=max(wait, error.wait or wait), partner_down=False)
