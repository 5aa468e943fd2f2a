"""Whether a submitted mail was sent before: a row in Creatio is one mail, however often and as whatever it comes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from gateway.desk.case import KnownCase
from gateway.desk.replies import ActivitySeen, Kind, Ruling, Sending, addressed, judge, same_matter
from gateway.desk.reply_text import tidy
from gateway.errors import TryLater
from gateway.offload import TooHeavy
from gateway.pipeline.parts import Parts
from gateway.pipeline.ruling import read_board
from gateway.ports import Crm
from gateway.store import cases, conversations, known_ids, submissions
from gateway.store.database import Transaction
from gateway.store.submissions import Said

SAME = timedelta(days=7)  # between a mail and the row that Creatio keeps of it
AT_ONCE = timedelta(minutes=15)  # while Creatio may not have marked it as sent yet
ASKING_TIME, TIDYING_TIME = timedelta(seconds=45), timedelta(seconds=5)
_MOST = 20  # rows whose bodies are read
_GOING = (Ruling.WAITING, Ruling.RECORD, Ruling.MAIL)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a case that say the same to one of the same people, and of which nothing is made yet: `going` are
    sent or being sent. `drafts`, `failed`: whether there are such. `vouched`: a person says that it is another mail."""

    going: frozenset[str] = frozenset()
    drafts: bool = False
    failed: bool = False
    vouched: bool = False


class Repeat(Enum):
    NO = "no"
    YES = "yes"
    ASK = "ask"  # Creatio's rows would tell
    DOUBT = "doubt"  # nothing does


@dataclass(frozen=True, slots=True)
class Standing:
    """What a mail is beside those that went out: `said` is the entry that it is already, if any."""

    repeat: Repeat = Repeat.NO
    said: Said | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What decides whether two mails are the same. `people` are case-folded, `files` the hashes of what is attached."""

    text: str
    people: frozenset[str]
    files: frozenset[str]


def weigh(tx: Transaction, home: str, words: Words, entry_id: int | None, rows: Rows | None) -> Standing:
    """`entry_id` is the entry of its Message-ID. Every row is one mail: the same words go out as often as there are
    rows that say them. Where no rows can tell, only what is said again at once, and to nobody's answer, is doubtful."""
    said = [one for one in submissions.replies(tx, home) if one.has_row or one.has_mail]
    unsubmitted = [one for one in said if not one.has_mail]
    if by_id := next((one for one in unsubmitted if one.entry_id == entry_id), None):
        return Standing(said=by_id)
    alike = [one for one in said if _is_same(one, words)]
    since, heard = tx.now - AT_ONCE, conversations.newest_customer_entry(tx, home) or 0
    recent = [one for one in alike if one.at > since and one.entry_id > heard]
    if waits := next((one for one in recent if not one.has_mail and not one.got & words.people), None):
        return Standing(said=waits)  # a row that was seen before its mail came
    served = [one for one in alike if one.got & words.people]
    if not served or (rows is not None and rows.vouched):
        return Standing()
    if by_id := next((one for one in served if one.entry_id == entry_id), None):
        return Standing(Repeat.YES, by_id)  # written anew on the way, under the same id
    talk = conversations.load(tx, home)
    case_id = talk.case if talk is not None else None
    if case_id is None:
        return Standing(Repeat.DOUBT if any(one.at > since for one in recent) else Repeat.NO)
    if rows is None:
        return Standing(Repeat.ASK)
    return _count(tx, case_id, words, rows, served, bool(recent))


def is_mail_open(tx: Transaction, case_id: str) -> bool:
    """Whether Creatio gave us a mail whose row is not known yet."""
    return bool(submissions.mails_without_row(tx, case_id, tx.now - SAME))


