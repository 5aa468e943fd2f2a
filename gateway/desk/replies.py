"""What a row on a case is: an agent's reply for us to mail, one that Creatio mails, or nothing for the customer."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from gateway.conversations.conversation import Author, Conversation
from gateway.mail.addresses import read_addresses
from gateway.mail.message import Address


class Kind(StrEnum):
    EMAIL = "Email"
    TASK = "Task"
    FEED = "Feed"
    PORTAL = "Portal"
    OTHER = "Other"


class Sending(StrEnum):
    """Creatio's word for where a mail is; UNSET where the row has none."""

    UNSET = ""
    NOT_SENT = "NotSend"
    IN_PROGRESS = "InProgress"
    SENT = "Sended"
    FAILED = "ErrorOnSend"


@dataclass(frozen=True, slots=True)
class ActivitySeen:
    """A row on a case as a list shows it, without its body. Times are Creatio's own texts, never compared with ours.

    `author` is the contact that made it. `completed`, `canceled`: its status. `automatic`: made by Creatio's rules.
    """

    id: str
    case_id: str
    kind: Kind
    incoming: bool | None
    completed: bool
    canceled: bool = False
    sending: Sending = Sending.UNSET
    sent_at: str = ""
    error: str = ""
    author: str = ""
    automatic: bool = False
    title: str = ""
    sender: str = ""
    recipients: str = ""
    copies: str = ""
    hidden: str = ""
    category: str = ""
    created: str = ""
    modified: str = ""

    def state(self) -> dict[str, str]:
        """What a verdict depends on: the same state needs no second look."""
        return {
            "sending": self.sending.value,
            "sent_at": self.sent_at,
            "completed": "yes" if self.completed else "no",
            "incoming": str(self.incoming),
            "modified": self.modified,
        }


@dataclass(frozen=True, slots=True)
class FileSeen:
    id: str
    name: str
    size: int
    inline: bool = False


@dataclass(frozen=True, slots=True)
class ActivityWhole:
    """The row with its body and its files; `message_id` once it has one."""

    seen: ActivitySeen
    body: str
    is_html: bool
    files: tuple[FileSeen, ...] = ()
    message_id: str = ""
    in_reply_to: str = ""


class Ruling(StrEnum):
    OURS = "ours"  # we made it
    NEVER = "never"  # not meant for the customer
    DRAFT = "draft"  # not finished
    WAITING = "waiting"  # Creatio is sending it
    RECORD = "record"  # Creatio has sent it
    FAILED = "failed"  # Creatio could not send it
    MAIL = "mail"  # a finished reply that nobody sends: ours


@dataclass(frozen=True, slots=True)
class Verdict:
    ruling: Ruling
    why: str


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """`ours` are the ids of rows that we made or are about to make; `us` is the contact we are in Creatio."""

    types: tuple[str, ...] = ("Email",)
    deliver: Literal["auto", "gateway", "creatio"] = "auto"
    task_category: str = ""
    task_prefix: str = ""
    authors: tuple[str, ...] = ()
    ours: frozenset[str] = frozenset()
    us: str = ""


OWN_NAME = "made by the gateway's own technical user, not by a person"
OWN_USER = (
    "written under the name of the gateway's own Creatio user, as Creatio's processes do, too: never mailed. If a "
    "person wrote it, the gateway needs a user of its own, with which nobody signs in "
    "(System Designer → System users → New)"
)


def judge(row: ActivitySeen, rules: ReplyRules) -> Verdict:
    """Default deny: only a finished reply of a person, of an allowed kind, that Creatio neither sent nor will send."""
    if row.id in rules.ours:
        return Verdict(Ruling.OURS, "written by the gateway")
    if row.kind.value not in rules.types:
        return Verdict(Ruling.NEVER, f"{_article(row.kind)} is internal: replies.types does not allow it")
    if row.automatic:
        return Verdict(Ruling.NEVER, "an automatic notification of Creatio")
    if row.canceled:
        return Verdict(Ruling.NEVER, "canceled")
    if rules.us and row.author == rules.us:
        return Verdict(Ruling.NEVER, OWN_USER if _judge_kind(row, rules).ruling is Ruling.MAIL else OWN_NAME)
    return _judge_kind(row, rules)


def _judge_kind(row: ActivitySeen, rules: ReplyRules) -> Verdict:
    return _judge_mail(row, rules) if row.kind is Kind.EMAIL else _judge_other(row, rules)


def _judge_mail(row: ActivitySeen, rules: ReplyRules) -> Verdict:
    """The row states of Creatio's own composer are inferred from its code; each is a switch of the simulator."""
    if row.incoming is True:
        return Verdict(Ruling.NEVER, "an incoming mail")
    if row.sending is Sending.IN_PROGRESS and not row.sent_at:
        return Verdict(Ruling.WAITING, "Creatio is sending it")
    if row.sending is Sending.SENT:
        return Verdict(Ruling.RECORD, "Creatio has sent it")
    if row.sending is Sending.FAILED or row.error:
        return Verdict(Ruling.FAILED, f"Creatio could not send it: {row.error or 'no reason given'}")
    if row.sent_at:
        return Verdict(Ruling.RECORD, "Creatio has sent it")
    if row.incoming is None:
        return Verdict(Ruling.DRAFT, "not marked as outgoing")
    if not row.completed:
        return Verdict(Ruling.DRAFT, "not completed: a draft")
    return _by_author(row, rules)


