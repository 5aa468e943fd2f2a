"""A mail that Creatio sends to a customer through our SMTP door becomes a mail of ours in the customer's thread."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from gateway.config.settings import Settings
from gateway.conversations.conversation import Author, Conversation, Entry, Held, State
from gateway.desk.mailboxes import AMONG_US, Directory
from gateway.desk.replies import bare_subject
from gateway.desk.reply_text import ReplyText, tidy
from gateway.errors import TryLater
from gateway.mail import tokens
from gateway.mail.limits import Unreadable
from gateway.mail.message import Address, Message
from gateway.mail.passing import authors_of, pass_on
from gateway.mail.reading import attachment_bytes
from gateway.mail.writing import File, references
from gateway.offload import TooHeavy
from gateway.pipeline import answering, repeated, submitted
from gateway.pipeline.answering import Chosen, Words, Written
from gateway.pipeline.parts import Parts, Write
from gateway.pipeline.repeated import Repeat, Rows
from gateway.pipeline.scanning import NOT_YET
from gateway.pipeline.submitted import Ground, Submission
from gateway.store import cases, conversations, deliveries, installation
from gateway.store.arrivals import Kept
from gateway.store.blobs import SMALL
from gateway.store.database import Transaction
from gateway.store.deliveries import Outgoing

PATIENCE, SOON = timedelta(hours=1), timedelta(minutes=1)  # with a scanner that is away, or what only Creatio knows
A_MOMENT = timedelta(minutes=2)  # until Creatio shows a row that it has just made
TIDYING_TIME, CUTTING_TIME = timedelta(seconds=5), timedelta(seconds=30)
DOUBTFUL = (
    "the same words went to the same people before, and nothing in Creatio tells whether this is another mail. Trying "
    "it again sends it"
)


@dataclass(frozen=True, slots=True)
class _Mail:
    """A submitted mail: how it came, what it says to the customer, what is known of it."""

    kept: Kept
    message: Message
    said: ReplyText
    ground: Ground

    @property
    def automatic(self) -> bool:
        return submitted.is_automatic(self.message)


async def submit(parts: Parts, kept: Kept, message: Message, *, vouched: bool = False) -> Write:
    """A rep's reply is written as any reply of ours; what answers nothing, and a machine's mail, go on as they are.
    `vouched`: a person says that it is no mail that was sent before."""
    settings = parts.settings
    is_ours = Directory(settings.mailboxes).is_ours
    leave = partial(submitted.leave, kept=kept, message=message, settings=settings)
    authors = [*(one.address for one in message.senders), *authors_of(await _bytes(parts, kept))]
    if not authors or not all(is_ours(one) for one in authors):
        return partial(leave, why="its From is not one of our mailboxes")
    if not kept.envelope.outside:
        return partial(leave, why=AMONG_US)
    if refused := next((one for one in message.attachments if one.warning), None):
        if refused.warning.startswith(NOT_YET):
            await _wait(parts, kept, refused.warning, PATIENCE)
        return partial(leave, why=f"its file {refused.name}: {refused.warning}")
    said = await _read(parts, kept, message)
    ground = await _find_ground(parts, kept, message, said.text, Rows(vouched=True) if vouched else None)
    if ground.repeat in (Repeat.ASK, Repeat.DOUBT):
        return partial(leave, why=DOUBTFUL)
    told = partial(submitted.claim, kept=kept, message=message, ground=ground, text=said.text, settings=settings)
    if ground.entry is not None and (ground.mailed or ground.again) and not ground.left:
        return told
    if not ground.left:
        why = "the same mail was submitted before and has gone to all of them"
        return partial(submitted.record, kept=kept, message=message, why=why, here=ground.home)
    made = await _make(parts, _Mail(kept, message, said, ground))
    return partial(submitted.keep, mail=made, settings=settings, text=said.text)


async def _find_ground(parts: Parts, kept: Kept, message: Message, text: str, rows: Rows | None) -> Ground:
    """Where the same words went out before, Creatio's rows tell whether this is another mail."""
    look = partial(submitted.look, kept=kept, message=message, text=text, settings=parts.settings)
    ground = await parts.store.read(partial(look, rows=rows))
    if ground.repeat is Repeat.ASK and ground.home is not None:
        rows = await repeated.find_rows(parts, ground.home, submitted.words_of(kept, message, text))
        ground = await parts.store.read(partial(look, rows=rows))
        if ground.repeat is Repeat.YES:
            await _wait(parts, kept, "Creatio may be about to show another row of these words", A_MOMENT)
        elif ground.repeat is not Repeat.NO:
            await _wait(parts, kept, "only Creatio can tell whether it was sent before", PATIENCE)
    return ground


