"""A Creatio in memory with our adapter signed in to it, the story of one handoff, and what is there at its end."""

import atexit
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

import certifi

from gateway.config.settings import Creatio, Field, Mailbox, Replies, Secret
from gateway.creatio.crm import CreatioCrm
from gateway.demo.creatio.simulator import Simulator, serve
from gateway.demo.creatio.tenant import now_utc
from gateway.desk.case import Tenant
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
    row_id,
)
from gateway.errors import TryLater
from gateway.ports import Crm, NotTaken, Written

KEY = "11111111-2222-3333-4444-555555555555"
CONTACT, CASE, MAIL, FILE = (row_id(KEY, kind) for kind in ("contact", "case", "activity", "file"))
AT = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
TEXT = b"hello"
TRIES = 12
FIELDS = (Field("Priority", "Priority", "dropdown"), Field("UsrOrderNumber", "Order number"))


class Clock:
    """Seconds as our side counts them; the simulator has its own clock."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def turn(self, by: timedelta) -> None:
        self.seconds += by.total_seconds()


class TurnedTime:
    """The simulator's time: as it is, plus what a test has turned it by."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return now_utc() + self.ahead


async def write(crm: Crm, change: Change, content: bytes = b"") -> Written | NotTaken:
    """As the pipeline does: the bytes of a file are given as a file."""
    if not isinstance(change, FileContent):
        return await crm.write(change)
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        return await crm.write(change, Path(file.name))


@dataclass
class Tenancy:
    simulator: Simulator
    url: str
    crm: CreatioCrm
    clock: Clock
    time: TurnedTime
    troubles: list[str] = field(default_factory=list)

    async def tell(self, change: Change, content: bytes = b"") -> Written:
        """As the worker does: again and again until it is written. Whatever is refused for good is a failure."""
        for _ in range(TRIES):
            try:
                answer = await write(self.crm, change, content)
            except TryLater as trouble:
                self.troubles.append(str(trouble))
                self.clock.turn(trouble.wait or timedelta(seconds=1))
                continue
            if isinstance(answer, Written):
                return answer
            assert not answer.sure, answer.why
            self.troubles.append(answer.why)
        raise AssertionError(f"not written in {TRIES} tries: {self.troubles}")

    async def refused(self, change: Change, content: bytes = b"") -> NotTaken:
        answer = await write(self.crm, change, content)
        assert isinstance(answer, NotTaken), answer
        return answer

    async def known(self) -> Tenant:
        for _ in range(TRIES):
            try:
                return await self.crm.tenant()
            except TryLater as trouble:
                self.troubles.append(str(trouble))
                self.clock.turn(trouble.wait or timedelta(seconds=1))
        raise AssertionError(f"the tenant could not be read: {self.troubles}")

    def row(self, entity: str, row_id: str) -> dict[str, Any]:
        row = self.simulator.tenant.get(entity, UUID(row_id))
        assert row is not None, f"no {entity} {row_id}"
        return row

    def asked(self, method: str, entity: str = "") -> int:
        return self.simulator.traffic.count(method, entity)


@cache
def one_authority() -> str:
    """A file with a single certificate: reading all that a machine trusts takes longer than a whole story here."""
    first, end, _ = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
    with NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
        file.write(f"{first}{end}\n")
    atexit.register(os.unlink, file.name)
    return file.name


def settings_for(url: str, **more: Any) -> Creatio:
    usual: dict[str, Any] = {
        "identity_url": url,
        "client_id": "gateway",
        "client_secret": Secret("a-client-secret"),
        "fields": FIELDS,
        "ca_file": one_authority(),
        "replies": Replies(types=("Email", "Task", "Feed", "Portal")),
    }
    return Creatio(url=url, **usual | more)


@asynccontextmanager
async def a_tenancy(
    simulator: Simulator | None = None, mailboxes: Sequence[Mailbox] = (), *, timeout: float = 10.0, **settings: Any
) -> AsyncIterator[Tenancy]:
    """A simulator on a port, and an adapter connected to it that has not asked anything yet."""
    time = TurnedTime()
    simulator = simulator or Simulator(clock=time)
    clock = Clock()
    async with serve(simulator) as url:
        connected = settings_for(url, **settings)
        crm = CreatioCrm(connected, mailboxes, timeout=timedelta(seconds=timeout), clock=clock)
        try:
            yield Tenancy(simulator, url, crm, clock, time)
        finally:
            await crm.close()


