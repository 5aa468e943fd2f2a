"""One honest stand-in for each port."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from gateway.desk.brief import Brief
from gateway.desk.case import CaseSeen, CaseState, Status, Tenant, same_text
from gateway.desk.decision import Answer, Decision
from gateway.desk.records import (
    Change,
    ChangeCase,
    FileContent,
    NewActivity,
    NewCase,
    NewContact,
    NewFile,
    NewMessageData,
    NewNote,
    NewPost,
)
from gateway.desk.replies import ActivitySeen, ActivityWhole, FileSeen, Kind, Sending
from gateway.errors import SignInRefused, TryLater
from gateway.health import Finding
from gateway.mail.message import Address
from gateway.ports import (
    Changes,
    Delivered,
    FoundContact,
    LargeMail,
    NotTaken,
    Parcel,
    SmallMail,
    UnfitMail,
    Unknown,
    Verdict,
    Written,
)


class FakeRelay:
    """A relay in memory. It takes all mail, unless it was told otherwise."""

    def __init__(self) -> None:
        self.mails: list[Parcel] = []
        self._refused: dict[str, Verdict] = {}
        self._away = ""
        self._lost: list[bool] = []
        self._dies: list[bool] = []

    def refuse(self, recipient: str, verdict: Verdict) -> None:
        """What RCPT says of this recipient from now on."""
        self._refused[recipient] = verdict

    def take(self, recipient: str) -> None:
        self._refused.pop(recipient, None)

    def go_away(self, why: str = "the relay does not answer") -> None:
        self._away = why

    def come_back(self) -> None:
        self._away = ""

    def lose_answer(self, *, kept: bool) -> None:
        """The next mail is given to it, and no answer comes; `kept`: it has taken the mail all the same."""
        self._lost.append(kept)

    def kill(self, *, at_data: bool) -> None:
        """The process dies at the next mail: just before the "at DATA" mark, or just after it."""
        self._dies.append(at_data)

    async def send(
        self,
        parcel: Parcel,
        at_data: Callable[[], Awaitable[None]],
        may_go: Callable[[], Awaitable[None]] | None = None,
    ) -> Sequence[tuple[str, Verdict]]:
        if self._away:
            raise TryLater(self._away)
        if may_go is not None:
            await may_go()
        said = {one: self._refused[one] for one in parcel.recipients if one in self._refused}
        taken = tuple(one for one in parcel.recipients if one not in said)
        if taken:
            said |= dict.fromkeys(taken, await self._take(replace(parcel, recipients=taken), at_data))
        return [(one, said[one]) for one in parcel.recipients]

    async def _take(self, parcel: Parcel, at_data: Callable[[], Awaitable[None]]) -> Verdict:
        dies = self._dies.pop(0) if self._dies else None
        if dies is False:
            raise Died
        await at_data()
        if dies:
            raise Died
        lost = self._lost.pop(0) if self._lost else None
        if lost is not False:
            self.mails.append(parcel)
        return Delivered("taken") if lost is None else Unknown("no answer after the mail was given to the relay")


class Died(BaseException):
    """The process is gone: nothing catches this, as nothing runs after a kill -9."""


class FakeAssistant:
    """Says what it was told to say, in order; the last saying is repeated. Keeps the briefs it was given."""

    def __init__(self, *says: Decision | Exception) -> None:
        self.briefs: list[Brief] = []
        self.says: list[Decision | Exception] = list(says) or [Answer("You find it in the settings.")]
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def decide(self, brief: Brief) -> Decision:
        """`meanwhile` happens while it thinks."""
        self.briefs.append(brief)
        if self.meanwhile is not None:
            await self.meanwhile()
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Exception):
            raise said
        return said


STATUSES = {
    "New": CaseState.OPEN,
    "In progress": CaseState.OPEN,
    "Reopened": CaseState.OPEN,
    "Waiting": CaseState.PAUSED,
    "Resolved": CaseState.RESOLVED,
    "Closed": CaseState.FINAL,
}
US, ANNA = "us-in-creatio", "anna-in-creatio"


def status_id(name: str) -> str:
    return f"status-{name.lower()}"


@dataclass
class KeptCase:
    """A case in the fake's memory. `columns` by our words."""

    columns: dict[str, str]
    number: str
    parent: str = ""
    merged_into: str = ""
    modified: str = ""


