"""The steps on a real store, with stand-ins for who they talk to, and a worker of a few lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.config.settings import Assistant, Mailbox, Operator, Settings
from gateway.config.settings import Relay as RelaySettings
from gateway.conversations.conversation import Author, Conversation, Entry, Held, State
from gateway.errors import StartOver, TryLater
from gateway.health import Health
from gateway.log import Event
from gateway.mail import tokens
from gateway.mail.message import Address, Envelope
from gateway.pipeline.decide import decide
from gateway.pipeline.parts import Job, Parts, Step
from gateway.pipeline.send import send
from gateway.pipeline.tend import tend
from gateway.store import arrivals, conversations, customers, deliveries, jobs, lanes
from gateway.store.arrivals import Door, Fresh
from gateway.store.database import Store, Transaction
from gateway.store.deliveries import Delivery
from gateway.store.installation import found, identity
from gateway.store.lanes import Claim, Try
from tests.fakes import FakeAssistant, FakeRelay

STEPS: Mapping[str, Step] = {"decide": decide, "send": send, "tend": tend}
SUPPORT, ANNA = "support@example.com", Address("anna@customer.example", "Anna")
QUIET = timedelta(seconds=90)
ONE = Try("here", timedelta(0))


def settings(folder: Path, **more: Any) -> Settings:
    mailbox = Mailbox(SUPPORT, name="Example Support", aliases=("help@example.com",), signature="Example Support")
    base = Settings(
        path=folder / "config.toml",
        public_url="https://gateway.example.com",
        data_dir=folder,
        mailboxes=(mailbox,),
        operator=Operator(notify=("ops@example.com",)),
        relay=RelaySettings(host="smtp.example.com"),
        assistant=Assistant(kind="http", url="https://assistant.example.com"),
    )
    return replace(base, **more)


@dataclass
class Stand:
    store: Store
    settings: Settings
    relay: FakeRelay = field(default_factory=FakeRelay)
    assistant: FakeAssistant = field(default_factory=FakeAssistant)
    health: Health = field(default_factory=Health)
    readers: Any = None

    @classmethod
    async def open(cls, store: Store, folder: Path) -> "Stand":
        await store.write(found)
        return cls(store, settings(folder))

    @property
    def parts(self) -> Parts:
        readers: Any = self.readers
        return Parts(self.store, self.settings, self.assistant, self.relay, readers, self.health)

    def change_mailbox(self, **more: Any) -> None:
        self.settings = replace(self.settings, mailboxes=(replace(self.settings.mailboxes[0], **more),))

    def change_assistant(self, **more: Any) -> None:
        self.settings = replace(self.settings, assistant=replace(self.settings.assistant, **more))

    def change_relay(self, **more: Any) -> None:
        self.settings = replace(self.settings, relay=replace(self.settings.relay, **more))

    async def customer_writes(self, text: str, here: str | None = None, **more: Any) -> str:
        """A mail takes its place, and DECIDE is due after the quiet window. Returns the conversation's id."""
        return await self.store.write(_place, text, here, more)

    async def work(self, *steps: str) -> list[Event]:
        """Do all that is due, in the order of the lanes, until nothing is left."""
        happened: list[Event] = []
        while claims := await self.take(*steps):
            for claim in claims:
                happened += await self.carry_out(claim)
        return happened

    async def take(self, *steps: str) -> Sequence[Claim]:
        hands = dict.fromkeys(steps or STEPS, 5)
        return (await self.store.write(lanes.claim, hands, lease=timedelta(seconds=15), node="here")).claims

    async def carry_out(self, claim: Claim) -> Sequence[Event]:
        job = Job(
            claim.id,
            claim.lane,
            claim.subject,
            claim.attempts,
            claim.lost,
            claim.data,
            fence=lambda tx: lanes.fence(tx, claim),
        )
        for _ in range(5):
            try:
                write = await STEPS[claim.step](self.parts, job)
                return await self.store.write(_finish, claim, write)
            except StartOver:
                continue
            except TryLater as later:
                told = Try("here", timedelta(0), str(later))
                await self.store.write(lanes.put_back, claim, told, after=timedelta(minutes=1), counts=False)
                return [Event("put_back", {"why": str(later), "partner_down": later.partner_down})]
        raise AssertionError("it starts over again and again")

    async def die(self) -> None:
        """The daemon is gone, and another begins: its leases are taken back."""
        await self.store.write(lanes.free, None)

    async def later(self, *steps: str, by: timedelta = QUIET) -> list[Event]:
        self.store.turn_clock(by)
        return await self.work(*steps)

    async def conversation(self, here: str) -> Conversation:
        loaded = await self.store.read(conversations.load, here)
        assert loaded is not None
        return loaded

    async def mails(self, here: str) -> list[Delivery]:
        return await self.store.read(deliveries.of_conversation, here)

    async def fates(self) -> Mapping[str, int]:
        return await self.store.read(arrivals.fates)


def _finish(tx: Transaction, claim: Claim, write: Any) -> Sequence[Event]:
    events = write(tx) or []
    lanes.settle(tx, claim, ONE)
    return events


def words(events: Sequence[Event]) -> list[str]:
    return [one.word for one in events]


def _place(tx: Transaction, text: str, here: str | None, more: Mapping[str, Any]) -> str:
    writer = more.get("sender", ANNA)
    raw = text.encode()
    envelope = Envelope(writer.address, SUPPORT)
    arrival = arrivals.add(tx, Fresh(SUPPORT, Door.SMTP, envelope, len(raw), f"{len(raw):064x}", raw))
    ours = identity(tx)
    if here is None:
        here = ours.derive(SUPPORT, str(arrival), "conversation")
        anchor = tokens.anchor(ours.secret, SUPPORT, here)
        customer = customers.find_or_add(tx, writer)
        conversations.begin(
            tx,
            Conversation(here, SUPPORT, "Lost key", writer, customer, State.OPEN, Held.ASSISTANT, tx.now, anchor),
        )
    told: dict[str, Any] = {
        "author": Author.CUSTOMER,
        "at": tx.now,
        "arrived": tx.now,
        "key": ours.derive(SUPPORT, str(arrival), "entry"),
        "message_id": f"<{arrival}@customer.example>",
        "subject": "Lost key",
        "text": text,
        "sender": writer,
        "to": (Address(SUPPORT),),
        "arrival": arrival,
    }
    entry = conversations.add_entry(tx, here, Entry(id=0, **(told | dict(more))), SUPPORT)
    arrivals.put_in_conversation(tx, arrival, here, entry)
    jobs.add(tx, "decide", here, here, key=f"decide:{here}", after=QUIET, moves=True)
    return here