async def _wait(parts: Parts, kept: Kept, why: str, longest: timedelta) -> None:
    """Later, and rarer each time, until it has waited for so long."""
    waited = abs(await parts.store.read(lambda tx: tx.now) - kept.received)  # a clock that is set back ends it
    if waited < longest:
        wait = min(max(SOON, waited), longest - waited + timedelta(seconds=1))
        raise TryLater(why, wait=wait, partner_down=False, patient=True)


async def _make(parts: Parts, mail: _Mail) -> Submission:
    kept, message, ground = mail.kept, mail.message, mail.ground
    ours = await parts.store.read(installation.identity)
    known = await parts.store.read(conversations.load, ground.home) if ground.home else None
    fresh = None
    if known is None and not mail.automatic:
        fresh = await parts.store.read(_begin, mail, parts.settings)
    here = known or fresh
    # Copies that Creatio gives us one by one are mails of their own, under ids of their own.
    key = ours.derive(kept.mailbox, message.message_id, message.content, "submitted", *sorted(ground.left))
    if here is None:
        message_id = f"<{key}@{tokens.wire_domain(kept.mailbox)}>"
        outgoing = await _as_it_is(parts, mail, None, message_id, kept.envelope.sender)
        return Submission(kept, message, ground, outgoing, None, None)
    written = await _write(parts, mail, here, key) if known and not mail.automatic else None
    if written is not None:
        entry = replace(written.entry, arrival=kept.id, attachments=message.attachments)
        return Submission(kept, message, ground, written.outgoing, entry, None)
    message_id = tokens.message_id(ours.secret, here.mailbox, here.id, key, kept.mailbox)
    entry = _entry(mail, here, key, message_id, Directory(parts.settings.mailboxes))
    sender = answering.return_path(here, replace(entry, sender=Address(kept.mailbox)), parts.settings, ours)
    outgoing = await _as_it_is(parts, mail, here, message_id, sender)
    return Submission(kept, message, ground, outgoing, None if mail.automatic else entry, fresh)


async def _read(parts: Parts, kept: Kept, message: Message) -> ReplyText:
    """What the rep says, without what Creatio put around it; all of it where that cannot be told apart."""
    body = message.body
    number = await parts.store.read(_case_number, kept, message, parts.settings)
    try:
        return await parts.readers.run(tidy, body.html or body.text, bool(body.html), number, timeout=TIDYING_TIME)
    except TooHeavy:
        return ReplyText(body.text, "")


def _case_number(tx: Transaction, kept: Kept, message: Message, settings: Settings) -> str:
    home = submitted.look(tx, kept, message, "", settings).home
    conversation = conversations.load(tx, home) if home else None
    case = cases.load(tx, conversation.case) if conversation is not None and conversation.case else None
    return case.number if case is not None else ""


async def _write(parts: Parts, mail: _Mail, here: Conversation, key: str) -> Written | None:
    """The reply in the customer's thread; None when it cannot be written so, and goes as it is."""
    message, said = mail.message, mail.said
    try:
        files = await _files(parts, mail.kept, message, said)
    except (TooHeavy, Unreadable):
        return None
    if not said.text.strip() and not files:
        return None
    is_ours = Directory(parts.settings.mailboxes).is_ours
    to, cc = ([one for one in some if not is_ours(one.address)] for some in (message.to, message.cc))
    words = Words(
        Author.AGENT,
        deliveries.Kind.AGENT,
        said.text,
        key,
        said.html,
        files,
        name=message.senders[0].name,
        chosen=Chosen(tuple(to), tuple(cc), mail.ground.left),
    )
    written = await answering.write_words(parts, here, words)
    limit = answering.way_out(parts.settings, answering.mailbox_of(parts.settings, here.mailbox)).max_size
    return written if written.outgoing.size <= limit else None


