"""What Creatio has lost (a restored snapshot) is written again where it was: in order, each row under its own id."""

from dataclasses import replace

from gateway.conversations.conversation import Entry
from gateway.desk.activities import activity_of, bytes_of, file_of, ids_of
from gateway.desk.case import KnownCase, Tenant
from gateway.desk.dossier import Dossier, Lost, Rules, Told
from gateway.desk.records import Change, FindContact, NewCase, NewContact, NewNote, NewPost, row_id

# A row may only be written when what it hangs on is there.
_ORDER = ("contact", "case", "activity", "message_data", "file", "data", "note", "post")
KINDS = frozenset(_ORDER)


def next_again(dossier: Dossier, rules: Rules, tenant: Tenant) -> Change | FindContact | None:
    """The first of what is lost; None when nothing is, or nothing of it can be written any more."""
    changes = (_change(dossier, one, rules, tenant) for one in sorted(dossier.lost, key=_place))
    return next((change for change in changes if change is not None), None)


def _place(one: Lost) -> tuple[int, float, int]:
    """Mails by their order here, each with its ids and files behind it; the rest in the order it was first told."""
    kind = _ORDER.index(one.kind)
    if one.kind in ("activity", "message_data"):
        return 2, float(one.entry_id or 0), kind
    if one.kind in ("file", "data"):
        return 3, float(one.entry_id or 0), kind
    return min(kind, 4), one.at.timestamp(), kind


def _change(dossier: Dossier, lost: Lost, rules: Rules, tenant: Tenant) -> Change | FindContact | None:
    entry = next((one for one in dossier.conversation.entries if one.id == lost.entry_id), None)
    match lost.kind:
        case "contact":
            return _contact(dossier, lost)
        case "case" if lost.case is not None:
            return _case(dossier, lost.case, rules)
        case "activity" if lost.case is not None and entry is not None:
            return replace(activity_of(_as_it_was(dossier, entry), lost.case, entry, rules, tenant), settles=())
        case "message_data" if entry is not None:
            return ids_of(dossier, entry)
        case "file" | "data" if entry is not None and entry.arrival is not None:
            return _file(dossier, lost, entry)
        case "note" if lost.case is not None:
            return NewNote(
                lost.id, lost.case.id, lost.title, lost.text, lost.at, dossier.their_contact, lost.entry_id
            )  # fmt: skip
        case "post" if lost.case is not None:
            return NewPost(lost.id, lost.case.id, lost.text, lost.entry_id)
        case _:
            return None


def _contact(dossier: Dossier, lost: Lost) -> FindContact | NewContact:
    """Reps put doubles together: somebody else may have the address by now."""
    customer = dossier.conversation.customer
    if not lost.sought:
        return FindContact(lost.id, customer)
    return NewContact(lost.id, (customer.name or customer.address)[:250], customer.address)


def _case(dossier: Dossier, case: KnownCase, rules: Rules) -> NewCase:
    """With the columns as we last wrote them. Refused forms are counted as for any new case."""
    given, variant = case.written, dossier.variant(case.id)
    fields = {word.removeprefix("field:"): value for word, value in given.items() if word.startswith("field:")}
    return NewCase(
        id=case.id,
        subject=given.get("subject", ""),
        description=given.get("description", ""),
        contact=dossier.their_contact,
        owner=given.get("owner", "") if variant == 0 else "",
        group=given.get("group", "") if variant == 0 else "",
        fields=fields if variant <= 1 else {},
        category=rules.category if variant <= 2 else "",
        parent=given.get("parent", "") if variant <= 2 else "",
        apart=given.get("apart") == "yes",
    )


def _as_it_was(dossier: Dossier, entry: Entry) -> Dossier:
    """As things stood when this mail was to be told: the first on a case is the one that bears the link."""
    made = row_id(entry.key, "activity")
    later = {row_id(one.key, "activity") for one in dossier.conversation.entries if one.id >= entry.id}
    told = {id: what for id, what in dossier.told.items() if id not in later}
    return replace(dossier, told={**told, made: Told(done=False, variant=dossier.variant(made))})


def _file(dossier: Dossier, lost: Lost, entry: Entry) -> Change | None:
    for one in entry.attachments:
        for change in (file_of(dossier, entry, one), bytes_of(entry, one)):
            if change.id == lost.id:
                return change
    return None
