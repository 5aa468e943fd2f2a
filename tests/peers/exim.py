"""A private Exim on loopback that passes all it takes to one port, run from where its packages were unpacked.

    def test_something(open_exim: OpenExim) -> None:
        exim = open_exim(relay=PORT)

`exim.send(mail, sender, recipient…)` hands a mail in; `exim.flush()` tries all that is queued again; `exim.queued()`
counts it; `exim.log()` tells. Exim conflicts with Postfix as a package, so it is looked for under $EXIM_ROOT, else
under /opt/gateway-peers/exim (as .ci/run unpacks it), else as /usr/sbin/exim4. Needs root; the test is skipped without.
"""

import os
import pwd
import shutil
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.peers.server import Server, opening

OpenExim = Callable[..., "Exim"]

_SETTINGS = """\
exim_path = {program}
keep_environment =
exim_user = {user}
exim_group = {user}
never_users = root
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
primary_hostname = exim.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
qualify_domain = exim.test
host_lookup =
rfc1413_hosts =
acl_smtp_rcpt = accept
acl_smtp_data = accept
message_size_limit = 60M
prdr_enable = true
chunking_advertise_hosts = *
dsn_advertise_hosts = *
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = onwards
begin transports
onwards:
  driver = smtp
  port = {relay}
  allow_localhost
  hosts_try_fastopen =
  message_linelength_limit = 2147483647
begin retry
* * F,1h,1s
"""


class Exim(Server):
    log_name = "log/mainlog"

    def __init__(self, program: Path, relay: int) -> None:
        super().__init__("gateway-exim-")
        self._program = program
        user = _somebody()
        for name in ("spool", "log"):
            (self.folder / name).mkdir()
            shutil.chown(self.folder / name, user)
        told = _SETTINGS.format(program=program, user=user, folder=self.folder, port=self.port, relay=relay)
        (self.folder / "exim.conf").write_text(told)

    def command(self) -> list[str | Path]:
        return [*self._command(), "-bdf", "-q1s"]

    def send(self, mail: bytes, sender: str, *recipients: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as client:
            client.sendmail(sender, recipients, mail)

    def flush(self) -> None:
        subprocess.run([*self._command(), "-qff"], check=True, capture_output=True)

    def queued(self) -> int:
        done = subprocess.run([*self._command(), "-bpc"], check=True, capture_output=True)
        return int(done.stdout)

    def _command(self) -> list[str | Path]:
        return [self._program, "-C", self.folder / "exim.conf"]


def new_exim(relay: int) -> Exim:
    """A started Exim of one's own, or a skipped test. The caller removes it."""
    root = Path(os.environ.get("EXIM_ROOT", "/opt/gateway-peers/exim"))
    places = (root / "usr/sbin/exim4", Path("/usr/sbin/exim4"))
    program = next((path for path in places if path.exists()), None)
    if program is None:
        pytest.skip("Exim is not unpacked (see .ci/run)")
    if os.geteuid() != 0:
        pytest.skip("Exim runs as root only")
    works = subprocess.run([program, "-bV", "-C", os.devnull], capture_output=True, text=True, check=False)
    if works.returncode != 0:
        pytest.skip(f"Exim lacks something (see .ci/run): {works.stderr.strip()}")
    return Exim(program, relay).started()


@pytest.fixture
def open_exim() -> Iterator[OpenExim]:
    with opening(new_exim) as open_one:
        yield open_one


def _somebody() -> str:
    """Whom Exim becomes for its own files."""
    known = {one.pw_name for one in pwd.getpwall()}
    return next(name for name in ("Debian-exim", "mail", "nobody") if name in known)
