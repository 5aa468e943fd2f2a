"""What others do beside the customer's matter: colleagues are written to, contacts are merged, replies come back."""

from datetime import timedelta
from uuid import UUID

import pytest

from gateway.demo.creatio import ids
from gateway.demo.creatio.agent import Style
from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, SUPPORT, Stage


async def _a_case(house: Stage, on_copy: str = "nobody@mail.example") -> UUID:
    house.assistant.says = hands_off("Ann's order is late.")
    await house.customer_writes("My order is late.", Cc=on_copy)
    await house.settle()
    return house.case_id()


async def _rep_writes(house: Stage, case: UUID, to: str, html: str) -> None:
    """A finished mail on the case that Creatio does not send."""
    agent, layer = house.simulator.agent, house.simulator.layer
    made = await agent.reply(case, html)
    layer.update("Activity", made, {"Recepient": to}, agent.author)
    await house.hook(event_type="new_activity", caseId=str(case))
    await house.settle()


@pytest.mark.parametrize("on_copy", ["bob@shop.example", "law@firm.example"])
async def test_a_reps_mail_to_somebody_on_copy_is_not_mailed_to_the_customer(house: Stage, on_copy: str) -> None:
    case = await _a_case(house, on_copy)
    await _rep_writes(house, case, on_copy, "<p>Never refund her.</p>")
    assert house.mails_to(CUSTOMER) == []
    assert "Reply not sent" in [str(one["Title"]) for one in house.simulator.tenant.rows("Activity")]
    await _rep_writes(house, case, f"{CUSTOMER}; {on_copy}", "<p>It comes tomorrow.</p>")
    [mail] = house.mails_to(CUSTOMER)
    assert "It comes tomorrow" in str(mail.message)


async def test_what_creatio_sent_to_a_colleague_is_no_part_of_what_was_said_to_the_customer(house: Stage) -> None:
    case = await _a_case(house, "bob@shop.example")
    agent, layer = house.simulator.agent, house.simulator.layer
    made = await agent.reply(case, "<p>Never refund her.</p>", style=Style.CREATIO)
    layer.update("Activity", made, {"Recepient": "bob@shop.example"}, agent.author)
    await house.hook(event_type="new_activity", caseId=str(case))
    await house.settle()
    [listed] = await house.conversations()
    whole = await house.ask("GET", f"conversations/{listed['id']}")
    assert [one["author"] for one in whole["entries"]] == ["customer"]
    assert "not to the customer" in next(one["why"] for one in whole["activities"] if one["id"] == str(made))
    assert "Reply not sent" not in [str(one["Title"]) for one in house.simulator.tenant.rows("Activity")]


async def test_a_contact_merged_away_in_creatio_costs_no_mail_and_no_case(house: Stage) -> None:
    case = await _a_case(house)
    layer, agent, tenant = house.simulator.layer, house.simulator.agent, house.simulator.tenant
    kept = layer.insert("Contact", {"Name": "Ann", "Email": CUSTOMER}, agent.author)["Id"]
    gone = tenant.tables["Case"][case]["ContactId"]
    for entity in ("Case", "Activity"):
        for row in list(tenant.rows(entity)):
            if row["ContactId"] == gone:
                layer.update(entity, UUID(str(row["Id"])), {"ContactId": kept}, agent.author)
    tenant.tables["ContactCommunication"] = {
        id: row for id, row in tenant.tables["ContactCommunication"].items() if row["ContactId"] != gone
    }
    del tenant.tables["Contact"][UUID(str(gone))]
    await house.customer_writes("And it is broken.", answering=house.written[0])
    await house.settle()
    assert [one["ContactId"] for one in house.activities(house.cases[0])] == [kept, kept]
    await agent.close(case)
    await house.turn(timedelta(minutes=2))
    await house.customer_writes("I need the invoice.", subject="Invoice")
    await house.settle()
    assert [one["ContactId"] for one in house.cases] == [kept, kept]
    assert (await house.ask("GET", "aside"))["aside"] == []


async def test_a_contact_deleted_in_creatio_costs_no_case(house: Stage) -> None:
    case = await _a_case(house)
    tenant, agent = house.simulator.tenant, house.simulator.agent
    gone = UUID(str(tenant.tables["Case"][case]["ContactId"]))
    await agent.close(case)
    for entity in ("Case", "Activity"):
        for row in list(tenant.rows(entity)):
            if row["ContactId"] == gone:
                house.simulator.layer.update(entity, UUID(str(row["Id"])), {"ContactId": None}, agent.author)
    tenant.tables["ContactCommunication"] = {}
    del tenant.tables["Contact"][gone]
    await house.turn(timedelta(minutes=2))
    await house.customer_writes("I need the invoice.", subject="Invoice")
    await house.settle()
    assert [one["Subject"] for one in house.cases] == ["Where is my order?", "Invoice"]
    assert (await house.ask("GET", "aside"))["aside"] == []


async def test_a_reply_that_comes_back_opens_a_resolved_case_in_creatio_again(house: Stage) -> None:
    case = await _a_case(house)
    await _rep_writes(house, case, CUSTOMER, "<p>It comes tomorrow.</p>")
    [sent] = house.mails_to(CUSTOMER)
    await house.simulator.agent.resolve(case)
    await house.turn(timedelta(minutes=2))
    lines = [
        "From: MAILER-DAEMON@mail.example", f"To: {SUPPORT}", "Subject: Undelivered", "Message-ID: <dsn@mail.example>",
        "MIME-Version: 1.0", 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"', "",
        "--b", "Content-Type: text/plain", "", "It could not be delivered.", "--b",
        "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mail.example", "",
        f"Final-Recipient: rfc822; {CUSTOMER}", "Action: failed", "Status: 5.1.1", "", "--b",
        "Content-Type: text/rfc822-headers", "", f"Message-ID: {sent.message['Message-ID']}", "", "--b--", "",
    ]  # fmt: skip
    await house.give("\r\n".join(lines).encode(), "")
    await house.settle()
    assert house.cases[0]["StatusId"] == ids.STATUS_REOPENED
    [listed] = await house.conversations()
    assert listed["state"] == "open"
