"""The commands that speak to the daemon: over its real socket, to its real windows."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.commands import run
from gateway.store import arrivals, conversations, deliveries, pauses, survey
from gateway.store.arrivals import Fate
from gateway.store.deliveries import Phase
from gateway.web.shown import connections
from tests.web.house import SUPPORT, House, open_house
from tests.web.seeds import Mail, answer, give_to_people, keep_unread, open_case, receive, set_job_aside


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path) as opened:
        (tmp_path / "config.toml").write_text(f"data_dir = {json.dumps(str(tmp_path / 'data'))}\n")
        yield opened


class Shell:
    """Types commands and reads what they print."""

    def __init__(self, config: Path, printed: pytest.CaptureFixture[str]) -> None:
        self._config = str(config)
        self._printed = printed

    async def type(self, *words: str, status: int = 0) -> str:
        self._printed.readouterr()
        ended = await asyncio.to_thread(run, [*words, "--config", self._config])
        out, complaints = self._printed.readouterr()
        assert ended == status, (words, ended, out, complaints)
        return out + complaints

    async def ask(self, *words: str) -> Any:
        text = await self.type(*words, "--json")
        return json.loads(text[text.index("{") :])


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "config.toml", capsys)


async def test_without_a_daemon_each_command_says_so_and_ends_with_1(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "config.toml").write_text(f"data_dir = {json.dumps(str(tmp_path))}\n")
    for words in (["status"], ["conversations"], ["aside"], ["retry", "--all"], ["pause", "assistant"], ["reload"]):
        assert "is not running here" in await shell.type(*words, status=1)


async def test_status_shows_what_waits_and_whether_all_mail_is_accounted_for(house: House, shell: Shell) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    await answer(house.parts, here, "Good day.")
    text = await shell.type("status")
    assert "1 accepted = " in text
    assert re.search(r"^send +1 +0 +0", text, re.MULTILINE)
    assert re.search(r"^relay +failed", text, re.MULTILINE)
    told = await shell.ask("status")
    assert (told["counters"]["answered"], told["counters"]["balanced"]) == (1, True)
    lost, _ = await house.store.write(receive, Mail("Nobody does anything about this", subject="Lost"))
    assert lost != here
    assert "NOT IN BALANCE" in await shell.type("status", status=1)


async def test_conversations_are_listed_found_and_shown_whole(house: House, shell: Shell) -> None:
    here, _ = await house.store.write(receive, Mail("The blue lamp flickers", files=[("lamp.jpg", b"x" * 2000)]))
    await house.store.write(give_to_people, here, "asks for a person")
    await house.store.write(open_case, here, "SR00000147")
    listed = await shell.type("conversations", "lamp", "--show", "people")
    assert here in listed
    assert "with people" in listed
    assert "None." in await shell.type("conversations", "chair")
    shown = await shell.type("show", here)
    for words in ("The blue lamp flickers", "lamp.jpg", "handed_off: asks for a person", "Case SR00000147 (open)"):
        assert words in shown, words
    assert "Activity" in shown
    assert (await shell.ask("show", here))["case"]["number"] == "SR00000147"
    assert "there is no such conversation" in await shell.type("show", "nothing", status=1)


async def test_a_mail_that_waits_is_shown_without_a_reason_for_it(house: House, shell: Shell) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    assert "   → waiting\n" in await shell.type("show", here)


async def test_what_the_inbox_can_do_the_shell_can_do(house: House, shell: Shell) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    assert "with people now" in await shell.type("hand-off", here, "--reason", "VIP")
    assert "The assistant answers again" in await shell.type("resume", here)
    assert "It is resolved." in await shell.type("resolve", here)
    assert "It is open again." in await shell.type("reopen", here)
    assert "on its way" in await shell.type("reply", here, "--text", "Good day.")
    [mail] = await house.store.read(deliveries.of_conversation, here)
    assert mail.state is Phase.QUEUED
    assert not await house.store.read(conversations.held_by_assistant, here)


async def test_a_draft_is_approved_or_discarded_from_the_shell(house: House, shell: Shell) -> None:
    first, _ = await house.store.write(receive, Mail("One", subject="One"))
    second, _ = await house.store.write(receive, Mail("Two", subject="Two"))
    for here in (first, second):
        await answer(house.parts, here, "Good day.", draft=True)
    assert "on its way" in await shell.type("approve", first)
    assert "people have the conversation" in await shell.type("discard", second)
    assert "there is no draft" in await shell.type("approve", second, status=1)


async def test_a_reply_is_read_from_standard_input(house: House, tmp_path: Path) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    command = [sys.executable, "-m", "gateway", "reply", here, "--config", str(tmp_path / "config.toml")]
    ended = await asyncio.to_thread(
        subprocess.run, command, input="Good day,\nBob\n", capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    [mail] = await house.store.read(deliveries.of_conversation, here)
    assert b"Good day,\r\nBob" in (mail.outgoing.raw or b"")


async def test_pauses_begin_and_end(house: House, shell: Shell) -> None:
    assert "The assistant is paused everywhere" in await shell.type("pause", "assistant")
    assert f"Sending is paused for {SUPPORT}" in await shell.type("pause", "sending", "--mailbox", SUPPORT)
    assert "is no mailbox here" in await shell.type("pause", "sending", "--mailbox", "x@y.example", status=1)
    assert len(await house.store.read(pauses.listed)) == 2
    assert "PAUSED: assistant everywhere" in await shell.type("status")
    await shell.type("unpause", "assistant")
    await shell.type("unpause", "sending", "--mailbox", SUPPORT)
    assert await house.store.read(pauses.listed) == []


async def test_what_is_set_aside_is_listed_tried_again_dropped_or_released(house: House, shell: Shell) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    job = await house.store.write(set_job_aside, "file", here, "Creatio refuses it")
    unread = await house.store.write(
        keep_unread, Mail("?", subject="Broken"), Fate.SET_ASIDE, ["too many parts"], {"origin": "person"}
    )
    spam = await house.store.write(
        keep_unread, Mail("!", subject="Watches"), Fate.KEPT_SILENT, ["spam"], {"origin": "spam"}
    )
    listed = await shell.type("aside")
    for words in (str(job), "Creatio refuses it", f"arrival-{unread}", "too many parts", "Watches"):
        assert words in listed, words
    assert "is tried again" in await shell.type("retry", str(job))
    assert "is dropped" in await shell.type("drop", f"arrival-{unread}", "--reason", "a scanner")
    assert "read again" in await shell.type("release", f"arrival-{spam}")
    assert "0 tried again" in await shell.type("retry", "--all")
    assert "Nothing is set aside." in await shell.type("aside")
    assert "not set aside" in await shell.type("retry", str(job), status=1)
    assert "name what to try again" in await shell.type("retry", status=2)


async def test_accounts_are_added_listed_and_removed(house: House, shell: Shell, tmp_path: Path) -> None:
    assert "Nobody can sign in yet" in await shell.type("user", "list")
    command = [sys.executable, "-m", "gateway", "user", "add", "maria", "--config", str(tmp_path / "config.toml")]

    def add(password: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, input=password, capture_output=True, text=True, timeout=60, check=False)

    short = await asyncio.to_thread(add, "too short\n")
    assert (short.returncode, "12 characters" in short.stderr) == (1, True)
    assert (await asyncio.to_thread(add, "correct horse battery\n")).returncode == 0
    assert (await shell.ask("user", "list"))["accounts"] == ["maria"]
    assert "http://127.0.0.1:8080/invitation/" in await shell.type("user", "invite", "jan")
    assert "cannot sign in any more" in await shell.type("user", "remove", "maria")


async def test_mail_is_fed_from_files_maildirs_and_mboxes(house: House, shell: Shell, tmp_path: Path) -> None:
    mails = [a_mail(number) for number in range(5)]
    (tmp_path / "one.eml").write_bytes(mails[0])
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "box" / folder).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1").write_bytes(mails[1])
    (tmp_path / "box" / "cur" / "2:2,S").write_bytes(mails[2])
    packed = b"".join(b"From a Mon Nov  2 12:00:00 2026\n" + one + b"\n" for one in mails[3:])
    (tmp_path / "two.mbox").write_bytes(packed)
    paths = [str(tmp_path / name) for name in ("one.eml", "box", "two.mbox")]
    assert "5 taken in, 0 not." in await shell.type("feed", *paths)
    assert len(await house.store.read(survey.open_for, "5")) == 1
    first = await house.store.read(arrivals.fetch, 1)
    assert first is not None
    assert (first.raw, first.mailbox, first.history) == (mails[0], SUPPORT, False)


async def test_history_keeps_the_time_it_was_written(house: House, shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "old.eml").write_bytes(a_mail(1))
    assert "1 taken in as history" in await shell.type("feed", "--history", str(tmp_path / "old.eml"))
    kept = await house.store.read(arrivals.fetch, 1)
    assert kept is not None
    assert (kept.history, f"{kept.received:%Y-%m-%d %H:%M}") == (True, "2026-11-02 12:01")


async def test_mail_for_nobody_here_is_not_taken(house: House, shell: Shell, tmp_path: Path) -> None:
    raw = a_mail(1).replace(SUPPORT.encode(), b"someone@elsewhere.example")
    (tmp_path / "one.eml").write_bytes(raw)
    assert "none of its recipients is a mailbox here" in await shell.type("feed", str(tmp_path / "one.eml"), status=1)
    assert "1 taken in" in await shell.type("feed", "--mailbox", SUPPORT, str(tmp_path / "one.eml"))
    [mailbox, *_] = (await connections(house.around))["mailboxes"]
    assert (mailbox["address"], mailbox["state"], mailbox["last"]) == (SUPPORT, "Pending", None)  # no door was tried
    assert "is not there" in await shell.type("feed", str(tmp_path / "nothing.eml"), status=1)


async def test_what_a_mail_says_cannot_steer_the_terminal(house: House, shell: Shell) -> None:
    here, _ = await house.store.write(receive, Mail("Hi \x1b]0;owned\x07\x1b[2J there", subject="Hi [31m"))
    for words in (["show", here], ["conversations"]):
        text = await shell.type(*words)
        assert "\x1b" not in text
        assert "\x07" not in text


def a_mail(number: int) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"] = f"ann{number}@mail.example", SUPPORT
    mail["Subject"], mail["Message-ID"] = f"Matter {number}", f"<{number}@mail.example>"
    mail["Date"] = f"Mon, 02 Nov 2026 12:{number:02}:00 +0000"
    mail.set_content(f"Text {number}")
    return mail.as_bytes()


async def test_a_mail_that_was_taken_in_is_explained_by_its_number(house: House, shell: Shell) -> None:
    here, arrival = await house.store.write(receive, Mail("Where is my lamp?"))
    told = await shell.ask("explain", "--arrival", str(arrival))
    assert (told["file"], told["new_text"], told["origin"]) == (f"arrival {arrival}", "Where is my lamp?", "person")
    assert told["happened"]["conversation"] == here
    printed = await shell.type("explain", "--arrival", str(arrival))
    assert "Where is my lamp?" in printed
    assert "happened    waiting\n" in printed
    assert "there is no such mail" in await shell.type("explain", "--arrival", "999", status=1)
    assert "name a FILE.eml" in await shell.type("explain", status=2)
