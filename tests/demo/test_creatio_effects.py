"""What the product does by itself when a row is saved: numbers, timelines, participants, reopening, mails."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from gateway.demo.creatio import ids
from gateway.demo.creatio.simulator import Simulator
from gateway.demo.creatio.switches import Switches
from gateway.demo.creatio.tenant import ANNA, TECHNICAL
from tests.demo.creatio_client import OUTGOING, Caller

INCIDENT = "1b0bc159-150a-e111-a31b-00155d04c01d"


async def test_cases_are_numbered_by_the_tenants_mask(caller: Caller, simulator: Simulator) -> None:
    assert (await caller.a_case())["Number"] == "SR00000086"
    simulator.tenant.set_setting("CaseCodeMask", "C-{0:0000}/x")
    assert (await caller.a_case())["Number"] == "C-0087/x"


async def test_a_case_without_a_description_gets_its_subject(caller: Caller) -> None:
    assert (await caller.a_case())["Symptoms"] == "Late order"
    assert (await caller.a_case(Symptoms="It is late."))["Symptoms"] == "It is late."


async def test_a_case_of_another_origin_is_copied_to_the_feed(caller: Caller, simulator: Simulator) -> None:
    await caller.a_case()
    assert simulator.tenant.rows("SocialMessage") == []
    await caller.make("Case", Subject="By phone")
    assert [row["Message"] for row in simulator.tenant.rows("SocialMessage")] == ["By phone"]


async def test_a_mail_on_a_case_has_a_line_with_its_own_author_and_time(caller: Caller, simulator: Simulator) -> None:
    ada = simulator.add_contact("Ada", "ada@example.com")
    case = await caller.a_case()
    mail = await caller.a_mail(case, ContactId=str(ada["Id"]))
    answer = await caller.a_mail(case, MessageTypeId=OUTGOING, SendDate="2026-05-04T11:00:00Z")
    lines = {str(row["RecordId"]): row for row in simulator.tenant.rows("CaseMessageHistory")}
    assert lines[mail["Id"]]["CreatedById"] == ada["Id"]
    assert lines[mail["Id"]]["CreatedOn"] == datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert lines[answer["Id"]]["CreatedById"] == TECHNICAL


async def test_participants_are_the_contacts_behind_the_addresses(caller: Caller, simulator: Simulator) -> None:
    ada = simulator.add_contact("Ada", "Ada@example.com")
    bob = simulator.add_contact("Bob", "bob@example.com")
    mail = await caller.a_mail(
        await caller.a_case(), Recepient="support@example.com; Nobody <nobody@x.com>", CopyRecepient="bob@example.com"
    )
    found = {(row["ParticipantId"], row["RoleId"]) for row in simulator.tenant.rows("ActivityParticipant")}
    assert found == {(ada["Id"], ids.ROLE_FROM), (bob["Id"], ids.ROLE_CC)}
    assert mail["MailHash"] != ""


async def test_only_a_mail_without_its_time_gets_message_data_of_its_own(caller: Caller, simulator: Simulator) -> None:
    case = await caller.a_case()
    await caller.a_mail(case)
    assert simulator.tenant.rows("EmailMessageData") == []
    draft = await caller.a_mail(case, SendDate=None)
    assert [str(row["ActivityId"]) for row in simulator.tenant.rows("EmailMessageData")] == [draft["Id"]]
    assert UUID(draft["EmailSendStatusId"]) == ids.NOT_SEND


async def test_a_contacts_address_and_its_way_of_communication_stay_in_step(
    caller: Caller, simulator: Simulator
) -> None:
    made = await caller.make("Contact", Name="Ada", Email="ada@example.com")
    await caller.ask("PATCH", f"Contact({made['Id']})", json={"Email": "new@example.com"})
    ways = [row for row in simulator.tenant.rows("ContactCommunication") if str(row["ContactId"]) == made["Id"]]
    assert [row["Number"] for row in ways] == ["new@example.com"]
    bob = await caller.make("Contact", Name="Bob")
    email = str(ids.COMMUNICATION_EMAIL)
    await caller.make("ContactCommunication", ContactId=bob["Id"], CommunicationTypeId=email, Number="b@x.com")
    assert [row["Email"] for row in await caller.rows("Contact", select="Email", filter="Name eq 'Bob'")] == ["b@x.com"]


@pytest.mark.parametrize("category", [INCIDENT, None])
async def test_creatio_mails_the_customer_by_its_rules_only_when_the_case_has_a_category(
    caller: Caller, simulator: Simulator, category: str | None
) -> None:
    ada = simulator.add_contact("Ada", "ada@example.com")
    case = await caller.a_case(ContactId=str(ada["Id"]), CategoryId=category)
    sent = [one for one in simulator.tenant.mailed if one.to == "ada@example.com"]
    assert len(sent) == (1 if category else 0)
    rows = await caller.rows("Activity", select="HeaderProperties", filter=f"Case/Id eq {case['Id']}")
    assert ["Auto-Submitted" in row["HeaderProperties"] for row in rows] == [True] * len(sent)


async def test_a_mail_reopens_a_resolved_case_only_for_a_registered_mailbox(
    caller: Caller, simulator: Simulator
) -> None:
    case = await caller.a_case(OwnerId=str(ANNA))
    await simulator.agent.resolve(UUID(case["Id"]))
    await caller.a_mail(case, Recepient="support@example.com")
    assert simulator.tenant.tables["Case"][UUID(case["Id"])]["StatusId"] == ids.STATUS_RESOLVED
    simulator.register_mailbox("support@example.com")
    await caller.a_mail(case, Recepient="Support <Support@example.com>")
    row = simulator.tenant.tables["Case"][UUID(case["Id"])]
    assert (row["StatusId"], row["OwnerId"]) == (ids.STATUS_REOPENED, None)


async def test_a_status_brings_its_dates_and_its_closure_code(caller: Caller, simulator: Simulator) -> None:
    case = await caller.a_case()
    row = simulator.tenant.tables["Case"][UUID(case["Id"])]
    await simulator.agent.resolve(UUID(case["Id"]))
    assert (row["SolutionProvidedOn"] is not None, row["ClosureCodeId"] is not None) == (True, True)
    await simulator.agent.reopen(UUID(case["Id"]))
    assert (row["SolutionProvidedOn"], row["ClosureCodeId"]) == (None, None)
    await simulator.agent.close(UUID(case["Id"]))
    assert row["ClosureDate"] is not None


async def test_a_case_whose_customer_is_its_owner_is_closed_at_once(caller: Caller, simulator: Simulator) -> None:
    case = await caller.a_case(OwnerId=str(ANNA), ContactId=str(ANNA))
    await simulator.agent.resolve(UUID(case["Id"]))
    assert simulator.tenant.tables["Case"][UUID(case["Id"])]["StatusId"] == ids.STATUS_CLOSED


async def test_an_error_of_a_process_leaves_the_row(caller: Caller, simulator: Simulator) -> None:
    def fail(saved: Any) -> None:
        raise ZeroDivisionError

    simulator.layer.after["Case"].append(fail)
    with pytest.raises(ZeroDivisionError):
        await caller.a_case()
    simulator.layer.after["Case"].remove(fail)
    assert len(simulator.tenant.rows("Case")) == 1


async def test_notification_rules_can_be_switched_off() -> None:
    quiet = Simulator(switches=Switches(notification_rules="none"))
    ada = quiet.add_contact("Ada", "ada@example.com")
    quiet.layer.insert(
        "Case",
        {
            "Subject": "x",
            "ContactId": ada["Id"],
            "CategoryId": UUID(INCIDENT),
            "OriginId": ids.ORIGIN_EMAIL,
        },
        TECHNICAL,
    )
    assert [one for one in quiet.tenant.mailed if one.to == "ada@example.com"] == []
