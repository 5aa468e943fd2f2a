"""What Creatio must be told next about one conversation: one thing at a time, oldest first, until nothing is left."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from gateway.conversations.conversation import Author, Entry, Held, State
from gateway.desk import activities, reporting
from gateway.desk.again import next_again
from gateway.desk.case import (
    CaseState,
    KnownCase,
    Tenant,
    changed_by_others,
    description_of,
    fill_fields,
    newest_customer_text,
    subject_of,
)
from gateway.desk.decision import Understanding
from gateway.desk.dossier import Dossier, HandedOff, Rules, Told, handoff_id
from gateway.desk.noting import handoff_lines
from gateway.desk.records import (
    AppendTo,
    Change,
    ChangeCase,
    Filing,
    FindContact,
    LookAtCase,
    NewActivity,
    NewCase,
    NewContact,
    NewNote,
    NewPost,
    row_id,
)

CASE_NAMES = ("case", "case again")  # of a mail that a case is opened for
CASE_FORMS = 4  # whole, without owner and group, without AI fields, without category and parent


def next_filing(dossier: Dossier, rules: Rules, tenant: Tenant) -> Filing | None:
    """The one next thing that Creatio must be told, or None when it knows all."""
    again = next_again(dossier, rules, tenant)
    if again is not None:
        return again
    case = dossier.case
    pending = _pending(dossier)
    if case is not None and pending and case.checked < max(pending):
        return LookAtCase(case.id, max(pending))
    if case is None or (pending and _must_begin_anew(dossier, case, rules)):
        return _find_home(dossier, rules, tenant) if _wants_case(dossier, rules) else None
    if case.state is CaseState.GONE:
        return None
    if case.state is CaseState.FINAL:
        return next(_on_final_case(dossier, case, rules, tenant), None)
    return next(_on_case(dossier, case, rules, tenant), None)


def next_upload(dossier: Dossier, rules: Rules, tenant: Tenant) -> Change | None:
    """The one next file of what was told, or None. Files wait for nothing, and nothing waits for them: a case may have
    been closed meanwhile."""
    case = dossier.case
    if case is None or dossier.lost or case.state is CaseState.GONE:
        return None
    return next(activities.files(dossier, rules, tenant), None)


def simpler(dossier: Dossier, rules: Rules, tenant: Tenant, refused: Change) -> int | None:
    """The number of the next simpler form of what Creatio has just refused, or None when there is none.

    A form that would say the same as the one before is left out.
    """
    if not isinstance(refused, NewCase | NewActivity):
        return None
    forms = CASE_FORMS if isinstance(refused, NewCase) else activities.VARIANTS
    for variant in range(dossier.variant(refused.id) + 1, forms):
        told = {**dossier.told, refused.id: Told(done=False, variant=variant)}
        other = next_filing(replace(dossier, told=told), rules, tenant)
        if isinstance(other, NewCase | NewActivity) and other.id == refused.id and not _same(other, refused):
            return variant
    return None


def _same(one: NewCase | NewActivity, other: Change) -> bool:
    if isinstance(one, NewCase) and isinstance(other, NewCase):
        return one == replace(other, without=one.without)
    return (
        isinstance(one, NewActivity) and isinstance(other, NewActivity) and one == replace(other, variant=one.variant)
    )


def _pending(dossier: Dossier) -> list[datetime]:
    """When the things happened that Creatio has not been told: the case must have been read since."""
    mails = [one.arrived for one in dossier.untold() if one.author is Author.CUSTOMER]
    return mails + [one.at for one in dossier.untold_handoffs()]


def _must_begin_anew(dossier: Dossier, case: KnownCase, rules: Rules) -> bool:
    """A final or lost case takes nothing more; with `append = "never"` no case takes a later mail. Whatever became of
    a case that is there, it takes the mail that it was opened for: by its id that mail would open it again."""
    if case.state is CaseState.GONE:
        return True
    if any(row_id(one.key, "case") == case.id for one in dossier.untold()):
        return False
    if case.state is CaseState.FINAL:
        return True
    if rules.append != "never":
        return False
    return any(one.arrived > case.created for one in dossier.untold() if one.author is Author.CUSTOMER)


def _wants_case(dossier: Dossier, rules: Rules) -> bool:
    people = [one for one in dossier.untold() if one.author is Author.CUSTOMER]
    if dossier.case is not None or dossier.untold_handoffs():
        return True
    if rules.create_case == "on_first_message" and any(not one.automatic for one in people):
        return True
    return bool(people) and _appendable(dossier, rules) is not None


def _appendable(dossier: Dossier, rules: Rules) -> KnownCase | None:
    """The open case that a new conversation of this customer goes on in (contract 9)."""
    found = dossier.open_case
    if found is None or dossier.case is not None or rules.append != "contact" or dossier.contact_note:
        return None
    if dossier.apart or not found.is_active:
        return None
    if rules.append_window is not None and dossier.now - found.changed > rules.append_window:
        return None
    return found


def _find_home(dossier: Dossier, rules: Rules, tenant: Tenant) -> Filing | None:
    """Contact, then the case: an open one, or a new one linked to the one before."""
    existing = _appendable(dossier, rules)
    if existing is not None:
        pending = _pending(dossier)
        if pending and existing.checked < max(pending):
            return LookAtCase(existing.id, max(pending))
        return AppendTo(existing.id)
    conversation, first = dossier.conversation, _oldest(dossier)
    apart = dossier.apart or conversation.customer.key in rules.ours
    if dossier.contact is None and not dossier.contact_note and not apart:
        made = row_id(first.key, "contact")
        if made not in dossier.told:
            return FindContact(made, conversation.customer)
        name = conversation.customer.name or conversation.customer.address
        return NewContact(made, name[:250], conversation.customer.address)
    named = _name_case(dossier, first)
    return None if named is None else _new_case(dossier, named, rules, tenant)


def _oldest(dossier: Dossier) -> Entry:
    """The first that came of what is untold: no later mail can take its place, so the ids made of it stay."""
    return min(dossier.untold() or dossier.shown() or dossier.conversation.entries, key=lambda one: one.id)


def _name_case(dossier: Dossier, first: Entry) -> str | None:
    """The new case's id, made of the oldest mail that is untold. One that was deleted before its mail was noted is
    opened once more, by another id; None where that was deleted, too: somebody does not want it."""
    untold, handoffs = dossier.untold(), dossier.untold_handoffs()
    if first not in untold:
        return row_id(first.key, f"case {(handoffs[-1].at if handoffs else dossier.now).isoformat()}")
    names = [row_id(one.key, kind) for one in untold for kind in CASE_NAMES]
    tried = dossier.case.id if dossier.case is not None else ""
    return next(iter(names[names.index(tried) + 1 :] if tried in names else names), None)


def _new_case(dossier: Dossier, made: str, rules: Rules, tenant: Tenant) -> NewCase:
    """`variant` of a case counts what Creatio refused: first the assignment, then the AI fields, then the rest."""
    conversation, handoffs = dossier.conversation, dossier.untold_handoffs()
    newest = handoffs[-1] if handoffs else HandedOff(dossier.now, "", Understanding())
    variant = dossier.variant(made)
    fields, _ = fill_fields(newest.about, tenant.fields)
    parent = dossier.case.id if dossier.case is not None and dossier.case.state is not CaseState.GONE else ""
    text = description_of(conversation, newest.about, newest.reason) if handoffs else newest_customer_text(conversation)
    dropped = [
        word
        for word, given, least in (("owner and group", rules.owner or rules.group, 0), ("AI fields", fields, 1))
        if given and variant > least
    ]
    return NewCase(
        id=made,
        subject=subject_of(conversation)[:500],
        description=text,
        contact=dossier.their_contact,
        owner="" if variant > 0 else rules.owner,
        group="" if variant > 0 else rules.group,
        fields={} if variant > 1 else fields,
        category="" if variant > 2 else rules.category,
        parent="" if variant > 2 else parent,
        settles=tuple(handoff_id(conversation, one) for one in handoffs),
        without=tuple(dropped),
        apart=dossier.apart,
    )


def _on_case(dossier: Dossier, case: KnownCase, rules: Rules, tenant: Tenant) -> Iterator[Filing]:
    """All that is left to tell on an existing case, in order."""
    yield from activities.mails(dossier, case, rules, tenant)
    yield from _handoff_changes(dossier, case, rules, tenant)
    yield from _handoff_notes(dossier, case, tenant)
    yield from _notices(dossier, case, tenant)
    yield from reporting.delivery_notes(dossier, case, tenant)
    yield from reporting.remarks(dossier, case)
    yield from _resolution(dossier, case, rules)


def _on_final_case(dossier: Dossier, case: KnownCase, rules: Rules, tenant: Tenant) -> Iterator[Filing]:
    """What was said before it was closed, and what became of it: notes may be added to any case."""
    yield from activities.mails(dossier, case, rules, tenant)
    yield from reporting.delivery_notes(dossier, case, tenant)
    yield from reporting.remarks(dossier, case)


def _handoff_changes(dossier: Dossier, case: KnownCase, rules: Rules, tenant: Tenant) -> Iterator[Filing]:
    """A case made at the first message gets summary, fields and assignment now, where nobody changed them."""
    untold = dossier.untold_handoffs()
    if not untold or not case.provisional or case.opened_by != dossier.conversation.id:
        return
    change = row_id(handoff_id(dossier.conversation, untold[-1]), "change")
    fields, _ = fill_fields(untold[-1].about, tenant.fields)
    description = description_of(dossier.conversation, untold[-1].about, untold[-1].reason)
    values = {"description": description, "owner": rules.owner, "group": rules.group}
    values |= {f"field:{column}": value for column, value in fields.items()}
    values = {word: value for word, value in values.items() if value and case.written.get(word) != value}
    only_if = {word: case.written.get(word, case.seen.get(word, "")) for word in values}
    if values and not dossier.settled(change):
        yield ChangeCase(change, case.id, values, only_if, "handed off")


def _handoff_notes(dossier: Dossier, case: KnownCase, tenant: Tenant) -> Iterator[Filing]:
    for one in dossier.untold_handoffs():
        _, problems = fill_fields(one.about, tenant.fields)
        summary = description_of(dossier.conversation, one.about, "")
        text = "\n".join([summary, "", *handoff_lines(one.about, one.reason, problems)])
        made = handoff_id(dossier.conversation, one)
        yield NewNote(made, case.id, "Handed off by the assistant", text, one.at, dossier.their_contact)


def _notices(dossier: Dossier, case: KnownCase, tenant: Tenant) -> Iterator[Filing]:
    """A later mail is always seen by the rep: the case is opened again, or a line in its feed names the owner."""
    waiting = [one for one in dossier.shown() if activities.needs_notice(dossier, one, case)]
    if not waiting:
        return
    made = row_id(waiting[-1].key, "notice")
    settles = tuple(row_id(one.key, "notice") for one in waiting[:-1])
    if case.state in (CaseState.PAUSED, CaseState.RESOLVED) and tenant.reopened:
        only_if = {"status": case.seen.get("status", "")}
        yield ChangeCase(made, case.id, {"status": tenant.reopened}, only_if, "the customer wrote again", settles)
    else:
        owner = case.seen.get("owner_name", "")
        text = f"{owner}{': ' * bool(owner)}{dossier.conversation.customer.address} wrote again: {waiting[-1].subject}"
        yield NewPost(made, case.id, text[:1000], waiting[-1].id, settles)


def _resolution(dossier: Dossier, case: KnownCase, rules: Rules) -> Iterator[Filing]:
    """Resolved here: the case follows, unless a person has it and it was only the assistant that thought so."""
    conversation = dossier.conversation
    if conversation.state is not State.RESOLVED or not rules.resolved_status or not case.is_active:
        return
    theirs = conversation.held is Held.ASSISTANT and changed_by_others(case.seen, case.written)
    # A case whose conversation goes on elsewhere is not done: what becomes of it is the rep's to say.
    if theirs or dossier.others_open or dossier.merged or not conversation.entries:
        return
    # It may be resolved as often as it is opened again.
    made = row_id(
        conversation.entries[-1].key,
        f"resolved from {case.seen.get('status', '')} {case.written.get('reopened', '')}".strip(),
    )
    if not dossier.settled(made):
        only_if = {"status": case.seen.get("status", "")}
        yield ChangeCase(made, case.id, {"status": rules.resolved_status}, only_if, "resolved here")
