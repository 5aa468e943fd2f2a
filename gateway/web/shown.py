"""What the inbox and the API show of the whole house, as plain values."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gateway.config.settings import Mailbox, Settings
from gateway.desk.probes import Probe
from gateway.desk.probes import State as Test
from gateway.health import Condition, Connection
from gateway.pipeline import probing
from gateway.pipeline.aside import name
from gateway.store import (
    arrivals,
    attention,
    inbox,
    ledger,
    mailboxes,
    marks,
    notices,
    pauses,
    survey,
    traces,
    workload,
)
from gateway.store.database import Store, Transaction
from gateway.store.inbox import View
from gateway.web.forwarding import as_shown
from gateway.web.surroundings import Surroundings

Shown = dict[str, Any]


async def status(around: Surroundings) -> Shown:
    """What is waiting, in work, set aside; each connection; the counters of contract 7."""
    parts = around.parts()
    found = await parts.store.read(_status)
    return {
        "version": around.version,
        "node": parts.store.node,
        "since": iso(around.started),
        **found,
        "connections": _connections(parts.health.snapshot()),
        "unused": list(parts.settings.unused),
    }


def _status(tx: Transaction) -> Shown:
    counts, balance = survey.counts(tx), workload.balance(tx)
    return {
        "counters": {
            "accepted": balance.accepted,
            "waiting": balance.waiting,
            "in_work": balance.in_work,
            **balance.fates,
            "balanced": balance.holds,
        },
        "work": {
            one.step: {
                "waiting": one.waiting,
                "later": one.later,
                "in_work": one.working,
                "aside": one.aside,
                "oldest": iso(one.oldest),
            }
            for one in counts
        },
        "backlog_ends": iso(workload.backlog_ends(tx, counts)),
        "not_trimmed": marks.counted(tx, marks.NOT_TRIMMED),
        "deliveries": dict(traces.deliveries_by_state(tx)),
        "pauses": _pauses(tx),
        "notices": [{"key": one.key, "text": one.text, "since": iso(one.since)} for one in notices.standing(tx)],
    }


async def house(store: Store) -> Shown:
    """What stands on every page: what is paused, and how much is set aside."""
    return await store.read(_house)


def _house(tx: Transaction) -> Shown:
    standing = notices.standing(tx)
    unread = sum(one.key.startswith(("aside:arrival:", "aside:record:")) for one in standing)
    held = traces.deliveries_by_state(tx).get("unknown", 0)
    return {
        "pauses": _pauses(tx),
        "aside": sum(one.aside for one in survey.counts(tx)) + unread + held,
        "notices": [{"key": one.key, "text": one.text, "since": iso(one.since)} for one in standing],
        "people": inbox.count(tx, View.PEOPLE),
        "drafts": inbox.count(tx, View.DRAFTS),
    }


async def conversations(store: Store, view: View, query: str, page: int) -> Shown:
    found, total = await store.read(_list, view, query, page)
    return {
        "conversations": [
            {
                "id": one.id,
                "subject": one.subject,
                "customer": {"address": one.address, "name": one.name},
                "mailbox": one.mailbox,
                "state": one.state,
                "held": one.held,
                "why": one.why,
                "changed": iso(one.changed),
                "answers": one.answers,
                "draft": one.draft,
                "case": one.case,
                "newest": {"author": one.author, "text": one.text},
            }
            for one in found
        ],
        "total": total,
        "page": page,
        "pages": max(1, -(-total // inbox.PAGE)),
    }


def _list(tx: Transaction, view: View, query: str, page: int) -> tuple[list[inbox.Line], int]:
    return inbox.find(tx, view, query, page=page), inbox.count(tx, view, query)


async def aside(store: Store) -> Shown:
    """What needs a person; beside it what was taken for spam, which needs none but may be released."""
    return await store.read(_aside)


def _aside(tx: Transaction) -> Shown:
    found = [_job(tx, one) for one in survey.aside(tx)]
    found += [_waits("arrival", "read", one) for one in attention.unreadable(tx)]
    found += [_waits("mail", "send", one) for one in attention.held(tx)]
    found += [_record(one) for one in ledger.aside(tx)]
    return {"aside": found, "spam": [_waits("arrival", "read", one) for one in attention.silenced(tx)]}


def _job(tx: Transaction, one: survey.Shown) -> Shown:
    about = workload.about(tx, one)
    return {
        "id": name("job", one.id),
        "kind": "job",
        "step": one.step,
        "subject": one.subject,
        "why": one.error,
        "since": iso(one.created),
        "attempts": one.attempts,
        "holds_lane": one.holds_lane,
        "conversation": about.conversation,
        "arrival": about.arrival,
        "from": about.who,
        "mailbox": about.mailbox,
    }


def _waits(kind: str, step: str, one: attention.Waits) -> Shown:
    return {
        "id": name(kind, one.id),
        "kind": kind,
        "step": step,
        "subject": one.subject or ("" if kind == "arrival" else str(one.id)),
        "why": one.why,
        "since": iso(one.since),
        "attempts": 0,
        "holds_lane": False,
        "conversation": one.conversation,
        "arrival": one.id if kind == "arrival" else None,
        "from": one.who,
        "mailbox": one.mailbox,
    }


def _record(one: ledger.Refusal) -> Shown:
    return {
        "id": name("record", one.line.id),
        "kind": "record",
        "step": "file",
        "subject": one.line.kind,
        "why": one.why,
        "since": iso(one.at),
        "attempts": 0,
        "holds_lane": False,
        "conversation": one.line.conversation_id,
        "arrival": None,
        "from": "",
        "mailbox": "",
    }


async def connections(around: Surroundings) -> Shown:
    """Each mailbox, each partner, each step's jobs."""
    parts = around.parts()
    health = parts.health.snapshot()
    known = await parts.store.read(_mailboxes, parts.settings.mailboxes)
    return {
        "mailboxes": [_mailbox(one, last, probe, health, parts.settings) for one, last, probe in known],
        "connections": _connections(health),
        "work": (await parts.store.read(_status))["work"],
    }


