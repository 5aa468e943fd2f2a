"""What is read: contacts, cases, the rows of reps with their files, and what changed since the last look."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest

from gateway.config.settings import Replies
from gateway.creatio.activities import MOST
from gateway.demo.creatio.agent import Attached, Style
from gateway.demo.creatio.faults import Fault
from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from gateway.demo.creatio.tenant import ANNA
from gateway.desk.case import CaseState
from gateway.desk.records import NewContact, NewNote, row_id
from gateway.desk.replies import Kind, Sending
from gateway.errors import TryLater
from gateway.mail.message import Address
from gateway.ports import FoundContact
from tests.creatio.tenancy import AT, CASE, CONTACT, KEY, MAIL, Tenancy, TurnedTime, a_case, a_mail, a_tenancy

ADA = Address("ada@example.com", "Ada Lovelace")


@pytest.mark.parametrize("database", ["postgresql", "sqlserver"])
@pytest.mark.parametrize("functions", ["few", "many"])
@pytest.mark.parametrize(
    "kept", ["ada@example.com", "Ada@Example.com", "ADA@EXAMPLE.COM", "Ada@example.com", "aDa@example.COM"]
)
async def test_a_person_is_found_whatever_the_case_of_letters(database: Any, functions: Any, kept: str) -> None:
    async with a_tenancy(Simulator(switches=Switches(database=database, text_functions=functions))) as there:
        ada = there.simulator.add_contact("Ada Lovelace", kept)
        there.simulator.add_contact("Adam", "adam@example.com")
        assert await there.crm.find_contact(ADA) == FoundContact(str(ada["Id"]))


async def test_that_a_tenant_cannot_fold_letters_is_found_out_once() -> None:
    async with a_tenancy(Simulator(switches=Switches(text_functions="few"))) as there:
        for _ in range(3):
            await there.crm.find_contact(ADA)
        assert len([one for one in there.simulator.traffic.calls if "tolower" in one.query]) == 1


async def test_nobody_with_the_address_is_nobody() -> None:
    async with a_tenancy() as there:
        there.simulator.add_contact("Ada Lovelace", "ada@example.org")
        assert await there.crm.find_contact(ADA) is None


async def test_an_address_with_a_quote_in_it_is_only_an_address() -> None:
    async with a_tenancy() as there:
        own = there.simulator.add_contact("O'Hara", "o'hara@example.com")
        assert await there.crm.find_contact(Address("o'hara@example.com")) == FoundContact(str(own["Id"]))


async def test_of_several_the_one_who_is_called_so_is_meant_else_none() -> None:
    async with a_tenancy() as there:
        there.simulator.add_contact("Byron, George", "ada@example.com")
        ada = there.simulator.add_contact("Lovelace, Ada", "ada@example.com")
        assert await there.crm.find_contact(ADA) == FoundContact(str(ada["Id"]))
        unclear = await there.crm.find_contact(Address("ada@example.com", "Service"))
        assert unclear is not None
        assert (unclear.id, "2 contacts" in unclear.note) == ("", True)


async def test_an_address_that_is_no_longer_used_finds_nobody() -> None:
    async with a_tenancy() as there:
        ada = there.simulator.add_contact("Ada Lovelace", "ada@example.com")
        ada["Email"] = "new@example.com"
        for way in there.simulator.tenant.rows("ContactCommunication"):
            if way["ContactId"] == ada["Id"]:
                way["NonActual"] = True
        assert await there.crm.find_contact(ADA) is None


async def test_a_new_contact_is_found_by_the_next_mail() -> None:
    async with a_tenancy() as there:
        await there.tell(NewContact(CONTACT, "Ada Lovelace", "ada@example.com"))
        assert await there.crm.find_contact(ADA) == FoundContact(CONTACT)
        ways = there.simulator.tenant.rows("ContactCommunication")
        assert [way["Number"] for way in ways if way["ContactId"] == UUID(CONTACT)] == ["ada@example.com"]


async def test_a_case_is_seen_with_its_state_its_owner_and_its_ai_fields() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case(owner=str(ANNA), fields={"UsrOrderNumber": "4711"}))
        seen = await there.crm.read_case("{" + CASE.upper() + "}")
        assert seen is not None
        assert (seen.id, seen.state, seen.number) == (CASE, CaseState.OPEN, "SR00000086")
        assert (seen.owner, seen.owner_name, seen.fields["UsrOrderNumber"]) == (str(ANNA), "Anna Berg", "4711")


async def test_a_case_that_is_gone_or_no_id_at_all_is_none() -> None:
    async with a_tenancy() as there:
        assert await there.crm.read_case(CASE) is None
        assert await there.crm.read_case("[#Case.Id#]") is None


async def test_a_merged_case_says_where_it_went() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case())
        other = row_id(KEY, "other case")
        await there.tell(a_case(id=other))
        await there.simulator.agent.merge(UUID(CASE), UUID(other))
        seen = await there.crm.read_case(CASE)
        assert seen is not None
        assert (seen.state, seen.merged_into) == (CaseState.FINAL, other)


def ticking() -> Callable[[], datetime]:
    """Rows of one moment have no order: this clock is a little later each time."""
    began, times = datetime.now(UTC), itertools.count()
    return lambda: began + timedelta(milliseconds=10 * next(times))


@pytest.mark.parametrize("by_case", ["works", "refused"])
async def test_the_rows_of_a_case_come_in_order_without_their_bodies(by_case: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(activity_by_case=by_case), clock=ticking())) as there:
        await with_mail(there)
        agent = there.simulator.agent
        await agent.reply(UUID(CASE), "<p>One</p>")
        await agent.reply(UUID(CASE), "Two", style=Style.TASK)
        await agent.reply(UUID(CASE), "<p>Three</p>", style=Style.FEED)
        await agent.reply(UUID(CASE), "<p>Four</p>", style=Style.PORTAL)
        rows = await there.crm.read_activities(CASE)
        assert [one.kind for one in rows] == [Kind.EMAIL, Kind.EMAIL, Kind.TASK, Kind.FEED, Kind.PORTAL]
        assert [one.incoming for one in rows[:2]] == [True, False]
        assert {one.author for one in rows[1:]} == {str(ANNA)}
        lists = [call.query for call in there.simulator.traffic.calls if call.entity in ("Activity", "Case")]
        assert not any("Body" in query.replace("IsHtmlBody", "") for query in lists)


async def test_posts_are_not_even_read_where_they_are_no_replies() -> None:
    async with a_tenancy(replies=Replies()) as there:
        await with_mail(there)
        await there.simulator.agent.reply(UUID(CASE), "<p>Internal</p>", style=Style.FEED)
        assert [one.kind for one in await there.crm.read_activities(CASE)] == [Kind.EMAIL]
        assert there.asked("GET", "SocialMessage") == 1  # its $metadata


async def test_more_rows_than_a_page_are_all_seen() -> None:
    async with a_tenancy() as there:
        await with_mail(there)
        for number in range(105):
            note = NewNote(row_id(KEY, f"note {number}"), CASE, "Note", "text", AT)
            there.simulator.layer.insert("Activity", {"Id": UUID(note.id), "Title": "n", "CaseId": UUID(CASE)}, ANNA)
        assert len(await there.crm.read_activities(CASE)) == 106


async def test_of_more_rows_than_are_ever_read_the_newest_are() -> None:
    async with a_tenancy(Simulator(clock=ticking())) as there:
        await with_mail(there)
        for number in range(MOST + 5):
            there.simulator.layer.insert("Activity", {"Title": f"n {number}", "CaseId": UUID(CASE)}, ANNA)
        reply = await there.simulator.agent.reply(UUID(CASE), "<p>Here it is.</p>")
        rows = await there.crm.read_activities(CASE)
        assert (rows[-1].id, len(rows)) == (str(reply), MOST)


async def test_a_reply_is_read_whole_with_its_files() -> None:
    async with a_tenancy() as there:
        await with_mail(there)
        files = [Attached("map.txt", b"a map"), Attached("logo.png", b"png", inline=True)]
        made = await there.simulator.agent.reply(UUID(CASE), '<p>See</p><img src="cid:logo.png">', files=files)
        row = next(one for one in await there.crm.read_activities(CASE) if one.id == str(made))
        whole = await there.crm.read_activity(row)
        assert (whole.is_html, "<p>See</p>" in whole.body) == (True, True)
        assert sorted((one.name, one.size, one.inline) for one in whole.files) == [
            ("logo.png", 3, True),
            ("map.txt", 5, False),
        ]
        by_name = {one.name: one.id for one in whole.files}
        assert await there.crm.fetch_file(by_name["map.txt"], 5) == b"a map"
        assert await there.crm.fetch_file(by_name["map.txt"], 4) is None
        assert await there.crm.fetch_file(row_id(KEY, "no file"), 4) is None


async def test_where_creatio_is_with_its_own_sending_is_seen() -> None:
    async with a_tenancy() as there:
        await with_mail(there)
        made = await there.simulator.agent.begin_sending(UUID(CASE), "<p>Wait</p>")
        assert (await row_of(there, made)).sending is Sending.IN_PROGRESS
        await there.simulator.agent.finish_sending(made)
        sent = await row_of(there, made)
        assert (sent.sending, sent.sent_at != "") == (Sending.SENT, True)
        assert (await there.crm.read_activity(sent)).message_id == f"<{made}@creatio.example>"
        lost = await there.simulator.agent.reply(UUID(CASE), "<p>Lost</p>", style=Style.ERROR)
        failed = await row_of(there, lost)
        assert (failed.sending, "550" in failed.error) == (Sending.FAILED, True)


@pytest.mark.parametrize("notice", ["header", "flag"])
async def test_a_notification_of_creatio_is_known_as_automatic(notice: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(notice=notice))) as there:
        await with_mail(there)
        made = await there.simulator.agent.reply(UUID(CASE), "", style=Style.NOTICE)
        assert (await row_of(there, made)).automatic


async def test_a_poll_tells_of_what_came_since_and_repeats_little_with_the_same_mark() -> None:
    time = TurnedTime()
    async with a_tenancy(Simulator(clock=time)) as there:
        await with_mail(there)
        await there.simulator.agent.reply(UUID(CASE), "<p>Long ago</p>")
        time.ahead += timedelta(hours=1)
        first = await there.crm.changes((await there.crm.changes({})).cursor)
        made = await there.simulator.agent.reply(UUID(CASE), "<p>Hello</p>")
        news = await there.crm.changes(first.cursor)
        assert str(made) in {one for one, _, _ in set(news.activities) - set(first.activities)}
        assert set(news.cases) == set(first.cases)
        time.ahead += timedelta(hours=1)
        await there.simulator.agent.resolve(UUID(CASE))
        later = await there.crm.changes(news.cursor)
        assert [one for one, _ in set(later.cases) - set(news.cases)] == [CASE]
        assert len((await there.crm.changes(later.cursor)).activities) == 1


async def test_the_first_reply_in_an_empty_tenant_is_not_missed() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        cursor = (await there.crm.changes({})).cursor
        assert "Activity" not in cursor
        await there.tell(a_case())
        made = await there.simulator.agent.reply(UUID(CASE), "<p>Hello</p>")
        assert str(made) in ids_of(await there.crm.changes(cursor))


async def test_rows_that_change_while_a_poll_pages_and_rows_of_one_instant_are_all_told() -> None:
    time = TurnedTime()
    frozen = time()
    async with a_tenancy(Simulator(clock=lambda: frozen + time.ahead)) as there:
        await with_mail(there)
        await there.simulator.agent.reply(UUID(CASE), "<p>First</p>")
        cursor = (await there.crm.changes({})).cursor
        time.ahead += timedelta(hours=1)
        made = {str(await there.simulator.agent.reply(UUID(CASE), f"<p>{n}</p>")) for n in range(450)}
        assert made <= set(ids_of(await there.crm.changes(cursor)))


async def test_a_row_whose_save_took_long_and_shows_late_is_not_missed() -> None:
    async with a_tenancy() as there:
        await with_mail(there)
        await there.simulator.agent.reply(UUID(CASE), "<p>Quick</p>")
        cursor = (await there.crm.changes({})).cursor
        made = await there.simulator.agent.reply(UUID(CASE), "<p>Begun earlier</p>")
        row = there.row("Activity", str(made))
        row["ModifiedOn"] -= timedelta(minutes=5)
        assert str(made) in ids_of(await there.crm.changes(cursor))


async def test_a_cursor_from_before_a_restored_snapshot_is_wound_back() -> None:
    time = TurnedTime()
    async with a_tenancy(Simulator(clock=time)) as there:
        await with_mail(there)
        await there.simulator.agent.reply(UUID(CASE), "<p>Before</p>")
        ahead = dict.fromkeys(("Activity", "Case", "SocialMessage", "PortalMessage"), "2031-01-01T00:00:00Z")
        cursor = (await there.crm.changes(ahead)).cursor
        assert cursor["Activity"] < "2031"
        made = await there.simulator.agent.reply(UUID(CASE), "<p>After</p>")
        assert str(made) in ids_of(await there.crm.changes(cursor))


@pytest.mark.parametrize(("before", "after"), [("utc", "local_as_z"), ("local_as_z", "utc")])
async def test_labels_of_times_that_jump_hide_no_reply(before: Any, after: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(times=before))) as there:
        await with_mail(there)
        await there.simulator.agent.reply(UUID(CASE), "<p>One</p>")
        cursor = (await there.crm.changes({})).cursor
        there.simulator.switches = replace(there.simulator.switches, times=after)
        made = await there.simulator.agent.reply(UUID(CASE), "<p>Two</p>")
        assert str(made) in ids_of(await there.crm.changes(cursor))


async def test_rows_that_are_no_longer_there_are_named() -> None:
    async with a_tenancy() as there:
        await with_mail(there)
        lost = [uuid5(UUID(KEY), str(number)) for number in range(40)]
        rows = [("activity", MAIL), ("case", CASE), *(("note", str(one)) for one in lost)]
        assert set(await there.crm.missing(rows)) == {str(one) for one in lost}


async def test_a_truncated_answer_is_no_answer() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case())
        there.simulator.faults.next(Fault.TRUNCATED_AFTER)
        with pytest.raises(TryLater):
            await there.crm.read_case(CASE)


async def with_mail(there: Tenancy) -> None:
    await there.tell(a_case())
    await there.tell(a_mail())


async def row_of(there: Tenancy, made: UUID) -> Any:
    return next(one for one in await there.crm.read_activities(CASE) if one.id == str(made))


def ids_of(news: Any) -> list[str]:
    return [one for one, _, _ in news.activities]
