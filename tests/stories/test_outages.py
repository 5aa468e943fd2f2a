"""The world is not well: Creatio, the relay or the assistant is away. Nothing is lost, nothing is doubled."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.responses import Response

from gateway.demo.creatio.faults import Fault
from gateway.demo.creatio.traffic import Call
from tests.stories.assistant import answers, hands_off
from tests.stories.stage import Stage, stage


def _first_is_question(brief: dict[str, object]) -> bool:
    messages = brief["messages"]
    assert isinstance(messages, list)
    return "question" in str(messages[-1]["text"])


async def test_creatio_is_down_for_a_day_and_then_ill(house: Stage) -> None:
    """Mail is taken and the assistant answers all the time; afterwards each case is there, once."""
    handing, answering = hands_off("Somebody needs help."), answers("Here you are.")
    house.assistant.says = lambda brief: (answering if _first_is_question(brief) else handing)(brief)
    house.simulator.faults.next(Fault.ERROR_503, times=1_000_000)
    for hour in range(24):
        await house.customer_writes("Please help me.", subject=f"Help {hour}", sender=f"help{hour}@mail.example")
        await house.customer_writes("A question.", subject=f"Question {hour}", sender=f"asks{hour}@mail.example")
        await house.turn(timedelta(hours=1))
    assert len([mail for mail in house.outbox.mails if "asks" in " ".join(mail.recipients)]) == 24
    assert house.cases == []
    house.simulator.faults.clear()
    house.simulator.doorman.revoke()
    for fault in (
        Fault.ERROR_AFTER,
        Fault.DROPPED_AFTER,
        Fault.TRUNCATED_AFTER,
        Fault.ERROR_503,
        Fault.UNAUTHORISED_401,
    ):
        house.simulator.faults.next(fault, when=lambda call: call.method == "POST" and bool(call.entity))
    for _ in range(40):
        await house.turn(timedelta(minutes=5))
        if len(house.cases) == 24 and house.simulator.faults.struck > 24:
            break
    for _ in range(6):
        await house.turn(timedelta(minutes=30))
    subjects = Counter(str(case["Subject"]) for case in house.cases)
    assert subjects == Counter({f"Help {hour}": 1 for hour in range(24)})
    assert all(len(house.activities(case)) == 1 for case in house.cases)
    told = [mail for mail in house.outbox.mails if "ops@shop.example" in mail.recipients]
    assert any("creatio" in str(mail.message["Subject"]).lower() + mail.raw.decode().lower() for mail in told)
    assert (await house.balance()).holds


FAULTS = (
    Fault.ERROR_500,
    Fault.ERROR_503,
    Fault.LOGIN_PAGE_200,
    Fault.UNAUTHORISED_401,
    Fault.DROPPED,
    Fault.DROPPED_AFTER,
    Fault.ERROR_AFTER,
    Fault.TRUNCATED_AFTER,
    Fault.FIREWALL_PAGE,
    Fault.THROTTLED_429,
)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_handoff_survives_one_fault_at_each_request(house: Stage, fault: Fault) -> None:
    """Each POST and PATCH of the story fails once: the end is the same, without a person."""
    house.assistant.says = hands_off("Ann's order is late.")
    seen: set[tuple[str, str]] = set()

    def once_each(call: Call) -> bool:
        asked = (call.method, call.entity)
        if call.method == "GET" or not call.entity or asked in seen:
            return False
        seen.add(asked)
        return True

    house.simulator.faults.next(fault, when=once_each, times=1000)
    await house.customer_writes("My order is late.")
    await house.settle()
    for _ in range(12):
        await house.turn(timedelta(minutes=2))
    [case] = house.cases
    assert case["Symptoms"] == "Ann's order is late."
    [activity] = house.activities(case)
    assert "My order is late." in activity["Body"]
    assert house.simulator.faults.struck >= 3
    assert (await house.ask("GET", "aside"))["aside"] == []


async def test_a_relay_that_refuses_our_password_holds_the_queue_and_nothing_bounces(tmp_path: Path) -> None:
    change = {"relay": {"user": "gateway", "password": "right"}}
    async with stage(tmp_path, change=change) as house:
        house.outbox.user, house.outbox.password = "gateway", "wrong"
        for number in range(3):
            await house.customer_writes("Hello?", sender=f"c{number}@mail.example", subject=f"Matter {number}")
        await house.settle()
        for _ in range(24):
            await house.turn(timedelta(hours=1))
        assert house.outbox.mails == []
        sign_ins = [one for one in house.outbox.commands if one.startswith("AUTH")]
        assert len(sign_ins) < 24 * 5
        assert (await house.ask("GET", "status"))["deliveries"].get("queued", 0) >= 3
        house.outbox.password = "right"
        for _ in range(6):
            await house.turn(timedelta(minutes=30))
        got = Counter(mail.recipients[0] for mail in house.outbox.mails if "mail.example" in mail.recipients[0])
        assert got == Counter({f"c{number}@mail.example": 1 for number in range(3)})


@pytest.mark.parametrize("moment", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_a_mail_that_is_refused_for_now_goes_out_later_once(house: Stage, moment: str) -> None:
    house.outbox.refuse(moment, "451 4.3.0 not now", times=2)  # type: ignore[arg-type] # one of its moments
    await house.customer_writes("Hello?")
    await house.settle()
    for _ in range(10):
        await house.turn(timedelta(minutes=30))
    ids = [str(mail.message["Message-ID"]) for mail in house.mails_to("ann@mail.example")]
    assert len(ids) == 1


async def test_a_mail_whose_outcome_nobody_knows_is_held_and_the_operator_told(house: Stage) -> None:
    house.outbox.drop("DOT", kept=True)
    await house.customer_writes("Hello?")
    await house.settle()
    for _ in range(10):
        await house.turn(timedelta(hours=3))
    assert len(house.mails_to("ann@mail.example")) == 1
    assert (await house.ask("GET", "status"))["deliveries"].get("unknown") == 1
    assert [mail for mail in house.outbox.mails if "ops@shop.example" in mail.recipients] != []


async def test_an_assistant_that_fails_in_any_way_hands_off(house: Stage) -> None:
    said = [Response("no", 500), Response("not JSON", 200), {"action": "answer", "text": ""}, {"action": "dance"}]
    for number, one in enumerate(said):
        house.assistant.says = lambda brief, one=one: one  # type: ignore[misc] # bound now
        await house.customer_writes("Help.", sender=f"c{number}@mail.example", subject=f"Matter {number}")
        await house.settle()
    assert [mail for mail in house.outbox.mails if "@mail.example" in mail.recipients[0]] == []
    assert len(house.cases) == len(said)


async def test_pausing_the_assistant_in_a_burst_stops_its_answers_at_once(house: Stage) -> None:
    """A hundred mails; no answer passes MAIL FROM later than a second after the pause; agents' replies go on."""
    house.assistant.says = hands_off()
    await house.customer_writes("For a person.", sender="first@mail.example", subject="First")
    await house.settle()
    house.assistant.says = answers()
    burst = [
        house.customer_writes("Hello?", sender=f"c{number}@mail.example", subject=f"Matter {number}")
        for number in range(100)
    ]
    writing = asyncio.gather(*burst)
    await asyncio.sleep(0.5)
    await house.ask("POST", "pauses/assistant", json={})
    at = house.store.time()
    await writing
    await house.simulator.agent.reply(house.case_id(), "<p>A person answers.</p>")
    await house.hook(event_type="new_activity", caseId=str(house.case_id()))
    await house.settle(timeout=120)
    answered = [mail for mail in house.outbox.mails if mail.message["Auto-Submitted"] == "auto-replied"]
    assert [mail for mail in answered if mail.at > at + timedelta(seconds=1)] == []
    assert len(house.mails_to("first@mail.example")) == 1
    assert len(house.cases) + len({mail.recipients[0] for mail in answered}) >= 101
