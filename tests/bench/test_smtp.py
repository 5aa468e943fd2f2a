"""The measurement of the door: its load is mail, and what it counts is on disk."""

import asyncio
import email
import email.policy
from itertools import cycle, islice
from pathlib import Path

import pytest

from gateway.bench.load import make_load, on_the_wire
from gateway.bench.sender import Refused, send
from gateway.bench.smtp import OURS, STOCK, Result, measure, run
from gateway.demo.capture import capture


def test_the_load_is_the_same_each_time_and_is_mail() -> None:
    load = make_load(20)
    assert load == make_load(20)
    for raw in load:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert mail["From"].addresses[0].domain.endswith(".example")
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
        assert max(map(len, raw.splitlines())) <= 998


def test_dots_are_doubled_and_lines_end_as_smtp_wants_them() -> None:
    assert on_the_wire(b"a\n.b\n..\n") == b"a\r\n..b\r\n...\r\n.\r\n"


async def test_every_mail_is_sent_once_over_all_sessions() -> None:
    wires = [on_the_wire(mail) for mail in make_load(5)]
    async with capture() as outbox:
        sent, _ = await send(outbox.port, islice(cycle(wires), 47), 4, 3)
        mails = await outbox.wait_for(47)
    assert sent == len(mails) == 47
    assert mails[0].raw.replace(b"\r\n", b"\n").strip() in {mail.strip() for mail in make_load(5)}


async def test_a_mail_that_is_refused_ends_the_measurement() -> None:
    async with capture() as outbox:
        outbox.refuse("DOT", "451 4.3.0 not now")
        with pytest.raises(Refused, match="451"):
            await send(outbox.port, iter([b"x\r\n.\r\n"]), 1, 5)


async def test_what_is_acknowledged_is_on_disk(tmp_path: Path) -> None:
    for number, mail in enumerate(make_load(3)):
        (tmp_path / f"{number}.eml").write_bytes(mail)
    result = await asyncio.to_thread(measure, str(tmp_path), rounds=1, mails=100)
    assert {OURS, STOCK} <= result.rates.keys()
    assert all(rate > 0 for rates in result.rates.values() for rate in rates)
    assert result.cpu[OURS] > 0
    [counted] = [line for line in result.remarks if line.startswith(OURS)]
    assert counted == "gateway: 500 mails acknowledged, 500 on disk"


def test_the_claim_is_missed_when_one_ratio_is() -> None:
    assert Result("", {}, {}, {STOCK: 1.2}, ()).reached
    assert not Result("", {}, {}, {STOCK: 1.19}, ()).reached
    assert not Result("", {}, {}, {STOCK: 1.5, "Postfix, queue": 0.9}, ()).reached


def test_a_folder_without_mail_is_no_load(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no \.eml file"):
        run(str(tmp_path))
