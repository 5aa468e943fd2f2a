"""Bytes become a Message: the front door of this room."""

import re
from dataclasses import replace
from pathlib import Path

from gateway.mail.addresses import read_addresses
from gateway.mail.attachments import File, describe, list_files, packed_texts, references_in
from gateway.mail.body import Written, write_body
from gateway.mail.calendars import CalendarLine, read_calendar
from gateway.mail.charsets import codec_name
from gateway.mail.content import part_bytes, part_text
from gateway.mail.fields import Head, field_text, skip_preamble
from gateway.mail.identity import id_of_content, read_date, read_ids, read_message_id
from gateway.mail.layout import Layout, lay_out
from gateway.mail.limits import Unreadable
from gateway.mail.message import Address, Attachment, Body, Message
from gateway.mail.parts import Part, read_tree
from gateway.mail.reports import read_report
from gateway.mail.seals import seal_notes

MAX_NESTED = 5
WHOLE = -1  # the "attachment" that is the whole mail
_INSTEAD_OF_FROM = ("resent-from", "sender", "reply-to", "return-path")


def read_message(raw: bytes) -> Message:
    """One mail, understood. Whatever the bytes are, a Message comes back, or Unreadable is raised with the reason."""
    return _read(raw, nesting=0)


def read_file(path: str) -> Message:
    """The same of a kept mail on disk; the only place of this room that opens a file."""
    return read_message(Path(path).read_bytes())


def attachment_bytes(raw: bytes, index: int) -> bytes:
    """The content of Message.attachments[index], cut out of the mail; raises Unreadable when there is none.

    WHOLE is the mail itself: that is how people get one that could not be read.
    """
    if index == WHOLE:
        return raw
    layout = lay_out(_tree(raw))
    for number, file in enumerate(list_files(raw, layout)):
        if number == index:
            return file.load()
    raise Unreadable(f"this mail has no attachment number {index}")


def save_attachment(kept: bytes | str, index: int, target: str) -> None:
    """The same into the file `target`. `kept` is the mail, or the path of one on disk."""
    raw = kept if isinstance(kept, bytes) else Path(kept).read_bytes()
    Path(target).write_bytes(attachment_bytes(raw, index))


def attachment_of_file(path: str, index: int) -> bytes:
    """The same of a kept mail on disk."""
    return attachment_bytes(Path(path).read_bytes(), index)


def _tree(raw: bytes) -> Part:
    return read_tree(raw, skip_preamble(raw), len(raw))


def _read(raw: bytes, nesting: int) -> Message:
    tree = _tree(raw)
    head, charset = tree.head, _charset(tree)
    layout = lay_out(tree)
    files = list(list_files(raw, layout))
    calendars = [(part, line) for part in layout.calendars if (line := read_calendar(part_text(raw, part)))]
    written = write_body(raw, layout.passages, _once([line for _, line in calendars]), packed_texts(raw, layout))
    nested = _nested(raw, layout, nesting)
    senders, sender_notes = _senders(head, charset)
    message_id = read_message_id(head)
    content = id_of_content(head, memoryview(raw)[tree.start :])
    message = Message(
        message_id=message_id or content,
        content=content,
        subject=field_text(head.first("subject"), charset),
        senders=senders,
        reply_to=read_addresses(head.every("reply-to"), charset),
        to=read_addresses(head.every("to"), charset),
        cc=read_addresses(head.every("cc"), charset),
        in_reply_to=read_ids(head.every("in-reply-to")),
        references=read_ids(head.every("references")),
        date=read_date(head.every("date")),
        body=_never_empty(written, nested, files),
        attachments=_attachments(files, written),
        headers=tuple((field.name, field_text(field.value, charset)) for field in head.fields),
        nested=nested,
        # A calendar that somebody attached is a file; one that stands among the texts is what the mail is.
        calendar_method=next((line.method for part, line in calendars if part.disposition != "attachment"), ""),
        hidden_characters=written.hidden_characters,
        notes=(*sender_notes, *([] if message_id else ["no usable Message-ID"]), *_oddities(tree), *written.notes,
               *seal_notes(tree, written.body.text)),
    )  # fmt: skip
    return replace(message, report=read_report(raw, tree, layout, message))


def _charset(tree: Part) -> str:
    """The charset of the mail's own text: raw 8-bit header fields are most likely in it too."""
    for part in tree.walk():
        if part.kind == "text" and part.charset and codec_name(part.charset):
            return part.charset
    return ""


def _senders(head: Head, charset: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    senders = read_addresses(head.every("from"), charset)
    notes: list[str] = []
    if len(head.every("from")) > 1:
        notes.append("more than one From field")
    if senders:
        return senders, tuple(notes)
    for name in _INSTEAD_OF_FROM:
        if found := read_addresses(head.every(name), charset):
            return found, (*notes, f"no usable From: taken from {name.title()}")
    return (), (*notes, "no usable From")


def _once(calendars: list[CalendarLine]) -> list[CalendarLine]:
    return list({line.text: line for line in calendars}.values())


def _nested(raw: bytes, layout: Layout, nesting: int) -> tuple[Message, ...]:
    """Mails attached to this one, each read for itself; what they carry in turn stays a file of theirs."""
    if nesting >= 1:
        return ()
    nested: list[Message] = []
    for part in layout.messages[:MAX_NESTED]:
        try:
            nested.append(_read(part_bytes(raw, part), nesting + 1))
        except Unreadable:
            continue
    return tuple(nested)


def _never_empty(written: Written, nested: tuple[Message, ...], files: list[File]) -> Body:
    """A mail that is nothing but an attached mail says what that one says."""
    if written.body.text.strip() or not nested:
        return written.body
    inner = nested[0]
    sender = inner.senders[0].address if inner.senders else ""
    head = "\n".join(
        line for name, value in (("From", sender), ("Subject", inner.subject)) if value for line in [f"{name}: {value}"]
    )
    return Body(text=f"[Attached message]\n{head}\n\n{inner.body.text}".strip())


def _attachments(files: list[File], written: Written) -> tuple[Attachment, ...]:
    return describe(files, references_in(written.body.html, written.body.text))


def _oddities(tree: Part) -> list[str]:
    notes = [defect for part in tree.walk() for defect in part.defects]
    if tree.head.odd:
        notes.append(f"{tree.head.odd} header lines that are no fields")
    for part in tree.walk():
        if part.type == "message/partial":
            number, total = part.parameters.get("number", "?"), part.parameters.get("total", "?")
            notes.append(f"part {number} of {total} of a split mail (message/partial)")
        elif part.type == "message/external-body":
            notes.append("a file that is kept elsewhere (message/external-body)")
    singular = ("from", "subject", "date", "message-id", "to", "cc", "reply-to", "sender")
    notes += [f"{name.title()} given twice" for name in singular if name != "from" and len(tree.head.every(name)) > 1]
    return list(dict.fromkeys(re.sub(r"\s+", " ", note)[:200] for note in notes))[:20]
