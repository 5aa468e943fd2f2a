"""FILE: Creatio is told one thing about a conversation; the job queues itself again until nothing is left."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.config.settings import Settings
from gateway.desk.case import Tenant
from gateway.desk.dossier import Dossier, Rules
from gateway.desk.filing import next_filing, next_upload, simpler
from gateway.desk.records import (
    AppendTo,
    Change,
    FileContent,
    FindContact,
    LookAtCase,
    NewActivity,
    NewCase,
    NewContact,
    NewNote,
)
from gateway.errors import GiveUp, StartOver, TryLater
from gateway.log import Event
from gateway.mail.reading import WHOLE
from gateway.pipeline import filed, handoff, watching
from gateway.pipeline.cutting import cut_out
from gateway.pipeline.filing_rules import rules_for
from gateway.pipeline.parts import Job, Parts, Unasked, Write, nothing
from gateway.ports import Crm, NotTaken, Written
from gateway.store import cases, dossiers
from gateway.store.database import Transaction

ACCIDENTS = 3  # so often a refusal that may be an accident is tried again before it counts
# Whatever it is like: is there anything to tell at all? One that cannot open a case again has less to be told.
ANY_TENANT = Tenant(max_file=sys.maxsize, reopened="reopened")


@dataclass(frozen=True, slots=True)
class Desk:
    """What is on the table for one job."""

    dossier: Dossier
    rules: Rules
    tenant: Tenant


async def file(parts: Parts, job: Job) -> Write:
    """Find the one next thing that Creatio must be told about the conversation, tell it, remember it.

    Nothing is written before it was told: after a crash the same thing is told again under the same id, and the Crm
    finds it there. A contact or case that is refused for good raises GiveUp: its lane waits for a person.
    """
    gathered = await parts.store.read(_gather, job.subject)
    if parts.crm is None or gathered is None:
        return nothing
    dossier, lane = gathered
    if str(lane) != job.lane:
        return Unasked(partial(_change_lane, conversation_id=job.subject))
    rules = rules_for(parts.settings, dossier.conversation)
    if next_filing(dossier, rules, ANY_TENANT) is None:
        return _then_files(dossier, rules)
    desk = Desk(dossier, rules, await parts.crm.tenant())
    match next_filing(dossier, rules, desk.tenant):
        case None:
            return _then_files(dossier, rules)
        case LookAtCase() as look:
            return await _look(parts.crm, parts.settings, desk, look)
        case AppendTo() as to:
            return Unasked(partial(_append, dossier=dossier, to=to))
        case FindContact() as asked:
            found = await parts.crm.find_contact(asked.address)
            return partial(filed.contact_found, dossier=dossier, asked=asked, found=found)
        case change:
            return await tell(parts, parts.crm, job, desk, change)


def _then_files(dossier: Dossier, rules: Rules) -> Write:
    """All is told but perhaps the files of it."""
    if next_upload(dossier, rules, ANY_TENANT) is None:
        return nothing
    return Unasked(partial(_queue_upload, conversation_id=dossier.conversation.id))


def _queue_upload(tx: Transaction, conversation_id: str) -> Sequence[Event]:
    handoff.upload_files(tx, conversation_id)
    return []


def _gather(tx: Transaction, conversation_id: str) -> tuple[Dossier, int] | None:
    dossier = dossiers.gather(tx, conversation_id)
    return None if dossier is None else (dossier, cases.lane_of(tx, conversation_id))


def _change_lane(tx: Transaction, conversation_id: str) -> Sequence[Event]:
    """Its case was merged into another customer's: one writer per case."""
    handoff.tell_creatio(tx, conversation_id)
    return []


async def _look(crm: Crm, settings: Settings, desk: Desk, look: LookAtCase) -> Write:
    known = next(one for one in (desk.dossier.case, desk.dossier.open_case) if one is not None)
    seen = await crm.read_case(look.case_id)

    def write(tx: Transaction) -> Sequence[Event]:
        handoff.tell_creatio(tx, desk.dossier.conversation.id)
        if seen is None:
            return watching.lose(tx, look.case_id)
        # What was to be known before the look is known now, however the clocks of mail servers stand.
        checked = max(desk.dossier.now, look.since)
        return watching.observe(tx, known, seen, desk.tenant, settings, checked=checked)

    return write


def _append(tx: Transaction, dossier: Dossier, to: AppendTo) -> Sequence[Event]:
    known = cases.load(tx, to.case_id)
    if known is None or not known.is_active:
        raise StartOver("the case was closed meanwhile")
    return filed.appended(tx, dossier, to)


async def tell(parts: Parts, crm: Crm, job: Job, desk: Desk, change: Change) -> Write:
    """Make the change, or find out why Creatio does not take it."""
    if isinstance(change, FileContent):
        async with cut_out(parts, change) as cut:
            if change.index == WHOLE and isinstance(cut, Path):
                cut = await _looked_at(parts, cut)
            if isinstance(cut, str):
                return partial(filed.set_aside, dossier=desk.dossier, change=change, why=cut)
            answer = await crm.write(change, cut)
    else:
        answer = await crm.write(change)
    if isinstance(answer, Written):
        return partial(filed.written, dossier=desk.dossier, tenant=desk.tenant, change=change, facts=dict(answer.facts))
    return await _contact_is_gone(crm, desk.dossier, change) or _refused(job, desk, change, answer)


async def _contact_is_gone(crm: Crm, dossier: Dossier, change: Change) -> Write | None:
    """A contact that was merged or deleted in Creatio takes no rows any more: who has the address now does."""
    ours = dossier.their_contact
    if not ours or not isinstance(change, NewCase | NewActivity | NewNote) or change.contact != ours:
        return None
    if not await crm.missing([("contact", ours)]):
        return None
    found = await crm.find_contact(dossier.conversation.customer)
    return partial(filed.contact_gone, dossier=dossier, found=found)


def _refused(job: Job, desk: Desk, change: Change, answer: NotTaken) -> Write:
    """The row is not there. What may have been an accident is tried again, then a simpler form, then no more."""
    if not answer.sure and job.attempts < ACCIDENTS:
        raise TryLater(answer.why, partner_down=False)
    variant = simpler(desk.dossier, desk.rules, desk.tenant, change)
    if variant is not None:
        return partial(filed.simplified, dossier=desk.dossier, change=change, why=answer.why, variant=variant)
    if isinstance(change, NewContact | NewCase):
        kind = "contact" if isinstance(change, NewContact) else "case"
        mended = "Once that is mended in Creatio it goes on by itself, or at once with `gateway retry`"
        raise GiveUp(f"Creatio does not take the {kind}: {answer.why}. {mended}")
    return partial(filed.set_aside, dossier=desk.dossier, change=change, why=answer.why)


async def _looked_at(parts: Parts, whole: Path) -> Path | str:
    """What could not be read had no files to look at; it waits for the scanner. Raises TryLater."""
    if parts.scanner is None:
        return whole
    async with parts.uploads:
        found = await parts.scanner.scan(await asyncio.to_thread(whole.read_bytes))
    return f"a virus: {found}; it stays in the gateway" if found else whole
