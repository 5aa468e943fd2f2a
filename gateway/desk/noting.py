"""How a mail is noted on a case: title, body, addresses; only what is new, with a visible mark where it is cut."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape

from gateway.conversations.conversation import Author, Conversation, Entry, Trust
from gateway.desk.decision import Understanding
from gateway.mail.message import Address, Attachment

MAX_TITLE = 500
MAX_BODY = 100_000
MAX_PLAIN = 4_000  # when Creatio has refused the whole
CUT = "[… cut: the whole mail is in the gateway]"
UNVERIFIED = "[Sender not verified]"
FAILED = "[Sender proved false]"


def trust_mark(entry: Entry, *, appended: bool) -> str:
    """What a rep must see first: the sender was proved false, or is not verified and joins a matter that exists."""
    if entry.author is not Author.CUSTOMER:
        return ""
    if entry.trust is Trust.FAILED:
        return FAILED
    return UNVERIFIED if appended and entry.trust is Trust.UNVERIFIED else ""


def title_of(conversation: Conversation, entry: Entry) -> str:
    return (entry.subject.strip() or conversation.subject.strip() or "(no subject)")[:MAX_TITLE]


def plain_body(text: str, head: Sequence[str], tail: Sequence[str]) -> str:
    """Head lines, the mail's new text, tail lines, as plain text."""
    return "\n\n".join(part for part in (*head, text, *tail) if part)


def html_body(said: str, head: Sequence[str], tail: Sequence[str]) -> str:
    """The same as HTML. `head` lines and what the mail has `said` are HTML already, the tail never is."""
    lines = [f"<p>{part}</p>" for part in head if part]
    return "".join(f"{part}\n" for part in (*lines, said, *(f"<p>{as_html(part)}</p>" for part in tail)) if part)


def as_html(text: str) -> str:
    """Plain text so that a browser shows it as it is."""
    return escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br />\n")


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; what is missing is said."""
    return text if len(text) <= limit else f"{text[:limit].rstrip()}\n{CUT}"


def link_html(url: str) -> str:
    return f'<a href="{escape(url)}">View session</a>' if url else ""


def link_text(url: str) -> str:
    return f"View session: {url}" if url else ""


def handoff_lines(about: Understanding, reason: str, problems: Sequence[str]) -> list[str]:
    """Why it was handed off, and what the assistant made of it besides the summary."""
    labels = (
        ("Handed off", reason),
        ("Language", about.language),
        ("Sentiment", about.sentiment),
        ("Topic", about.topic),
    )
    return [f"{label}: {value.strip()}" for label, value in labels if value and value.strip()] + list(problems)


def file_lines(listed: Sequence[tuple[Attachment, str]]) -> list[str]:
    """One line for the attachments and why some are not uploaded."""
    if not listed:
        return []
    lines = [f"- {one.name} ({size_in_words(one.size)}){f': {why}' if why else ''}" for one, why in listed]
    return ["Attachments:\n" + "\n".join(lines)]


def size_in_words(size: int) -> str:
    if size < 1024:
        return f"{size} bytes"
    return f"{size / 1024:.0f} kB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def written(address: Address) -> str:
    return f"{address.name} <{address.address}>" if address.name else address.address


def addressees(addresses: Sequence[Address]) -> str:
    return "; ".join(written(one) for one in addresses)


def times(entries: Sequence[Entry]) -> dict[int, datetime]:
    """The time of each entry's activity: the mail's own, whole seconds; a tie gets a second more, so order is ours."""
    taken: set[datetime] = set()
    given: dict[int, datetime] = {}
    for one in entries:
        at = one.at.astimezone(UTC).replace(microsecond=0)
        while at in taken:
            at += timedelta(seconds=1)
        taken.add(at)
        given[one.id] = at
    return given
