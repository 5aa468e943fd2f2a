"""SCAN: a file that the virus scanner could not look at when its mail was read is looked at once it can be."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from gateway.errors import TryLater
from gateway.log import Event
from gateway.mail.message import Message
from gateway.pipeline import handoff
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.pipeline.scanning import NOT_LOOKED_AT, NOT_YET, look_again
from gateway.ports import Scanner
from gateway.store import arrivals, conversations, history, jobs, notices
from gateway.store.arrivals import Kept
from gateway.store.database import Transaction

NOTICE = "scanner"
_SOON = timedelta(seconds=30)


def scan_later(tx: Transaction, kept: Kept, message: Message) -> None:
    """Queue SCAN for each file that waits for the scanner; the operator is told once of all of them."""
    waiting = [one for one in message.attachments if one.warning.startswith(NOT_YET)]
    for one in waiting:
        # A lane each: a file that is too large for the scanner holds up no other.
        where = f"{kept.id}:{one.index}"
        jobs.add(tx, "scan", where, where, key=f"scan:{where}", after=_SOON)
    if waiting:
        text = (
            f"Files are kept here, {waiting[0].warning}. They go on by themselves once the scanner has looked at them"
        )
        notices.raise_notice(tx, NOTICE, text)


async def scan(parts: Parts, job: Job) -> Write:
    """One file of one mail. A scanner that does not answer at all is waited for; a file it never takes is not."""
    kept, index = await parts.store.read(_wanted, job.subject)
    if kept is None:
        return nothing
    if parts.scanner is None:
        return partial(give_up, job=job, why="no [mail] scanner is set any more")
    await _greet(parts.scanner)
    return partial(_tell, kept=kept, index=index, warning=await look_again(parts, parts.scanner, kept, index))


def give_up(tx: Transaction, job: Job, why: str) -> Sequence[Event]:
    """The scanner is there and does not take this file: it stays here for good, and a person is told."""
    kept, index = _wanted(tx, job.subject)
    return [] if kept is None else _tell(tx, kept, index, f"{NOT_LOOKED_AT}: {why}")


async def _greet(scanner: Scanner) -> None:
    """Whether it is there is asked with next to nothing, so that a file it chokes on does not count as its absence."""
    try:
        await scanner.scan(b"is anybody there?")
    except TryLater as away:
        raise TryLater(str(away), wait=away.wait) from None


def _wanted(tx: Transaction, subject: str) -> tuple[Kept | None, int]:
    """The mail, if it is kept and its file still waits."""
    arrival_id, index = (int(one) for one in subject.split(":"))
    kept = arrivals.fetch(tx, arrival_id)
    waits = kept is not None and arrivals.warnings_of(kept).get(str(index), "").startswith(NOT_YET)
    return (kept if waits else None), index


def _tell(tx: Transaction, kept: Kept, index: int, warning: str) -> Sequence[Event]:
    """The file is offered like any other from now on, or marked for good; nobody splits its mail off meanwhile."""
    if kept.conversation_id is not None:
        conversations.lock(tx, kept.conversation_id)
    arrivals.record_warning(tx, kept.id, index, warning)
    told = conversations.record_warning(tx, kept.id, index, warning)
    notices.clear(tx, NOTICE)
    if warning:
        text = f"Mail {kept.id} to {kept.mailbox} has a file that is kept here and not passed on: {warning}"
        notices.raise_notice(tx, f"file:{kept.id}:{index}", text)
    now = arrivals.fetch(tx, kept.id)
    here = now.conversation_id if now is not None else None
    history.note(tx, "scanned", arrival=kept.id, conversation=here, file=index, found=warning or "nothing")
    for one in told:
        handoff.tell_creatio(tx, one)
    return [Event("scanned", {"arrival": kept.id, "file": index, "found": warning or "nothing"})]