def find_mail(tx: Transaction, case: KnownCase, row: ActivitySeen, text: str | None, message_id: str) -> Said | None:
    """The submitted mail that a row is: by the id Creatio gave it, else by recipients and text, the oldest first.

    `text` None: its body was not looked at, and the subject has to do.
    """
    open_ones = submissions.mails_without_row(tx, case.id, tx.now - SAME)
    known = {one.entry_id for one in known_ids.find(tx, [message_id] if message_id else [])}
    by_id = [one for one in open_ones if one.entry_id in known]
    # What it says that it could not send may be what it did not hear the end of.
    was_sent = row.sending in (Sending.SENT, Sending.FAILED) or bool(row.sent_at or row.error)
    people = addressed(row)
    # A row that Creatio has not sent may be another reply in the same words: only a mail of this moment is its own.
    since = tx.now - (SAME if was_sent else AT_ONCE)
    # The same words to the same person on another case are another reply, and have a row of their own.
    near = [
        one
        for one in open_ones
        if one.at > since and (one.case in ("", case.id) or same_matter(row.title, one.subject, case.number))
    ]
    if text is not None:
        alike = [one for one in near if is_alike(one, text, people)]
    else:
        same = [one for one in near if people & one.people and same_matter(row.title, one.subject, case.number)]
        alike = same if was_sent else []
    return next(iter(by_id or alike), None)


def weigh_alone(tx: Transaction, words: Words, subject: str, rows: Rows | None) -> Standing:
    """Like `weigh` for a mail that answers nothing: no rows can tell."""
    if rows is not None and rows.vouched:
        return Standing()
    recent = submissions.mails_since(tx, tx.now - AT_ONCE)
    alike = [one for one in recent if _is_same(one, words) and one.got & words.people]
    return Standing(Repeat.DOUBT if any(same_matter(subject, one.subject) for one in alike) else Repeat.NO)


def is_alike(one: Said, text: str, people: frozenset[str]) -> bool:
    return bool(one.people & people) and one.text.split() == text.split()


async def find_rows(parts: Parts, home: str, words: Words) -> Rows | None:
    """What Creatio has of these words on the conversation's case now; None when it cannot be asked."""
    talk = await parts.store.read(conversations.load, home)
    known = await parts.store.read(cases.load, talk.case) if talk is not None and talk.case is not None else None
    if parts.crm is None or known is None:
        return None
    try:
        async with asyncio.timeout(ASKING_TIME.total_seconds()):
            return await _ask(parts, parts.crm, known, words)
    except (TryLater, TimeoutError):
        return None


def _count(tx: Transaction, case_id: str, words: Words, rows: Rows, served: Sequence[Said], recent: bool) -> Standing:
    made = cases.activities(tx, sorted(rows.going))
    going = [one for one in rows.going if one not in made or made[one].entry_id is None]
    open_ones = submissions.mails_without_row(tx, case_id, tx.now - SAME)
    if len(going) > sum(is_alike(one, words.text, words.people) for one in open_ones):
        return Standing()
    if not going and not rows.failed and not any(one.has_row for one in served):
        return Standing(Repeat.DOUBT if recent or rows.drafts else Repeat.NO)
    if rows.drafts:
        return Standing(Repeat.DOUBT)
    # What came of a row and was never submitted first, then what has no row yet, then the newest.
    return Standing(Repeat.YES, min(served, key=lambda one: (one.has_mail, one.has_row, -one.entry_id)))


async def _ask(parts: Parts, crm: Crm, known: KnownCase, words: Words) -> Rows:
    there, tenant = await crm.read_activities(known.id), await crm.tenant()
    board = await parts.store.read(read_board, known, there, parts.settings, tenant)
    found: dict[Ruling, list[str]] = {}
    looked = 0
    for row in reversed(there):
        earlier = board.known.get(row.id)
        fits = (
            row.kind is Kind.EMAIL and addressed(row) & words.people and (earlier is None or earlier.entry_id is None)
        )
        ruling = judge(row, board.rules).ruling
        if not fits or ruling not in (*_GOING, Ruling.DRAFT, Ruling.FAILED) or looked == _MOST:
            continue
        looked += 1
        if await _says(parts, crm, row, known.number, words.text):
            found.setdefault(ruling, []).append(row.id)
    going = frozenset(one for ruling in _GOING for one in found.get(ruling, ()))
    return Rows(going, drafts=Ruling.DRAFT in found, failed=Ruling.FAILED in found)


async def _says(parts: Parts, crm: Crm, row: ActivitySeen, number: str, text: str) -> bool:
    whole = await crm.read_activity(row)
    try:
        said = await parts.readers.run(tidy, whole.body, whole.is_html, number, timeout=TIDYING_TIME)
    except TooHeavy:
        return False
    return said.text.split() == text.split()


def _is_same(one: Said, words: Words) -> bool:
    """The files of a row are told apart by the rows themselves."""
    return is_alike(one, words.text, words.people) and (not one.has_mail or one.files == words.files)
