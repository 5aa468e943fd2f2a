"""May this mail go now? Asked just before MAIL and again at DATA; what holds it back decides what becomes of it."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from gateway.config.settings import Settings
from gateway.errors import StartOver
from gateway.log import Event
from gateway.pipeline import decide, handoff
from gateway.store import arrivals, conversations, deliveries, pauses
from gateway.store.arrivals import Fate
from gateway.store.database import Transaction
from gateway.store.deliveries import Delivery, Kind, Phase
from gateway.store.pauses import EVERYWHERE, What

# The end of a pause, and of the mail before, wakes what waits at once: these are only in case nobody does.
PAUSED, IN_TURN = timedelta(hours=6), timedelta(minutes=5)


class Hold(StrEnum):
    """Why a mail may not go."""

    ENDED = "it is not to be sent any more"
    SENDING_PAUSED = "sending is paused"
    WAITS_ITS_TURN = "an earlier mail of the conversation goes first"
    ASSISTANT_PAUSED = "the assistant is paused"
    PERSON_HAS_IT = "a person has this conversation"
    CUSTOMER_WROTE = "the customer wrote again"


class NotNow(Exception):
    """The mail may not go now: nothing was sent."""


def check(tx: Transaction, delivery_id: int) -> None:
    """Raises NotNow unless the mail may go at this moment."""
    mail = deliveries.fetch(tx, delivery_id)
    hold = Hold.ENDED if mail is None else find_hold(tx, mail)
    if hold is not None:
        raise NotNow(hold.value)


def find_hold(tx: Transaction, mail: Delivery) -> Hold | None:
    """What holds the mail back, if anything. Only the assistant's own answers can be overtaken."""
    out, here = mail.outgoing, mail.outgoing.conversation_id
    if mail.state is not Phase.QUEUED:
        return Hold.ENDED
    if out.kind is Kind.ANSWER and here is not None:
        if not conversations.held_by_assistant(tx, here):
            return Hold.PERSON_HAS_IT
        if pauses.active(tx, What.ASSISTANT, out.mailbox):
            return Hold.ASSISTANT_PAUSED
        if conversations.newest_customer_entry(tx, here) != out.seen:
            return Hold.CUSTOMER_WROTE
    if pauses.active(tx, What.SENDING, EVERYWHERE if out.kind is Kind.NOTICE else out.mailbox):
        return Hold.SENDING_PAUSED
    if here is not None and deliveries.goes_first(tx, mail) is not None:
        return Hold.WAITS_ITS_TURN
    return None


def put_off(tx: Transaction, delivery_id: int, settings: Settings) -> Sequence[Event]:
    """A mail that may not go waits, or is taken back; its conversation is handed off or decided on again."""
    here = deliveries.conversation_of(tx, delivery_id)
    if here is not None:
        conversations.lock(tx, here)
    mail = deliveries.fetch(tx, delivery_id)
    hold = find_hold(tx, mail) if mail else Hold.ENDED
    if mail is None or hold is Hold.ENDED:
        return []
    if hold in (Hold.SENDING_PAUSED, Hold.WAITS_ITS_TURN):
        deliveries.send_again(tx, mail, after=PAUSED if hold is Hold.SENDING_PAUSED else IN_TURN)
        return [Event("held", {"delivery": mail.id, "conversation": here, "why": hold.value})]
    if hold is None or here is None:
        raise StartOver("it may go after all")
    if hold is Hold.ASSISTANT_PAUSED:
        return handoff.hand_off(tx, here, reason=hold.value, by="gate")
    deliveries.cancel_answers(tx, here, why=hold.value)
    if hold is Hold.PERSON_HAS_IT:
        arrivals.settle_undecided(tx, here, Fate.APPENDED, [hold.value])
        handoff.tell_creatio(tx, here)
    else:
        decide.decide_again(tx, here, settings)
    return [Event("answer_cancelled", {"delivery": mail.id, "conversation": here, "why": hold.value})]
