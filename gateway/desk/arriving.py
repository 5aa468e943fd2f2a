"""What matching needs to know of a mail, taken from what was understood of it."""

import re
from collections.abc import Sequence
from datetime import datetime

from gateway.conversations.matching import Arriving, nearest_first
from gateway.desk.triage import Triage
from gateway.mail import tokens
from gateway.mail.message import Message
from gateway.mail.thread_index import unpack

_CASE_NUMBER = re.compile(r"\b([A-Z]{2,6}[-_]?\d{5,12}|\d{6,12})\b")


def describe(
    message: Message, verdict: Triage, *, mailbox: str, recipient: str, at: datetime, secret: bytes
) -> Arriving:
    """Whom it is from, what it refers to, which of our tokens it carries. `recipient` is the envelope's."""
    references = nearest_first(message.in_reply_to, message.references)
    carried = carriers(message, recipient)
    named = [tokens.find(secret, mailbox, text) for text in carried] if secret else []
    return Arriving(
        sender=verdict.customer.key,
        trust=verdict.trust,
        mailbox=mailbox,
        subject=message.subject,
        at=at,
        references=references,
        tokens={token.conversation: frozenset() for token in named if token is not None},
        thread_index=thread_index(message),
        case_numbers=case_numbers(message.subject),
        quotes=bool(message.in_reply_to) and len(message.body.text) > 0,
    )


def case_numbers(subject: str) -> frozenset[str]:
    """What may be the number of a case in a subject."""
    return frozenset(_CASE_NUMBER.findall(subject[:300])[:10])


def carriers(message: Message, recipient: str) -> Sequence[str]:
    """Where a token of ours may stand: the ids referred to, the recipient's sub-address, To, the subject."""
    references = nearest_first(message.in_reply_to, message.references)
    return (*references, recipient, *(one.address for one in message.to), message.subject)


def thread_index(message: Message) -> str:
    """What all mails of one Outlook conversation have in common: the first 22 bytes of Thread-Index, as hex."""
    return unpack(message.header("thread-index"))[:22].hex()