@dataclass
class KeptRow:
    """An activity in the fake's memory, ours (`made` of a record) or a rep's."""

    seen: ActivitySeen
    body: str = ""
    is_html: bool = True
    files: dict[str, FileSeen] = field(default_factory=dict)
    message_id: str = ""
    in_reply_to: str = ""
    made: Change | None = None


class FakeCrm:
    """A CRM in memory: it keeps what it is given, each id once, and shows it as Creatio would.

    It is away, refuses, or loses its answer after it has kept the row, when it was told so.
    """

    def __init__(self, tenant: Tenant | None = None) -> None:
        statuses = tuple(Status(status_id(name), name, state) for name, state in STATUSES.items())
        self.about = tenant or Tenant(statuses, reopened=status_id("Reopened"))
        self.contacts: dict[str, NewContact] = {}
        self.cases: dict[str, KeptCase] = {}
        self.rows: dict[str, KeptRow] = {}
        self.ids: dict[str, NewMessageData] = {}
        self.files: dict[str, bytes] = {}
        self.posts: list[NewPost] = []
        self.told: list[str] = []  # each change that reached it, by its kind
        self.before_write: Callable[[Change], Awaitable[None]] | None = None
        self._refusals: list[tuple[Callable[[Change], bool], NotTaken]] = []
        self._lost: list[bool] = []
        self._lose_first: bool | None = None
        self._asked: set[str] = set()
        self.labels_now = ""  # how it labels the time of a row that is made just now
        self._away = ""
        self._tick = 0
        self._calls = 0

    # -- what goes wrong

    def go_away(self, why: str = "Creatio does not answer") -> None:
        self._away = why

    def come_back(self) -> None:
        self._away = ""

    def lose_answer(self, *, kept: bool) -> None:
        """The next change gets no answer; `kept`: it was made all the same."""
        self._lost.append(kept)

    def lose_first_answers(self, *, kept: bool) -> None:
        """Each change gets no answer when it is asked for the first time."""
        self._lose_first = kept

    def refuse(self, which: Callable[[Change], bool], why: str = "a business rule", *, sure: bool = True) -> None:
        """Such changes are refused from now on."""
        self._refusals.append((which, NotTaken(why, sure)))

    def relent(self) -> None:
        self._refusals.clear()

    # -- what people do there

    def person_has(self, address: str, name: str = "", id: str = "") -> str:
        """Somebody is a contact there already."""
        made = id or str(uuid4())
        self.contacts[made] = NewContact(made, name, address)
        return made

    def rep_writes(self, case_id: str, html: str = "<p>It is on its way.</p>", **more: Any) -> str:
        """A row of a rep's on a case: a completed outgoing mail that Creatio does not send, unless told otherwise."""
        whole = {name: more.pop(name) for name in ("message_id", "in_reply_to", "is_html") if name in more}
        files: Mapping[str, bytes] = more.pop("files", {})
        case, made, now = self.cases[case_id], str(uuid4()), self._now()
        plain = ActivitySeen(
            id=made,
            case_id=case_id,
            kind=Kind.EMAIL,
            incoming=False,
            completed=True,
            sending=Sending.NOT_SENT,
            author=ANNA,
            title=f"Re: {case.columns['subject']} (Case #{case.number})",
            sender="Anna Rep <support@example.com>",
            recipients=self._writer_on(case_id) if more.get("kind", Kind.EMAIL) is Kind.EMAIL else "",
            created=now,
            modified=now,
        )
        row = KeptRow(replace(plain, **more), html, **whole)
        for name, content in files.items():
            file_id = str(uuid4())
            row.files[file_id] = FileSeen(file_id, name, len(content))
            self.files[file_id] = content
        self.rows[made] = row
        return made

    def rep_changes(self, row_id: str, **more: Any) -> None:
        self.rows[row_id].seen = replace(self.rows[row_id].seen, **{"modified": self._now(), **more})

    def set_status(self, case_id: str, name: str) -> None:
        self.set_column(case_id, "status", status_id(name))

    def set_column(self, case_id: str, word: str, value: str) -> None:
        self.cases[case_id].columns[word] = value
        self.cases[case_id].modified = self._now()

    def merge(self, case_id: str, into: str) -> None:
        """A case is closed as a double of another, which gets its rows."""
        for row in self.rows.values():
            if row.seen.case_id == case_id:
                row.seen = replace(row.seen, case_id=into)
        self.cases[case_id].merged_into = into
        self.set_status(case_id, "Closed")

    def other_case(self, subject: str, **columns: str) -> str:
        """A case that somebody else made."""
        made = str(uuid4())
        self._keep_case(made, {"subject": subject, "status": status_id("New"), **columns})
        return made

    # -- what is there

    def mails_of(self, case_id: str) -> list[NewActivity]:
        """The mails that we noted on a case, by their times."""
        made = [row.made for row in self.rows.values() if row.seen.case_id == case_id]
        return sorted((one for one in made if isinstance(one, NewActivity)), key=lambda one: one.at)

    def notes_of(self, case_id: str) -> list[NewNote]:
        made = [row.made for row in self.rows.values() if row.seen.case_id == case_id]
        return [one for one in made if isinstance(one, NewNote)]

    def status_of(self, case_id: str) -> str:
        return self.about.status_name(self.cases[case_id].columns["status"])

    # -- the port

    async def tenant(self) -> Tenant:
        self._answer()
        return self.about

    async def find_contact(self, address: Address) -> FoundContact | None:
        self._answer()
        found = [one for one in self.contacts.values() if one.address.casefold() == address.key]
        named = [one for one in found if one.name and one.name.casefold() == address.name.casefold()]
        for chosen in (found, named):
            if len(chosen) == 1:
                return FoundContact(chosen[0].id)
        return FoundContact("", f"{len(found)} contacts have the address {address.address}") if found else None

    async def write(self, change: Change, content: Path | None = None) -> Written | NotTaken:
        self._answer()
        if self.before_write is not None:
            await self.before_write(change)
        refusal = next((answer for which, answer in self._refusals if which(change)), None)
        lost = self._lost.pop(0) if self._lost else None if change.id in self._asked else self._lose_first
        self._asked.add(change.id)
        if lost is False:
            raise TryLater("no answer", partner_down=False)
        self.told.append(type(change).__name__)
        answer = refusal or self._keep(change, content)
        if lost:
            raise TryLater("no answer", partner_down=False)
        return answer

    async def read_case(self, case_id: str) -> CaseSeen | None:
        self._answer()
        case = self.cases.get(case_id)
        return None if case is None else self._show(case_id, case)

    async def read_activities(self, case_id: str) -> Sequence[ActivitySeen]:
        self._answer()
        found = [row.seen for row in self.rows.values() if row.seen.case_id == case_id]
        return sorted(found, key=lambda one: one.created)

    async def read_activity(self, activity: ActivitySeen) -> ActivityWhole:
        self._answer()
        row = self.rows[activity.id]
        files = tuple(row.files.values())
        return ActivityWhole(activity, row.body, row.is_html, files, row.message_id, row.in_reply_to)

    async def fetch_file(self, file_id: str, limit: int) -> bytes | None:
        self._answer()
        content = self.files.get(file_id)
        return content if content is not None and len(content) <= limit else None

    async def changes(self, cursor: Mapping[str, str]) -> Changes:
        self._answer()
        since = cursor.get("at", "")
        rows = [
            (row.seen.id, row.seen.case_id, f"{row.seen.modified} {row.seen.sending}")
            for row in self.rows.values()
            if row.seen.incoming is False and row.seen.modified >= since
        ]
        cases = [(id, case.modified) for id, case in self.cases.items() if case.modified >= since]
        return Changes(rows, cases, {"at": max([since, *(version for _, version in cases)])})

    async def missing(self, rows: Sequence[tuple[str, str]]) -> Sequence[str]:
        self._answer()
        there = {*self.contacts, *self.cases, *self.rows, *self.ids, *self.files, *(one.id for one in self.posts)}
        return [id for _, id in rows if id not in there]

    async def emptied(self, file_ids: Sequence[str]) -> Sequence[str]:
        self._answer()
        return [one for one in file_ids if not self.files.get(one)]

    async def cases_made_by(self, author: str) -> Mapping[str, str]:
        self._answer()
        return {}

    async def findings(self) -> Sequence[Finding]:
        return []

    def take_call_count(self) -> int:
        taken, self._calls = self._calls, 0
        return taken

    # -- inside

    def _answer(self) -> None:
        self._calls += 1
        if self._away:
            raise TryLater(self._away)

    def _writer_on(self, case_id: str) -> str:
        """Whom Creatio's composer names as the recipient: who wrote the newest mail on the case."""
        mails = [one.seen for one in self.rows.values() if one.seen.case_id == case_id and one.seen.incoming]
        return mails[-1].sender if mails else ""

    def _now(self) -> str:
        self._tick += 1
        return f"2026-01-01T00:00:00.{self._tick:06d}Z"

    def _keep(self, change: Change, content: Path | None) -> Written | NotTaken:
        match change:
            case NewContact():
                self.contacts.setdefault(change.id, change)
            case NewCase():
                return self._make_case(change)
            case NewActivity() | NewNote():
                self._make_row(change)
            case NewMessageData():
                self.ids.setdefault(change.id, change)
            case NewFile():
                self.rows[change.activity_id].files.setdefault(
                    change.id, FileSeen(change.id, change.name, change.size, change.inline)
                )
            case FileContent():
                assert content is not None, "the bytes of a file are given as a file"
                self.files[change.file_id] = content.read_bytes()
            case NewPost():
                if change.id not in [one.id for one in self.posts]:
                    self.posts.append(change)
            case ChangeCase():
                return self._change_case(change)
        return Written()

    def _make_case(self, change: NewCase) -> Written:
        own = {"subject": change.subject, "description": change.description, "contact": change.contact}
        columns = {**own, "owner": change.owner, "group": change.group, "status": status_id("New")}
        columns |= {f"field:{name}": value for name, value in change.fields.items()}
        self._keep_case(change.id, columns, change.parent)
        case = self.cases[change.id]
        shown = {"number": case.number, "seen": self._show(change.id, case).columns()}
        return Written(shown | ({"created": self.labels_now} if self.labels_now else {}))

    def _keep_case(self, case_id: str, columns: Mapping[str, str], parent: str = "") -> None:
        if case_id not in self.cases:
            number = f"SR{len(self.cases) + 1:08d}"
            self.cases[case_id] = KeptCase(dict(columns), number, parent, modified=self._now())

    def _make_row(self, change: NewActivity | NewNote) -> None:
        if change.id in self.rows:
            return
        now = self._now()
        mail = isinstance(change, NewActivity)
        seen = ActivitySeen(
            id=change.id,
            case_id=change.case_id,
            kind=Kind.EMAIL if mail else Kind.TASK,
            incoming=change.incoming if isinstance(change, NewActivity) else None,
            completed=True,
            sending=Sending.SENT if mail else Sending.UNSET,
            sent_at=change.at.isoformat() if mail else "",
            author=US,
            title=change.title,
            sender=change.sender if isinstance(change, NewActivity) else "",
            created=now,
            modified=now,
        )
        body = (change.html or change.text) if isinstance(change, NewActivity) else change.text
        self.rows[change.id] = KeptRow(seen, body, made=change)

    def _change_case(self, change: ChangeCase) -> Written | NotTaken:
        case = self.cases.get(change.case_id)
        if case is None:
            return NotTaken("this case is no longer there")
        left = []
        for word, value in change.values.items():
            if word in change.only_if and not same_text(case.columns.get(word, ""), change.only_if[word]):
                left += [word] if case.columns.get(word) != value else []
            else:
                case.columns[word] = value
        case.modified = self._now()
        return Written({"left": left, "seen": self._show(change.case_id, case).columns()})

    def _show(self, case_id: str, case: KeptCase) -> CaseSeen:
        columns = case.columns
        return CaseSeen(
            id=case_id,
            state=self.about.state_of(columns.get("status", "")),
            number=case.number,
            merged_into=case.merged_into,
            modified=case.modified,
            **{
                word: columns.get(word, "")
                for word in ("subject", "description", "status", "owner", "group", "contact")
            },
            fields={name.removeprefix("field:"): value for name, value in columns.items() if name.startswith("field:")},
        )


