"""Real mail servers in front of the whole daemon: nothing is lost while it is away, nothing odd is bounced."""

import asyncio
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

from tests.peers.exim import OpenExim
from tests.peers.exim import open_exim as open_exim
from tests.peers.postfix import OpenPostfix
from tests.peers.postfix import open_postfix as open_postfix
from tests.stories.assistant import answers
from tests.stories.processes import neighbourhood
from tests.stories.stage import SUPPORT


def _mail(number: int, text: str = "Where is my order?\n") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"c{number}@mail.example", "box@box.test", f"Matter {number}"
    mail["Message-ID"] = f"<forwarded.{number}@mail.example>"
    mail.set_content(text)
    return mail.as_bytes()


async def test_postfix_forwards_by_dot_forward_and_queues_while_the_daemon_is_away(
    tmp_path: Path, open_postfix: OpenPostfix
) -> None:
    async with neighbourhood(tmp_path) as near:
        near.assistant.says = answers("It is on its way.")
        postfix = await asyncio.to_thread(open_postfix, relay=near.daemon.smtp, forward_to=SUPPORT)
        for number in range(5):
            await asyncio.to_thread(postfix.send, _mail(number), f"c{number}@mail.example", postfix.forwarding)
        await near.until(lambda found: found["answered"] == 5)
        assert await near.daemon.stop() == 0
        for number in range(5, 15):
            await asyncio.to_thread(postfix.send, _mail(number), f"c{number}@mail.example", postfix.forwarding)
        async with asyncio.timeout(30):
            while "status=deferred" not in postfix.log():
                await asyncio.sleep(0.1)
        assert postfix.queued() >= 10
        await near.daemon.start()
        await near.daemon.ready()
        await asyncio.to_thread(postfix.flush)
        found = await near.until(lambda found: found["answered"] == 15)
        assert found["balanced"]
        await near.outbox.wait_for(15)
        got = Counter(mail.recipients[0] for mail in near.outbox.mails)
        assert got == Counter({f"c{number}@mail.example": 1 for number in range(15)})
        assert "status=bounced" not in postfix.log()


async def test_a_line_of_three_thousand_octets_from_exim_is_stored_and_not_bounced(
    tmp_path: Path, open_exim: OpenExim
) -> None:
    async with neighbourhood(tmp_path) as near:
        exim = await asyncio.to_thread(open_exim, relay=near.daemon.smtp)
        raw = b"From: c1@mail.example\r\nTo: " + SUPPORT.encode() + b"\r\nSubject: Long\r\n\r\n" + b"x" * 3000 + b"\r\n"
        await asyncio.to_thread(exim.send, raw, "c1@mail.example", SUPPORT)
        found = await near.until(lambda found: found["answered"] == 1)
        assert found["accepted"] == 1
        [listed] = (await near.daemon.ask("conversations"))["conversations"]
        shown = await near.daemon.ask(f"conversations/{listed['id']}")
        assert shown["entries"][0]["text"].count("x") >= 3000
