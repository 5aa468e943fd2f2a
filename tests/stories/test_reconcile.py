"""Creatio was put back to an older day: what it lost is named and written again, and nobody is mailed twice."""

import asyncio
import copy
import json
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.cli.commands import run
from gateway.demo.creatio import ids
from gateway.demo.creatio.agent import Style
from gateway.demo.creatio.faults import Fault
from gateway.demo.creatio.schema import Row
from gateway.demo.creatio.tenant import TECHNICAL, Tenant
from gateway.store import ledger
from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, SUPPORT, Stage

OURS = ("Contact", "Case", "Activity", "EmailMessageData", "ActivityFile", "SocialMessage")


class Snapshot:
    """All rows and files of a tenant at one moment."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._tables = copy.deepcopy(tenant.tables)
        self._blobs = dict(tenant.blobs)

    def restore(self) -> set[str]:
        """Put the tenant back; returns the ids of the rows of ours that went with it."""
        before = rows(self._tenant)
        self._tenant.tables, self._tenant.blobs = copy.deepcopy(self._tables), dict(self._blobs)
        return set(before) - set(rows(self._tenant))


def rows(tenant: Tenant) -> dict[str, tuple[str, Any]]:
    """What we wrote: id -> entity and what it says. Reps' rows are theirs."""
    return {
        str(one["Id"]): (entity, one.get("Body") or one.get("Notes") or one.get("Message") or one.get("Symptoms"))
        for entity in OURS
        for one in tenant.rows(entity)
        if one["CreatedById"] == TECHNICAL
    }


async def reconcile(house: Stage, *, repair: bool = False) -> dict[str, Any]:
    found = await house.ask("POST", "creatio/reconcile", json={"repair": "yes" if repair else ""})
    assert isinstance(found, dict)
    return found


async def a_handoff(house: Stage) -> None:
    house.assistant.says = hands_off("Ann's order is late.")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = CUSTOMER, SUPPORT, "Where is my order?"
    mail["Date"], mail["Message-ID"] = format_datetime(house.store.time()), "<first@mail.example>"
    mail.set_content("My order is late.")
    mail.add_attachment(b"%PDF-1.4 an order", maintype="application", subtype="pdf", filename="order.pdf")
    await house.give(mail, CUSTOMER)
    house.written.append(mail)
    await house.settle()


async def a_second_mail(house: Stage) -> None:
    await house.turn(timedelta(minutes=5))
    await house.customer_writes("Hello?", subject="Re: Where is my order?", answering=house.written[0])
    await house.settle()


async def test_what_a_restored_snapshot_lost_is_listed_and_comes_back_with_the_same_ids(house: Stage) -> None:
    tenant = house.simulator.tenant
    empty = Snapshot(tenant)
    await a_handoff(house)
    await a_second_mail(house)
    await house.simulator.agent.reply(house.case_id(), "<p>It comes tomorrow.</p>")
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle()
    whole, blobs, mails = rows(tenant), dict(tenant.blobs), len(house.outbox.mails)
    assert {entity for entity, _ in whole.values()} == set(OURS)
    assert len(house.mails_to(CUSTOMER)) == 1
    assert (await reconcile(house))["lost"] == []

    lost = empty.restore()
    assert lost == set(whole)
    found = await reconcile(house)
    assert {one["id"] for one in found["lost"]} == lost
    assert (found["unknown"], found["repaired"]) == ([], 0)
    assert rows(tenant) == {}, "looking changes nothing"

    assert (await reconcile(house, repair=True))["repaired"] == len(lost)
    await house.settle()
    await house.turn(timedelta(minutes=10))
    assert rows(tenant) == whole
    assert tenant.blobs == blobs
    assert len(house.outbox.mails) == mails, "nobody is mailed again"
    assert [one["CaseId"] for one in tenant.rows("Activity")] == [house.case_id()] * len(tenant.rows("Activity"))
    after = await reconcile(house)
    assert (after["lost"], after["unknown"]) == ([], [])


