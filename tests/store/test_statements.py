"""Statements that are run all the time are compiled once, and find their rows by an index."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import ClauseElement

import gateway.store
from gateway.store import jobs, lanes, schema
from gateway.store.database import Store, Transaction


def statements() -> Iterator[tuple[str, ClauseElement]]:
    for found in pkgutil.iter_modules(gateway.store.__path__):
        module = importlib.import_module(f"gateway.store.{found.name}")
        for name, value in vars(module).items():
            values = value.values() if isinstance(value, dict) else [value]
            for one in values:
                if isinstance(one, ClauseElement | Executable) and not isinstance(one, sa.Table):
                    assert isinstance(one, ClauseElement)
                    yield f"{found.name}.{name}", one


def test_every_statement_of_the_store_is_compiled_once() -> None:
    found = dict(statements())
    assert {"lanes._CLAIM", "lanes._TAKEN", "jobs.HEAD_DUE", "postgres._NOW"} <= found.keys()
    assert [name for name, one in found.items() if one._generate_cache_key() is None] == []


def fill(tx: Transaction, number: int) -> None:
    """So many lanes with a job each, all waiting."""
    due = tx.now - timedelta(minutes=1)
    rows = [{"key": f"send:{n}", "step": "send", "pending": 1, "due": due, "lost": 0} for n in range(number)]
    tx.execute(sa.insert(schema.lane), rows)
    plain = {"step": "send", "state": "todo", "due": due, "created": due, "data": {}}
    tx.execute(sa.insert(schema.job), [plain | {"lane": f"send:{n}", "subject": str(n)} for n in range(number)])
    tx.execute(sa.text("ANALYZE lane"))
    tx.execute(sa.text("ANALYZE job"))


def plans(tx: Transaction, work: Callable[[Transaction], object]) -> list[str]:
    """How the database would do each statement of this work."""
    ran: list[tuple[str, Any]] = []

    def note(connection: object, cursor: object, text: str, values: object, *_: object) -> None:
        ran.append((text, values))

    sa.event.listen(tx.connection, "before_cursor_execute", note)
    work(tx)
    sa.event.remove(tx.connection, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN" if tx.connection.dialect.name == "sqlite" else "EXPLAIN"
    explained = [tx.connection.exec_driver_sql(f"{explain} {text}", values).all() for text, values in ran]
    return ["\n".join(" ".join(map(str, row)) for row in rows) for rows in explained]


def claim_and_settle(tx: Transaction) -> None:
    for claim in lanes.claim(tx, {"send": 4}, lease=timedelta(seconds=15), node="here").claims:
        lanes.settle(tx, claim, lanes.Try("here", timedelta(0)))


async def test_taking_the_next_of_ten_thousand_jobs_looks_at_none_of_the_others(store: Store) -> None:
    await store.write(fill, 10_000)
    found = await store.write(plans, claim_and_settle)
    assert any("ix_lane_due" in plan for plan in found)
    assert any("ix_job_lane" in plan for plan in found)
    walked = re.compile(r"SCAN (lane|job)\b(?! USING)|Seq Scan on (lane|job)\b")
    assert [plan for plan in found if walked.search(plan)] == []


async def test_adding_to_a_long_list_looks_at_none_of_the_others(store: Store) -> None:
    await store.write(fill, 10_000)
    found = await store.write(plans, lambda tx: jobs.add(tx, "send", "17", "x", key="send:x"))
    walked = re.compile(r"SCAN (lane|job)\b(?! USING)|Seq Scan on (lane|job)\b")
    assert found
    assert [plan for plan in found if walked.search(plan)] == []
