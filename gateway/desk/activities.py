"""Each mail as one activity, with its ids and its files: what is left of them to be told to Creatio."""

from collections.abc import Iterator
from html import escape
from pathlib import PurePath

from gateway.conversations.conversation import Author, Entry, Held
from gateway.desk.case import CaseState, KnownCase, Tenant, fill_fields
from gateway.desk.dossier import Dossier, Rules
from gateway.desk.markup import set_out, shows
from gateway.desk.noting import (
    CUT,
    MAX_BODY,
    MAX_PLAIN,
    addressees,
    as_html,
    cut,
    file_lines,
    handoff_lines,
    html_body,
    link_html,
    link_text,
    plain_body,
    size_in_words,
    times,
    title_of,
    trust_mark,
    written,
)
from gateway.desk.records import Change, FileContent, NewActivity, NewFile, NewMessageData, NewNote, row_id
from gateway.desk.thanks import is_bare_thanks
from gateway.mail.message import Address, Attachment

VARIANTS = 4  # the mail's own HTML, its text as HTML, cut plain text, one line with the link
_PLAIN = 2


def mails(dossier: Dossier, case: KnownCase, rules: Rules, tenant: Tenant) -> Iterator[Change]:
    """The activities that are missing, in order, each followed by its message's ids."""
    for entry in dossier.shown():
        made = row_id(entry.key, "activity")
        if not dossier.settled(made):
            yield activity_of(dossier, case, entry, rules, tenant)
        told = dossier.told.get(made)
        ids = row_id(entry.key, "message_data")
        if told is not None and told.done and told.ours and entry.message_id and not dossier.settled(ids):
            yield ids_of(dossier, entry)


def files(dossier: Dossier, rules: Rules, tenant: Tenant) -> Iterator[Change]:
    """The attachments that are missing: each its row, then its bytes; one refused for good becomes a line."""
    if rules.attachments != "upload" or dossier.case is None:
        return
    for entry in dossier.shown():
        made = row_id(entry.key, "activity")
        told = dossier.told.get(made)
        if told is None or not told.done or not told.ours or entry.arrival is None:
            continue
        for one, why in _listed(dossier, entry, rules, tenant):
            if not why:
                yield from _file(dossier, entry, one, rules)


def needs_notice(dossier: Dossier, entry: Entry, case: KnownCase) -> bool:
    """A customer's mail that joined the case after it was made, and that the rep has not been told of."""
    if entry.author is not Author.CUSTOMER or entry.automatic or entry.arrived <= case.created:
        return False
    return dossier.settled(row_id(entry.key, "activity")) and not dossier.settled(row_id(entry.key, "notice"))


def opens_again(entry: Entry) -> bool:
    """A customer's mail that a rep must read even if the case was resolved: no machine's, no bare thank you."""
    files = any(not one.inline for one in entry.attachments)
    return entry.author is Author.CUSTOMER and not entry.automatic and not is_bare_thanks(entry.text, files=files)


def activity_of(dossier: Dossier, case: KnownCase, entry: Entry, rules: Rules, tenant: Tenant) -> NewActivity:
    """The mail as it stands on the case; the first one of a conversation says why there is a case, with the link."""
    conversation, made = dossier.conversation, row_id(entry.key, "activity")
    variant = dossier.variant(made)
    first = not any(_is_told_on(dossier, case, one) for one in dossier.shown())
    facts = _opening_lines(dossier, case, tenant) if first else []
    mark = trust_mark(entry, appended=entry.arrived > case.created)
    marks = [mark] if mark else []
    tail = file_lines(_listed(dossier, entry, rules, tenant)) if variant < VARIANTS - 1 else []
    plain = variant >= _PLAIN
    link = rules.link if first or plain else ""
    text = cut(entry.text.strip(), MAX_PLAIN if plain else MAX_BODY)
    if variant >= VARIANTS - 1:
        text = "Creatio refused the text of this mail; it is kept in the gateway."
    own = set_out(entry.html, _pictures(dossier, entry, rules, tenant), MAX_BODY, CUT) if not variant else ""
    said = own or (f"<p>{as_html(text)}</p>" if text else "")
    incoming = entry.author is Author.CUSTOMER
    ours = Address(conversation.mailbox, rules.mailbox_name)
    head = [link_html(link), *map(as_html, (*facts, *marks))]
    return NewActivity(
        id=made,
        case_id=case.id,
        entry_id=entry.id,
        title=title_of(conversation, entry),
        html="" if plain else html_body(said, head, tail),
        text=plain_body(text, [link_text(link), *facts, *marks], tail),
        at=times(conversation.entries)[entry.id],
        incoming=incoming,
        sender=written(entry.sender)[:250],
        recipients=addressees(entry.to or ((ours,) if incoming else (conversation.customer,))),
        copies=addressees(entry.cc),
        contact=dossier.their_contact,
        variant=variant,
        settles=() if _will_be_noticed(dossier, case, entry, rules) else (row_id(entry.key, "notice"),),
    )


def ids_of(dossier: Dossier, entry: Entry) -> NewMessageData:
    """The mail's ids, beside its activity."""
    return NewMessageData(
        id=row_id(entry.key, "message_data"),
        activity_id=row_id(entry.key, "activity"),
        entry_id=entry.id,
        message_id=entry.message_id[:500],
        in_reply_to=" ".join(entry.in_reply_to)[:500],
        references=" ".join(entry.references),
        at=times(dossier.conversation.entries)[entry.id],
    )


