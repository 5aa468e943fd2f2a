"""Whatever is done with the to-do list, in any order: lanes keep their order, and nothing is lost or done twice."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gateway.store import jobs, lanes, survey
from gateway.store.database import Store
from gateway.store.lanes import Claim, LostLease, Try

LEASE = timedelta(seconds=15)
ONE = Try("here", timedelta(0), "as the test wants")
LANES = st.sampled_from("abc")


class ToDoList(RuleBasedStateMachine):
    """Beside the store runs a model: for each lane its jobs in order, each `todo` or `aside` (holding it or not)."""

    url = "sqlite"
    claims = Bundle("claims")
    fresh_database = staticmethod(lambda: "sqlite")

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.store: Store = self.loop.run_until_complete(Store.open(self.fresh_database(), self.folder))
        self.model: dict[str, list[list[Any]]] = {name: [] for name in "abc"}  # [job id, state, due]
        self.held: dict[str, Claim] = {}
        self.lost = dict.fromkeys("abc", 0)  # hands in a row that died holding the lane
        self.lease_ends: dict[str, Any] = {}
        self.now = timedelta(0)

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.run(self.store.close())
            self.loop.close()
            shutil.rmtree(self.folder)

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def head(self, name: str) -> list[Any] | None:
        return next((one for one in self.model[name] if one[1] != "aside"), None)

    def free(self, name: str) -> bool:
        return name not in self.held or self.lease_ends[name] <= self.now

    @rule(name=LANES, later=st.sampled_from([0, 0, 60]))
    def add(self, name: str, later: int) -> None:
        after = timedelta(seconds=later)
        number = self.run(self.store.write(jobs.add, "send", name, "x", after=after))
        assert all(number > one[0] for one in self.model[name])
        self.model[name].append([number, "todo", self.now + after])

    @rule(target=claims, hands=st.integers(1, 3))
    def take(self, hands: int) -> list[Claim]:
        harvest = self.run(self.store.write(lanes.claim, {"send": hands}, lease=LEASE, node="here"))
        due = set()
        for name in "abc":
            head = self.head(name)
            if head is not None and head[1] == "todo" and head[2] <= self.now and self.free(name):
                due.add(name)
        taken = list(harvest.claims)
        assert len(taken) == min(hands, len(due))
        for claim in taken:
            head = self.head(claim.lane)
            assert claim.lane in due
            assert head is not None
            assert claim.id == head[0]
            self.lost[claim.lane] += claim.lane in self.held
            assert claim.lost == self.lost[claim.lane]
            self.held[claim.lane] = claim
            self.lease_ends[claim.lane] = self.now + LEASE
        return taken

    @rule(taken=consumes(claims), how=st.sampled_from(["settle", "put_back", "aside", "holds", "let_go"]))
    def end(self, taken: list[Claim], how: str) -> None:
        for claim in taken:
            mine = self.held.get(claim.lane) is claim
            work = partial(self.finish, claim, how)
            if mine or how == "let_go":
                self.run(work())
            else:
                with pytest.raises(LostLease):
                    self.run(work())
            if mine:
                self.ended(claim, how)

    def finish(self, claim: Claim, how: str) -> Coroutine[Any, Any, None]:
        write = self.store.write
        match how:
            case "settle":
                return write(lanes.settle, claim, ONE)
            case "put_back":
                return write(lanes.put_back, claim, ONE, after=timedelta(seconds=30), counts=True)
            case "let_go":
                return write(lanes.let_go, [claim])
        return write(lanes.set_aside, claim, ONE, holds_lane=how == "holds")

    def ended(self, claim: Claim, how: str) -> None:
        del self.held[claim.lane]
        if how != "let_go":
            self.lost[claim.lane] = 0
        [one] = [one for one in self.model[claim.lane] if one[0] == claim.id]
        if how == "settle":
            self.model[claim.lane].remove(one)
        elif how == "put_back":
            one[2] = self.now + timedelta(seconds=30)
        elif how in ("aside", "holds"):
            one[1] = how

    @rule(seconds=st.sampled_from([1, 10, 20, 70]))
    def turn_clock(self, seconds: int) -> None:
        self.store.turn_clock(timedelta(seconds=seconds))
        self.now += timedelta(seconds=seconds)

    @rule(name=LANES, which=st.integers(0, 5), drop=st.booleans())
    def a_person_decides(self, name: str, which: int, drop: bool) -> None:
        if which >= len(self.model[name]):
            return
        one = self.model[name][which]
        if self.run(self.store.write(jobs.drop if drop else jobs.retry, one[0])):
            assert one[1] in ("aside", "holds")
            if drop:
                self.model[name].remove(one)
            else:
                one[1:] = ["todo", self.now]
        else:
            assert one[1] == "todo"

    @invariant()
    def the_counters_say_what_the_rows_say(self) -> None:
        if not hasattr(self, "store"):
            return
        assert self.run(self.store.read(survey.drifted)) == []
        aside = {one.id for one in self.run(self.store.read(survey.aside))}
        assert aside == {one[0] for ones in self.model.values() for one in ones if one[1] != "todo"}


TestToDoListOnSqlite = ToDoList.TestCase
TestToDoListOnSqlite.settings = settings(
    max_examples=50, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_the_to_do_list_on_postgresql(request: pytest.FixtureRequest) -> None:
    cluster = request.getfixturevalue("postgres")

    class OnPostgres(ToDoList):
        fresh_database = staticmethod(cluster.new_database)

    run_state_machine_as_test(
        OnPostgres,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
