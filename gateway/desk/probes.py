"""The connection test: a mail of ours to a public address, which the forwarding must bring back. What it tells, and
when it is due again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Any

from gateway.config.settings import Mailbox, Settings
from gateway.conversations.subjects import says_forward, says_reply
from gateway.desk.mailboxes import Directory
from gateway.mail.message import Message

FIELD = "X-Gateway-Test"
TITLE = "[gateway] connection test"
REASON = "our own connection test came back"
LOST_AFTER = timedelta(minutes=30)
EVERY, SOON_AGAIN, AT_MOST = timedelta(days=1), timedelta(hours=1), timedelta(hours=6)
SILENT = 4  # times its usual gap
_ENOUGH = 5  # gaps, to speak of a usual one


class State(StrEnum):
    """Contract 4: what each mailbox shows."""

    PENDING = "Pending"
    CONNECTED = "Connected"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Probe:
    """The newest test of one address. `key` names it, `deliveries` are its mail and the one to a sub-address.

    `lost` counts those in a row that did not come back. `learnt` is what the last that did has told.
    """

    address: str
    mailbox: str
    key: str
    sent: datetime
    by: str
    deliveries: tuple[int, ...] = ()
    state: State = State.PENDING
    why: str = "the test mail is on its way"
    lost: int = 0
    learnt: Mapping[str, Any] = field(default_factory=dict)

    def as_mark(self) -> dict[str, Any]:
        return {**asdict(self), "sent": self.sent.isoformat(), "deliveries": list(self.deliveries)}


def from_mark(mark: Mapping[str, Any]) -> Probe:
    told = {**mark, "sent": datetime.fromisoformat(mark["sent"]), "deliveries": tuple(mark["deliveries"])}
    return Probe(**{**told, "state": State(mark["state"])})


def carried(message: Message) -> str:
    """Where the token of a test stands, in a mail that is one; an answer to one is none."""
    if message.header(FIELD):
        return message.header(FIELD)
    answers = message.in_reply_to or says_reply(message.subject) or says_forward(message.subject)
    return message.subject if TITLE in message.subject and not answers else ""


def sender_for(mailbox: Mailbox, settings: Settings) -> str:
    """Not the mailbox itself: many a provider does not forward what a mailbox writes to itself."""
    others = [one for one in settings.mailboxes if one.address != mailbox.address and one.state == "active"]
    same_way = next((one.address for one in others if one.relay == mailbox.relay), "")
    is_ours = Directory(settings.mailboxes).is_ours
    operator = next((one for one in settings.operator.notify if not is_ours(one)), "")
    return same_way or operator or f"gateway-test@{mailbox.address.rpartition('@')[2]}"


def came_back(probe: Probe, learnt: Mapping[str, Any], *, at: datetime, to: str) -> Probe:
    """The test mail is here. `to` is the mailbox it came to."""
    if to != probe.mailbox:
        why = f"it came to {to}: the forwarding of {probe.address} leads to the wrong address"
        return replace(probe, state=State.FAILED, why=why, lost=probe.lost + (probe.state is State.PENDING))
    delay = max(0, round((at - probe.sent).total_seconds()))
    told = {"sub_addresses": probe.learnt.get("sub_addresses", False), **learnt, "delay": delay}
    way = told.get("forwarder") or "no forwarding that we know"
    return replace(probe, state=State.CONNECTED, why=f"came back after {delay} s: {way}", lost=0, learnt=told)


def by_sub_address(probe: Probe) -> Probe:
    return replace(probe, learnt={**probe.learnt, "sub_addresses": True})


def failed(probe: Probe, why: str) -> Probe:
    """It will not come back."""
    if probe.state is not State.PENDING:
        return probe
    return replace(probe, state=State.FAILED, why=why[:500], lost=probe.lost + 1)


def is_due(probe: Probe, received: Sequence[datetime], now: datetime) -> bool:
    """Daily; an hour after one that was lost; sooner when the mailbox is silent for long. `received`: newest first."""
    since = now - probe.sent
    if probe.state is State.PENDING:
        return False
    if since >= EVERY or (probe.state is State.FAILED and probe.lost == 1 and since >= SOON_AGAIN):
        return True
    usual = usual_gap(received)
    return usual is not None and since >= AT_MOST and now - received[0] > SILENT * usual


def usual_gap(received: Sequence[datetime]) -> timedelta | None:
    """Between two mails of a mailbox, newest first; None when too few are known."""
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(received)]
    return timedelta(seconds=median(gaps)) if len(gaps) >= _ENOUGH else None
