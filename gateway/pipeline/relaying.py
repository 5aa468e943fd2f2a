"""A rep's reply in Creatio is made into a mail of ours, whole or not at all."""

import mimetypes
from dataclasses import dataclass
from datetime import timedelta

from gateway.conversations.conversation import Author, Conversation
from gateway.desk.noting import size_in_words
from gateway.desk.records import row_id
from gateway.desk.replies import ActivityWhole, FileSeen, Kind, ReplyRules, without_prefix
from gateway.desk.reply_text import ReplyText, showing_only, shown_in, tidy
from gateway.mail.addresses import read_addresses
from gateway.mail.message import Address
from gateway.mail.writing import File
from gateway.offload import TooHeavy
from gateway.pipeline import answering
from gateway.pipeline.answering import Words, Written
from gateway.pipeline.parts import Parts
from gateway.ports import Crm
from gateway.store import deliveries, installation

TIDYING_TIME = timedelta(seconds=5)
_ON_THE_WIRE = 1.37  # base64 with its line ends


@dataclass(frozen=True, slots=True)
class Unsendable:
    """The reply is not sent, and the rep is told why."""

    why: str


async def read_reply(parts: Parts, whole: ActivityWhole, rules: ReplyRules, number: str) -> ReplyText | Unsendable:
    """What the rep says to the customer, without what Creatio put around it."""
    seen = whole.seen
    try:
        said = await parts.readers.run(tidy, whole.body, whole.is_html, number, timeout=TIDYING_TIME)
    except TooHeavy as heavy:
        return Unsendable(f"its text cannot be read: {heavy.reason}")
    if seen.kind is not Kind.EMAIL and (bare := without_prefix(said.text, rules)) != said.text:
        return ReplyText(bare, "")
    return said


async def write_mail(
    parts: Parts, crm: Crm, whole: ActivityWhole, conversation: Conversation, said: ReplyText
) -> Written | Unsendable:
    """The mail with its files. Over the relay's limit it is neither tried nor cut."""
    mailbox = answering.mailbox_of(parts.settings, conversation.mailbox)
    limit = answering.way_out(parts.settings, mailbox).max_size
    files = [one for one in whole.files if not _only_quoted(one, whole, said)]
    again = _shown_again(whole, conversation, said)
    expected = round(sum(one.size for one in (*files, *again)) * _ON_THE_WIRE) + len(said.text) + len(said.html)
    if expected > limit:
        return _too_big(expected, limit)
    attached: list[File] = [File(f"{one.content_id}.{one.type[6:]}", one.type, one.content, one.content_id)
                            for one in said.pictures]  # fmt: skip
    for one in (*files, *again):
        content = await crm.fetch_file(one.id, limit)
        if content is not None:
            kind = mimetypes.guess_type(one.name)[0] or "application/octet-stream"
            attached.append(File(one.name, kind, content, one.id if f"cid:{one.id}" in said.html else ""))
        elif one in files:
            return Unsendable(f"its file {one.name} cannot be had from Creatio: it is gone, or too large")
    if not said.text.strip() and not attached:
        return Unsendable("it is empty")
    ours = await parts.store.read(installation.identity)
    key = ours.derive(conversation.mailbox, whole.seen.id, "reply")
    html = showing_only(said.html, {one.content_id for one in attached})
    words = Words(
        Author.AGENT, deliveries.Kind.AGENT, said.text, key, html, tuple(attached), name=writer_of(whole).name
    )
    written = await answering.write_words(parts, conversation, words)
    return _too_big(written.outgoing.size, limit) if written.outgoing.size > limit else written


def writer_of(whole: ActivityWhole) -> Address:
    """Whom Creatio names as the sender; an empty address where it names nobody."""
    return next(iter(read_addresses([whole.seen.sender.encode()])), Address(""))


def _too_big(size: int, limit: int) -> Unsendable:
    return Unsendable(f"{size_in_words(size)}, limit {size_in_words(limit)}")


def _only_quoted(file: FileSeen, whole: ActivityWhole, said: ReplyText) -> bool:
    """A picture of the quoted history, which is not sent again."""
    return file.inline and file.id in whole.body.lower() and f"cid:{file.id}" not in said.html


def _shown_again(whole: ActivityWhole, conversation: Conversation, said: ReplyText) -> list[FileSeen]:
    """Pictures of this conversation's mails that the rep answers between: their files hang on our activities. A
    picture of any other matter is not passed on, whoever named its file."""
    wanted = shown_in(said.html) - {one.id for one in whole.files}
    return [
        FileSeen(made, one.name, one.size, inline=True)
        for entry in conversation.entries
        for one in entry.attachments
        if not one.warning and (made := row_id(entry.key, f"file {one.index}")) in wanted
    ]
