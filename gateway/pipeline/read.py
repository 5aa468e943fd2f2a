"""READ: bytes become a message, the message finds its conversation."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

from gateway.config.settings import Mailbox, Settings, Spam
from gateway.conversations.matching import Arriving, Home
from gateway.conversations.transcript import earlier_of, new_text, untrimmed
from gateway.desk.arriving import describe
from gateway.desk.considering import consider
from gateway.desk.course import has_place
from gateway.desk.mailboxes import Directory
from gateway.desk.triage import Triage
from gateway.log import Event, get
from gateway.mail.authenticity import Answers, answers_as_rows
from gateway.mail.limits import Unreadable
from gateway.mail.message import Message
from gateway.mail.quotes.trimmed import Earlier, Trimmed
from gateway.mail.reading import read_file, read_message
from gateway.mail.trust import Trust
from gateway.offload import TooHeavy
from gateway.pipeline import probing, recording, submitted, submitting
from gateway.pipeline.parts import Job, Parts, Write, nothing
from gateway.pipeline.place import Reading, place, rethink
from gateway.pipeline.proving import prove_sender
from gateway.pipeline.scanning import look_at_files
from gateway.store import arrivals, conversations, installation, known_ids, marks
from gateway.store.arrivals import Kept
from gateway.store.database import Transaction

READING_TIME = timedelta(seconds=10)
TRIMMING_TIME = timedelta(seconds=3)
log = get("pipeline")


async def read(parts: Parts, job: Job) -> Write:
    """Understand one arrival. An unreadable one is set aside with the reason; its lane goes on."""
    kept = await parts.store.read(arrivals.fetch, int(job.subject))
    if kept is None or kept.fate is not None:
        return nothing
    try:
        message = await look_at_files(parts, kept, await _understand(parts, kept))
    except (TooHeavy, Unreadable) as heavy:
        return partial(recording.set_aside, kept=kept, why=heavy.reason)
    if bool(kept.envelope.outside) or await parts.store.read(submitted.is_rep_among_us, kept, message, parts.settings):
        return await submitting.submit(parts, kept, message, vouched="vouched" in (job.data or {}))
    verdict, answers = await _judge(parts, kept, message, released="released" in (job.data or {}))
    if "vouched" in (job.data or {}):
        verdict = replace(
            verdict, trust=Trust.UNVERIFIED, reasons=(*verdict.reasons, "a person vouches for the sender")
        )
    kept = replace(kept, evidence={"dns": answers_as_rows(answers)})
    probe = await parts.store.read(probing.recognise, kept, message, parts.settings)
    if probe is not None:
        return partial(probing.take_back, kept=kept, message=message, verdict=verdict, probe=probe)
    known = await parts.store.read(recording.already_known, kept, message)
    if known is not None:
        return partial(recording.record, kept=kept, message=message, verdict=verdict, why=known)
    arriving = await _describe(parts, kept, message, verdict)
    home = await parts.store.read(rethink, arriving, parts.settings)
    if not has_place(verdict, home, parts.settings.creatio):
        return partial(recording.keep_out, kept=kept, message=message, verdict=verdict, home=home)
    trimmed = await _trim(parts, message, home)
    reading = Reading(message, verdict, arriving, home, trimmed)
    return partial(_write, kept=kept, reading=reading, settings=parts.settings)


def _write(tx: Transaction, kept: Kept, reading: Reading, settings: Settings) -> Sequence[Event]:
    recording.remember_reading(tx, kept, reading.message, reading.triage, reading.home)
    events = list(place(tx, kept, reading, settings))
    if reading.trimmed.fault:
        marks.count(tx, marks.NOT_TRIMMED)
        events.append(Event("not_trimmed", {"arrival": kept.id, "why": reading.trimmed.fault}))
    return events


async def _understand(parts: Parts, kept: Kept) -> Message:
    """Small mail travels to the reading process as bytes, large mail by the path of its blob."""
    async with AsyncExitStack() as stack:
        if kept.raw is not None:
            return await parts.readers.run(read_message, kept.raw, timeout=READING_TIME)
        path = await stack.enter_async_context(parts.store.blobs.path_of(kept.sha256))
        return await parts.readers.run(read_file, str(path), timeout=READING_TIME)


async def _judge(parts: Parts, kept: Kept, message: Message, *, released: bool) -> tuple[Triage, Answers | None]:
    """With what the DNS said. `released`: a person says that it is no spam, whatever its marks say."""
    settings = replace(parts.settings, spam=Spam((), ())) if released else parts.settings
    mailbox = Directory(settings.mailboxes).find(kept.mailbox) or Mailbox(kept.mailbox)
    ours = await parts.store.read(known_ids.sent_by_us, message.message_id)
    proof, answers = await prove_sender(parts, kept, message)
    return consider(message, kept.envelope, mailbox, settings, proof=proof, sent_by_us=ours), answers


async def _describe(parts: Parts, kept: Kept, message: Message, verdict: Triage) -> Arriving:
    """What matching needs to know: whom it is from, what it refers to, which of our tokens it carries."""
    secret = (await parts.store.read(installation.identity)).secret
    recipient = kept.envelope.recipient
    return describe(message, verdict, mailbox=kept.mailbox, recipient=recipient, at=kept.received, secret=secret)


async def _trim(parts: Parts, message: Message, home: Home) -> Trimmed:
    thread: tuple[Earlier, ...] = ()
    if home.found is not None:
        conversation = await parts.store.read(conversations.load, home.found)
        thread = earlier_of(conversation) if conversation else ()
    ours = sorted(Directory(parts.settings.mailboxes).ours)
    chosen = parts.settings.mail
    try:
        return await parts.readers.run(
            new_text,
            message.body,
            message.subject,
            thread,
            ours,
            chosen.quotes,
            chosen.signatures,
            timeout=TRIMMING_TIME,
        )
    except TooHeavy as heavy:
        return untrimmed(message.body, heavy.reason)
