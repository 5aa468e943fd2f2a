"""A mail whose sender is proved false: no answer, no thread, no contact; a person sees it."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.stories.assistant import answers
from tests.stories.stage import Stage, stage

FALSE = "ceo@strict.example"
STRANGER: dict[str, dict[str, Any]] = {
    "intake.smtp": {"trusted_peers": ["10.0.0.0/8"]}
}  # who writes to us here is nobody's forwarder


class Names:
    """A DNS in which strict.example lets nobody send, and says so to all who ask."""

    async def ask(self, name: str, kind: str, *, timeout: timedelta = timedelta(seconds=5)) -> Sequence[str]:
        told = {("strict.example", "TXT"): ["v=spf1 -all"], ("_dmarc.strict.example", "TXT"): ["v=DMARC1; p=reject"]}
        return told.get((name, kind), ())


async def _write(house: Stage) -> None:
    await house.customer_writes("Pay this at once.", sender=FALSE, subject="Invoice")
    await house.settle()


async def test_it_becomes_a_case_of_its_own_without_contact_and_is_not_answered(tmp_path: Path) -> None:
    async with stage(tmp_path, change=STRANGER, names=Names()) as house:
        house.assistant.says = answers()
        contacts = len(house.simulator.tenant.rows("Contact"))
        await _write(house)
        assert house.outbox.mails == []
        assert house.assistant.asked == []
        [case] = house.cases
        assert str(case["Subject"]).startswith("Sender not verified")
        assert len(house.simulator.tenant.rows("Contact")) == contacts


async def test_it_is_set_aside_where_the_settings_say_so_until_a_person_vouches_for_it(tmp_path: Path) -> None:
    change: dict[str, dict[str, Any]] = {**STRANGER, "creatio": {"on_failed_sender": "set_aside"}}
    async with stage(tmp_path, change=change, names=Names()) as house:
        house.assistant.says = answers()
        await _write(house)
        await house.turn(timedelta(hours=2))
        assert house.cases == []
        assert [mail for mail in house.outbox.mails if FALSE in mail.recipients] == []
        [waiting] = (await house.ask("GET", "aside"))["aside"]
        assert "sender not verified" in waiting["why"]
        assert (await house.balance()).fates["set_aside"] == 1
        await house.ask("POST", "aside/retry")
        await house.settle()
        assert (await house.balance()).fates["set_aside"] == 1
        await house.ask("POST", f"aside/{waiting['id']}/retry")
        await house.settle()
        assert [mail.recipients for mail in house.outbox.mails if FALSE in mail.recipients] == [(FALSE,)]
        assert (await house.balance()).holds
