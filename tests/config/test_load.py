"""The settings file is read whole, and every fault has its file, line and key."""

from collections.abc import Mapping
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config.load import load
from gateway.config.settings import Settings
from gateway.errors import Fault, Misconfigured

SMALLEST = """\
public_url = "https://gateway.example.com/"
data_dir = "data"

[[mailbox]]
address = "Support@Example.COM"
"""


def read(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> Settings:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return load(path, environment or {})


def faults(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> list[tuple[int, str]]:
    return [(fault.line, fault.key) for fault in faulty(folder, text, environment)]


def faulty(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> tuple[Fault, ...]:
    with pytest.raises(Misconfigured) as caught:
        read(folder, text, environment)
    return caught.value.faults


def test_the_smallest_file_gives_good_defaults(tmp_path: Path) -> None:
    settings = read(tmp_path, SMALLEST)
    assert settings.public_url == "https://gateway.example.com"
    assert settings.data_dir == tmp_path / "data"
    assert settings.mailboxes[0].address == "support@example.com"
    assert settings.mailboxes[0].mode == "auto"
    assert settings.assistant.kind == "none"
    assert settings.assistant.quiet_window == timedelta(seconds=90)
    assert settings.smtp is None
    assert settings.web.listen == "127.0.0.1:8080"


def test_durations_sizes_rates_and_networks_become_values(tmp_path: Path) -> None:
    more = """
[intake.smtp]
max_size = "10MB"
min_free = "1.5GiB"
trusted_peers = ["127.0.0.0/8", "::1", "10.1.2.3"]
[relay]
host = "smtp.example.com"
rate = "30/min"
give_up = "36h"
[creatio]
append_window = "14d"
"""
    settings = read(tmp_path, SMALLEST + more)
    assert settings.smtp is not None
    assert settings.smtp.max_size == 10_000_000
    assert settings.smtp.min_free == 3 * 512 * 1024**2
    assert settings.smtp.trusted_peers == (ip_network("127.0.0.0/8"), ip_network("::1"), ip_network("10.1.2.3"))
    assert settings.relay.rate == 0.5
    assert settings.relay.give_up == timedelta(hours=36)
    assert settings.creatio.append_window == timedelta(days=14)


def test_every_fault_is_named_at_once_with_its_line_and_key(tmp_path: Path) -> None:
    text = """\
public_url = "gateway.example.com"
data_dir = 7
[operator]
notify = [
    "ops@example.com",
    "nobody",
]
timezone = "Mars/Base"
[intake.smtp]
listen = ["0.0.0.0"]
trusted_peers = ["10.0.0.0/33"]
max_size = "big"
soft_bounce = "no"
[[mailbox]]
address = "a@example.com"
[[mailbox]]
adress = "b@example.com"
mode = "robot"
reply.acknowledge = 1
[relay]
port = 70000
rate = "often"
give_up = "5"
[[creatio.field]]
column = "A"
type = "number"
"""
    assert faults(tmp_path, text) == [
        (1, "public_url"),
        (2, "data_dir"),
        (6, "operator.notify"),
        (8, "operator.timezone"),
        (10, "intake.smtp.listen"),
        (11, "intake.smtp.trusted_peers"),
        (12, "intake.smtp.max_size"),
        (13, "intake.smtp.soft_bounce"),
        (16, "mailbox.address"),
        (17, "mailbox.adress"),
        (18, "mailbox.mode"),
        (19, "mailbox.reply.acknowledge"),
        (21, "relay.port"),
        (22, "relay.rate"),
        (23, "relay.give_up"),
        (26, "creatio.field.type"),
    ]


def test_an_unknown_key_is_told_with_the_one_it_resembles(tmp_path: Path) -> None:
    found = faulty(tmp_path, SMALLEST + '[asistant]\nkind = "none"\n[relay]\nhots = "a.example"\n')
    assert [str(fault).partition(": ")[2] for fault in found] == [
        "asistant: is not a setting; did you mean assistant?",
        "relay.hots: is not a setting; did you mean host?",
    ]


def test_a_fault_prints_as_file_line_and_key(tmp_path: Path) -> None:
    [fault] = faulty(tmp_path, SMALLEST + "[relay]\nport = 0\n")
    assert str(fault) == f"{tmp_path}/config.toml:7: relay.port: must be a whole number from 1 to 65535, not 0"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a = 1\nb = "unfinished\n', 2),
        ("a = 1\na = 2\n", 2),
        ("[a]\nb = 1\n[a]\n", 3),
        ("a =\n", 1),
        ('a = """\nx\n', 3),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    [fault] = faulty(tmp_path, text)
    assert abs(fault.line - line) <= 1
    assert "not TOML" in fault.why


def test_a_missing_file_and_one_that_is_not_text_are_faults_too(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="No such file"):
        load(tmp_path / "config.toml", {})
    (tmp_path / "config.toml").write_bytes(b"public_url = 1\n# \xff\n")
    with pytest.raises(Misconfigured, match=r"config\.toml:2: config: the file is not UTF-8"):
        load(tmp_path / "config.toml", {})


def test_a_secret_comes_from_the_file_itself_the_environment_a_file_or_systemd(tmp_path: Path) -> None:
    (tmp_path / "key.txt").write_text("from a file\n")
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "hook").write_text("from systemd")
    more = """
[relay]
host = "smtp.example.com"
user = "gateway"
password = "literal"
[assistant]
key = { file = "key.txt" }
[creatio]
client_secret = { env = "SECRET" }
hook_token = { credential = "hook" }
"""
    environment = {"SECRET": "from the environment", "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    settings = read(tmp_path, SMALLEST + more, environment)
    assert settings.relay.password.value == "literal"
    assert settings.assistant.key.value == "from a file"
    assert settings.creatio.client_secret.value == "from the environment"
    assert settings.creatio.hook_token.value == "from systemd"
    assert "literal" not in repr(settings)
    assert "from" not in repr(settings.creatio)


def test_a_secret_that_is_not_there_is_a_fault_of_its_own_line(tmp_path: Path) -> None:
    more = """\
[relay]
password = { env = "NOT_SET" }
[assistant]
key = { file = "nowhere" }
[creatio]
client_secret = { credential = "creatio" }
hook_token = { environment = "X" }
"""
    assert faults(tmp_path, SMALLEST + more) == [
        (7, "relay.password"),
        (9, "assistant.key"),
        (11, "creatio.client_secret"),
        (12, "creatio.hook_token"),
    ]


def test_a_literal_secret_that_everybody_can_read_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(SMALLEST + '[creatio]\nhook_token = "literal"\n')
    path.chmod(0o644)
    assert any("config.toml:7: creatio.hook_token: this secret can be read" in one for one in load(path, {}).warnings)
    path.chmod(0o640)
    assert not any("this secret" in one for one in load(path, {}).warnings)


def test_addresses_are_compared_without_case_and_as_the_dns_has_them(tmp_path: Path) -> None:
    more = """\
aliases = ["Help@Bücher.example"]
[[mailbox]]
address = "help@xn--bcher-kva.example"
receives_at = ["support@example.com"]
"""
    assert faults(tmp_path, SMALLEST + more) == [(8, "mailbox.address"), (9, "mailbox.receives_at")]


def test_a_mailbox_may_be_forwarded_to_its_own_address(tmp_path: Path) -> None:
    assert read(tmp_path, SMALLEST + 'receives_at = ["support@example.com"]\n').mailboxes[0].receives_at


def test_named_relays_are_ways_out_of_their_own(tmp_path: Path) -> None:
    more = """\
relay = "news"
[relay]
host = "smtp.example.com"
[relay.news]
host = "smtp.example.net"
port = 25
tls = "none"
"""
    settings = read(tmp_path, SMALLEST + more)
    assert [(relay.name, relay.host) for relay in settings.relays] == [("news", "smtp.example.net")]
    assert settings.relay.name == ""
    assert faults(tmp_path, SMALLEST + 'relay = "gone"\n[relay]\nhost = "smtp.example.com"\n') == [(6, "mailbox.relay")]


def test_a_mistyped_secret_is_not_taken_for_a_relay(tmp_path: Path) -> None:
    more = '[relay]\nhost = "smtp.example.com"\npasword = { env = "X" }\n'
    [fault] = faulty(tmp_path, SMALLEST + more)
    assert (fault.line, fault.key, fault.why) == (8, "relay.pasword", "is not a setting; did you mean password?")


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('[assistant]\nkind = "articles"\narticles = "."', "relay.host"),
        ('[relay]\nhost = "smtp.example.com"\ntls = "none"\nuser = "a"\npassword = "b"', "relay.tls"),
        ('[relay]\nhost = "smtp.example.com"\nauth = "xoauth2"\nuser = "a"', "relay.oauth.token_url"),
        ('[relay]\nhost = "smtp.example.com"\nuser = "a"', "relay.password"),
        ('[relay]\nbounce_domain = "not a domain"', "relay.bounce_domain"),
        ('[web]\nhook_listen = "127.0.0.1:9"', "creatio.hook_token"),
        ('[web]\nidentity_header = "X-User"', "web.trusted_proxies"),
        ('[creatio]\nurl = "https://x.creatio.com"\nclient_id = "a"', "creatio.client_secret"),
        ('[creatio]\nurl = "http://x.creatio.com"\nclient_id = "a"\nclient_secret = "b"', "creatio.url"),
        ('[intake.smtp]\ntls = { cert = "config.toml" }', "intake.smtp.tls.key"),
        ('[store]\nurl = "mysql://x"', "store.url"),
        ('[creatio]\nowner = "Supervisor"', "creatio.owner"),
    ],
)
def test_settings_that_do_not_fit_together_are_faults(tmp_path: Path, more: str, key: str) -> None:
    assert key in [key for _, key in faults(tmp_path, SMALLEST + more)]


def test_a_password_in_clear_on_this_machine_is_fine(tmp_path: Path) -> None:
    read(tmp_path, SMALLEST + '[relay]\nhost = "127.0.0.1"\ntls = "none"\nuser = "a"\npassword = "b"')


def test_a_file_without_a_mailbox_says_what_is_missing(tmp_path: Path) -> None:
    assert faults(tmp_path, 'public_url = "https://x.example"\ndata_dir = "d"\n') == [(1, "mailbox")]


def test_what_is_not_built_yet_ends_with_its_key_and_all_that_may_be_set_is_used(tmp_path: Path) -> None:
    more = '[relay]\nhost = "localhost"\n[assistant]\nkind = "plugin"\n'
    assert (9, "assistant.kind") in faults(tmp_path, SMALLEST + more)
    settings = read(tmp_path, SMALLEST + "reply = { acknowledge = true }\n")
    assert (settings.mailboxes[0].reply.acknowledge, settings.unused) == (True, ())
    assert not any("nothing uses it" in one for one in settings.warnings)


def test_a_date_may_be_where_imap_starts(tmp_path: Path) -> None:
    from gateway.config.values import start

    assert start("2026-01-31") == date(2026, 1, 31)
    assert start(date(2026, 1, 31)) == date(2026, 1, 31)


def test_what_is_done_with_attached_files_is_checked_too(tmp_path: Path) -> None:
    good = '[mail]\nscanner = "unix:/run/clamav/clamd.ctl"\nrefused_files = [".EXE", "js"]\nmax_file = "5MiB"\n'
    assert read(tmp_path, SMALLEST + good).mail.refused_files == ("exe", "js")
    wrong = '[mail]\nscanner = "clamd"\nrefused_files = ["tar.gz"]\nmax_file = "big"\n'
    assert [one.key for one in faulty(tmp_path, SMALLEST + wrong)] == [
        "mail.scanner",
        "mail.refused_files",
        "mail.max_file",
    ]


def test_who_sends_to_others_and_tls_from_the_first_byte_need_a_certificate(tmp_path: Path) -> None:
    more = '[intake.smtp]\nlisten_tls = ["0.0.0.0:465"]\nusers = [{ name = "creatio", password = "x", sends = true }]\n'
    keys = {key for _, key in faults(tmp_path, SMALLEST + more)}
    assert keys == {"intake.smtp.users", "intake.smtp.listen_tls"}
