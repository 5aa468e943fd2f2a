"""What the relay answers, and what that means (transport F3): for each recipient, or for the relay as a whole."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config.settings import Relay
from gateway.demo.capture import capture
from gateway.errors import GiveUp, TryLater
from gateway.ports import Delayed, Delivered, Refused, Unknown
from gateway.relay.smtp import SmtpRelay
from tests.relay.stand import ANNA, BOB, MAIL, Stopped, Watched, a_parcel, a_relay, scripted


async def test_a_mail_arrives_byte_for_byte(tmp_path: Path) -> None:
    raw = MAIL + b".a line that begins with a dot\r\n..and one with two\r\n"
    async with capture() as outbox, a_relay(outbox.port) as relay:
        watched = Watched()
        [(recipient, verdict)] = await relay.send(a_parcel(raw=raw), watched.at_data, watched.may_go)
    [mail] = outbox.mails
    assert (recipient, mail.sender, mail.recipients, mail.raw) == (ANNA, "support@example.com", (ANNA,), raw)
    assert isinstance(verdict, Delivered)
    assert watched.asked == ["may_go", "at_data"]


async def test_lonely_line_ends_cannot_end_a_mail_early(tmp_path: Path) -> None:
    raw = MAIL + b"one\n.\nMAIL FROM:<x@evil.example>\r.\rtwo"
    async with capture() as outbox, a_relay(outbox.port) as relay:
        await relay.send(a_parcel(raw=raw), Watched().at_data)
    [mail] = outbox.mails
    assert mail.raw == MAIL + b"one\r\n.\r\nMAIL FROM:<x@evil.example>\r\n.\r\ntwo\r\n"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [("450 4.7.1 greylisted", Delayed), ("550 5.1.1 no such user", Refused), ("552 5.5.3 too many", Delayed)],
)
async def test_a_reply_to_rcpt_is_about_that_recipient_alone(reply: str, kind: type[Delayed | Refused]) -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        outbox.refuse("RCPT", reply, when=lambda address: address == BOB)
        verdicts = dict(await relay.send(a_parcel(ANNA, BOB), Watched().at_data))
    assert isinstance(verdicts[ANNA], Delivered)
    assert isinstance(verdicts[BOB], kind)
    assert [mail.recipients for mail in outbox.mails] == [(ANNA,)]


async def test_when_no_recipient_is_taken_the_mail_does_not_leave() -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        outbox.refuse("RCPT", "550 5.1.1 no such user")
        watched = Watched()
        [(_, verdict)] = await relay.send(a_parcel(), watched.at_data, watched.may_go)
        assert isinstance(verdict, Refused)
        assert watched.asked == ["may_go"]
        await relay.send(a_parcel(), watched.at_data)
    assert len(outbox.mails) == 1
    assert outbox.connections == 1


@pytest.mark.parametrize(
    ("moment", "reply", "kind"),
    [
        ("DATA", "451 4.3.0 try again", Delayed),
        ("DATA", "554 5.7.1 not this", Refused),
        ("DOT", "452 4.2.2 mailbox full", Delayed),
        ("DOT", "554 5.6.0 content refused", Refused),
    ],
)
async def test_a_reply_to_the_mail_itself_is_about_every_recipient(moment: str, reply: str, kind: type) -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        outbox.refuse(moment, reply)  # type: ignore[arg-type]  # one of capture's moments
        verdicts = dict(await relay.send(a_parcel(ANNA, BOB), Watched().at_data))
    assert {type(one) for one in verdicts.values()} == {kind}
    assert reply[4:] in next(one.text for one in verdicts.values() if isinstance(one, Delayed | Refused))


@pytest.mark.parametrize("kept", [True, False])
async def test_no_answer_after_the_dot_is_unknown(kept: bool) -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        outbox.drop("DOT", kept=kept)
        [(_, verdict)] = await relay.send(a_parcel(), Watched().at_data)
        assert isinstance(verdict, Unknown)
        [(_, again)] = await relay.send(a_parcel(), Watched().at_data)
        assert isinstance(again, Delivered)
    assert len(outbox.mails) == (2 if kept else 1)


async def test_a_connection_cut_while_the_mail_leaves_is_unknown() -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        outbox.drop("BODY")
        [(_, verdict)] = await relay.send(a_parcel(raw=MAIL + b"x" * 2_000_000), Watched().at_data)
    assert isinstance(verdict, Unknown)


async def test_nonsense_after_the_dot_is_unknown() -> None:
    async with scripted("220 hi", "250 me", "250 ok", "250 ok", "354 go", "what?") as script:
        async with a_relay(script.port) as relay:
            [(_, verdict)] = await relay.send(a_parcel(), Watched().at_data)
    assert isinstance(verdict, Unknown)


async def test_a_421_after_the_dot_only_delays() -> None:
    async with scripted("220 hi", "250 me", "250 ok", "250 ok", "354 go", "421 4.3.2 shutting down", "") as script:
        async with a_relay(script.port) as relay:
            [(_, verdict)] = await relay.send(a_parcel(), Watched().at_data)
    assert verdict == Delayed(421, "4.3.2 shutting down")


@pytest.mark.parametrize("moment", ["RCPT", "DATA"])
async def test_a_connection_lost_before_the_mail_has_begun_to_leave_is_tried_again(moment: str) -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        outbox.drop(moment)  # type: ignore[arg-type]  # one of capture's moments
        with pytest.raises(TryLater) as later:
            await relay.send(a_parcel(), Watched().at_data)
        assert later.value.partner_down
        await relay.send(a_parcel(), Watched().at_data)
    assert len(outbox.mails) == 1


@pytest.mark.parametrize(
    ("moment", "reply"),
    [
        ("CONNECT", "554 5.7.1 go away"),
        ("CONNECT", "421 4.7.0 too busy"),
        ("MAIL", "451 4.3.0 disk full"),
        ("MAIL", "550 5.7.1 you may not send as support@example.com"),
        ("MAIL", "530 5.7.0 authentication required"),
        ("RCPT", "550 5.7.1 unable to relay"),
        ("RCPT", "554 5.7.1 relay access denied"),
        ("RCPT", "421 4.3.2 closing"),
    ],
)
async def test_a_refusal_of_us_is_never_the_mails_fault(moment: str, reply: str) -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        outbox.refuse(moment, reply, times=2)  # type: ignore[arg-type]  # one of capture's moments
        watched = Watched()
        with pytest.raises(TryLater) as later:
            await relay.send(a_parcel(), watched.at_data, watched.may_go)
        assert later.value.partner_down
        assert "at_data" not in watched.asked
    assert outbox.mails == []


async def test_a_relay_that_is_not_there_says_so_with_what_to_look_at() -> None:
    async with capture() as outbox:
        port = outbox.port
    async with a_relay(port) as relay:
        with pytest.raises(TryLater, match="refuses the connection; is the relay running") as later:
            await relay.send(a_parcel(), Watched().at_data)
    assert later.value.partner_down


@pytest.mark.parametrize(("stop", "commands"), [("may_go", []), ("at_data", ["MAIL", "RCPT"])])
async def test_a_caller_who_changes_their_mind_stops_the_mail(stop: str, commands: list[str]) -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        watched = Watched(stop_at=stop)
        with pytest.raises(Stopped):
            await relay.send(a_parcel(), watched.at_data, watched.may_go)
        said = [one.partition(" ")[0] for one in outbox.commands]
        assert [one for one in said if one in ("MAIL", "RCPT", "DATA")] == commands
        await relay.send(a_parcel(BOB), Watched().at_data)
    assert [mail.recipients for mail in outbox.mails] == [(BOB,)]


async def test_a_mail_larger_than_the_relay_takes_is_refused_here() -> None:
    async with capture(max_size=50_000) as outbox, a_relay(outbox.port) as relay:
        watched = Watched()
        [(_, verdict)] = await relay.send(a_parcel(raw=MAIL + b"x" * 60_000), watched.at_data, watched.may_go)
    assert isinstance(verdict, Refused)
    assert "50000" in verdict.text
    assert (watched.asked, outbox.mails) == ([], [])


async def test_a_mail_larger_than_the_settings_allow_is_refused_too() -> None:
    async with capture() as outbox, a_relay(outbox.port, max_size=1_000) as relay:
        [(_, verdict)] = await relay.send(a_parcel(raw=MAIL + b"x" * 2_000), Watched().at_data)
    assert isinstance(verdict, Refused)


async def test_an_address_that_needs_smtputf8_goes_where_it_is_offered_and_nowhere_else() -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        [(_, verdict)] = await relay.send(a_parcel("jürgen@customer.example"), Watched().at_data)
        assert isinstance(verdict, Delivered)
    assert outbox.mails[0].recipients == ("jürgen@customer.example",)
    async with scripted("220 hi", "250 me", "250 ok") as script, a_relay(script.port) as relay:
        [(_, verdict)] = await relay.send(a_parcel("jürgen@customer.example"), Watched().at_data)
    assert isinstance(verdict, Refused)
    assert "SMTPUTF8" in verdict.text


async def test_a_server_that_knows_only_helo_is_spoken_to_all_the_same() -> None:
    answers = ("220 hi", "502 what", "250 me", "250 ok", "250 ok", "354 go", "250 kept", "250 ok")
    async with scripted(*answers) as script, a_relay(script.port) as relay:
        [(_, verdict)] = await relay.send(a_parcel(), Watched().at_data)
    assert isinstance(verdict, Delivered)
    assert script.heard[:3] == [
        b"EHLO [127.0.0.1]\r\n",
        b"HELO [127.0.0.1]\r\n",
        b"MAIL FROM:<support@example.com>\r\n",
    ]


async def test_eight_bit_is_said_only_where_it_is_offered() -> None:
    raw = MAIL + "Schlüssel\r\n".encode()
    async with scripted("220 hi", "250-me\r\n250 8BITMIME", "250 ok", "250 ok", "354 go", "250 kept", "250") as script:
        async with a_relay(script.port) as relay:
            await relay.send(a_parcel(raw=raw), Watched().at_data)
    assert script.heard[1] == b"MAIL FROM:<support@example.com> BODY=8BITMIME\r\n"
    async with scripted("220 hi", "250 me", "250 ok", "250 ok", "354 go", "250 kept", "250") as script:
        async with a_relay(script.port) as relay:
            await relay.send(a_parcel(raw=raw), Watched().at_data)
    assert script.heard[1] == b"MAIL FROM:<support@example.com>\r\n"


async def test_a_reply_that_is_made_to_hurt_is_cleaned_before_it_is_kept() -> None:
    long = "x" * 3_000
    async with scripted("220 hi", "250 me", "250 ok", f"550-\x1b[31m{long}\r\n550 end", "250 ok") as script:
        async with a_relay(script.port) as relay:
            [(_, verdict)] = await relay.send(a_parcel(), Watched().at_data)
    assert isinstance(verdict, Refused)
    assert verdict.text.isprintable()
    assert len(verdict.text) <= 500


async def test_each_mailbox_goes_its_own_way() -> None:
    async with capture() as main, capture() as other:
        second = Relay(name="second", host="127.0.0.1", port=other.port, tls="none")
        async with a_relay(main.port, second) as relay:
            await relay.send(a_parcel(relay="second"), Watched().at_data)
            await relay.send(a_parcel(BOB), Watched().at_data)
            with pytest.raises(GiveUp, match=r"relay\.third"):
                await relay.send(a_parcel(relay="third"), Watched().at_data)
    assert [mail.recipients for mail in other.mails] == [(ANNA,)]
    assert [mail.recipients for mail in main.mails] == [(BOB,)]


async def test_a_cancelled_send_leaves_no_connection_that_could_mix_up_answers() -> None:
    async with capture() as outbox, a_relay(outbox.port) as relay:
        outbox.slow("RCPT", 0.2)
        task = asyncio.create_task(_send(relay, ANNA))
        while not any(one.startswith("RCPT") for one in outbox.commands):
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(_send(relay, BOB), timedelta(seconds=10).total_seconds())
    assert [mail.recipients for mail in outbox.mails] == [(BOB,)]


async def _send(relay: SmtpRelay, recipient: str) -> None:

    await relay.send(a_parcel(recipient), Watched().at_data)
