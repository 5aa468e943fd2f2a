"""What every Crm promises: ids of ours tell once, nobody's work is overwritten, replies and closures are shown."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Protocol
from uuid import UUID

import pytest

from gateway.demo.creatio.agent import Attached
from gateway.demo.creatio.faults import Fault
from gateway.desk.case import CaseState
from gateway.desk.records import Change, ChangeCase, NewContact, NewNote, NewPost, row_id
from gateway.desk.replies import Kind, ReplyRules, Ruling, judge
from gateway.errors import TryLater
from gateway.mail.message import Address
from gateway.ports import Crm, FoundContact, NotTaken, Written
from tests.creatio.tenancy import (
    AT,
    CASE,
    CONTACT,
    FILE,
    KEY,
    MAIL,
    TEXT,
    Tenancy,
    a_case,
    a_file,
    a_mail,
    a_tenancy,
    its_bytes,
    write,
)
from tests.fakes import FakeCrm

ADA = Address("ada@example.com", "Ada Lovelace")
NOTE = row_id(KEY, "note")


class Place(Protocol):
    """A CRM with people in it: what a test lets them do, and what goes wrong."""

    @property
    def crm(self) -> Crm: ...

    def has_person(self, address: str, name: str) -> str: ...

    async def rep_replies(self, case_id: str, html: str, files: Mapping[str, bytes]) -> str: ...

    async def rep_resolves(self, case_id: str) -> None: ...

    async def rep_describes(self, case_id: str, text: str) -> None: ...

    async def rep_merges(self, case_id: str, into: str) -> None: ...

    def loses_the_next_answer(self, *, kept: bool) -> None: ...

    def goes_away(self) -> None: ...


class Fake:
    """Our stand-in."""

    def __init__(self) -> None:
        self.crm = FakeCrm()

    def has_person(self, address: str, name: str) -> str:
        return self.crm.person_has(address, name)

    async def rep_replies(self, case_id: str, html: str, files: Mapping[str, bytes]) -> str:
        return self.crm.rep_writes(case_id, html, files=files)

    async def rep_resolves(self, case_id: str) -> None:
        self.crm.set_status(case_id, "Resolved")

    async def rep_describes(self, case_id: str, text: str) -> None:
        self.crm.set_column(case_id, "description", text)

    async def rep_merges(self, case_id: str, into: str) -> None:
        self.crm.merge(case_id, into)

    def loses_the_next_answer(self, *, kept: bool) -> None:
        self.crm.lose_answer(kept=kept)

    def goes_away(self) -> None:
        self.crm.go_away()


class Real:
    """Our adapter and the simulator of its tenant."""

    def __init__(self, there: Tenancy) -> None:
        self.crm = there.crm
        self._there = there
        self._agent = there.simulator.agent

    def has_person(self, address: str, name: str) -> str:
        return str(self._there.simulator.add_contact(name, address)["Id"])

    async def rep_replies(self, case_id: str, html: str, files: Mapping[str, bytes]) -> str:
        attached = [Attached(name, content) for name, content in files.items()]
        return str(await self._agent.reply(UUID(case_id), html, files=attached))

    async def rep_resolves(self, case_id: str) -> None:
        await self._agent.resolve(UUID(case_id))

    async def rep_describes(self, case_id: str, text: str) -> None:
        await self._agent.change(UUID(case_id), {"Symptoms": text})

    async def rep_merges(self, case_id: str, into: str) -> None:
        await self._agent.merge(UUID(case_id), UUID(into))

    def loses_the_next_answer(self, *, kept: bool) -> None:
        fault = Fault.DROPPED_AFTER if kept else Fault.DROPPED
        self._there.simulator.faults.next(fault, when=lambda call: call.method == "POST" and bool(call.entity))

    def goes_away(self) -> None:
        self._there.simulator.faults.next(Fault.ERROR_503, times=1000)


@asynccontextmanager
async def fake() -> AsyncIterator[Place]:
    yield Fake()


@asynccontextmanager
async def real() -> AsyncIterator[Place]:
    async with a_tenancy() as there:
        yield Real(there)


Players = Callable[[], AbstractAsyncContextManager[Place]]
each_player = pytest.mark.parametrize("player", [fake, real])


@each_player
async def test_a_contact_that_was_made_is_found_whatever_the_case_of_letters(player: Players) -> None:
    async with player() as place:
        assert await place.crm.find_contact(ADA) is None
        await written(place, NewContact(CONTACT, "Ada Lovelace", "ada@example.com"))
        assert await place.crm.find_contact(Address("ADA@example.com")) == FoundContact(CONTACT)


@each_player
async def test_of_several_people_the_one_who_is_called_so_is_meant_else_none_with_a_note(player: Players) -> None:
    async with player() as place:
        place.has_person("ada@example.com", "George Byron")
        ada = place.has_person("ada@example.com", "Ada Lovelace")
        assert await place.crm.find_contact(ADA) == FoundContact(ada)
        unclear = await place.crm.find_contact(Address("ada@example.com", "Service"))
        assert unclear is not None
        assert (unclear.id, unclear.note != "") == ("", True)


@each_player
async def test_a_case_tells_its_number_and_its_columns_and_is_made_once(player: Players) -> None:
    async with player() as place:
        await written(place, NewContact(CONTACT, "Ada Lovelace", "ada@example.com"))
        facts = (await written(place, a_case(contact=CONTACT))).facts
        seen = await place.crm.read_case(CASE)
        assert seen is not None
        assert (facts["number"], facts["seen"]) == (seen.number, seen.columns())
        assert (seen.state, seen.subject, seen.contact) == (CaseState.OPEN, "Late order", CONTACT)
        await written(place, a_case(contact=CONTACT, subject="Told again in other words"))
        again = await place.crm.read_case(CASE)
        assert again is not None
        assert (again.number, again.subject) == (seen.number, "Late order")


@each_player
@pytest.mark.parametrize("kept", [True, False])
async def test_a_change_whose_answer_was_lost_is_there_once_when_it_is_told_again(player: Players, kept: bool) -> None:
    async with player() as place:
        await written(place, a_case())
        place.loses_the_next_answer(kept=kept)
        with suppress(TryLater):
            await written(place, a_mail())
        await written(place, a_mail())
        assert [row.id for row in await place.crm.read_activities(CASE)] == [MAIL]


@each_player
async def test_what_was_noted_is_listed_in_order_as_ours_and_done(player: Players) -> None:
    async with player() as place:
        changes: tuple[Change, ...] = (a_case(), a_mail(), NewNote(NOTE, CASE, "Handed off", "She is angry.", AT))
        for change in changes:
            await written(place, change)
        mail, note = await place.crm.read_activities(CASE)
        assert (mail.id, mail.kind, mail.incoming, mail.completed) == (MAIL, Kind.EMAIL, True, True)
        assert (note.id, note.kind, note.completed) == (NOTE, Kind.TASK, True)
        assert mail.author == note.author != ""
        assert {judge(row, ReplyRules(types=("Email", "Task"), us=mail.author)).ruling for row in (mail, note)} == {
            Ruling.NEVER
        }


@each_player
async def test_only_what_still_has_its_value_is_changed_and_the_rest_is_named(player: Players) -> None:
    async with player() as place:
        await written(place, a_case(description="provisional"))
        before = await place.crm.read_case(CASE)
        assert before is not None
        await place.rep_describes(CASE, "what Anna found out")
        values = {"description": "the summary", "subject": "Late order, again"}
        only_if = {"description": "provisional", "subject": "Late order"}
        done = await written(place, ChangeCase(row_id(KEY, "change"), CASE, values, only_if, "handed off"))
        assert list(done.facts["left"]) == ["description"]
        after = await place.crm.read_case(CASE)
        assert after is not None
        assert (after.description, after.subject) == ("what Anna found out", "Late order, again")
        assert done.facts["seen"] == after.columns()


@each_player
async def test_a_change_told_again_leaves_nothing_to_others(player: Players) -> None:
    async with player() as place:
        await written(place, a_case())
        change = ChangeCase(row_id(KEY, "change"), CASE, {"subject": "New"}, {"subject": "Late order"}, "")
        await written(place, change)
        assert list((await written(place, change)).facts["left"]) == []


@each_player
async def test_a_case_that_is_not_there_is_none_and_takes_no_change(player: Players) -> None:
    async with player() as place:
        assert await place.crm.read_case(CASE) is None
        answer = await place.crm.write(ChangeCase(row_id(KEY, "change"), CASE, {"subject": "x"}, {"subject": ""}, ""))
        assert isinstance(answer, NotTaken)
        assert answer.sure


@each_player
async def test_a_reps_reply_is_told_of_listed_and_read_whole_with_its_files(player: Players) -> None:
    async with player() as place:
        await written(place, a_case())
        cursor = (await place.crm.changes({})).cursor
        made = await place.rep_replies(CASE, "<p>It is on its way.</p>", {"map.txt": b"a map"})
        news = await place.crm.changes(cursor)
        assert (made, CASE) in [(row, case) for row, case, _ in news.activities]
        row = next(one for one in await place.crm.read_activities(CASE) if one.id == made)
        assert judge(row, ReplyRules()).ruling is Ruling.MAIL
        whole = await place.crm.read_activity(row)
        assert (whole.body, whole.is_html) == ("<p>It is on its way.</p>", True)
        [file] = whole.files
        assert (file.name, file.size) == ("map.txt", 5)
        assert await place.crm.fetch_file(file.id, 5) == b"a map"
        assert await place.crm.fetch_file(file.id, 4) is None


@each_player
async def test_a_closure_is_told_of_and_seen_by_its_flags(player: Players) -> None:
    async with player() as place:
        await written(place, a_case())
        first = await place.crm.changes({})
        await place.rep_resolves(CASE)
        news = await place.crm.changes(first.cursor)
        assert CASE in [case for case, _ in set(news.cases) - set(first.cases)]
        seen = await place.crm.read_case(CASE)
        assert seen is not None
        assert seen.state is CaseState.RESOLVED


@each_player
async def test_a_merged_case_names_the_other(player: Players) -> None:
    async with player() as place:
        other = row_id(KEY, "other case")
        await written(place, a_case())
        await written(place, a_mail())
        await written(place, a_case(id=other))
        await place.rep_merges(CASE, other)
        seen = await place.crm.read_case(CASE)
        assert seen is not None
        assert (seen.state, seen.merged_into) == (CaseState.FINAL, other)
        assert [row.id for row in await place.crm.read_activities(other)] == [MAIL]


@each_player
async def test_an_attachment_is_its_row_and_then_its_bytes(player: Players) -> None:
    async with player() as place:
        changes: tuple[Change, ...] = (a_case(), a_mail(), a_file())
        for change in changes:
            await written(place, change)
        await written(place, its_bytes(), TEXT)
        await written(place, its_bytes(), TEXT)
        [mail] = await place.crm.read_activities(CASE)
        assert [(one.id, one.name) for one in (await place.crm.read_activity(mail)).files] == [(FILE, "order.pdf")]
        assert await place.crm.fetch_file(FILE, 100) == TEXT


@each_player
async def test_rows_that_are_not_there_are_named(player: Players) -> None:
    async with player() as place:
        post = row_id(KEY, "post")
        changes: tuple[Change, ...] = (a_case(), a_mail(), NewPost(post, CASE, "Ada wrote again"))
        for change in changes:
            await written(place, change)
        rows = [("case", CASE), ("activity", MAIL), ("post", post), ("note", NOTE)]
        assert list(await place.crm.missing(rows)) == [NOTE]


@each_player
async def test_a_crm_that_is_away_says_so_of_itself_and_never_of_a_row(player: Players) -> None:
    async with player() as place:
        place.goes_away()
        calls = (
            place.crm.tenant(),
            place.crm.find_contact(ADA),
            place.crm.write(a_case()),
            place.crm.read_case(CASE),
            place.crm.read_activities(CASE),
            place.crm.fetch_file(FILE, 10),
            place.crm.changes({}),
            place.crm.missing([("case", CASE)]),
        )
        for call in calls:
            with pytest.raises(TryLater) as away:
                await call
            assert away.value.partner_down


@each_player
async def test_calls_are_counted_once(player: Players) -> None:
    async with player() as place:
        await place.crm.read_case(CASE)
        assert place.crm.take_call_count() > 0
        assert place.crm.take_call_count() == 0


async def written(place: Place, change: Change, content: bytes = b"") -> Written:
    answer = await write(place.crm, change, content)
    assert isinstance(answer, Written), answer
    return answer
