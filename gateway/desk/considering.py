"""All verdicts on one mail together: how it came, what proves it, who is speaking, whose matter it is."""

from gateway.config.settings import Mailbox, Settings
from gateway.desk.mailboxes import Directory
from gateway.desk.triage import Surroundings, Triage, is_staff, triage
from gateway.mail.authenticity import Proof
from gateway.mail.automatic import judge
from gateway.mail.forwarders import Forwarded, Known, Profile, recognise
from gateway.mail.message import Envelope, Message
from gateway.mail.trust import Trust


def consider(
    message: Message, envelope: Envelope, mailbox: Mailbox, settings: Settings, *, proof: Proof, sent_by_us: bool
) -> Triage:
    """The one way to a Triage, for the pipeline and for `gateway explain`."""
    directory = Directory(settings.mailboxes)
    staff, spam = settings.operator.staff, settings.spam
    known = Known(
        is_ours=directory.is_ours,
        is_staff=lambda one: is_staff(one, staff),
        forms=mailbox.senders.forms,
        groups=mailbox.senders.groups,
    )
    by = recognise(message, envelope.sender, known, trust=proof.trust, sent_by_us=sent_by_us)
    machine = judge(
        message, envelope, ours=directory.ours, sent_by_us=sent_by_us, spam=spam.flags, block=spam.block, by=by
    )
    around = Surroundings(directory, staff)
    trust = _trust_of(proof, by)
    return triage(message, envelope, machine, trust, around, why_trust=proof.reasons, forwarded=by)


def _trust_of(proof: Proof, by: Forwarded | None) -> Trust:
    """What proves From does not prove whom a form, a group or a colleague names."""
    if by is None or by.proven:
        return proof.trust
    if proof.trust is Trust.FAILED and by.profile is not Profile.FORM:
        return Trust.FAILED
    return Trust.UNVERIFIED
