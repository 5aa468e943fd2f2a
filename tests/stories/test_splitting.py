"""A customer writes of another matter inside an old thread, and a person takes it out."""

import pytest

from tests.stories.assistant import hands_off
from tests.stories.stage import CUSTOMER, Stage


@pytest.mark.parametrize("crash", [False, True], ids=["", "said twice"])
async def test_a_split_mail_has_its_own_case_and_what_answers_it_goes_there(house: Stage, crash: bool) -> None:
    house.assistant.says = hands_off()
    first = await house.customer_writes("Where is my order?")
    await house.settle()
    second = await house.customer_writes("I also want an invoice.", subject="Re: Where is my order?", answering=first)
    await house.settle()
    [old] = [one["id"] for one in await house.conversations()]
    before = await house.ask("GET", f"conversations/{old}")
    said = {"entry": str(before["entries"][1]["id"])}
    for _ in range(1 + crash):
        await house.ask("POST", f"conversations/{old}/split", json=said)
        await house.settle()
    [new] = [one["id"] for one in await house.conversations() if one["id"] != old]
    whole = await house.ask("GET", f"conversations/{new}")
    one, other = house.cases
    assert whole["case"]["id"] == str(other["Id"]) != before["case"]["id"]
    assert [len(house.activities(case)) for case in (one, other)] == [2, 1]
    assert "I also want an invoice." in str(house.activities(other)[0]["Body"])
    notes = " ".join(str(row) for row in house.simulator.tenant.rows("Activity") if row["CaseId"] == one["Id"])
    assert f"conversations/{new}" in notes

    # The rep answers on the new case; whatever answers that, or the mail itself, belongs there; the rest does not.
    await house.simulator.agent.reply(house.case_id(1), "<p>Here is your invoice.</p>")
    await house.hook(event_type="new_activity", caseId=str(house.case_id(1)))
    await house.settle()
    [reply] = house.mails_to(CUSTOMER)
    assert second["Message-ID"] in str(reply.message["References"])
    title = str(reply.message["Subject"])
    await house.customer_writes("It has the wrong name.", subject=title, answering=reply)
    await house.customer_writes("Any news of my order?", subject="Re: Where is my order?", answering=first)
    await house.settle()
    texts = {
        here: [one["text"] for one in (await house.ask("GET", f"conversations/{here}"))["entries"]]
        for here in (old, new)
    }
    assert texts[new] == ["I also want an invoice.", "Here is your invoice.", "It has the wrong name."]
    assert texts[old][-1] == "Any news of my order?"
    assert (len(house.cases), len(house.mails_to(CUSTOMER))) == (2, 1)
    assert [len(house.activities(case)) for case in house.cases] == [3, 3]
    last = (await house.ask("GET", f"conversations/{new}"))["entries"][-1]["arrival"]["id"]
    told = await house.ask("GET", f"arrivals/{last}/explanation")
    assert new in str(told["happened"]["matching"])
    assert (await house.balance()).holds
