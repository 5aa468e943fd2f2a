"""`gateway check`: one line for each thing that was tried, with the fix when it fails."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.check import find
from gateway.cli.commands import run
from gateway.demo.capture import capture
from gateway.health import Finding
from gateway.store.database import Store
from tests.intake.stand import Stand
from tests.peers.postgres import Postgres
from tests.peers.postgres import postgres as postgres

CERTIFICATE = Path(__file__).parent.parent / "intake" / "localhost.pem"


def write_config(folder: Path, **sections: str) -> Path:
    """A file with one mailbox and these sections; `top` is what stands above them."""
    parts = [
        'public_url = "https://gateway.example.com"',
        f'data_dir = "{folder / "data"}"',
        sections.pop("top", ""),
        '[[mailbox]]\naddress = "support@example.com"',
    ]
    parts += [f"[{name.replace('__', '.')}]\n{body}" for name, body in sections.items()]
    path = folder / "config.toml"
    path.write_text("\n\n".join(parts))
    return path


async def findings(folder: Path, area: str, **sections: str) -> list[Finding]:
    found = await find(write_config(folder, **sections), [area], offline=False)
    assert all(one.fix for one in found if not one.well), found
    assert {one.area for one in found} == {area}
    return found


def faults(found: list[Finding]) -> list[str]:
    return [one.text for one in found if not one.well and not one.warning]


def relay(port: int, **more: Any) -> str:
    values = {"host": "127.0.0.1", "port": port, "tls": "none", **more}
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in values.items())


def tls_of(pem: Path) -> str:
    return f'tls = {{ cert = "{pem}", key = "{pem}" }}'


def a_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


# --- the command ---


def test_offline_asks_nobody_and_a_fault_makes_the_status_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_config(tmp_path, relay=relay(a_free_port()))
    assert run(["check", "--config", str(path), "store"]) == 0
    assert run(["check", "--config", str(path), "relay"]) == 1
    shown = capsys.readouterr().out
    assert "FAIL  relay" in shown
    assert "is the relay running, is the port right?" in shown
    assert run(["check", "--config", str(path), "--offline", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["findings"]
    assert {one["text"] for one in told if one["area"] in ("relay", "creatio")} == {"not asked (--offline)"}


def test_a_bad_file_ends_with_every_fault_and_status_78(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_config(tmp_path, assistant='kind = "parrot"', web="colour = 1")
    assert run(["check", "--config", str(path)]) == 78
    told = capsys.readouterr().err
    assert "assistant.kind" in told
    assert "web.colour" in told


# --- store ---


async def test_a_store_that_is_still_to_be_made_is_well_and_is_not_made(tmp_path: Path) -> None:
    assert not faults(await findings(tmp_path, "store"))
    assert not (tmp_path / "data").exists()


async def test_a_store_is_looked_at_while_the_daemon_has_it(tmp_path: Path) -> None:
    store = await Store.open("sqlite", tmp_path / "data")
    try:
        found = await findings(tmp_path, "store")
    finally:
        await store.close()
    assert not faults(found)
    assert any("tables of revision 0001" in one.text for one in found), found


async def test_a_damaged_store_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gateway.sqlite").write_bytes(b"not a database" * 1000)
    [told] = faults(await findings(tmp_path, "store"))
    assert "gateway.sqlite cannot be read" in told


async def test_a_data_folder_that_is_a_file_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert any("cannot be written" in told for told in faults(await findings(tmp_path, "store")))


async def test_too_little_room_is_told_before_mail_is_refused(tmp_path: Path) -> None:
    found = await findings(tmp_path, "store", intake__smtp='hostname = "gw.example.com"\nmin_free = "900000GiB"')
    assert any("no mail is taken" in told for told in faults(found))


async def test_postgresql_is_asked_for_its_version(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.new_database()
    found = await findings(tmp_path, "store", store=f'url = "{url}"')
    assert not faults(found)
    assert any("PostgreSQL" in one.text and "none yet" in one.text for one in found)


async def test_a_postgresql_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    found = await findings(tmp_path, "store", store=f'url = "postgresql://gateway@127.0.0.1:{a_free_port()}/gateway"')
    [told] = faults(found)
    assert "does not answer" in told


# --- smtp ---


async def test_an_open_door_is_known_by_its_name(tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        smtp = f'hostname = "gw.test"\nlisten = ["127.0.0.1:{stand.port}"]\n{tls_of(CERTIFICATE)}'
        found = await findings(tmp_path, "smtp", intake__smtp=smtp)
        assert all(one.well for one in found), found
        other = await findings(tmp_path, "smtp", intake__smtp=smtp.replace("gw.test", "mx.test"))
    assert any("in use by somebody else" in told for told in faults(other))


async def test_a_free_door_will_be_opened(tmp_path: Path) -> None:
    smtp = f'hostname = "localhost"\nlisten = ["127.0.0.1:{a_free_port()}", "192.0.2.1:2525"]\nsoft_bounce = true'
    free, foreign, *warnings = await findings(tmp_path, "smtp", intake__smtp=smtp)
    assert free.well
    assert not foreign.well
    assert [one.warning for one in warnings] == [True, True, True]


async def test_a_certificate_that_is_none_is_a_fault(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\n")
    smtp = f'hostname = "gw.test"\nlisten = ["127.0.0.1:{a_free_port()}"]\n{tls_of(broken)}'
    assert any(
        "broken.pem cannot be used" in told for told in faults(await findings(tmp_path, "smtp", intake__smtp=smtp))
    )


# --- relay ---


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # the capturing server is on loopback
async def test_a_relay_is_signed_in_to_and_gets_no_mail(tmp_path: Path) -> None:
    async with capture(user="gateway", password="right") as outbox:
        good = relay(outbox.port, user="gateway", password="right")
        [found] = await findings(tmp_path, "relay", relay=good)
        assert found.well
        assert "signed in as gateway" in found.text
        bad = relay(outbox.port, user="gateway", password="wrong")
        [refused] = await findings(tmp_path, "relay", relay=bad)
    assert not refused.well
    assert "wrong" not in refused.text + refused.fix
    assert not any(command.startswith("MAIL") for command in outbox.commands)


async def test_a_relay_without_starttls_is_not_used_in_clear(tmp_path: Path) -> None:
    async with capture() as outbox:
        [found] = await findings(tmp_path, "relay", relay=relay(outbox.port, tls="starttls"))
    assert "no STARTTLS" in found.text
    assert 'tls = "tls"' in found.fix


async def test_a_relay_that_turns_us_away_is_quoted(tmp_path: Path) -> None:
    async with capture() as outbox:
        outbox.refuse("CONNECT", "554 5.7.1 go away", times=5)
        [found] = await findings(tmp_path, "relay", relay=relay(outbox.port))
    assert "go away" in found.text


async def test_every_named_relay_is_tried(tmp_path: Path) -> None:
    async with capture() as one, capture() as other:
        found = await findings(tmp_path, "relay", relay=relay(one.port), relay__second=relay(other.port))
        assert (one.connections, other.connections) == (1, 1)
    assert [one.well for one in found] == [True, True]


async def test_no_relay_is_only_a_warning(tmp_path: Path) -> None:
    [found] = await findings(tmp_path, "relay")
    assert (found.well, found.warning) == (False, True)