def file_of(dossier: Dossier, entry: Entry, one: Attachment) -> NewFile:
    """The row of an attachment, on its mail's activity. Inline: the body shows it, so Creatio need not list it."""
    activity = row_id(entry.key, "activity")
    shown = one.inline and not dossier.variant(activity) and shows(entry.html, one.content_id)
    return NewFile(row_id(entry.key, f"file {one.index}"), activity, entry.id, one.name[:250], one.size, shown)


def bytes_of(entry: Entry, one: Attachment) -> FileContent:
    assert entry.arrival is not None
    file, activity = row_id(entry.key, f"file {one.index}"), row_id(entry.key, "activity")
    made = row_id(file, "data")
    return FileContent(made, file, activity, entry.id, entry.arrival, one.index, one.name, one.type, one.size, one)


def _is_told_on(dossier: Dossier, case: KnownCase, entry: Entry) -> bool:
    """Whether the case has this mail: a case that follows another one begins anew, with its own link (contract 9)."""
    told = dossier.told.get(row_id(entry.key, "activity"))
    return told is not None and told.settled and told.case in ("", case.id)


def _opening_lines(dossier: Dossier, case: KnownCase, tenant: Tenant) -> list[str]:
    """What the first activity says besides its mail: why there is a case, and what could not be filled."""
    lines: list[str] = []
    if case.opened_by == dossier.conversation.id:
        told = [one for one in dossier.handoffs if one not in dossier.untold_handoffs()]
        if told:
            _, problems = fill_fields(told[-1].about, tenant.fields)
            lines += handoff_lines(told[-1].about, told[-1].reason, problems)
        if case.written.get("without"):
            lines.append(f"Creatio refused {case.written['without']}; the case was made without.")
    if dossier.contact_note and not dossier.apart:
        lines.append(f"No contact: {dossier.contact_note}")
    return lines


def _will_be_noticed(dossier: Dossier, case: KnownCase, entry: Entry, rules: Rules) -> bool:
    """Whether something beyond the activity tells the rep; at most one post in a quiet window."""
    if entry.author is not Author.CUSTOMER or entry.automatic or entry.arrived <= case.created:
        return False
    if case.state is CaseState.RESOLVED:
        return opens_again(entry)
    if case.state is CaseState.PAUSED:
        return True
    quiet = dossier.last_post is not None and dossier.now - dossier.last_post < rules.quiet_window
    return dossier.conversation.held is Held.PERSON and not quiet


def _listed(dossier: Dossier, entry: Entry, rules: Rules, tenant: Tenant) -> list[tuple[Attachment, str]]:
    """The files to show on this activity, each with why it is not uploaded; a logo seen before is left out."""
    seen = {one.sha256 for _, one in _inline_before(dossier, entry)}
    return [(one, _why_not(one, rules, tenant)) for one in entry.attachments if not (one.inline and one.sha256 in seen)]


def _inline_before(dossier: Dossier, entry: Entry) -> Iterator[tuple[Entry, Attachment]]:
    """The pictures in the texts of earlier mails, whose files are on activities of ours or will be."""
    for other in dossier.shown():
        told = dossier.told.get(row_id(other.key, "activity"))
        if other.id < entry.id and other.arrival is not None and (told is None or told.ours):
            yield from ((other, one) for one in other.attachments if one.inline)


def _pictures(dossier: Dossier, entry: Entry, rules: Rules, tenant: Tenant) -> dict[str, str]:
    """By content id, what stands on the case where the mail shows a picture: its file here, else its name.

    A logo that came before is shown from the mail that brought it.
    """
    first: dict[str, str] = {}
    for other, one in _inline_before(dossier, entry):
        first.setdefault(one.sha256, row_id(other.key, f"file {one.index}"))
    shown: dict[str, str] = {}
    for one in entry.attachments:
        if not one.content_id:
            continue
        file = first.get(one.sha256, row_id(entry.key, f"file {one.index}"))
        told = dossier.told.get(file)
        refused = entry.arrival is None or (told is not None and told.final)
        lost = _why_not(one, rules, tenant) or not one.inline or refused
        name = escape(one.name)
        shown[one.content_id.casefold()] = f"[{name}]" if lost else f'<img src="cid:{file}" alt="{name}" />'
    return shown


def _why_not(one: Attachment, rules: Rules, tenant: Tenant) -> str:
    extension = PurePath(one.name).suffix.lstrip(".").casefold()
    if one.warning:
        return f"DO NOT OPEN IT ({one.warning}); not uploaded"
    if rules.attachments == "reference":
        return "kept in the gateway"
    if one.size > rules.max_file or extension in rules.refused_files:
        return "not uploaded: the gateway's settings keep it here"
    if one.size > tenant.max_file:
        return f"not uploaded: Creatio takes files up to {size_in_words(tenant.max_file)}"
    if extension in tenant.refused_files:
        return f"not uploaded: Creatio takes no .{extension} files"
    return ""


def _file(dossier: Dossier, entry: Entry, one: Attachment, rules: Rules) -> Iterator[Change]:
    made = row_id(entry.key, f"file {one.index}")
    content = row_id(made, "data")
    if not dossier.settled(made):
        yield file_of(dossier, entry, one)
    elif not dossier.told[made].final and not dossier.settled(content):
        yield bytes_of(entry, one)
    refused = dossier.told.get(made), dossier.told.get(content)
    why = next((told.why for told in refused if told is not None and told.final), "")
    note = row_id(made, "note")
    if why and dossier.case is not None and not dossier.settled(note):
        text = f"The attachment {one.name} ({size_in_words(one.size)}) could not be uploaded: {why}"
        text += f"\n{link_text(rules.link)}" if rules.link else ""
        yield NewNote(note, dossier.case.id, "Attachment not uploaded", text, dossier.now, dossier.their_contact)
