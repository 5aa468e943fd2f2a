"""A conversation as text: what was said before, for trimming quotes and for the assistant's brief."""

from collections.abc import Collection, Sequence

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
    if engine == "talon":
        return trim_with_talon(body)
    return trim(body, subject=subject, thread=thread, ours=ours, signatures="keep" if signatures == "keep" else "fold")


def untrimmed(body: Body) -> Trimmed:
    """The whole text, when it could not be trimmed in time: nothing of it is lost."""
    return Trimmed(text=body.text, html="", full=body.text)