class FakePickup:
    """A folder in memory. It gives out what was delivered, unless it was told otherwise."""

    def __init__(self) -> None:
        self.mails: dict[int, tuple[bytes, datetime | None]] = {}
        self.finished: list[int] = []
        self.visits = 0
        self.fetched: list[int] = []
        self.validity = 1
        self.next_uid = 1
        self.on_wait: Callable[[timedelta], None] = lambda longest: None
        self._refused = False
        self._away = ""
        self._unfit: dict[int, bool] = {}
        self._deadly: set[int] = set()

    def deliver(self, *mails: bytes, received: datetime | None = None) -> None:
        for raw in mails:
            self.mails[self.next_uid] = (raw, received)
            self.next_uid += 1

    def renumber(self) -> None:
        """The server has lost its numbers: the same mails get others."""
        mails = [self.mails[uid] for uid in sorted(self.mails)]
        self.validity, self.next_uid, self.mails = self.validity + 1, 1, {}
        for raw, received in mails:
            self.deliver(raw, received=received)

    def refuse(self, refused: bool = True) -> None:
        """The password is not taken."""
        self._refused = refused

    def go_away(self, why: str = "the server does not answer") -> None:
        self._away = why

    def come_back(self) -> None:
        self._away = ""

    def withhold(self, uid: int, *, for_good: bool = False) -> None:
        """This mail is not given out; `for_good`: it is too large."""
        self._unfit[uid] = for_good

    def give_out(self, uid: int) -> None:
        self._unfit.pop(uid, None)
        self._deadly.discard(uid)

    def die_at(self, uid: int) -> None:
        """Whoever fetches this mail loses the connection."""
        self._deadly.add(uid)

    @asynccontextmanager
    async def visit(self) -> AsyncIterator["FakePickup"]:
        self.visits += 1
        if self._refused:
            raise SignInRefused("the password is not taken")
        self._look()
        yield self

    async def search(self, first: int, last: int | None = None) -> list[int]:
        self._look()
        return sorted(uid for uid in self.mails if uid >= first and (last is None or uid <= last))

    async def fetch(self, uids: Sequence[int]) -> AsyncGenerator[SmallMail | LargeMail | UnfitMail, None]:
        for uid in uids:
            self._look()
            if uid not in self.mails:
                continue
            raw, received = self.mails[uid]
            self.fetched.append(uid)
            if uid in self._deadly:
                raise TryLater("the connection was lost")
            if uid in self._unfit:
                yield UnfitMail(uid, received, len(raw), raw[:20], "it is not given out", self._unfit[uid])
            else:
                yield SmallMail(uid, received, raw)

    async def finish(self, uids: Sequence[int]) -> None:
        self._look()
        self.finished += uids

    async def wait(self, longest: timedelta) -> bool:
        self._look()
        before = self.next_uid
        self.on_wait(longest)
        self._look()
        return self.next_uid > before

    def _look(self) -> None:
        if self._away:
            raise TryLater(self._away)