async def _files(parts: Parts, kept: Kept, message: Message, said: ReplyText) -> tuple[File, ...]:
    """Its files and the pictures that its new text shows; those of the quoted history are not sent again."""
    shown = [File(f"{one.content_id}.{one.type[6:]}", one.type, one.content, one.content_id) for one in said.pictures]
    raw = await _bytes(parts, kept)
    for one in message.attachments:
        in_text = bool(one.content_id) and f"cid:{one.content_id}" in said.html
        if one.inline and not in_text:
            continue
        content = await parts.readers.run(attachment_bytes, raw, one.index, timeout=CUTTING_TIME)
        shown.append(File(one.name, one.type, content, one.content_id if in_text else ""))
    return tuple(shown)


async def _bytes(parts: Parts, kept: Kept) -> bytes:
    return kept.raw if kept.raw is not None else await parts.store.blobs.read(kept.sha256)


async def _as_it_is(parts: Parts, mail: _Mail, here: Conversation | None, message_id: str, sender: str) -> Outgoing:
    """The mail as Creatio wrote it, under an id of ours: in a conversation, answers to it come home."""
    message, raw = mail.message, await _bytes(parts, mail.kept)
    parent = next(iter(message.in_reply_to), "")
    thread = references(here.anchor, message.references, parent) if here is not None else message.references
    passed = pass_on(raw, message_id, thread)
    blob = await parts.store.blobs.keep_bytes(passed) if len(passed) > SMALL else None
    return Outgoing(
        mailbox=mail.kept.mailbox if here is None else here.mailbox,
        kind=deliveries.Kind.PASSED_ON if mail.automatic else deliveries.Kind.AGENT,
        message_id=message_id,
        sender=sender,
        recipients=mail.ground.left,
        size=len(passed),
        raw=passed if blob is None else None,
        blob=blob,
        conversation_id=None if here is None else here.id,
    )


def _begin(tx: Transaction, mail: _Mail, settings: Settings) -> Conversation:
    """A rep writes to somebody of their own accord: a person's conversation, whose answer comes home."""
    kept, message = mail.kept, mail.message
    ours, is_ours = installation.identity(tx), Directory(settings.mailboxes).is_ours
    named = [one for one in (*message.to, *message.cc) if not is_ours(one.address)]
    here = ours.derive(kept.mailbox, message.message_id, message.content, "conversation")
    return Conversation(
        id=here,
        mailbox=kept.mailbox,
        subject=bare_subject(message.subject),
        customer=next(iter(named), Address(kept.envelope.outside[0])),
        customer_id=0,
        state=State.OPEN,
        held=Held.PERSON,
        created=tx.now,
        anchor=tokens.anchor(ours.secret, kept.mailbox, here),
        parent=mail.ground.linked,
    )


def _entry(mail: _Mail, here: Conversation, key: str, message_id: str, directory: Directory) -> Entry:
    kept, message, said = mail.kept, mail.message, mail.said
    to, cc = (tuple(one for one in some if not directory.is_ours(one.address)) for some in (message.to, message.cc))
    return Entry(
        id=0,
        author=Author.AGENT,
        at=max([kept.received, *(one.at for one in here.entries)]),
        arrived=kept.received,
        key=key,
        message_id=message_id,
        subject=message.subject,
        text=said.text or message.body.text,
        html=said.html,
        full=message.body.text,
        sender=message.senders[0],
        to=to,
        cc=cc,
        in_reply_to=message.in_reply_to,
        references=message.references,
        attachments=message.attachments,
        arrival=kept.id,
    )
