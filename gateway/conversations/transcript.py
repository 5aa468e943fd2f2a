"""A conversation as text: what was said before, for trimming quotes and for the assistant's brief."""

from collections.abc import Collection, Sequence
from typing import Literal

from gateway.conversations.conversation import Conversation
from gateway.mail.message import Body
from gateway.mail.quotes.trim import trim
from gateway.mail.quotes.trimmed import Earlier, Trimmed
from gateway.mail.quotes.with_talon import trim_with_talon

LATEST = 30


def earlier_of(conversation: Conversation) -> tuple[Earlier, ...]:
    """What the newest entries said: a quote below a new mail is one of these."""
    return tuple(
        Earlier(one.text, one.sender.address, one.sender.name, one.at, one.message_id)
        for one in conversation.entries[-LATEST:]
    )


def new_text(
    body: Body, subject: str, thread: Sequence[Earlier], ours: Collection[str], engine: str, signatures: str
) -> Trimmed:
    """What is new in a mail, by the engine and the way with signatures that the settings name."""
    try:
        if engine == "talon":
            return trim_with_talon(body)
        way: Literal["keep", "fold"] = "keep" if signatures == "keep" else "fold"
        return trim(body, subject=subject, thread=thread, ours=ours, signatures=way)
    except Exception as fault:  # noqa: BLE001 - whatever a trimmer stumbles over, it costs the customer no word
        return untrimmed(body, f"{type(fault).__name__}: {fault}"[:200])


def untrimmed(body: Body, fault: str) -> Trimmed:
    """The whole text, when it could not be trimmed: nothing of it is lost."""
    return Trimmed(text=body.text, html="", full=body.text, fault=fault)