async def test_the_activities_come_back_in_the_order_of_the_mails(house: Stage) -> None:
    empty = Snapshot(house.simulator.tenant)
    await a_handoff(house)
    await a_second_mail(house)
    empty.restore()
    house.simulator.traffic.most_writers = 0
    began = len(house.simulator.traffic.calls)
    await reconcile(house, repair=True)
    await house.settle()
    writes = [one.entity for one in house.simulator.traffic.calls[began:] if one.method == "POST" and one.entity]
    assert writes[:3] == ["Contact", "Case", "Activity"]
    bodies = [str(one["Body"]) for one in house.activities(house.cases[0])]
    assert ["My order is late." in bodies[0], "View session" in bodies[0], "Hello?" in bodies[1]] == [True] * 3
    assert house.simulator.traffic.most_writers == 1


async def test_only_what_the_snapshot_did_not_have_is_written_again(house: Stage) -> None:
    await a_handoff(house)
    older = Snapshot(house.simulator.tenant)
    case = house.case_id()
    await a_second_mail(house)
    whole = rows(house.simulator.tenant)
    lost = older.restore()
    assert {one["kind"] for one in (await reconcile(house))["lost"]} == {"activity", "message_data", "post"}
    await reconcile(house, repair=True)
    await house.settle()
    assert rows(house.simulator.tenant) == whole
    assert lost < set(whole)
    assert house.case_id() == case


async def test_a_mail_lost_from_a_closed_case_goes_back_on_it_and_opens_no_other(house: Stage) -> None:
    await a_handoff(house)
    older = Snapshot(house.simulator.tenant)
    await a_second_mail(house)
    older.restore()
    await house.simulator.agent.close(house.case_id())
    await house.hook(event_type="case_closed", caseId=str(house.case_id()))
    await house.settle()
    await reconcile(house, repair=True)
    await house.settle()
    await house.turn(timedelta(minutes=10))
    [case] = house.cases
    assert case["StatusId"] == ids.STATUS_CLOSED
    assert len(house.activities(case)) == 2


async def test_two_conversations_on_one_case_make_it_again_once(house: Stage) -> None:
    empty = Snapshot(house.simulator.tenant)
    await a_handoff(house)
    await house.turn(timedelta(minutes=5))
    await house.customer_writes("Something else, too.", subject="My invoice")
    await house.settle()
    assert len(await house.conversations()) == 2
    whole = rows(house.simulator.tenant)
    empty.restore()
    house.simulator.traffic.most_writers = 0
    began = len(house.simulator.traffic.calls)
    await reconcile(house, repair=True)
    await house.settle()
    assert rows(house.simulator.tenant) == whole
    assert len(house.activities(house.cases[0])) == 2
    made = [one for one in house.simulator.traffic.calls[began:] if (one.method, one.entity) == ("POST", "Case")]
    assert len(made) == 1
    assert house.simulator.traffic.most_writers == 1


async def test_a_case_that_was_taken_for_deleted_is_made_again(house: Stage) -> None:
    empty = Snapshot(house.simulator.tenant)
    await a_handoff(house)
    before = house.case_id()
    empty.restore()
    await house.hook(event_type="new_activity", caseId=str(before))
    await house.settle()
    await reconcile(house, repair=True)
    await house.settle()
    assert house.case_id() == before
    await a_second_mail(house)
    [case] = house.cases
    assert len(house.activities(case)) == 2


async def test_a_contact_that_reps_put_together_with_another_is_not_made_again(house: Stage) -> None:
    await a_handoff(house)
    tenant, case = house.simulator.tenant, house.cases[0]
    other = house.simulator.add_contact("Ann Other", CUSTOMER)
    del tenant.tables["Contact"][case["ContactId"]]
    tenant.tables["Case"][case["Id"]]["ContactId"] = other["Id"]
    [lost] = (await reconcile(house, repair=True))["lost"]
    assert lost["kind"] == "contact"
    await house.settle()
    assert [one["Id"] for one in tenant.rows("Contact") if one["Email"] == CUSTOMER] == [other["Id"]]
    assert (await reconcile(house))["lost"] == []


