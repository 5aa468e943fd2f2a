"""Mails that Creatio submits again, late, beside others or in vain: none is sent twice, none is lost in silence."""

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from gateway.demo.creatio.agent import Style
from gateway.demo.creatio.mail_server import MailServer
from tests.scanner.fake_clamd import FakeClamd
from tests.stories.stage import CUSTOMER, SUPPORT, Stage, stage
from tests.stories.test_submission import PEM, POLL, a_case, a_mail, server, shown
from tests.stories.test_submission import house as house

LOOKING = "<p>We are looking into it.</p>"
BOSS = "boss@mail.example"


async def test_the_same_words_said_again_later_are_another_reply(house: Stage) -> None:
    case = await a_case(house)
    agent = house.simulator.agent
    await agent.reply(case, LOOKING, style=Style.COMPLETED)
    await house.turn(POLL)
    await house.customer_writes("Any news?", answering=house.mails_to(CUSTOMER)[0])
    await house.settle()
    await agent.reply(case, LOOKING, style=Style.CREATIO)
    await house.settle()
    await house.turn(timedelta(hours=1))
    assert len(house.mails_to(CUSTOMER)) == 2
    await agent.reply(case, LOOKING, style=Style.CREATIO)
    await house.settle()
    await house.turn(POLL)
    assert len(house.mails_to(CUSTOMER)) == 3
    assert [one["author"] for one in (await shown(house))["entries"]] == ["customer", "agent", "customer"] + [
        "agent"
    ] * 2


async def test_who_gets_a_copy_of_what_we_have_mailed_from_its_row_gets_it(house: Stage) -> None:
    case = await a_case(house)
    made = await house.simulator.agent.reply(case, "<p>It left on Monday.</p>", style=Style.COMPLETED)
    await house.turn(POLL)
    row = house.simulator.tenant.tables["Activity"][made]
    row["BlindCopyRecepient"] = BOSS
    for _ in range(2):
        await server(house).send(row, f"<{made}@creatio.example>", "")
        await house.turn(timedelta(minutes=3))
    assert (len(house.mails_to(CUSTOMER)), len(house.mails_to(BOSS))) == (1, 1)
    assert [one["author"] for one in (await shown(house))["entries"]] == ["customer", "agent"]


async def test_what_was_refused_and_is_submitted_again_is_tried_again(house: Stage) -> None:
    await a_case(house)
    mail = a_mail(in_reply_to=house.written[0]["Message-ID"], cc=BOSS)
    house.outbox.refuse("RCPT", "550 5.7.1 not now", times=2)
    for expected in ([], [CUSTOMER, BOSS], [CUSTOMER, BOSS]):
        await server(house).submit(mail, SUPPORT, [CUSTOMER, BOSS])
        await house.settle()
        assert [who for one in house.outbox.mails for who in one.recipients] == expected
    assert [one["author"] for one in (await shown(house))["entries"]] == ["customer", "agent"]
    assert (await house.balance()).holds


async def test_the_same_words_on_another_case_are_not_taken_for_the_mail_of_the_first(house: Stage) -> None:
    case = await a_case(house)
    await house.simulator.agent.close(case)
    await house.turn(POLL)
    await house.customer_writes("My invoice is wrong", subject="Invoice 9")
    await house.settle()
    mail = a_mail(in_reply_to=house.written[0]["Message-ID"])
    await server(house).submit(mail, SUPPORT, [CUSTOMER])
    await house.settle()
    await house.simulator.agent.reply(house.case_id(1), "<p>It is on its way.</p>", style=Style.COMPLETED)
    await house.turn(POLL)
    subjects = [one.message["Subject"] for one in house.mails_to(CUSTOMER)]
    assert subjects == ["Re: Where is my order?", "Re: Invoice 9"]


