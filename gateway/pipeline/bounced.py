"""A report about a mail of ours: tied to it, shown on the conversation, and people are told when it matters."""

from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.message import Report, ReportKind
from gateway.pipeline import handoff
from gateway.store import conversations, deliveries, history, installation, known_ids
from gateway.store.arrivals import Kept
from gateway.store.database import Transaction


def tie(tx: Transaction, kept: Kept, report: Report) -> list[Event]:
    """Find the conversation that a report is about; an answer that came back hands it off, a delay does not."""
    here = _conversation_of(tx, kept, report)
    if here is None:
        return []
    facts = {"recipient": report.recipient, "reason": report.reason, "permanent": report.permanent}
    history.note(tx, f"report_{report.kind.value}", conversation=here, arrival=kept.id, **facts)
    events = [Event(f"report_{report.kind.value}", {"conversation": here, "arrival": kept.id})]
    if report.kind is not ReportKind.BOUNCE or report.delayed:
        handoff.tell_creatio(tx, here)
        return events
    deliveries.record_bounce(tx, report.of, report.recipient, report.reason)
    if conversations.held_by_assistant(tx, here):
        return events + handoff.hand_off(tx, here, reason=f"our answer came back: {report.reason}", by="system")
    if handoff.begun_by_rep(tx, here):
        return events + handoff.hand_off(tx, here, reason=f"a rep's mail came back: {report.reason}", by="system")
    events += handoff.reopen(tx, here, by="system", why="our reply came back")
    handoff.tell_creatio(tx, here)
    return events


def _conversation_of(tx: Transaction, kept: Kept, report: Report) -> str | None:
    if report.of:
        for known in known_ids.find(tx, [report.of]):
            if known.ours:
                return known.conversation_id
    secret = installation.identity(tx).secret
    for text in (kept.envelope.recipient, report.of):
        token = tokens.find(secret, kept.mailbox, text)
        if token is not None and conversations.load(tx, token.conversation) is not None:
            return token.conversation
    return None
