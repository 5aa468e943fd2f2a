"""The daemon is killed while Creatio's own mail provider sends replies through it: each leaves once, or is asked about.

GATEWAY_KILLS in the environment says how often (30 for the full measure; few here, to be quick).
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

from gateway.demo.creatio.agent import Style
from gateway.demo.creatio.mail_server import MailServer, NotSent
from gateway.demo.creatio.schema import id_of
from tests.peers.postgres import postgres as postgres
from tests.stories.assistant import hands_off
from tests.stories.processes import Daemon, hand_over
from tests.stories.stage import SUPPORT
from tests.stories.test_kill import KILLS, Siege, siege
from tests.stories.test_kill import where as where

PEM = str(Path(__file__).parent.parent / "intake" / "localhost.pem")
CASES, REPLIES = 4, 3 + KILLS // 3


@dataclass(frozen=True, slots=True)
class Stubborn(MailServer):
    """Hands over again until it is told 250, to whichever daemon there is."""

    daemons: Sequence[Daemon] = ()

    async def submit(self, mail: EmailMessage, sender: str, recipients: Sequence[str]) -> None:
        while True:
            port = random.choice(self.daemons).smtp
            try:
                await MailServer(self.host, port, self.user, self.password, self.ca_file).submit(
                    mail, sender, recipients
                )
            except NotSent:
                await asyncio.sleep(0.05)
            else:
                return


async def test_each_reply_that_creatio_submits_leaves_once_or_is_known_to_be_unknown(
    tmp_path: Path, where: tuple[str, int]
) -> None:
    users = [{"name": "creatio", "password": "a-password", "sends": True}]
    change: dict[str, dict[str, Any]] = {
        "intake.smtp": {"tls": {"cert": PEM, "key": PEM}, "users": users},
        "creatio": {"poll": "2s"},
    }
    async with siege(tmp_path, *where, change) as fight:
        fight.assistant.says = hands_off("Somebody needs help.")
        agent = fight.simulator.agent
        agent.mailbox = SUPPORT
        agent.mail_server = Stubborn("localhost", 0, "creatio", "a-password", PEM, fight.daemons)
        cases = await _cases(fight)
        async with asyncio.TaskGroup() as group:
            for number, case in enumerate(cases):
                group.create_task(_answer(fight, case, number))
            group.create_task(fight.kill_them())
        status = await fight.settle()
        assert status["counters"]["balanced"], status["counters"]
        wanted = Counter(f"Reply {reply} on case {number}" for number in range(CASES) for reply in range(REPLIES))
        assert await _entries(fight) == wanted
        left = Counter(_said(mail.message) for mail in fight.outbox.mails if "@mail.example" in mail.recipients[0])
        assert [one for one, count in left.items() if count > 1] == []
        missing = set(wanted) - set(left)
        assert len(missing) <= status["deliveries"].get("unknown", 0), (missing, status["deliveries"])


async def _cases(fight: Siege) -> list[UUID]:
    for number in range(CASES):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"c{number}@mail.example", SUPPORT, f"Matter {number}"
        mail["Message-ID"] = f"<{number}@mail.example>"
        mail.set_content("Please help.\n")
        assert hand_over(fight.daemons[0].smtp, f"c{number}@mail.example", SUPPORT, mail.as_bytes())
    await fight.settle()
    by_subject = {str(row["Subject"]): id_of(row) for row in fight.simulator.tenant.rows("Case")}
    return [by_subject[f"Matter {number}"] for number in range(CASES)]


async def _answer(fight: Siege, case: UUID, number: int) -> None:
    for reply in range(REPLIES):
        await fight.simulator.agent.reply(case, f"<p>Reply {reply} on case {number}.</p>", style=Style.CREATIO)
        await asyncio.sleep(random.uniform(0, 0.8))


def _said(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content()).strip().partition(".")[0]


async def _entries(fight: Siege) -> Counter[str]:
    """What the reps said, as our inbox shows it."""
    found: Counter[str] = Counter()
    for one in (await fight.daemons[0].ask("conversations"))["conversations"]:
        shown = await fight.daemons[0].ask(f"conversations/{one['id']}")
        found.update(entry["text"].partition(".")[0] for entry in shown["entries"] if entry["author"] == "agent")
    return found