def _mailboxes(tx: Transaction, current: tuple[Mailbox, ...]) -> list[tuple[Mailbox, datetime | None, Probe | None]]:
    every = mailboxes.all_known(tx, current)
    return [(one, arrivals.last_received(tx, one.address), probing.newest(tx, one.address)) for one in every]


def _mailbox(
    one: Mailbox, last: datetime | None, probe: Probe | None, health: Mapping[str, Connection], settings: Settings
) -> Shown:
    """Pending: no mail has come yet. Connected: it has. Failed: its doors are shut, or the newest test was lost and
    nothing has come since it was sent."""
    doors = ["smtp"] if settings.smtp else []
    doors += [f"imap:{account.user}" for account in settings.imap if account.mailbox == one.address]
    shut = [health[name] for name in doors if name in health and health[name].condition is Condition.FAILED]
    state, why = ("Connected", "") if last else ("Pending", "no mail has come yet")
    if probe is not None and not (last and probe.state is Test.FAILED and last > probe.sent):
        state, why = probe.state.value, probe.why if probe.state is not Test.CONNECTED else ""
        if probe.state is Test.PENDING and last:
            state, why = "Connected", ""
    if shut and len(shut) == len(doors):
        state, why = "Failed", "; ".join(dict.fromkeys(door.why for door in shut))
    elif not doors:
        state, why = "Failed", "neither intake.smtp nor intake.imap is set: no mail can come"
    return {
        "address": one.address,
        "receives_at": [*one.aliases, *one.receives_at],
        "name": one.name,
        "mode": one.mode,
        "retired": one.state == "retired",
        "state": state,
        "why": why,
        "last": iso(last),
        "test": None if probe is None else as_shown(probe),
    }


def _connections(health: Mapping[str, Connection]) -> list[Shown]:
    return [
        {
            "name": name,
            "condition": one.condition.value,
            "why": one.why,
            "since": iso(one.since),
            "asked_again": iso(one.again),
        }
        for name, one in sorted(health.items())
    ]


def _pauses(tx: Transaction) -> list[Shown]:
    return [{**asdict(one), "since": iso(one.since)} for one in pauses.listed(tx)]


def iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="milliseconds")
