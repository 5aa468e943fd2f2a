"""A private Postfix on loopback that passes all it takes to one port: the mail server that forwards to the gateway.

    def test_something(open_postfix: OpenPostfix) -> None:
        postfix = open_postfix(relay=PORT)

- `open_postfix(relay=PORT)` starts one; it ends with the test. PORT need not be open yet: Postfix queues and tries
  again each second (`postfix.flush()`: at once). `postfix.queued()` counts what it still has, `postfix.log()` tells.
- `aliases={"info@alias.test": "support@example.com"}`: a virtual alias, rewritten in the envelope alone.
- `forward_to="support@example.com"`: mail for `postfix.forwarding` (user@box.test, a real local user) goes there by
  that user's .forward, through local(8), which adds Delivered-To.
- All other recipients are passed on as they are. `postfix.send(mail, sender, recipient…)` hands one in by SMTP.
- `settings={"name": "value"}` are further lines of main.cf (postconf(5)).
Needs root and Postfix; the test is skipped without.
"""

import grp
import os
import pwd
import shutil
import smtplib
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.peers.server import Server, opening

OpenPostfix = Callable[..., "Postfix"]
_DAEMONS = (Path("/usr/lib/postfix/sbin"), Path("/usr/libexec/postfix"))
_LOCAL_USER = "news"  # any account that is always there, is not root and whose mail nobody reads

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix(Server):
    """One instance with a configuration, a queue and a log of its own."""

    def __init__(self, daemons: Path, settings: Mapping[str, str]) -> None:
        super().__init__("gateway-pf-")
        self.forwarding = f"{_LOCAL_USER}@box.test"
        self._daemons = daemons
        for name, owner in (("conf", "root"), ("queue", "root"), ("data", "postfix"), ("homes", "root")):
            (self.folder / name).mkdir(mode=0o755)
            shutil.chown(self.folder / name, owner)
        (self.folder / "conf" / "master.cf").write_text(_MASTER.format(port=self.port))
        lines = {**self._settings(), **settings}
        text = "".join(f"{name} = {value}\n" for name, value in lines.items())
        (self.folder / "conf" / "main.cf").write_text(text)

    def forward(self, address: str) -> None:
        """Write the local user's .forward."""
        home = self.folder / "homes" / _LOCAL_USER
        home.mkdir(exist_ok=True)
        file = home / ".forward"
        file.write_text(f"{address}\n")
        for path in (home, file):
            shutil.chown(path, _LOCAL_USER)

    def start(self) -> None:
        self._run("postfix", "check")
        super().start()

    def command(self) -> list[str | Path]:
        return [self._daemons / "master", "-c", self.folder / "conf", "-d"]

    def send(self, mail: bytes, sender: str, *recipients: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as client:
            client.sendmail(sender, recipients, mail)

    def flush(self) -> None:
        """Try all that is queued again, now."""
        self._run("postqueue", "-f")

    def queued(self) -> int:
        """How many mails Postfix still has."""
        queues = ("maildrop", "incoming", "active", "deferred")
        return sum(path.is_file() for queue in queues for path in (self.folder / "queue" / queue).rglob("*"))

    def _settings(self) -> dict[str, str]:
        # `alternate_config_directories` of the system is not needed: all our commands run as root.
        return {
            "compatibility_level": "3.6",
            "queue_directory": f"{self.folder}/queue",
            "data_directory": f"{self.folder}/data",
            "command_directory": "/usr/sbin",
            "daemon_directory": str(self._daemons),
            "mail_owner": "postfix",
            "setgid_group": "postdrop",
            "maillog_file": f"{self.folder}/log",
            "maillog_file_prefixes": "/tmp, /var",
            "myhostname": "mx.box.test",
            "myorigin": "box.test",
            "mydestination": "box.test",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "mynetworks": "127.0.0.0/8",
            "smtpd_relay_restrictions": "permit_mynetworks, reject",
            "local_recipient_maps": "",
            "alias_maps": "",
            "alias_database": "",
            "forward_path": f"{self.folder}/homes/$user/.forward",
            "disable_dns_lookups": "yes",
            "smtp_host_lookup": "native",
            "smtp_tls_security_level": "may",
            "message_size_limit": "60000000",
            "mailbox_size_limit": "0",
            "in_flow_delay": "0",
            "minimal_backoff_time": "1s",
            "maximal_backoff_time": "2s",
            "queue_run_delay": "1s",
            "smtp_connect_timeout": "5s",
            # Else Postfix does not try a server again for a while that was away.
            "smtp_destination_concurrency_failed_cohort_limit": "0",
            "default_destination_concurrency_failed_cohort_limit": "0",
        }

    def _run(self, program: str, *arguments: str) -> None:
        command = [f"/usr/sbin/{program}", "-c", str(self.folder / "conf"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, done.stderr + self.log()


def new_postfix(
    relay: int,
    *,
    aliases: Mapping[str, str] | None = None,
    forward_to: str = "",
    settings: Mapping[str, str] | None = None,
) -> Postfix:
    """A started Postfix of one's own, or a skipped test. The caller removes it."""
    daemons = _find_daemons()
    lines = {"relayhost": f"[127.0.0.1]:{relay}"}
    if aliases:
        pairs = ", ".join(f"{{ {address} = {target} }}" for address, target in aliases.items())
        lines["virtual_alias_maps"] = f"inline:{{ {pairs} }}"
        lines["virtual_alias_domains"] = ", ".join(sorted({address.rpartition("@")[2] for address in aliases}))
    postfix = Postfix(daemons, lines | dict(settings or {}))
    if forward_to:
        postfix.forward(forward_to)
    return postfix.started()


@pytest.fixture
def open_postfix() -> Iterator[OpenPostfix]:
    with opening(new_postfix) as open_one:
        yield open_one


def _find_daemons() -> Path:
    daemons = next((path for path in _DAEMONS if (path / "master").exists()), None)
    if daemons is None or not Path("/usr/sbin/postfix").exists():
        pytest.skip("Postfix is not installed")
    if os.geteuid() != 0:
        pytest.skip("Postfix runs as root only")
    try:
        pwd.getpwnam("postfix"), pwd.getpwnam(_LOCAL_USER), grp.getgrnam("postdrop")
    except KeyError as error:
        pytest.skip(f"Postfix needs an account that is not here: {error}")
    return daemons
