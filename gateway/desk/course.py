"""What becomes of a mail once it is understood: one table for the pipeline and for `gateway explain`."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.config.settings import Creatio
from gateway.conversations.conversation import Author
from gateway.conversations.matching import Home
from gateway.desk.triage import Triage
from gateway.mail.automatic import Origin
from gateway.mail.message import Message
from gateway.mail.trust import Trust

_REPORTS = (Origin.BOUNCE, Origin.REPORT)
_BESIDE = (Origin.AUTO_REPLY, Origin.BULK, Origin.CALENDAR)


# Two copies have the same content; an id alone proves nothing, and nobody is to be silenced by using one again.
ID_USED_AGAIN = "its Message-ID was used before by another mail: this is a mail of its own"


class Course(StrEnum):
    """Contract 10: the first thing that becomes of a mail. `DECIDE` is where the gates and the assistant come in."""

    DECIDE = "decide"
    APPEND = "append"
    HAND_OFF = "hand_off"
    KEEP_SILENT = "keep_silent"
    RECORD = "record"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class Way:
    course: Course
    reasons: tuple[str, ...] = ()


def has_place(verdict: Triage, home: Home, settings: Creatio) -> bool:
    """Mail of people has one, unless its sender was proved false and such mail is to be set aside; a machine's only
    where it answers something that we know."""
    if verdict.trust is Trust.FAILED and settings.on_failed_sender == "set_aside":
        return False
    if verdict.is_person:
        return True
    return home.found is not None and verdict.origin in _BESIDE


def way_outside(verdict: Triage, message: Message) -> Way:
    """The way of a mail that opens no conversation: reports are tied, our own recorded, a false sender's mail waits for
    a person, the rest is listed."""
    if verdict.is_person:
        return Way(Course.SET_ASIDE, ("sender not verified", *verdict.reasons))
    if verdict.origin in _REPORTS and message.report is not None:
        return Way(Course.RECORD, (verdict.origin.value, message.report.reason))
    if verdict.origin in (Origin.OWN, *_REPORTS):
        return Way(Course.RECORD, tuple(verdict.reasons) or (verdict.origin.value,))
    return Way(Course.KEEP_SILENT, (verdict.origin.value, *verdict.reasons))


def sent_to_two(first: str) -> Way:
    """One mail to two of our mailboxes: each keeps it in a conversation, the first that got it answers."""
    return Way(Course.KEEP_SILENT, (f"the same mail came to {first} before: it is answered there",))


def way_inside(verdict: Triage, *, with_person: bool, history: bool = False) -> Way:
    """The way of a mail that has its place in a conversation; `with_person`: people have that conversation."""
    if history:
        return Way(Course.RECORD, ("history: it waited before the first look",))
    if verdict.trust is Trust.FAILED:
        return Way(Course.HAND_OFF, ("sender not verified",))
    if verdict.author is Author.AGENT:
        return Way(Course.APPEND, ("written by a person of ours",))
    if not verdict.is_person:
        return Way(Course.APPEND if with_person else Course.KEEP_SILENT, tuple(verdict.reasons))
    if with_person:
        return Way(Course.APPEND, ("a person has this conversation",))
    return Way(Course.DECIDE)