def _judge_other(row: ActivitySeen, rules: ReplyRules) -> Verdict:
    """A task, feed post or portal message is internal unless it is marked as a reply."""
    if row.kind is Kind.TASK and not row.completed:
        return Verdict(Ruling.DRAFT, "a task that is not completed")
    marked = bool(rules.task_category) and row.category.casefold() == rules.task_category.casefold()
    prefixed = bool(rules.task_prefix) and _plain(row.title).casefold().startswith(rules.task_prefix.casefold())
    if not marked and not prefixed:
        return Verdict(Ruling.NEVER, f"{_article(row.kind)} without the configured category or prefix is internal")
    return _by_author(row, rules)


def _by_author(row: ActivitySeen, rules: ReplyRules) -> Verdict:
    if rules.authors and row.author not in {one.casefold() for one in rules.authors}:
        return Verdict(Ruling.NEVER, "its author is not among replies.authors")
    if rules.deliver == "creatio":
        return Verdict(Ruling.NEVER, 'replies.deliver is "creatio": the gateway mails nothing for agents')
    return Verdict(Ruling.MAIL, "a completed reply that Creatio does not send")


def conversation_of(
    row: ActivitySeen, talks: Sequence[Conversation], people: Mapping[str, Collection[str]], number: str, answers: str
) -> Conversation | None:
    """Which of the case's conversations a reply belongs to; None when it is addressed to nobody who takes part.

    `people` are the case-folded addresses of each conversation, `answers` the conversation whose mail it answers. A
    mail to somebody else, written on the case, is never the customer's.
    """
    to = addressed(row)
    theirs = [one for one in talks if not to or to & set(people.get(one.id, ()))]
    for chosen in (
        [one for one in theirs if one.id == answers],
        [one for one in theirs if same_matter(row.title, one.subject, number)],
        theirs,
    ):
        if chosen:
            return max(chosen, key=_newest)
    return None


def addressed(row: ActivitySeen) -> frozenset[str]:
    """The case-folded addresses that a row names as recipients; those of hidden copies only where it shows nobody."""
    shown = _read(row.recipients, row.copies)
    return frozenset(one.key for one in shown or _read(row.hidden))


def named_in(row: ActivitySeen) -> tuple[Address, ...]:
    """Everybody whom a row names as recipient, hidden copies too."""
    return _read(row.recipients, row.copies, row.hidden)


def _read(*written: str) -> tuple[Address, ...]:
    """Creatio parts addresses with semicolons."""
    return read_addresses([one.replace(";", ",").encode() for one in written if one.strip(" ,;")])


def names_case(title: str, number: str) -> bool:
    """Whether a row's title bears the case's number."""
    return bool(number) and re.search(rf"(?<!\w){re.escape(number)}(?!\w)", title, re.IGNORECASE) is not None


def _newest(conversation: Conversation) -> int:
    return max((one.id for one in conversation.entries if one.author is Author.CUSTOMER), default=0)


# What Creatio puts around a rep's subject: its own case number, and reply marks.
_NUMBER = re.compile(r"\s*[\[(]?\s*\b(?:case\s*)?#\s*[A-Z]{1,6}\d{4,12}\s*[\])]?", re.IGNORECASE)


def bare_subject(title: str, number: str = "") -> str:
    """The subject without Creatio's case number."""
    if number:
        title = re.sub(rf"\s*[\[(]?\s*(?:case\s*)?#?\s*{re.escape(number)}\s*[\])]?", " ", title, flags=re.IGNORECASE)
    return " ".join(_NUMBER.sub(" ", title).split())


def same_matter(title: str, subject: str, number: str = "") -> bool:
    """Whether a row's title belongs to a conversation's subject."""
    return _core(bare_subject(title, number)) == _core(bare_subject(subject, number)) != ""


def without_prefix(text: str, rules: ReplyRules) -> str:
    """The text of a task or post without the mark that made it a reply."""
    stripped = text.lstrip()
    if rules.task_prefix and stripped.casefold().startswith(rules.task_prefix.casefold()):
        return stripped[len(rules.task_prefix) :].lstrip(" :-–\n")
    return text


def changed(row: ActivitySeen, known: Mapping[str, str]) -> bool:
    """Whether the row is no longer as it was when it was ruled on. What else is kept with its state does not count."""
    return any(known.get(word) != value for word, value in row.state().items())


def _core(subject: str) -> str:
    return re.sub(r"(?i)^((re|aw|wg|fwd?|sv|vs|antw|odp|tr|rv)\s*(\[\d+\])?\s*:\s*)+", "", subject.strip()).casefold()


def _plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def _article(kind: Kind) -> str:
    names = {Kind.TASK: "a task", Kind.FEED: "a feed post", Kind.PORTAL: "a portal message", Kind.EMAIL: "an e-mail"}
    return names.get(kind, "an activity of another type")
