"""Mail is fetched from a real Dovecot by the whole daemon."""

import asyncio
import os
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.peers.dovecot import Dovecot, OpenDovecot
from tests.peers.dovecot import open_dovecot as open_dovecot
from tests.stories.assistant import answers
from tests.stories.stage import SUPPORT, Stage, stage

OLD = int(os.environ.get("GATEWAY_OLD_MAILS", "400"))  # tried with 2,000, which takes a minute


def _mail(number: int, text: str = "Where is my order?") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"c{number}@mail.example", SUPPORT, f"Matter {number}"
    mail["Message-ID"] = f"<imap.{number}@mail.example>"
    mail.set_content(f"{text}\n")
    return mail.as_bytes()


def _account(dovecot: Dovecot) -> dict[str, Any]:
    return {
        "host": "localhost",
        "port": dovecot.port,
        "user": "support",
        "password": "secret",
        "mailbox": SUPPORT,
        "ca_file": str(dovecot.ca_file),
    }


async def _until(house: Stage, holds: Callable[[Any], bool], *, timeout: float = 120) -> Any:
    async with asyncio.timeout(timeout):
        while not holds(found := await house.balance()):
            await asyncio.sleep(0.1)
    return found


async def test_what_waited_before_the_first_look_is_history_and_what_comes_then_is_answered(
    tmp_path: Path, open_dovecot: OpenDovecot
) -> None:
    """An inbox full of old mails is connected: nothing is answered, nothing is filed, all of it is there."""
    dovecot = await asyncio.to_thread(open_dovecot)
    await asyncio.to_thread(dovecot.deliver, "support", *(_mail(number) for number in range(OLD)))
    change = {"[intake.imap]": _account(dovecot), "creatio": {"create_case": "on_first_message"}}
    async with stage(tmp_path, change=change) as house:
        house.assistant.says = answers("It is on its way.")
        found = await _until(house, lambda one: one.fates["recorded"] == OLD)
        assert found.accepted == OLD
        await asyncio.to_thread(dovecot.deliver, "support", _mail(OLD))
        await _until(house, lambda one: one.fates["answered"] == 1)
        await house.outbox.wait_for(1)
        assert [mail.recipients for mail in house.outbox.mails] == [(f"c{OLD}@mail.example",)]
        await house.settle()
        assert len(house.cases) == 1
        assert house.assistant.asked[0]["customer"]["address"] == f"c{OLD}@mail.example"
        assert len(house.assistant.asked) == 1


async def test_a_mailbox_that_is_cut_off_and_comes_back_loses_and_doubles_nothing(
    tmp_path: Path, open_dovecot: OpenDovecot
) -> None:
    dovecot = await asyncio.to_thread(open_dovecot)
    async with stage(tmp_path, change={"[intake.imap]": _account(dovecot)}) as house:
        await asyncio.to_thread(dovecot.deliver, "support", _mail(1))
        await _until(house, lambda one: sum(one.fates.values()) == 1)
        await asyncio.to_thread(dovecot.stop)
        await asyncio.to_thread(dovecot.deliver, "support", _mail(2))
        await asyncio.to_thread(dovecot.start)
        await _until(house, lambda one: sum(one.fates.values()) == 2)
        await asyncio.to_thread(dovecot.kick, "support")
        await asyncio.to_thread(dovecot.deliver, "support", _mail(3))
        found = await _until(house, lambda one: sum(one.fates.values()) == 3)
        assert found.accepted == 3
        assert found.holds


async def test_what_the_listed_provider_found_out_about_a_sender_counts_and_what_others_say_does_not(
    tmp_path: Path, open_dovecot: OpenDovecot
) -> None:
    dovecot = await asyncio.to_thread(open_dovecot)
    account = _account(dovecot) | {"trusted_authserv_ids": ["MX.provider.example"]}
    provider = "mx.provider.example; dmarc="
    found = (f"{provider}pass", f"{provider}fail (p=REJECT)", "mx.forged.example; dmarc=pass")
    async with stage(tmp_path, change={"[intake.imap]": account}) as house:
        for number, results in enumerate(found):
            field = f"Authentication-Results: {results} header.from=mail.example\n".encode()
            await asyncio.to_thread(dovecot.deliver, "support", field + _mail(number))
        await _until(house, lambda one: sum(one.fates.values()) == len(found))
        await house.settle()
        trusts = {}
        for listed in await house.conversations():
            whole = await house.ask("GET", f"conversations/{listed['id']}")
            trusts[whole["entries"][0]["sender"]["address"]] = whole["entries"][0]["trust"]
        assert trusts == {"c0@mail.example": "verified", "c1@mail.example": "failed", "c2@mail.example": "unverified"}