def a_case(**more: Any) -> NewCase:
    usual: dict[str, Any] = {"id": CASE, "subject": "Late order", "description": "Order 4711 is late."}
    return NewCase(**usual | more)


def a_mail(**more: Any) -> NewActivity:
    usual: dict[str, Any] = {
        "id": MAIL,
        "case_id": CASE,
        "entry_id": 1,
        "title": "Late order",
        "html": "<p>Where is it?</p>",
        "text": "Where is it?",
        "at": AT,
        "incoming": True,
        "sender": "Ada Lovelace <ada@example.com>",
        "recipients": "support@example.com",
    }
    return NewActivity(**usual | more)


def a_file(**more: Any) -> NewFile:
    usual: dict[str, Any] = {"id": FILE, "activity_id": MAIL, "entry_id": 1, "name": "order.pdf", "size": len(TEXT)}
    return NewFile(**usual | more)


def its_bytes(**more: Any) -> FileContent:
    usual: dict[str, Any] = {
        "id": row_id(FILE, "data"),
        "file_id": FILE,
        "activity_id": MAIL,
        "entry_id": 1,
        "arrival": 1,
        "index": 0,
        "name": "order.pdf",
        "type": "application/pdf",
        "size": len(TEXT),
    }
    return FileContent(**usual | more)


def handoff(tenant: Tenant) -> list[tuple[Change, bytes]]:
    """The changes of one handoff, in order."""
    priority = next((one for one in tenant.fields if one.column == "PriorityId"), None)
    fields = {"PriorityId": priority.options[0].id} if priority is not None else {}
    fields["UsrOrderNumber"] = "4711"
    ids = NewMessageData(row_id(KEY, "message_data"), MAIL, 1, "<a@example.com>", "<b@example.com>", "<c@x> <b@x>", AT)
    changes: list[Change] = [
        NewContact(CONTACT, "Ada Lovelace", "ada@example.com"),
        a_case(contact=CONTACT, fields=fields),
        a_mail(contact=CONTACT),
        ids,
        a_file(),
        its_bytes(),
        NewNote(row_id(KEY, "note"), CASE, "Handed off by the assistant", "She is angry.", AT, CONTACT),
        NewPost(row_id(KEY, "post"), CASE, "ada@example.com wrote again"),
        ChangeCase(row_id(KEY, "change"), CASE, {"status": tenant.reopened}, {}, "the customer wrote again"),
    ]
    return [(one, TEXT if isinstance(one, FileContent) else b"") for one in changes]


def end_state(simulator: Simulator) -> dict[str, Any]:
    """All rows but those the tenant began with, without ids and times that differ from run to run."""
    tenant = simulator.tenant
    seen: dict[str, Any] = {"mailed": [(one.to, one.why) for one in tenant.mailed]}
    ours = {
        "Contact": ("Id", "Name", "Email"),
        "Case": ("Id", "Subject", "Symptoms", "ContactId", "StatusId", "PriorityId", "OriginId", "UsrOrderNumber"),
        "Activity": ("Id", "Title", "Body", "CaseId", "ContactId", "TypeId", "SendDate", "EmailSendStatusId"),
        "EmailMessageData": ("Id", "ActivityId", "MessageId", "InReplyTo", "References"),
        "ActivityFile": ("Id", "Name", "ActivityId", "Size"),
        "SocialMessage": ("Id", "EntityId", "Message"),
        "ContactCommunication": ("ContactId", "Number"),
        "ActivityParticipant": ("ActivityId", "ParticipantId", "RoleId"),
        "CaseMessageHistory": ("CaseId", "RecordId"),
    }
    for entity, columns in ours.items():
        rows = [tuple(str(row[name]) for name in columns if name in row) for row in tenant.rows(entity)]
        seen[entity] = sorted(rows)
    seen["files"] = {str(key[1]): content for key, content in tenant.blobs.items()}
    return seen
