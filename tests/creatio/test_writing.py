"""What is written, once and only as ours; what is refused, and what only looks so."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gateway.creatio.crm import CreatioCrm
from gateway.demo.creatio.faults import Fault
from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from gateway.demo.creatio.tenant import ANNA, TECHNICAL
from gateway.desk.records import Change, ChangeCase, NewContact, NewNote, NewPost, row_id
from gateway.errors import TryLater
from gateway.ports import Written
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
    end_state,
    handoff,
    its_bytes,
    settings_for,
)

RESOLVED = "ae7f411e-f46b-1410-009b-0050ba5d6c38"
CLOSED = "3e7f420c-f46b-1410-fc9a-0050ba5d6c38"
NOBODY = "99999999-9999-9999-9999-999999999999"


async def test_a_handoff_told_twice_is_there_once() -> None:
    async with a_tenancy() as there:
        story = handoff(await there.crm.tenant())
        for change, content in story:
            await there.tell(change, content)
        once = end_state(there.simulator)
        for change, content in story:
            await there.tell(change, content)
        assert end_state(there.simulator) == once


async def test_each_change_is_one_write_and_never_a_batch() -> None:
    async with a_tenancy() as there:
        for change, content in handoff(await there.crm.tenant()):
            before = writes(there)
            await there.tell(change, content)
            assert writes(there) == before + 1
        assert there.simulator.traffic.count(having=lambda call: "$batch" in call.path) == 0


async def test_a_mail_is_noted_so_that_creatio_neither_sends_nor_registers_it() -> None:
    async with a_tenancy() as there:
        await there.tell(NewContact(CONTACT, "Ada Lovelace", "ada@example.com"))
        await there.tell(a_case(contact=CONTACT))
        await there.tell(a_mail(contact=CONTACT))
        row = there.row("Activity", MAIL)
        assert (row["SendDate"], row["ServiceProcessed"], row["IsHtmlBody"]) == (AT, True, True)
        sent = there.simulator.tenant.get("EmailSendStatus", row["EmailSendStatusId"])
        assert sent is not None
        assert sent["Code"] == "Sended"
        [line] = there.simulator.tenant.rows("CaseMessageHistory")
        assert (line["CreatedById"], line["CreatedOn"]) == (UUID(CONTACT), AT)
        assert len(there.simulator.tenant.rows("ActivityParticipant")) == 1
        assert there.simulator.tenant.mailed == []


async def test_a_note_is_a_finished_task_in_nobodys_calendar() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case())
        await there.tell(NewNote(row_id(KEY, "note"), CASE, "Handed off", "She is angry.", AT))
        row = there.row("Activity", row_id(KEY, "note"))
        status = there.simulator.tenant.get("ActivityStatus", row["StatusId"])
        assert status is not None
        assert (status["Code"], row["ShowInScheduler"], row["DetailedResult"]) == ("Finished", False, "She is angry.")


async def test_the_number_and_the_columns_of_a_new_case_are_told_even_when_the_answer_is_lost() -> None:
    async with a_tenancy(timeout=0.5) as there:
        await there.crm.tenant()
        there.simulator.faults.next(Fault.TIMEOUT_AFTER, when=lambda call: call.method == "POST")
        made = await there.crm.write(a_case())
        assert isinstance(made, Written)
        facts = made.facts
        assert (facts["number"], facts["seen"]["subject"]) == ("SR00000086", "Late order")
        assert (facts["author"], facts["looked_up"]) == (str(TECHNICAL), True)


@pytest.mark.parametrize("status", ["500", "400", "409"])
async def test_somebody_elses_row_under_our_id_is_not_ours(status: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(duplicate_id=status))) as there:
        tenant = there.simulator.tenant
        other = tenant.add_raw("Case", Id=UUID(CASE), Number="SR1", Subject="Another matter", Symptoms="Entirely")
        refused = await there.refused(a_case())
        assert (refused.sure, other["Subject"]) == (True, "Another matter")
        there.simulator.layer.insert("Activity", {"Id": UUID(MAIL), "Title": "Not ours"}, ANNA)
        assert (await there.refused(a_mail())).sure


@pytest.mark.parametrize("database", ["postgresql", "sqlserver"])
@pytest.mark.parametrize("error_status", ["honest", "200"])
async def test_an_owner_who_does_not_exist_is_refused_for_good(database: Any, error_status: Any) -> None:
    simulator = Simulator(switches=Switches(database=database, error_status=error_status))
    async with a_tenancy(simulator) as there:
        assert (await there.refused(a_case(owner=NOBODY))).sure
        assert simulator.tenant.rows("Case") == []
        await there.tell(a_case())


async def test_an_error_that_says_nothing_of_the_row_may_be_an_accident() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        for fault in (Fault.ERROR_500, Fault.FIREWALL_PAGE):
            there.simulator.faults.next(fault, when=lambda call: call.method == "POST")
            assert not (await there.refused(a_case())).sure


async def test_unrelated_rows_refused_for_no_reason_of_their_own_tell_of_the_tenant() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.faults.next(Fault.ERROR_500, when=lambda call: call.method == "POST", times=3)
        other = row_id(KEY, "another case")
        assert not (await there.refused(a_case())).sure
        assert not (await there.refused(a_case(subject="In other words"))).sure
        with pytest.raises(TryLater) as caught:
            await there.crm.write(a_case(id=other))
        assert caught.value.partner_down
        await there.tell(a_case(id=other))
        there.simulator.faults.next(Fault.ERROR_500, when=lambda call: call.method == "POST")
        assert not (await there.refused(a_case())).sure


async def test_texts_are_cut_to_their_columns() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case(subject="s" * 600, fields={"UsrOrderNumber": "9" * 60}))
        row = there.row("Case", CASE)
        assert (len(row["Subject"]), len(row["UsrOrderNumber"])) == (500, 50)


@pytest.mark.parametrize("firewall", ["html_403", "html_200"])
async def test_a_firewall_that_dislikes_html_sees_none(firewall: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(firewall=firewall))) as there:
        await there.tell(a_case(description="<p>Late</p>"))
        await there.tell(a_mail(html="<p>Where is it?</p><script>x</script>"))
        assert there.row("Activity", MAIL)["Body"] == "<p>Where is it?</p><script>x</script>"


async def test_a_case_without_a_category_makes_creatio_mail_nobody() -> None:
    async with a_tenancy() as there:
        await there.tell(NewContact(CONTACT, "Ada", "ada@example.com"))
        await there.tell(a_case(contact=CONTACT))
        assert [one for one in there.simulator.tenant.mailed if one.to == "ada@example.com"] == []
        assert there.simulator.tenant.rows("SocialMessage") == []


async def test_a_post_is_text_and_never_markup() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case())
        await there.tell(NewPost(row_id(KEY, "post"), CASE, "<b>Ada</b> & Co\nwrote again"))
        assert there.row("SocialMessage", row_id(KEY, "post"))["Message"] == "&lt;b>Ada&lt;/b> &amp; Co<br>wrote again"


async def test_only_what_nobody_else_has_changed_is_written() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case(description="provisional"))
        await there.simulator.agent.change(UUID(CASE), {"Symptoms": "what Anna found out"})
        values = {"description": "the summary", "owner": str(ANNA), "field:UsrOrderNumber": "4711"}
        only_if = {"description": "provisional", "owner": "", "field:UsrOrderNumber": ""}
        done = await there.tell(ChangeCase(row_id(KEY, "c"), CASE, values, only_if, "handed off"))
        row = there.row("Case", CASE)
        assert (row["Symptoms"], row["OwnerId"], row["UsrOrderNumber"]) == ("what Anna found out", ANNA, "4711")
        assert done.facts["left"] == ["description"]
        assert done.facts["seen"]["owner"] == str(ANNA)


async def test_a_change_that_is_there_already_writes_nothing() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case())
        change = ChangeCase(row_id(KEY, "c"), CASE, {"subject": "Late order"}, {"subject": "older"}, "")
        before = writes(there)
        assert (await there.tell(change)).facts["left"] == []
        assert writes(there) == before


async def test_an_empty_value_clears_a_lookup() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case(owner=str(ANNA)))
        await there.tell(ChangeCase(row_id(KEY, "c"), CASE, {"owner": ""}, {"owner": str(ANNA)}, ""))
        assert there.row("Case", CASE)["OwnerId"] is None


async def test_a_status_that_creatio_moves_on_at_once_counts_as_written() -> None:
    async with a_tenancy() as there:
        await there.tell(a_case(contact=str(ANNA), owner=str(ANNA)))
        done = await there.tell(ChangeCase(row_id(KEY, "c"), CASE, {"status": RESOLVED}, {}, "resolved here"))
        assert done.facts["seen"]["status"] == CLOSED


async def test_an_update_that_is_silently_nothing_is_noticed() -> None:
    async with a_tenancy(Simulator(switches=Switches(unknown_patch="silent"))) as there:
        # Without $metadata nobody knows that the column is not there.
        there.simulator.faults.next(Fault.ERROR_500, when=lambda call: call.path.endswith("$metadata"), times=99)
        await there.tell(a_case())
        change = ChangeCase(row_id(KEY, "c"), CASE, {"subject": "New", "field:UsrNope": "x"}, {}, "")
        refused = await there.refused(change)
        assert "Subject" in refused.why
        assert there.row("Case", CASE)["Subject"] == "Late order"


@pytest.mark.parametrize("missing", ["204", "404"])
async def test_a_case_that_is_gone_takes_no_change(missing: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(missing_patch=missing))) as there:
        assert (await there.refused(ChangeCase(row_id(KEY, "c"), CASE, {"subject": "x"}, {}, ""))).sure


@pytest.mark.parametrize("streams", ["odata", "file_api_only"])
async def test_a_file_arrives_whole_by_either_service(streams: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(streams=streams))) as there:
        await with_file(there)
        await there.tell(its_bytes(), TEXT)
        await there.tell(its_bytes(), TEXT)
        assert there.simulator.tenant.blobs == {("ActivityFile", UUID(FILE), "Data"): TEXT}
        assert len(there.simulator.tenant.rows("ActivityFile")) == 1
        # Whether streams are taken is found out once.
        assert there.asked("PUT") == (2 if streams == "odata" else 1)


@pytest.mark.parametrize("refusal", ["500", "400", "403"])
@pytest.mark.parametrize("streams", ["odata", "file_api_only"])
async def test_a_file_that_creatio_does_not_take_is_refused_with_its_reason(refusal: Any, streams: Any) -> None:
    simulator = Simulator(switches=Switches(file_refusal=refusal, streams=streams))
    simulator.tenant.set_setting("MaxFileSize", 1)
    async with a_tenancy(simulator) as there:
        await with_file(there)
        refused = await there.refused(its_bytes(size=2_000_000), b"x" * 2_000_000)
        assert "maximum allowed size" in refused.why
        assert refused.sure
        await there.tell(a_file(id=row_id(KEY, "exe"), name="run.exe"))
        program = its_bytes(id=row_id(KEY, "exe data"), file_id=row_id(KEY, "exe"), name="run.exe")
        assert "not allowed" in (await there.refused(program, TEXT)).why


async def test_an_empty_file_is_its_row() -> None:
    async with a_tenancy() as there:
        await with_file(there)
        await there.tell(its_bytes(size=0), b"")
        assert there.row("ActivityFile", FILE)


async def test_bytes_whose_row_somebody_deleted_are_not_forced_upon_the_case() -> None:
    async with a_tenancy() as there:
        await with_file(there)
        there.simulator.layer.delete("ActivityFile", UUID(FILE))
        assert (await there.refused(its_bytes(), TEXT)).sure
        assert there.simulator.tenant.rows("ActivityFile") == []


@pytest.mark.parametrize("right", ["403", "500", "401"])
async def test_a_missing_right_is_the_tenants_state_and_no_rows_fault(right: Any) -> None:
    async with a_tenancy(Simulator(switches=Switches(missing_right=right))) as there:
        await there.crm.tenant()
        there.simulator.deny("Case", "write")
        with pytest.raises(TryLater) as caught:
            await there.crm.write(a_case())
        assert caught.value.partner_down
        there.simulator.allow_all()
        await there.tell(a_case())


async def test_a_column_that_needs_a_right_of_its_own_is_a_refused_row() -> None:
    async with a_tenancy() as there:
        [level, *_] = there.simulator.tenant.rows("SatisfactionLevel")
        assert (await there.refused(a_case(fields={"SatisfactionLevelId": str(level["Id"])}))).sure


async def test_a_write_that_is_throttled_waits_as_long_as_creatio_says() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.faults.next(Fault.THROTTLED_429, when=lambda call: call.method == "POST", retry_after=120)
        with pytest.raises(TryLater) as caught:
            await there.crm.write(a_case())
        assert caught.value.wait == timedelta(seconds=120)
        assert there.asked("POST", "Case") == 1


async def test_a_read_is_not_repeated_before_its_time() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.faults.next(Fault.THROTTLED_429, when=lambda call: call.method == "GET", retry_after=60)
        with pytest.raises(TryLater) as caught:
            await there.crm.read_case(CASE)
        assert caught.value.wait == timedelta(seconds=60)


async def test_at_most_twenty_calls_are_in_flight_and_all_are_counted() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.latency = 0.2
        there.simulator.traffic.most_in_flight = 0
        await asyncio.gather(*(there.crm.read_case(CASE) for _ in range(70)))
        assert 15 <= there.simulator.traffic.most_in_flight <= 20
        assert there.crm.take_call_count() == len(there.simulator.traffic.calls)
        assert there.crm.take_call_count() == 0


async def test_a_creatio_that_cannot_be_reached_is_waited_for() -> None:
    async with a_tenancy() as there:
        gone = there.url
    crm = CreatioCrm(settings_for(gone))
    with pytest.raises(TryLater) as caught:
        await crm.write(a_case())
    await crm.close()
    assert caught.value.partner_down


async def test_an_error_of_a_process_after_the_insert_is_survived() -> None:
    async with a_tenancy() as there:
        await there.crm.tenant()
        there.simulator.faults.next(Fault.ERROR_AFTER, when=lambda call: call.method == "POST")
        assert isinstance(await there.crm.write(a_case()), Written)
        assert len(there.simulator.tenant.rows("Case")) == 1


async def with_file(there: Tenancy) -> None:
    changes: tuple[Change, ...] = (a_case(), a_mail(), a_file())
    for change in changes:
        await there.tell(change)


def writes(there: Tenancy) -> int:
    return there.simulator.traffic.count(having=lambda call: bool(call.entity) and call.method != "GET")
