"""bench creatio: many handoffs at once to a Creatio that takes its time, beside the plan in docs/creatio.md.

    gateway bench creatio [HANDOFFS [MAILS]]

The whole daemon files them: real store, worker and adapter; the Creatio is the simulator, which answers in 300 ms.
"""

import asyncio
import json as json_format
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from gateway import log
from gateway.config.settings import Creatio, Mailbox, Secret, Settings, Web
from gateway.conversations.conversation import Author, Conversation, Entry, Held, State, Trust
from gateway.daemon.house import House
from gateway.demo.creatio.simulator import Simulator, serve
from gateway.desk.decision import Understanding
from gateway.mail.message import Address
from gateway.pipeline import handoff
from gateway.store import conversations, customers, survey
from gateway.store.database import Store, Transaction
from gateway.store.installation import identity

HANDOFFS, MAILS = 200, 10
LATENCY = 0.3  # seconds
BUDGET, AT_ONCE, LONGEST = 1.15, 20, 240.0  # requests to the plan; in flight; seconds
ONCE = 15  # a token, the tenant and its lookups, once an hour
SUPPORT = "support@bench.example"
_TOO_LONG = 900.0


@dataclass(frozen=True, slots=True)
class Result:
    """`planned` is what docs/creatio.md says; `requests` are all that came, by what they asked.

    `writers`: the most that one case had at a time. `remarks`: what is not as it should be at the end.
    """

    handoffs: int
    mails: int
    seconds: float
    planned: int
    requests: Mapping[str, int]
    in_flight: int
    writers: int
    remarks: Sequence[str]

    @property
    def ratio(self) -> float:
        return sum(self.requests.values()) / self.planned

    @property
    def reached(self) -> bool:
        well = self.ratio <= BUDGET and self.writers <= 1 and self.seconds <= LONGEST and not self.remarks
        return well and self.busy

    @property
    def busy(self) -> bool:
        """As many at once as may be, never more."""
        return min(AT_ONCE, self.handoffs) <= self.in_flight <= AT_ONCE


def run(*arguments: str, json: bool = False) -> int:
    """Measure and print; returns 0 when what we claim was reached, else 1."""
    numbers = [int(one) if one.isdecimal() else 0 for one in arguments]
    if len(numbers) > 2 or not all(numbers):
        raise SystemExit("gateway: bench creatio [HANDOFFS [MAILS]], both numbers above 0")
    result = asyncio.run(measure(*numbers))
    if json:
        print(json_format.dumps(_told(result), indent=2))
    else:
        _print(result)
    return 0 if result.reached else 1


async def measure(handoffs: int = HANDOFFS, mails: int = MAILS, *, latency: float = LATENCY) -> Result:
    log.start(quiet=True)
    simulator = Simulator(name="bench")
    simulator.latency = latency
    with tempfile.TemporaryDirectory(prefix="gateway-bench-") as name:
        async with serve(simulator) as url, _house(Path(name), url) as house:
            made = [await house.store.write(_write, number, mails) for number in range(handoffs)]
            began = time.perf_counter()
            await house.store.write(_hand_off, made)
            await _wait(house.store)
            seconds = time.perf_counter() - began
            remarks = _count(simulator, handoffs, mails)
    traffic = simulator.traffic
    asked = Counter(f"{one.method} {one.entity or one.path.rpartition('/')[2]}" for one in traffic.calls)
    planned = handoffs * (4 + 2 * mails) + ONCE
    return Result(
        handoffs, mails, seconds, planned, asked, traffic.most_in_flight, traffic.most_writers, remarks
    )  # fmt: skip


@asynccontextmanager
async def _house(folder: Path, creatio: str) -> AsyncIterator[House]:
    """The daemon with nothing but a Creatio; closed in good order."""
    partner = Creatio(creatio, identity_url=creatio, client_id="gateway", client_secret=Secret("a-client-secret"))
    settings = Settings(
        path=folder / "config.toml",
        public_url="https://gateway.bench.example",
        data_dir=folder,
        mailboxes=(Mailbox(SUPPORT, name="Bench Support"),),
        creatio=partner,
        web=Web(listen="127.0.0.1:0"),
    )
    house, stopping = House(settings), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(house.run(stopping))
        await house.opened.wait()
        try:
            yield house
        finally:
            stopping.set()


