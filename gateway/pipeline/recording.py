"""Arrivals that take no place in a conversation: copies, reports, machines, what cannot be read; each with reasons."""

from collections.abc import Sequence
from dataclasses import asdict

from gateway.conversations.matching import Home
from gateway.desk.course import Course, way_outside
from gateway.desk.triage import Triage
from gateway.log import Event
from gateway.mail.automatic import Origin
from gateway.mail.glance import GLANCE, first_from, first_id, first_subject
from gateway.mail.message import Message
from gateway.pipeline import bounced
from gateway.pipeline.scan import scan_later
from gateway.pipeline.scanning import NOT_YET
from gateway.store import arrivals, history, notices
from gateway.store.arrivals import Fate, Kept
from gateway.store.database import Transaction


def already_known(tx: Transaction, kept: Kept, message: Message) -> str | None:
    """Why this arrival is only recorded as another copy of one we have, or None. An id used again for other content
    is a mail of its own."""
    for arrival_id, content in arrivals.earlier(tx, kept, message.message_id):
        if content == message.content:
            return f"second copy of arrival {arrival_id}"
    return None


def record(tx: Transaction, *, kept: Kept, message: Message, verdict: Triage, why: str) -> Sequence[Event]:
    remember_reading(tx, kept, message, verdict, Home(None))
    return settle(tx, kept, Fate.RECORDED, [why])


def keep_out(tx: Transaction, *, kept: Kept, message: Message, verdict: Triage, home: Home) -> Sequence[Event]:
    """A mail that opens no conversation: reports are tied to what they are about, the rest is listed."""
    remember_reading(tx, kept, message, verdict, home)
    way = way_outside(verdict, message)
    if way.course is Course.RECORD:
        reported = message.report if verdict.origin in (Origin.BOUNCE, Origin.REPORT) else None
        events = bounced.tie(tx, kept, reported) if reported is not None else []
        return [*events, *settle(tx, kept, Fate.RECORDED, list(way.reasons))]
    if way.course is Course.SET_ASIDE:
        text = f"Mail {kept.id} to {kept.mailbox}: its sender was proved false ({verdict.writer.address})"
        notices.raise_notice(
            tx, f"aside:arrival:{kept.id}", f"{text}. `gateway retry arrival-{kept.id}` vouches for it"
        )
        return settle(tx, kept, Fate.SET_ASIDE, list(way.reasons))
    if verdict.origin is Origin.CONFIRMATION:
        text = f"A provider asks to confirm the forwarding to {kept.mailbox}: open arrival {kept.id} in the inbox"
        notices.raise_notice(tx, f"confirmation:{kept.id}", text)
    return settle(tx, kept, Fate.KEPT_SILENT, list(way.reasons))


def set_aside(tx: Transaction, *, kept: Kept, why: str) -> Sequence[Event]:
    """It cannot be read: a person looks at it, with what its head says at a glance. The operator is told."""
    if kept.raw is not None:
        told = {"from": first_from(kept.raw[:GLANCE]), "subject": first_subject(kept.raw[:GLANCE])}
        arrivals.record_reading(tx, kept.id, first_id(kept.raw[:GLANCE]), "", told)
    notices.raise_notice(tx, f"aside:arrival:{kept.id}", f"Mail {kept.id} to {kept.mailbox} could not be read: {why}")
    return settle(tx, kept, Fate.SET_ASIDE, [why])


def remember_reading(tx: Transaction, kept: Kept, message: Message, verdict: Triage, home: Home) -> None:
    """`kept.evidence` is what was found out before the verdict: the answers of the DNS."""
    evidence = {
        **(kept.evidence or {}),
        "origin": verdict.origin.value,
        "trust": verdict.trust.value,
        "subject": message.subject[:500],
        "from": verdict.writer.address,
        "reasons": list(verdict.reasons),
        "notes": list(message.notes),
        "hidden_characters": message.hidden_characters,
        "matching": [asdict(one) for one in home.evidence[:10]],
        "warnings": {str(one.index): one.warning for one in message.attachments if one.warning},
    }
    scan_later(tx, kept, message)
    for one in message.attachments:
        if one.warning and not one.warning.startswith(NOT_YET):
            text = f"Mail {kept.id} to {kept.mailbox} has the file {one.name[:80]}: {one.warning}"
            notices.raise_notice(tx, f"file:{kept.id}:{one.index}", f"{text}. It is kept here and not passed on")
    if verdict.forwarded is not None and verdict.forwarded.advice:
        notices.raise_notice(tx, f"forwarding:{kept.mailbox}", f"{kept.mailbox}: {verdict.forwarded.advice}")
    arrivals.record_reading(tx, kept.id, message.message_id, message.content, evidence)


def settle(tx: Transaction, kept: Kept, fate: Fate, reasons: list[str]) -> list[Event]:
    """Its fate, unless it has one already."""
    told = [reason for reason in reasons if reason]
    if not arrivals.settle(tx, kept.id, fate, told):
        return []
    history.note(tx, fate.value, arrival=kept.id, reasons=told)
    return [Event(fate.value, {"arrival": kept.id, "mailbox": kept.mailbox, "why": "; ".join(told)})]
