"""The same words twice: one row in Creatio is one mail, however often and under whatever id Creatio hands it over."""

from datetime import timedelta
from uuid import UUID

from gateway.demo.creatio.agent import Style
from gateway.demo.creatio.faults import Fault
from tests.stories.stage import CUSTOMER, SUPPORT, Stage
from tests.stories.test_submission import POLL, a_case, a_mail, server
from tests.stories.test_submission import house as house

DONE = "<p>Thanks, done.</p>"
SOON = timedelta(minutes=3)


async def hand_over(house: Stage, row: UUID, message_id: str) -> None:
    """Creatio gives the mail of a row to its mail server, whatever it did before."""
    await server(house).send(house.simulator.tenant.tables["Activity"][row], message_id, "")
    await house.settle()


def told(house: Stage, case: UUID) -> str:
    notes = [one for one in house.simulator.tenant.rows("Activity") if one["CaseId"] == case and one["Notes"]]
    return "\n".join(f"{one['Title']}: {one['Notes']}" for one in notes)


async def test_a_row_that_we_mailed_and_that_creatio_sends_much_later_is_mailed_once(house: Stage) -> None:
    case = await a_case(house)
    made = await house.simulator.agent.reply(case, DONE, style=Style.COMPLETED)
    await house.turn(POLL)
    await house.turn(timedelta(hours=2))
    await hand_over(house, made, "<late@creatio.example>")
    await house.turn(SOON)
    assert len(house.mails_to(CUSTOMER)) == 1


async def test_a_mail_handed_over_again_under_another_id_is_sent_once_and_the_rep_knows(house: Stage) -> None:
    case = await a_case(house)
    made = await house.simulator.agent.reply(case, DONE, style=Style.CREATIO)
    for number in range(2):
        await hand_over(house, made, f"<again{number}@creatio.example>")
        await house.turn(SOON)
    assert len(house.mails_to(CUSTOMER)) == 1
    assert "handed over again" in told(house, case)
    await house.simulator.agent.reply(case, DONE, style=Style.CREATIO)
    await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 2
    assert (await house.balance()).holds


async def test_the_same_words_in_a_second_row_are_sent_a_second_time_whoever_sent_the_first(house: Stage) -> None:
    case = await a_case(house)
    await house.simulator.agent.reply(case, DONE, style=Style.COMPLETED)
    await house.turn(POLL)
    await house.simulator.agent.reply(case, DONE, style=Style.CREATIO)
    await house.turn(SOON)
    assert len(house.mails_to(CUSTOMER)) == 2
    await house.turn(POLL)
    assert len(house.mails_to(CUSTOMER)) == 2


async def test_what_creatio_could_not_hear_the_end_of_is_no_failed_reply(house: Stage) -> None:
    """Our 250 was lost: Creatio marks the row as failed, the customer has the mail."""
    case = await a_case(house)
    agent = house.simulator.agent
    made = await agent.begin_sending(case, DONE)
    await hand_over(house, made, "<lost@creatio.example>")
    await agent.fail_sending(made, "The connection was closed")
    await house.turn(POLL)
    await house.hook(event_type="new_activity", caseId=str(case))
    await house.turn(POLL)
    assert "did not reach" not in told(house, case)
    await hand_over(house, made, "<once-more@creatio.example>")
    await house.turn(SOON)
    assert len(house.mails_to(CUSTOMER)) == 1


async def test_while_creatio_cannot_be_asked_a_doubtful_mail_waits_and_then_a_person_decides(house: Stage) -> None:
    case = await a_case(house)
    made = await house.simulator.agent.reply(case, DONE, style=Style.CREATIO)
    house.simulator.faults.next(Fault.ERROR_503, times=1_000_000)
    await hand_over(house, made, "<again@creatio.example>")
    for _ in range(9):
        await house.turn(timedelta(minutes=8))
    assert len(house.mails_to(CUSTOMER)) == 1
    house.simulator.faults.clear()
    [waiting] = (await house.ask("GET", "aside"))["aside"]
    await house.turn(timedelta(minutes=30))
    assert "was not mailed" in told(house, case)
    await house.ask("POST", f"aside/{waiting['id']}/retry")
    await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 2


async def test_outside_any_case_only_the_same_words_at_once_wait_for_a_person(house: Stage) -> None:
    for number, expected in ((1, 1), (2, 1)):
        await server(house).submit(a_mail("Your invoice", message_id=f"<{number}@c.example>"), SUPPORT, [CUSTOMER])
        await house.settle()
        assert len(house.mails_to(CUSTOMER)) == expected
    assert (await house.balance()).fates["set_aside"] == 1
    await house.turn(timedelta(hours=1))
    await server(house).submit(a_mail("Your invoice", message_id="<3@c.example>"), SUPPORT, [CUSTOMER])
    await house.settle()
    assert len(house.mails_to(CUSTOMER)) == 2


async def test_a_rep_who_writes_to_a_mailbox_of_ours_alone_hears_that_nobody_gets_it(house: Stage) -> None:
    case = await a_case(house)
    mail = a_mail(to=SUPPORT, in_reply_to=house.written[0]["Message-ID"])
    await server(house).submit(mail, SUPPORT, [SUPPORT])
    await house.settle()
    assert "where nobody would see it" in told(house, case)
    copy = a_mail(cc=SUPPORT, message_id="<copy@creatio.example>")  # to the customer, and here comes our copy alone
    await server(house).submit(copy, SUPPORT, [SUPPORT])
    await house.turn(timedelta(hours=2))
    fates = (await house.balance()).fates
    assert (fates["set_aside"], fates["recorded"], len(house.cases), len(house.mails_to(CUSTOMER))) == (1, 1, 1, 0)
