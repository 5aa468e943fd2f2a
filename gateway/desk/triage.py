"""What a help desk thinks of a mail before anything else: who wrote it, may a machine answer, who is the customer."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from gateway.conversations.conversation import Author
from gateway.desk.mailboxes import Directory
from gateway.mail.addresses import read_addresses
from gateway.mail.automatic import Machine, Origin
from gateway.mail.forwarders import Forwarded
from gateway.mail.message import Address, Envelope, Message
from gateway.mail.organisations import organisation_of, same_organisation
from gateway.mail.trust import Trust

NOBODY = Address("nobody@unknown.invalid")
_PERSONAL = (Origin.PERSON, Origin.CALENDAR)


@dataclass(frozen=True, slots=True)
class Triage:
    """`writer` wrote the mail, `customer` has the matter, `reply_to` is where an answer goes if not to the writer.

    `is_person`: somebody wrote it by hand. `ours` are our own addresses among its recipients, case-folded.
    """

    origin: Origin
    is_person: bool
    may_answer: bool
    may_reopen: bool
    trust: Trust
    author: Author
    writer: Address
    customer: Address
    reply_to: Address | None
    ours: frozenset[str]
    reasons: tuple[str, ...]
    forwarded: Forwarded | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the desk knows besides the mail. `staff` are addresses and "@domain" suffixes that are never customers."""

    directory: Directory
    staff: Collection[str] = ()


def triage(
    message: Message,
    envelope: Envelope,
    machine: Machine,
    trust: Trust,
    around: Surroundings,
    *,
    why_trust: Collection[str] = (),
    forwarded: Forwarded | None = None,
) -> Triage:
    """Put the verdicts together. Never raises; a mail without any sender is nobody's and is not answered."""
    writer = forwarded.customer if forwarded and forwarded.customer else _writer(message, envelope)
    is_ours = around.directory.is_ours
    mine = frozenset(one.key for one in (*message.to, *message.cc) if is_ours(one.address))
    from_staff = trust is Trust.VERIFIED and is_staff(writer, around.staff)
    others = [one for one in (*message.to, *message.cc) if not is_ours(one.address)]
    outward = [one for one in others if not is_staff(one, around.staff)]
    by_agent = from_staff and bool(outward)
    reply_to, unfollowed = _reply_to(message, writer, trust, is_ours)
    # A click on "accept" is no letter: a calendar's answer opens nothing.
    is_person = machine.origin in _PERSONAL and machine.may_reopen and writer is not NOBODY
    return Triage(
        origin=machine.origin,
        is_person=is_person,
        may_answer=machine.may_answer and is_person and not from_staff and not is_ours(writer.address),
        may_reopen=machine.may_reopen,
        trust=trust,
        author=Author.AGENT if by_agent else Author.CUSTOMER,
        writer=writer,
        customer=outward[0] if by_agent else writer,
        reply_to=reply_to,
        ours=mine | frozenset({envelope.recipient.casefold()}),
        reasons=(*machine.reasons, *why_trust, *_way_of(forwarded), *unfollowed),
        forwarded=forwarded,
    )


def is_staff(address: Address, staff: Collection[str]) -> bool:
    return any(address.key == one or (one.startswith("@") and address.key.endswith(one)) for one in staff)


def _way_of(forwarded: Forwarded | None) -> Collection[str]:
    if forwarded is None:
        return ()
    told = f"{forwarded.profile} ({forwarded.confidence:.2f}): {forwarded.why}"
    return (told, forwarded.advice) if forwarded.advice else (told,)


def _writer(message: Message, envelope: Envelope) -> Address:
    if message.senders:
        return message.senders[0]
    return Address(envelope.sender) if "@" in envelope.sender else NOBODY


def _reply_to(
    message: Message, writer: Address, trust: Trust, is_ours: Callable[[str], bool]
) -> tuple[Address | None, tuple[str, ...]]:
    """Reply-To is followed inside From's organisation, or where a proven list names its writer there: any other would
    lead our answer to somebody else. With it, what is said when it is not followed."""
    one = next(iter(message.reply_to), None)
    if one is None or one.key == writer.key or is_ours(one.address):
        return None, ()
    if one.domain == writer.domain or same_organisation(one.domain, writer.domain):
        return one, ()
    if trust in (Trust.VERIFIED, Trust.FORWARDER_VERIFIED) and one.key in _original_senders(message):
        return one, ()
    return None, (f"Reply-To {one.address} is not followed: it is outside {_outside_of(writer)}",)


def _original_senders(message: Message) -> frozenset[str]:
    written = [value.encode("utf-8", "replace") for value in message.all_headers("x-original-from")]
    return frozenset(one.key for one in read_addresses(written))


def _outside_of(writer: Address) -> str:
    return organisation_of(writer.domain) or writer.domain or "the domain of From"
