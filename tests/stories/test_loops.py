"""Two machines never write to each other for ever: at most two answers, then a person."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from gateway.demo.capture import Captured
from tests.stories.assistant import answers
from tests.stories.stage import CUSTOMER, SUPPORT, Stage, stage

OTHER = "help@other.example"
ROBOT = "max@mail.example"
AWAY = "I am on the road and will look at your mail next week."


async def carry(here: Stage, there: Stage, to: str, seen: int) -> int:
    """What the relay of one house has got for the other is handed over at its door; returns how much that is in all."""
    await here.settle()
    mails = here.mails_to(to)
    for mail in mails[seen:]:
        await there.give(mail.raw, mail.sender, to)
    await there.settle()
    return len(mails)


async def let_them_write(one: Stage, other: Stage) -> tuple[int, int]:
    """Until both are silent: how often each has written."""
    sent = (0, 0)
    for _ in range(12):
        now = (await carry(one, other, OTHER, sent[0]), await carry(other, one, SUPPORT, sent[1]))
        if now == sent:
            break
        sent = now
    return sent


async def test_two_houses_that_say_what_they_are_stop_after_one_answer(tmp_path: Path) -> None:
    async with stage(tmp_path / "a") as one, stage(tmp_path / "b", change={"[mailbox]": {"address": OTHER}}) as other:
        await one.give(_letter(OTHER, SUPPORT), OTHER)
        assert await let_them_write(one, other) == (1, 0)
        assert (await other.balance()).fates["kept_silent"] == 1
        assert other.assistant.asked == []


async def test_two_houses_that_hide_what_they_are_stop_after_two_answers_and_a_person_gets_it(tmp_path: Path) -> None:
    hidden = {"[mailbox]": {"reply": {"auto_submitted": False}}}
    there = {"[mailbox]": {"address": OTHER, "reply": {"auto_submitted": False}}}
    async with stage(tmp_path / "a", change=hidden) as one, stage(tmp_path / "b", change=there) as other:
        one.assistant.says = _counting("You find it in the settings of your account.")
        other.assistant.says = _counting("We have noted what you say and look into it.")
        await one.give(_letter(OTHER, SUPPORT), OTHER)
        by_one, by_other = await let_them_write(one, other)
        assert by_one <= 2
        assert by_other <= 2
        assert len(one.cases) + len(other.cases) == 1
        assert (await one.balance()).holds
        assert (await other.balance()).holds


async def test_a_vacation_responder_without_any_header_gets_two_answers_and_then_a_person(house: Stage) -> None:
    await house.customer_writes("Where is my order?", sender=ROBOT)
    await answer_all(house, lambda mail: responder(mail, f"Re: {mail.message['Subject']}"))
    assert len(house.mails_to(ROBOT)) == 2
    [case] = house.cases
    assert "the same words again" in _note(house, case)
    [conversation] = await house.conversations()
    assert conversation["held"] == "person"
    assert "perhaps a machine writes" in conversation["why"]


async def test_one_that_begins_a_new_thread_each_time_gets_two_answers_too(house: Stage) -> None:
    await house.customer_writes("Where is my order?", sender=ROBOT)
    await answer_all(house, lambda mail: responder(mail, "I cannot write now", threaded=False))
    assert len(house.mails_to(ROBOT)) == 2
    assert len(house.cases) == 1


async def test_a_quick_machine_that_never_says_the_same_gets_two_answers_and_then_a_person(house: Stage) -> None:
    varying = iter(
        (
            "Your request was passed on to our storage department, which will look for the parcel.",
            "We are sorry to hear that. Please see our list of common questions while you wait.",
            "A colleague from accounting takes care of everything else, usually on the same day.",
            "Did you know that our new catalogue for the coming season is out?",
        )
    )
    await house.customer_writes("Where is my order?", sender=ROBOT)
    await answer_all(house, lambda mail: responder(mail, f"Re: {mail.message['Subject']}", says=next(varying)))
    assert len(house.mails_to(ROBOT)) == 2
    [conversation] = await house.conversations()
    assert conversation["held"] == "person"
    assert "too much for a hand: a machine writes" in conversation["why"]
    assert "a machine writes" in _note(house, house.cases[0])


async def test_a_customer_who_asks_one_thing_after_the_other_is_answered(house: Stage) -> None:
    house.assistant.says = answers("It is on its way.")
    for number, text in enumerate(("Where is my order?", "Which parcel service brings it?", "Can it come on Friday?")):
        newest = house.mails_to(CUSTOMER)[-1] if number else None
        await house.customer_writes(text, answering=newest)
        await house.settle()
        await house.turn(timedelta(minutes=number + 2))
    assert len(house.mails_to(CUSTOMER)) == 3
    assert house.cases == []


async def answer_all(house: Stage, write: Callable[[Captured], EmailMessage]) -> None:
    """A machine answers each of our mails at once, until none comes any more."""
    seen = 0
    for _ in range(10):
        await house.settle()
        mails = house.mails_to(ROBOT)
        if len(mails) == seen:
            return
        for mail in mails[seen:]:
            await house.give(write(mail), ROBOT)
        seen = len(mails)


def responder(mail: Captured, subject: str, *, threaded: bool = True, says: str = AWAY) -> EmailMessage:
    """What an old vacation program writes: nothing says that it is one."""
    said = EmailMessage()
    said["From"], said["To"], said["Subject"] = ROBOT, SUPPORT, subject
    said["Message-ID"] = f"<away-{len(mail.raw)}-{mail.message['Message-ID'].strip('<>')}>"
    if threaded:
        said["In-Reply-To"] = mail.message["Message-ID"]
    said.set_content(f"{says}\nMax\n")
    return said


def _letter(sender: str, to: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, "A question of yours"
    mail["Message-ID"] = "<first@other.example>"
    mail.set_content("Please tell us how to change the address.\n")
    return mail


def _counting(text: str) -> Callable[[dict[str, object]], dict[str, object]]:
    count = iter(range(1, 100))
    return lambda brief: {"action": "answer", "text": f"{text} Note {next(count)}."}


def _note(house: Stage, case: object) -> str:
    rows = house.simulator.tenant.rows("Activity")
    return " ".join(f"{one['Body']} {one['DetailedResult']}" for one in rows)
