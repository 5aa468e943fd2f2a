"""The DNS is asked for what `mail.authenticity` wants to know, until the sender is proven or nothing is left to ask."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

from gateway.desk.mailboxes import believed_servers
from gateway.errors import TryLater
from gateway.mail.authenticity import Answers, Ask, Proof, Question, prove, prove_bytes, prove_file
from gateway.mail.message import Body, Message
from gateway.mail.trust import Trust
from gateway.offload import TooHeavy
from gateway.pipeline.parts import Parts
from gateway.ports import Names
from gateway.store.arrivals import Kept

ROUNDS = 16
PATIENCE = timedelta(seconds=3)
PROVING_TIME = timedelta(seconds=10)
_SEALS = ("dkim-signature", "arc-seal")


async def prove_sender(parts: Parts, kept: Kept, message: Message) -> tuple[Proof, Answers | None]:
    """What the mail proves of its From, and what the DNS said (None: it was not asked).

    A DNS that is away proves nothing and fails nobody.
    """
    # A report answers a mail of ours, whoever sent it.
    asked: dict[Question, Sequence[str] | None] = {}
    answers = None if parts.names is None or message.report is not None else asked
    for _ in range(ROUNDS):
        try:
            found = await _examine(parts, kept, message, answers)
        except TooHeavy as heavy:
            return Proof(Trust.UNVERIFIED, (f"its signatures could not be checked: {heavy.reason}",)), answers
        if isinstance(found, Proof):
            return found, answers
        if parts.names is None:
            break
        asked.update(await _ask(parts.names, found))
    return Proof(Trust.UNVERIFIED, ("too many questions to the DNS",)), answers


async def _ask(names: Names, wanted: Ask) -> Answers:
    answers = await asyncio.gather(*(_ask_one(names, *question) for question in wanted.questions))
    return dict(zip(wanted.questions, answers, strict=True))


async def _ask_one(names: Names, name: str, kind: str) -> Sequence[str] | None:
    try:
        return await names.ask(name, kind, timeout=PATIENCE)
    except TryLater:
        return None


async def _examine(parts: Parts, kept: Kept, message: Message, answers: Answers | None) -> Proof | Ask:
    """Signatures are checked in the reading process; without any it is a matter of comparing words."""
    servers = believed_servers(parts.settings, kept.envelope)
    if answers is None or not any(message.header(name) for name in _SEALS):
        return prove(b"", message, kept.envelope, servers=servers, answers=answers)
    # Only the head is looked at: the body need not travel to the reading process again.
    head = replace(message, body=Body(), attachments=(), nested=())
    async with AsyncExitStack() as stack:
        if kept.raw is not None:
            return await parts.readers.run(
                prove_bytes, kept.raw, head, kept.envelope, servers, answers, timeout=PROVING_TIME
            )
        path = await stack.enter_async_context(parts.store.blobs.path_of(kept.sha256))
        return await parts.readers.run(
            prove_file, str(path), head, kept.envelope, servers, answers, timeout=PROVING_TIME
        )
