"""The connection test: sent through the relay, recognised when it comes back, repeated, and missed when it does not."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from gateway.config.settings import Mailbox, Settings
from gateway.conversations.matching import Home
from gateway.desk import probes
from gateway.desk.mailboxes import Directory, plain
from gateway.desk.probes import LOST_AFTER, Probe, State
from gateway.desk.triage import Triage
from gateway.log import Event
from gateway.mail import tokens, wire
from gateway.mail.alignment import alignments
from gateway.mail.authentication_results import read_results
from gateway.mail.message import Address, Message
from gateway.mail.tokens import NOBODY, Carrier
from gateway.mail.writing import write_notice
from gateway.pipeline.parts import Parts, Write
from gateway.pipeline.recording import remember_reading, settle
from gateway.store import arrivals, deliveries, installation, marks, notices
from gateway.store.arrivals import Fate, Kept
from gateway.store.database import Transaction
from gateway.store.deliveries import Delivery, Kind, Outgoing, Phase

PREFIX, ITSELF = "probe:", "gateway"
_TOLD_AFTER = 2  # lost in a row
_TEXT = """This is a test of the mail gateway. It is sent to {address} to see whether mail to it reaches the gateway.
If you read this in a mailbox, it need not be answered and may be deleted.
"""


def send_probe(tx: Transaction, address: str, settings: Settings, *, by: str) -> Probe | None:
    """Begin a test of one address; None when it is none of a mailbox here."""
    mailbox = Directory(settings.mailboxes).find(Directory(settings.mailboxes).lookup(address) or "")
    if mailbox is None:
        return None
    before = newest(tx, address)
    key = f"probe {plain(address)} {tx.now.isoformat()}"
    probe = Probe(plain(address), mailbox.address, key, tx.now, by)
    if before is not None:
        probe = replace(probe, lost=before.lost, learnt=before.learnt)
    recipients = [probe.address]
    if by != ITSELF:  # a provider that refuses the sub-address writes to the sender: not every day
        local, _, domain = probe.address.rpartition("@")
        recipients.append(f"{local}+{_token(tx, mailbox, _plus(key))[:12]}@{domain}")
    sent = [_send(tx, probe, mailbox, settings, recipient=one) for one in recipients]
    probe = replace(probe, deliveries=tuple(sent))
    _keep(tx, probe)
    return probe


def newest(tx: Transaction, address: str) -> Probe | None:
    mark = marks.get(tx, f"{PREFIX}{plain(address)}")
    return None if mark is None else probes.from_mark(mark)


def recognise(tx: Transaction, kept: Kept, message: Message, settings: Settings) -> Probe | None:
    """The test whose mail this is, or whose mail it reports on; an older one is as good as the newest."""
    if message.report is not None:
        known = [newest(tx, one) for one in _addresses(settings)]
        return next((one for one in known if one and message.report.of in _ids(tx, one)), None)
    written = probes.carried(message)
    if not written:
        return None
    secret = installation.identity(tx).secret
    for mailbox in settings.mailboxes:
        token = tokens.find(secret, mailbox.address, written)
        if token is not None and token.carrier is Carrier.NOTICE:
            return _named(tx, mailbox, token.mail)
    return None


def take_back(tx: Transaction, *, kept: Kept, message: Message, verdict: Triage, probe: Probe) -> Sequence[Event]:
    """Never a conversation, a contact or a case: what it tells is kept, its fate is recorded."""
    remember_reading(tx, kept, message, verdict, Home(None))
    written = tokens.find(installation.identity(tx).secret, probe.mailbox, probes.carried(message))
    current = newest(tx, probe.address)
    if message.report is not None:
        reason = f"our own connection test was refused: {message.report.reason}"
        main = current is not None and message.report.of in _ids(tx, current)[:1]
        if current is not None and main and not message.report.delayed:
            _keep(tx, probes.failed(current, f"it was refused on its way: {message.report.reason}"))
    else:
        reason = probes.REASON
        if current is not None and written is not None:
            learnt = _learn(tx, current, kept, message, verdict)
            _keep(tx, _after(current, written.mail, learnt, kept))
    return settle(tx, kept, Fate.RECORDED, [reason])


async def look_after(parts: Parts) -> Write:
    """What is lost is missed, what is due is tested again. Only addresses that somebody has tested once."""
    return partial(_look_after, settings=parts.settings)


def _look_after(tx: Transaction, *, settings: Settings) -> Sequence[Event]:
    events: list[Event] = []
    for address in _addresses(settings):
        probe = newest(tx, address)
        if probe is None:
            continue
        if probe.state is State.PENDING:
            events += _miss(tx, probe)
        elif probes.is_due(probe, arrivals.times(tx, probe.mailbox), tx.now):
            send_probe(tx, address, settings, by=ITSELF)
            events.append(Event("connection_test", {"address": address}))
    return events


def _miss(tx: Transaction, probe: Probe) -> list[Event]:
    mail = deliveries.fetch(tx, probe.deliveries[0]) if probe.deliveries else None
    why = _why_lost(tx, probe, mail)
    if not why:
        return []
    gone = probes.failed(probe, why)
    _keep(tx, gone)
    return [Event("connection_lost", {"address": probe.address, "why": why, "in_a_row": gone.lost})]


def _why_lost(tx: Transaction, probe: Probe, mail: Delivery | None) -> str:
    """Nothing, as long as it may still come; a mail that has not left is not lost on its way."""
    if mail is not None and mail.state is Phase.REFUSED:
        return f"the relay did not take it: {mail.why}"
    if mail is not None and mail.state in (Phase.QUEUED, Phase.AT_DATA):
        return ""
    minutes = int(LOST_AFTER.total_seconds()) // 60
    return f"it left and did not come back within {minutes} minutes" if tx.now - probe.sent > LOST_AFTER else ""


def _after(probe: Probe, mark: str, learnt: Mapping[str, Any], kept: Kept) -> Probe:
    if mark == tokens.mark_of(_plus(probe.key)):
        return probes.by_sub_address(probe)
    if mark != tokens.mark_of(probe.key):
        return probe  # an older one, late
    return probes.came_back(probe, learnt, at=kept.received, to=kept.mailbox)


def _learn(tx: Transaction, probe: Probe, kept: Kept, message: Message, verdict: Triage) -> Mapping[str, Any]:
    """What the way did to it, and what it proves of our own From."""
    results = [read_results(one).server for one in message.all_headers("authentication-results")[:1]]
    return {
        "forwarder": verdict.forwarded.profile.value if verdict.forwarded else "",
        "door": kept.door.value,
        "peer": kept.envelope.peer,
        "server": results[0] if results else "",
        "keeps_ids": message.message_id in _ids(tx, probe),
        "trust": verdict.trust.value,
        "proof": list(verdict.reasons),
        "alignment": [asdict(one) for one in alignments(message)],
    }


def _keep(tx: Transaction, probe: Probe) -> None:
    """The operator is told of the second that is lost, until one comes back."""
    marks.put(tx, f"{PREFIX}{probe.address}", probe.as_mark())
    key = f"{PREFIX}{probe.address}"
    if probe.lost >= _TOLD_AFTER:
        text = f"{probe.lost} connection tests of {probe.address} in a row were lost: {probe.why}"
        notices.raise_notice(tx, key, text)
    elif probe.state is State.CONNECTED:
        notices.clear(tx, key)


def _send(tx: Transaction, probe: Probe, mailbox: Mailbox, settings: Settings, *, recipient: str) -> int:
    key = probe.key if recipient == probe.address else _plus(probe.key)
    token, sender = _token(tx, mailbox, key), probes.sender_for(mailbox, settings)
    message_id = f"<{token}@{tokens.wire_domain(sender)}>"
    raw = wire.plain_field(probes.FIELD, token) + write_notice(
        Address(sender, "Mail gateway"),
        [Address(recipient)],
        subject=f"{probes.TITLE} {token}",
        text=_TEXT.format(address=probe.address),
        message_id=message_id,
        date=tx.now,
    )
    out = Outgoing(mailbox.address, Kind.PROBE, message_id, sender, (recipient,), len(raw), raw=raw)
    return deliveries.add(tx, out)


def _token(tx: Transaction, mailbox: Mailbox, key: str) -> str:
    return tokens.make(installation.identity(tx).secret, Carrier.NOTICE, mailbox.address, NOBODY, key)


def _plus(key: str) -> str:
    return f"{key} plus"


def _named(tx: Transaction, mailbox: Mailbox, mark: str) -> Probe | None:
    """The test of one of the mailbox's addresses that this mark is of, else any: then it is an older one."""
    known = [one for address in _all(mailbox) if (one := newest(tx, address)) is not None]
    same = (one for one in known if mark in (tokens.mark_of(one.key), tokens.mark_of(_plus(one.key))))
    return next(same, known[0] if known else None)


def _ids(tx: Transaction, probe: Probe) -> list[str]:
    sent = [deliveries.fetch(tx, one) for one in probe.deliveries]
    return [one.outgoing.message_id for one in sent if one is not None]


def _addresses(settings: Settings) -> list[str]:
    return [address for one in settings.mailboxes if one.state == "active" for address in _all(one)]


def _all(mailbox: Mailbox) -> list[str]:
    return [plain(one) for one in (mailbox.address, *mailbox.aliases, *mailbox.receives_at)]