def _write(tx: Transaction, number: int, mails: int) -> str:
    """A conversation as it is before it is handed off: customer and assistant take turns."""
    ours, customer = identity(tx), Address(f"customer-{number}@mail.example", f"Customer {number}")
    here = ours.derive(SUPPORT, str(number), "conversation")
    fresh = Conversation(
        here, SUPPORT, f"Order {number}", customer, customers.find_or_add(tx, customer), State.OPEN, Held.ASSISTANT,
        tx.now, f"<anchor-{number}@bench.example>",
    )  # fmt: skip
    conversations.begin(tx, fresh)
    conversations.join(tx, here, customer, Trust.VERIFIED)
    support, before = Address(SUPPORT, "Bench Support"), ""
    for turn in range(mails):
        theirs, at = turn % 2 == 0, tx.now - timedelta(minutes=mails - turn)
        made = Entry(
            id=0,
            author=Author.CUSTOMER if theirs else Author.ASSISTANT,
            at=at,
            arrived=at,
            key=ours.derive(SUPPORT, f"{number}.{turn}", "entry"),
            message_id=f"<{number}.{turn}@{'mail' if theirs else 'bench'}.example>",
            subject=f"Order {number}",
            text=f"Mail {turn} about order {number}.\n\n" + "It has some lines, as mail does.\n" * 12,
            sender=customer if theirs else support,
            to=(support if theirs else customer,),
            in_reply_to=(before,) if before else (),
        )
        conversations.add_entry(tx, here, made, SUPPORT)
        before = made.message_id
    return here


def _hand_off(tx: Transaction, made: Sequence[str]) -> None:
    about = Understanding(summary="The customer asks where the order is.", language="en")
    for here in made:
        handoff.hand_off(tx, here, reason="no article answers this", by="assistant", about=about)


async def _wait(store: Store) -> None:
    """Until all is filed."""
    async with asyncio.timeout(_TOO_LONG):
        while True:
            filing = [one for one in await store.read(survey.counts) if one.step in ("file", "upload")]
            if not any(one.waiting or one.later or one.working for one in filing):
                return
            await asyncio.sleep(0.2)


def _count(simulator: Simulator, handoffs: int, mails: int) -> list[str]:
    """What was handed off must be there, once, in order."""
    tenant, remarks = simulator.tenant, []
    on_case: dict[object, list[str]] = {one["Id"]: [] for one in tenant.rows("Case")}
    for one in tenant.rows("Activity"):
        on_case[one["CaseId"]].append(str(one["SendDate"]))
    if len(on_case) != handoffs:
        remarks.append(f"{handoffs} handoffs, {len(on_case)} cases: A FAULT")
    if any(len(times) != mails or times != sorted(times) for times in on_case.values()):
        remarks.append(f"not every case has its {mails} activities in order: A FAULT")
    return remarks


def _told(result: Result) -> dict[str, object]:
    return {
        "handoffs": result.handoffs,
        "mails": result.mails,
        "seconds": round(result.seconds, 1),
        "requests": sum(result.requests.values()),
        "planned": result.planned,
        "ratio": round(result.ratio, 3),
        "asked": dict(result.requests),
        "in_flight": result.in_flight,
        "writers": result.writers,
        "remarks": list(result.remarks),
        "reached": result.reached,
    }


def _print(result: Result) -> None:
    count, wanted = sum(result.requests.values()), f"wanted {BUDGET}"
    print(f"{result.handoffs} handoffs with {result.mails} mails each; Creatio answers in {LATENCY * 1000:.0f} ms\n")
    rows = [
        ("time", f"{result.seconds:.0f} s", f"wanted {LONGEST:.0f} s", result.seconds <= LONGEST),
        ("requests", f"{count}, planned {result.planned}: {result.ratio:.3f}", wanted, result.ratio <= BUDGET),
        ("in flight", f"{result.in_flight}", f"wanted {AT_ONCE}", result.busy),
        ("writers of one case", f"{result.writers}", "wanted 1", result.writers <= 1),
    ]
    for name, found, aim, well in rows:
        print(f"{name:<22}{found:<36}{aim:<14}{'reached' if well else 'MISSED'}")
    print()
    for asked, number in sorted(result.requests.items(), key=lambda one: -one[1]):
        print(f"{number:>8}  {asked}")
    for remark in result.remarks:
        print(remark)
