"""Ledger and tenant compared: what Creatio lost is listed and written again, what nobody here knows of is listed."""

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.desk.records import row_id
from gateway.desk.replies import ActivitySeen
from gateway.errors import TryLater
from gateway.log import Event, event, get, tell
from gateway.pipeline import handoff
from gateway.pipeline.parts import Parts
from gateway.ports import Crm
from gateway.store import comparing, history, ledger
from gateway.store.comparing import Page
from gateway.store.database import Transaction

PAGE = 40  # conversations in one go: a few seconds of asking
AT_ONCE = 6  # questions in flight: filing goes on meanwhile
A_QUESTION = 15  # ids in one
# What a row of ours can be looked for by; a file's bytes hang on its row, changes leave none.
KINDS = ("contact", "case", "activity", "message_data", "file", "note", "post")
log = get("pipeline")


@dataclass(frozen=True, slots=True)
class Orphan:
    """A row that one side knows and the other does not. `why`: what is known of it, or why it stays as it is."""

    id: str
    kind: str
    case: str
    conversation: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """`lost` in Creatio, `unknown` here; `repaired` of the lost ones are written again. `last` begins the next page."""

    lost: Sequence[Orphan]
    unknown: Sequence[Orphan]
    repaired: int
    looked_at: int
    last: str


async def compare(parts: Parts, crm: Crm, after: str, *, repair: bool, by: str) -> Compared:
    """One page of conversations. Nothing is written to Creatio here: FILE does that, with the ids of before.

    Raises TryLater when Creatio does not answer.
    """
    page = await parts.store.read(comparing.page, after, PAGE, KINDS)
    looks = sorted({(one.kind, one.id) for one, _ in page.written} | {("case", one) for one in page.cases})
    missing = await _missing(crm, looks)
    lost = [*_lost(page, missing), *await _emptied(crm, page, missing)]
    unknown = await _unknown(parts, crm, page, missing, first=not after)
    repaired = 0
    if repair and lost:
        wanted = frozenset(one.id for one in lost if not one.why)
        # A case of another page is made again with the first row that hangs on it.
        wanted |= {one.case for one in lost if not one.why and one.case in missing}
        events = await parts.store.write(_write_again, wanted, [one.conversation for one in lost], by=by)
        tell(log, events)
        repaired = sum(not one.why for one in lost)
    event(log, "reconciled", rows=len(looks), lost=len(lost), unknown=len(unknown), by=by)
    return Compared(lost, unknown, repaired, len(looks), page.last)


async def _missing(crm: Crm, looks: Sequence[tuple[str, str]]) -> frozenset[str]:
    """The ids that are not in Creatio."""
    gate, gone = asyncio.Semaphore(AT_ONCE), set[str]()

    async def ask(some: Sequence[tuple[str, str]]) -> None:
        async with gate:
            gone.update(await crm.missing(some))

    await _all(ask(some) for some in _questions(looks))
    return frozenset(gone)


def _questions(looks: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    """By kind, for a question is about one entity."""
    for kind in sorted({kind for kind, _ in looks}):
        same = [one for one in looks if one[0] == kind]
        yield from (same[begin : begin + A_QUESTION] for begin in range(0, len(same), A_QUESTION))


def _lost(page: Page, missing: Collection[str]) -> Iterator[Orphan]:
    for line, why in page.written:
        if line.id in missing:
            case_id = line.case_id or ""
            if case_id in missing and case_id not in page.made:
                why = "its case is gone, and the gateway did not make it"
            yield Orphan(line.id, line.kind, case_id, line.conversation_id, why)


async def _emptied(crm: Crm, page: Page, missing: Collection[str]) -> list[Orphan]:
    """Files whose row is there without the bytes."""
    there = [one.id for one, _ in page.written if one.id in page.filled and one.id not in missing]
    lines = [page.filled[one] for one in await crm.emptied(there)] if there else []
    return [Orphan(one.id, "data", one.case_id or "", one.conversation_id) for one in lines]


async def _unknown(parts: Parts, crm: Crm, page: Page, missing: Collection[str], *, first: bool) -> list[Orphan]:
    """Rows under ids that a mail of ours would have, rows of our user on our cases, and (once) cases of our user, that
    no ledger knows."""
    found = await _under_our_ids(parts, crm, page)
    rows: list[ActivitySeen] = []
    gate = asyncio.Semaphore(AT_ONCE)

    async def look(case_id: str) -> None:
        async with gate:
            rows.extend(await crm.read_activities(case_id))

    await _all(look(case_id) for case_id in page.cases if case_id not in missing)
    # Read after Creatio was: a row is there a moment before the ledger says so.
    ours = await parts.store.read(ledger.known, [*(row.id for row in rows), *(one.id for one in found)])
    us = {row.author for row in rows if row.id in ours and row.author}
    why = "made by the gateway's own user"
    found += [
        Orphan(row.id, row.kind.value, row.case_id, "", f"{why}: {row.title}") for row in rows if row.author in us
    ]
    if first:
        found += await _stray_cases(parts, crm, us)
    return sorted({one.id: one for one in reversed(found) if one.id not in ours}.values(), key=lambda one: one.id)


async def _stray_cases(parts: Parts, crm: Crm, us: Collection[str]) -> list[Orphan]:
    """Cases of the gateway's own user that no ledger knows, on whatever customer."""
    made = {id: title for one in us for id, title in (await crm.cases_made_by(one)).items()}
    known = await parts.store.read(ledger.known, list(made))
    why = "made by the gateway's own user"
    return [Orphan(id, "case", id, "", f"{why}: {title}") for id, title in made.items() if id not in known]


async def _under_our_ids(parts: Parts, crm: Crm, page: Page) -> list[Orphan]:
    """A mail that was never filed may be there all the same: our store was put back to an older day."""
    would_be: dict[str, tuple[str, str]] = {}
    for conversation_id, key in page.mails:
        would_be |= {row_id(key, kind): (kind, conversation_id) for kind in ("case", "activity")}
    known = await parts.store.read(ledger.known, list(would_be))
    looks = sorted((kind, id) for id, (kind, _) in would_be.items() if id not in known)
    missing = await _missing(crm, looks)
    why = "it has the id of a mail that was not filed"
    return [Orphan(id, kind, "", would_be[id][1], why) for kind, id in looks if id not in missing]


def _write_again(
    tx: Transaction, record_ids: Collection[str], conversations: Sequence[str], *, by: str
) -> Sequence[Event]:
    """Mark them lost; FILE finds that out, in the lane of the customer as always."""
    files = [row_id(one, "data") for one in record_ids]  # the bytes of those that are files
    count = ledger.lose(tx, [*record_ids, *files])
    for conversation_id in dict.fromkeys(conversations):
        history.note(tx, "lost_in_creatio", conversation=conversation_id, by=by)
        handoff.tell_creatio(tx, conversation_id)
    return [Event("lost_in_creatio", {"rows": count, "conversations": len(set(conversations)), "by": by})]


async def _all(asks: Iterable[Coroutine[Any, Any, None]]) -> None:
    """All of them, each in its own task; the first trouble ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in asks:
                group.create_task(one)
    except* TryLater as troubles:
        raise TryLater("; ".join(dict.fromkeys(str(one) for one in troubles.exceptions))) from None