async def test_a_row_of_our_user_that_the_ledger_does_not_know_is_named_and_left_alone(house: Stage) -> None:
    await a_handoff(house)
    await house.simulator.agent.reply(house.case_id(), "<p>A rep's own.</p>", style=Style.DRAFT)
    stray = uuid4()
    mail: Row = {"Id": stray, "Title": "A stray", "TypeId": ids.TYPE_EMAIL, "CaseId": house.case_id()}
    house.simulator.layer.insert("Activity", mail, TECHNICAL)
    found = await reconcile(house, repair=True)
    assert [(UUID(one["id"]), one["kind"]) for one in found["unknown"]] == [(stray, "Email")]
    assert found["lost"] == []
    assert house.simulator.tenant.get("Activity", stray) is not None


async def test_what_our_own_store_has_forgotten_is_found_under_the_ids_of_its_mails(house: Stage) -> None:
    """Our store was put back to an older day: the mails were taken in again, and the ledger knows nothing."""
    await a_handoff(house)
    [conversation] = await house.conversations()
    shown = await house.ask("GET", f"conversations/{conversation['id']}")
    filed = [*shown["filed"], *(row for entry in shown["entries"] for row in entry["filed"])]
    case_id, activity = str(house.case_id()), str(house.activities(house.cases[0])[0]["Id"])
    for one in filed:
        await house.store.write(ledger.forget, one["id"])
    assert {one["id"] for one in (await reconcile(house))["unknown"]} >= {case_id, activity}


async def test_the_command_prints_both_sides_and_ends_with_1_until_they_agree(
    house: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    async def enter(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        command = ["check", "creatio", "--reconcile", *words, "--config", str(house.folder / "config.toml")]
        return await asyncio.to_thread(run, command), capsys.readouterr().out

    older = Snapshot(house.simulator.tenant)
    await a_handoff(house)
    case = house.case_id()
    status, out = await enter()
    assert (status, "agree" in out) == (0, True)
    lost = older.restore()
    status, out = await enter()
    assert status == 1
    assert f"lost    case         {case}" in out
    assert f"{len(lost)} lost in Creatio" in out
    status, out = await enter("--repair", "--json")
    told = json.loads(out[out.index("{") :])
    assert (status, told["repaired"]) == (0, len(lost))
    await house.settle()
    assert (await enter())[0] == 0


def test_without_a_daemon_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text(f"data_dir = {json.dumps(str(tmp_path))}\n")
    assert run(["check", "creatio", "--reconcile", "--config", str(tmp_path / "config.toml")]) == 1
    assert "is not running here" in capsys.readouterr().err


async def test_a_creatio_that_is_away_is_said_so(house: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    await a_handoff(house)
    house.simulator.faults.next(Fault.ERROR_503, times=100)
    words = ["check", "creatio", "--reconcile", "--config", str(house.folder / "config.toml")]
    assert await asyncio.to_thread(run, words) == 1
    assert "Creatio could not be asked" in capsys.readouterr().err


async def test_a_file_that_lost_its_bytes_is_named_and_filled_again(house: Stage) -> None:
    tenant = house.simulator.tenant
    await a_handoff(house)
    [file] = tenant.rows("ActivityFile")
    blobs = dict(tenant.blobs)
    tenant.blobs.clear()
    file["Size"] = 0
    [lost] = (await reconcile(house))["lost"]
    assert (lost["kind"], lost["why"]) == ("data", "")
    assert (await reconcile(house, repair=True))["repaired"] == 1
    await house.settle()
    assert tenant.blobs == blobs
    assert (await reconcile(house))["lost"] == []


async def test_a_tenant_that_tells_no_sizes_has_lost_nothing(house: Stage) -> None:
    await a_handoff(house)
    house.simulator.tenant.rows("ActivityFile")[0]["Size"] = 0
    assert (await reconcile(house))["lost"] == []


async def test_a_case_of_the_gateways_user_that_no_ledger_knows_is_named_and_left_alone(house: Stage) -> None:
    await a_handoff(house)
    tenant, stray = house.simulator.tenant, uuid4()
    tenant.add_raw("Case", Id=stray, Subject="Twice", CreatedById=TECHNICAL)
    tenant.add_raw("Case", Subject="A rep's own")
    [unknown] = (await reconcile(house, repair=True))["unknown"]
    assert (unknown["id"], unknown["kind"]) == (str(stray), "case")
    assert "Twice" in unknown["why"]
    await house.settle()
    assert tenant.get("Case", stray) is not None
