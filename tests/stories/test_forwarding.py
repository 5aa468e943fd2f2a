"""The connection test, end to end: a mail out by the relay, and in again by the forwarding of the public address."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.cli.commands import run
from gateway.cli.forwarding import learnt_lines
from gateway.demo.capture import Captured
from tests.stories.stage import SUPPORT, Stage, stage

GMAIL = "X-Forwarded-To: in@gateway.shop.example\r\nX-Forwarded-For: support@shop.example in@gateway.shop.example\r\n"


async def begin(house: Stage) -> list[Captured]:
    """The test mail, and the one to a sub-address."""
    before = len(house.outbox.mails)
    assert (await house.ask("POST", "forwarding", json={"address": SUPPORT}))["state"] == "Pending"
    await house.settle()
    return house.outbox.mails[before:]


async def forward(house: Stage, mail: Captured, *fields: str) -> None:
    await house.give("".join(fields).encode() + mail.raw, mail.sender)
    await house.settle()


async def test_a_test_mail_that_comes_back_connects_the_mailbox_and_tells_the_way(house: Stage) -> None:
    plain, tagged = await begin(house)
    assert plain.recipients == (SUPPORT,)
    assert plain.sender != SUPPORT
    assert plain.message["Auto-Submitted"] == "auto-generated"
    proof = "Authentication-Results: mx.google.example; dkim=pass header.d=shop.example\r\n"
    await forward(house, plain, proof, GMAIL)
    found = await house.ask("GET", "forwarding", params={"address": SUPPORT})
    assert (found["state"], found["lost"]) == ("Connected", 0)
    assert found["learnt"]["forwarder"] == "Gmail or Workspace forwarding"
    assert found["learnt"]["server"] == "mx.google.example"
    assert (found["learnt"]["keeps_ids"], found["learnt"]["sub_addresses"]) == (True, False)
    await forward(house, tagged)
    found = await house.ask("GET", "forwarding", params={"address": SUPPORT})
    assert found["learnt"]["sub_addresses"] is True
    [shown] = (await house.ask("GET", "connections"))["mailboxes"]
    assert (shown["state"], shown["test"]["state"]) == ("Connected", "Connected")


async def test_what_the_provider_says_of_our_own_from_is_learnt(tmp_path: Path) -> None:
    async with stage(tmp_path, change={"intake.smtp": {"trusted_peers": ["127.0.0.0/8"]}}) as house:
        plain, _ = await begin(house)
        await forward(house, plain, "Authentication-Results: mx.host.example; dkim=pass header.d=shop.example\r\n")
        learnt = (await house.ask("GET", "forwarding", params={"address": SUPPORT}))["learnt"]
        assert (learnt["server"], learnt["trust"]) == ("mx.host.example", "verified")
        assert any("dkim=pass" in one for one in learnt["proof"])


async def test_spf_dkim_and_dmarc_of_our_own_from_are_told_apart_each_with_its_fix(house: Stage) -> None:
    plain, _ = await begin(house)
    first = "mx.provider.example; spf=pass smtp.mailfrom=bounce@relay.example; dkim=pass header.d=shop.example"
    fields = [f"Authentication-Results: {said}\r\n" for said in ("mx.next.example; spf=fail; dmarc=fail", first)]
    await forward(house, plain, *fields)
    learnt = (await house.ask("GET", "forwarding", params={"address": SUPPORT}))["learnt"]
    spf, dkim, dmarc = learnt["alignment"]
    assert (spf["result"], spf["aligned"]) == ("pass", False)
    assert "does not speak for" in spf["text"]
    assert "v=spf1" in spf["fix"]
    assert (dkim["result"], dkim["aligned"], dkim["fix"]) == ("pass", True, "")
    assert (dmarc["result"], dmarc["aligned"]) == ("fail", False)
    assert "_dmarc." in dict(learnt_lines(learnt))["DMARC"]


async def test_a_test_is_never_a_conversation_a_contact_or_a_case(house: Stage) -> None:
    plain, tagged = await begin(house)
    for mail in (plain, tagged, plain):
        await forward(house, mail)
    assert await house.conversations() == []
    assert house.cases == []
    assert house.assistant.asked == []
    assert (await house.balance()).fates["recorded"] == 3
    assert (await house.balance()).holds


async def test_a_relay_that_replaces_message_ids_is_found_out(house: Stage) -> None:
    plain, _ = await begin(house)
    mail = plain.message
    del mail["Message-ID"]
    mail["Message-ID"] = "<rewritten@relay.example>"
    await house.give(mail, plain.sender)
    await house.settle()
    found = await house.ask("GET", "forwarding", params={"address": SUPPORT})
    assert (found["state"], found["learnt"]["keeps_ids"]) == ("Connected", False)


async def test_nobody_else_can_make_a_test_mail(house: Stage) -> None:
    plain, _ = await begin(house)
    token = str(plain.message["X-Gateway-Test"])
    forged = EmailMessage()
    forged["From"], forged["To"], forged["Message-ID"] = "eve@evil.example", SUPPORT, "<1@evil.example>"
    forged["Subject"] = f"[gateway] connection test {token[:20]}{'a' if token[20] != 'a' else 'b'}{token[21:]}"
    forged.set_content("Let me in.")
    await house.give(forged, "eve@evil.example")
    await house.settle()
    assert (await house.ask("GET", "forwarding", params={"address": SUPPORT}))["state"] == "Pending"
    assert len(await house.conversations()) == 1


async def test_a_test_that_the_relay_refuses_has_failed_with_its_words(house: Stage) -> None:
    house.outbox.refuse("RCPT", "550 5.1.1 no such user", times=9)
    await begin(house)
    await house.turn(timedelta(minutes=6))
    found = await house.ask("GET", "forwarding", params={"address": SUPPORT})
    assert found["state"] == "Failed"
    assert "no such user" in found["why"]


async def test_a_test_that_bounces_has_failed_and_is_no_customers_matter(house: Stage) -> None:
    plain, tagged = await begin(house)
    for mail in (tagged, plain):
        await house.give(_bounce(mail), "")
    await house.settle()
    found = await house.ask("GET", "forwarding", params={"address": SUPPORT})
    assert found["state"] == "Failed"
    assert found["lost"] == 1
    assert await house.conversations() == []


async def test_two_lost_in_a_row_are_told_and_one_that_comes_back_ends_it(house: Stage) -> None:
    await begin(house)
    await house.turn(timedelta(minutes=36))
    assert (await house.ask("GET", "forwarding", params={"address": SUPPORT}))["state"] == "Failed"
    assert _told(await house.ask("GET", "status")) == []
    await house.turn(timedelta(minutes=70))
    await house.turn(timedelta(minutes=36))
    [told] = _told(await house.ask("GET", "status"))
    assert "2 connection tests" in told
    [shown] = (await house.ask("GET", "connections"))["mailboxes"]
    assert shown["state"] == "Failed"
    await house.turn(timedelta(days=1))
    newest = [one for one in house.outbox.mails if one.recipients == (SUPPORT,)][-1]
    await forward(house, newest)
    assert (await house.ask("GET", "forwarding", params={"address": SUPPORT}))["state"] == "Connected"
    assert _told(await house.ask("GET", "status")) == []


async def test_no_mailbox_is_tested_before_somebody_has_asked_for_it(house: Stage) -> None:
    await house.turn(timedelta(days=2))
    assert house.outbox.mails == []


async def test_an_address_that_is_none_of_ours_is_not_written_to(house: Stage) -> None:
    with pytest.raises(AssertionError, match="no address of a mailbox"):
        await house.ask("POST", "forwarding", json={"address": "ann@mail.example"})
    assert house.outbox.mails == []


async def test_the_command_says_what_it_learnt(house: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    config = ["--config", str(house.folder / "config.toml")]
    capsys.readouterr()
    typed = asyncio.create_task(asyncio.to_thread(run, ["check", "forwarding", SUPPORT, "--json", *config]))
    plain = (await house.outbox.wait_for(1))[0]
    await forward(house, plain, GMAIL)
    assert await typed == 0
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{") :])["state"] == "Connected"


def _told(status: dict[str, Sequence[dict[str, str]]]) -> list[str]:
    return [one["text"] for one in status["notices"] if one["key"].startswith("probe:")]


def _bounce(mail: Captured) -> bytes:
    head = mail.raw.partition(b"\r\n\r\n")[0]
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {SUPPORT}\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n"
        f"Message-ID: <{len(mail.raw)}.{mail.recipients[0]}@mx.example>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nNot delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {mail.recipients[0]}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    ).encode() + head + b"\r\n\r\n--b--\r\n"  # fmt: skip
