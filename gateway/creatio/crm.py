"""Creatio as the pipeline knows it: reads, and one change outside for each call."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.config.settings import Creatio, Mailbox
from gateway.creatio.activities import Activities
from gateway.creatio.cases import Cases
from gateway.creatio.columns import CASE_SELECT, SAME, case_seen, columns_of, entity_of
from gateway.creatio.contacts import ContactFinder
from gateway.creatio.files import Files
from gateway.creatio.login import Clock, SignIn
from gateway.creatio.looks import Place
from gateway.creatio.odata import IN_FLIGHT, Created, NotCreated, OData
from gateway.creatio.polling import Poller
from gateway.creatio.survey import survey
from gateway.creatio.tenant import Known, TenantReader
from gateway.creatio.values import guid, told
from gateway.desk.case import CaseSeen, Tenant
from gateway.desk.records import Change, ChangeCase, FileContent
from gateway.desk.replies import ActivitySeen, ActivityWhole
from gateway.errors import TryLater
from gateway.health import Finding
from gateway.http_client.client import HttpClient
from gateway.mail.message import Address
from gateway.ports import Changes, FoundContact, NotTaken, Written

LARGEST_ANSWER = 64 * 1024 * 1024
IDS_A_QUESTION = 15  # the service counts the nodes of a filter, and takes a hundred
# The ledger's words for the entities of our rows.
ENTITIES = {
    "contact": "Contact",
    "case": "Case",
    "activity": "Activity",
    "note": "Activity",
    "message_data": "EmailMessageData",
    "file": "ActivityFile",
    "post": "SocialMessage",
}


class CreatioCrm:
    """One tenant. Tests shorten every wait by `timeout` and turn `clock`; `mailboxes` are only for `findings`.

    The facts of a `Written`: `number` and `seen` (a case's columns by our words), `author` (the contact that we are),
    `created` (when, as Creatio labels it),
    `lacking` (columns this edition has not), `looked_up`; of a change, `left` (words that others have set since).
    """

    def __init__(
        self,
        settings: Creatio,
        mailboxes: Sequence[Mailbox] = (),
        *,
        timeout: timedelta | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._http = HttpClient(
            ca_file=settings.ca_file, proxy=settings.proxy, connections=IN_FLIGHT, limit=LARGEST_ANSWER
        )
        self._sign_in = SignIn(self._http, settings, timeout=timeout, clock=clock)
        self._odata = odata = OData(self._http, self._sign_in, settings.url, timeout=timeout)
        self._reader = reader = TenantReader(odata, settings, clock=clock)
        self._contacts = ContactFinder(odata)
        self._cases = Cases(odata, reader)
        self._activities = Activities(odata, reader, settings.replies.types)
        self._files = Files(odata)
        self._poller = Poller(odata, reader, settings.replies.types)
        self._place = Place(odata, reader, settings, mailboxes)
        self._counted = 0
        self._doubted: set[str] = set()

    async def tenant(self) -> Tenant:
        with self._watching():
            return (await self._reader.known()).tenant

    async def find_contact(self, address: Address) -> FoundContact | None:
        with self._watching():
            return await self._contacts.find(address)

    async def write(self, change: Change, content: Path | None = None) -> Written | NotTaken:
        with self._watching():
            answer = await self._write(change, content)
            if isinstance(answer, Written):
                self._doubted.clear()
            elif not answer.sure:
                self._doubt(change, answer)
            return answer

    async def read_case(self, case_id: str) -> CaseSeen | None:
        with self._watching():
            return await self._cases.read(case_id)

    async def read_activities(self, case_id: str) -> Sequence[ActivitySeen]:
        with self._watching():
            return await self._activities.of_case(case_id)

    async def read_activity(self, activity: ActivitySeen) -> ActivityWhole:
        with self._watching():
            return await self._activities.whole(activity)

    async def fetch_file(self, file_id: str, limit: int) -> bytes | None:
        with self._watching():
            return await self._files.fetch(file_id, limit)

    async def changes(self, cursor: Mapping[str, str]) -> Changes:
        with self._watching():
            return await self._poller.changes(cursor)

    async def missing(self, rows: Sequence[tuple[str, str]]) -> Sequence[str]:
        """Of (kind or entity, id): the ids that are not in Creatio."""
        lost: list[str] = []
        with self._watching():
            for entity in dict.fromkeys(ENTITIES.get(kind, kind) for kind, _ in rows):
                ids = [one for kind, one in rows if ENTITIES.get(kind, kind) == entity]
                for begin in range(0, len(ids), IDS_A_QUESTION):
                    some = ids[begin : begin + IDS_A_QUESTION]
                    condition = " or ".join(f"Id eq {guid(one)}" for one in some)
                    found = await self._odata.rows(entity, filter=condition, select="Id", top=IDS_A_QUESTION)
                    there = {guid(told(row["Id"])) for row in found}
                    lost += [one for one in some if guid(one) not in there]
        return lost

    async def emptied(self, file_ids: Sequence[str]) -> Sequence[str]:
        """Of these files, those whose row is in Creatio without its bytes."""
        lost: list[str] = []
        with self._watching():
            for begin in range(0, len(file_ids), IDS_A_QUESTION):
                lost += await self._files.emptied(file_ids[begin : begin + IDS_A_QUESTION])
        return lost

    async def cases_made_by(self, author: str) -> Mapping[str, str]:
        """The cases that this contact made: id -> number and subject."""
        with self._watching():
            return await self._cases.made_by(author)

    async def findings(self) -> Sequence[Finding]:
        """All that was looked at, each with the Creatio setting to change where it is not well. Never raises."""
        return await survey(self._place)

    def take_call_count(self) -> int:
        """The requests made since it was last asked."""
        total = self._odata.calls + self._sign_in.calls
        taken, self._counted = total - self._counted, total
        return taken

    async def close(self) -> None:
        await self._http.close()

    async def _write(self, change: Change, content: Path | None) -> Written | NotTaken:
        match change:
            case FileContent():
                if content is None:
                    raise ValueError("the bytes of a file are given as a file")
                return self._told(await self._files.upload(change, content) or {})
            case ChangeCase():
                return self._told(await self._cases.change(change))
            case _:
                return await self._insert(change)

    def _told(self, answer: NotCreated | Mapping[str, Any]) -> Written | NotTaken:
        if not isinstance(answer, NotCreated):
            return Written(answer)
        self._reader.forget()
        return NotTaken(answer.why, answer.sure)

    def _doubt(self, change: Change, answer: NotTaken) -> None:
        """Unrelated rows that are refused one after the other, for no reason of their own, tell of the tenant."""
        about = str(getattr(change, "case_id", "") or getattr(change, "activity_id", "") or change.id)
        if self._doubted - {about}:
            raise TryLater(f"Creatio refuses one row after the other: {answer.why}")
        self._doubted.add(about)

    async def _insert(self, change: Any) -> Written | NotTaken:
        known = await self._reader.known()
        entity, given = entity_of(change), columns_of(change)
        columns = known.fitting(entity, given)
        done = await self._odata.create(entity, columns, SAME[entity])
        if isinstance(done, NotCreated):
            return NotTaken(await self._explained(done, entity, columns), done.sure)
        facts: dict[str, Any] = {
            "author": told(done.row.get("CreatedById")),
            "lacking": sorted(set(given) - set(columns)),
            "looked_up": done.looked_up,
            "created": "" if done.looked_up else told(done.row.get("CreatedOn")),
        }
        return Written(facts | (await self._case_facts(done, known) if entity == "Case" else {}))

    async def _explained(self, refused: NotCreated, entity: str, columns: Mapping[str, Any]) -> str:
        """The tenant may have changed since it was last read: what has just been made mandatory is named, too."""
        self._reader.forget()
        if refused.taken:
            return refused.why
        mandatory = (await self._reader.known()).mandatory(entity, columns)
        if not mandatory:
            return refused.why
        return f"{refused.why} (mandatory here and not filled by us: {', '.join(mandatory)}; give them a default value)"

    async def _case_facts(self, done: Created, known: Known) -> dict[str, Any]:
        if done.looked_up or not all(name in done.row for name in known.select("Case", CASE_SELECT)):
            seen = await self._cases.read(str(done.row["Id"]))
        else:
            seen = case_seen(done.row, known.tenant)
        return {} if seen is None else {"number": seen.number, "seen": seen.columns()}

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """After an outage the tenant is read again first: it may have been rebuilt, updated or restored."""
        try:
            yield
        except TryLater as trouble:
            if trouble.partner_down:
                self._reader.forget()
            raise