async def test_a_mail_to_somebody_on_copy_is_no_part_of_what_was_said_to_the_customer(house: Stage) -> None:
    await house.customer_writes("Where is my order 17?", Cc=BOSS)
    await house.settle()
    [first] = [one["id"] for one in await house.conversations()]
    mail = a_mail(to=BOSS, in_reply_to=house.written[0]["Message-ID"])
    await server(house).submit(mail, SUPPORT, [BOSS])
    await house.settle()
    told = await house.ask("GET", f"conversations/{first}")
    assert ([one["author"] for one in told["entries"]], told["held"]) == (["customer", "assistant"], "assistant")
    [sent] = house.mails_to(BOSS)
    await house.customer_writes("I shall ask her.", sender=BOSS, answering=sent)
    await house.settle()
    assert len((await house.ask("GET", f"conversations/{first}"))["entries"]) == 2
    assert len(await house.conversations()) == 2


async def test_a_mail_that_a_rep_begins_with_and_that_does_not_arrive_becomes_a_case(house: Stage) -> None:
    house.outbox.refuse("RCPT", "550 5.1.1 no such user")
    await server(house).submit(a_mail("Your invoice"), SUPPORT, [CUSTOMER])
    await server(house).submit(a_mail("Your order", to=BOSS, message_id="<b@c.example>"), SUPPORT, [BOSS])
    await house.settle()
    [sent] = house.mails_to(BOSS)
    await house.give(_bounce(str(sent.message["Message-ID"])), "")
    await house.settle()
    assert sorted(str(one["Subject"]) for one in house.cases) == ["Your invoice", "Your order"]
    await house.turn(POLL)
    assert len(house.cases) == 2


def _bounce(of: str) -> bytes:
    report = EmailMessage()
    report["From"], report["To"], report["Subject"] = "MAILER-DAEMON@mail.example", SUPPORT, "Undelivered"
    report["Message-ID"] = "<d@mail.example>"
    report.set_content("It failed.")
    lines = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n--b\n"
    lines += "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example\n\n"
    lines += f"Final-Recipient: rfc822; {BOSS}\nAction: failed\nStatus: 5.1.1\n\n--b\n"
    lines += f"Content-Type: text/rfc822-headers\n\nMessage-ID: {of}\n\n--b--\n"
    head = "".join(f"{name}: {report[name]}\n" for name in ("From", "To", "Subject", "Message-ID"))
    return (head + "MIME-Version: 1.0\n" + lines).replace("\n", "\r\n").encode()


async def test_a_file_waits_for_a_scanner_that_is_away_and_a_new_port_for_a_restart(tmp_path: Path) -> None:
    clamd = tmp_path / "clamd.ctl"
    user = {"name": "creatio", "password": "a-password", "sends": True}
    smtp = {"tls": {"cert": PEM, "key": PEM}, "users": [user]}
    async with stage(tmp_path, change={"intake.smtp": smtp, "mail": {"scanner": f"unix:{clamd}"}}) as house:
        mail = a_mail("Your plan")
        mail.add_attachment(b"a plan", maintype="application", subtype="pdf", filename="plan.pdf")
        to = MailServer("localhost", int(house.house.addresses["smtp"][1]), "creatio", "a-password", PEM)
        await to.submit(mail, SUPPORT, [CUSTOMER])
        await house.settle()
        for _ in range(6):
            await house.turn(timedelta(minutes=8))
        assert (house.outbox.mails, (await house.balance()).fates["set_aside"]) == ([], 0)
        async with await asyncio.start_unix_server(FakeClamd().serve, clamd):
            await house.turn(timedelta(minutes=15))
            assert len(house.mails_to(CUSTOMER)) == 1
            assert (await house.balance()).fates["set_aside"] == 0
        path = house.folder / "config.toml"
        path.write_text(path.read_text().replace("[intake.smtp]\n", '[intake.smtp]\nlisten_tls = ["127.0.0.1:0"]\n'))
        assert "a change of intake.smtp.listen_tls needs a restart" in (await house.house.reload()).warnings
