"""A private Dovecot on loopback: the mailbox that the gateway fetches from.

    def test_something(open_dovecot: OpenDovecot) -> None:
        dovecot = open_dovecot()

Any user signs in with the password `secret`, over TLS at `dovecot.port` (trust `dovecot.ca_file`; its name is
localhost) or with STARTTLS at `dovecot.plain_port`. `open_dovecot(tokens=URL)` takes XOAUTH2 access tokens, which it
shows to that URL (RFC 7662). `dovecot.deliver(user, mail…)` puts mails into a folder as a mail server does, which wakes
IDLE; `mails`/`flags` look into it, `kick(user)` cuts that user's connections, `renumber(user)` gives the folder another
UIDVALIDITY, `stop()`/`start()` take the whole server away. Needs root and Dovecot; the test is skipped without.
"""

import itertools
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.peers.ports import free_port
from tests.peers.server import Server, opening

OpenDovecot = Callable[..., "Dovecot"]
CERTIFICATE = Path(__file__).parent.parent / "intake" / "localhost.pem"
_PROGRAM = Path("/usr/sbin/dovecot")
_OWNER = "mail"  # of all mailboxes: any account that is always there
_NUMBERS = itertools.count(1)

_SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
auth_verbose = yes
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{folder}/mail/%n
mail_uid = {owner}
mail_gid = {owner}
first_valid_uid = 1
mailbox_idle_check_interval = 1s
maildir_very_dirty_syncs = no
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{certificate}
auth_mechanisms = {mechanisms}
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password=secret
}}
{tokens}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={folder}/mail/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
  chroot =
}}
service imap {{
  process_limit = 64
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""
_TOKENS = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""


class Dovecot(Server):
    def __init__(self, tokens: str) -> None:
        super().__init__("gateway-dc-")
        self.plain_port = free_port()
        self.ca_file = str(CERTIFICATE)
        for name in ("run", "mail"):
            (self.folder / name).mkdir(mode=0o755)
        shutil.chown(self.folder / "mail", _OWNER, _OWNER)
        told = _SETTINGS.format(
            folder=self.folder,
            owner=_OWNER,
            certificate=CERTIFICATE,
            port=self.port,
            plain_port=self.plain_port,
            mechanisms="plain login xoauth2" if tokens else "plain login",
            tokens=_TOKENS.format(folder=self.folder) if tokens else "",
        )
        (self.folder / "dovecot.conf").write_text(told)
        oauth2 = f"introspection_mode = post\nintrospection_url = {tokens}\nusername_attribute = username\n"
        (self.folder / "oauth2.conf").write_text(oauth2 + "active_attribute = active\nactive_value = true\n")

    def command(self) -> list[str | Path]:
        return [_PROGRAM, "-F", "-c", self.folder / "dovecot.conf"]

    def deliver(self, user: str, *mails: bytes, folder: str = "INBOX") -> None:
        """In order: each gets the next UID. CR LF is kept as it is."""
        place = self._maildir(user, folder)
        for name in ("", "new", "cur", "tmp"):
            (place / name).mkdir(parents=True, exist_ok=True)
            self._own(place / name)
        for mail in mails:
            name = f"{1_700_000_000 + next(_NUMBERS)}.test"
            (place / "tmp" / name).write_bytes(mail)
            self._own(place / "tmp" / name)
            (place / "tmp" / name).rename(place / "new" / name)

    def date(self, user: str, seconds: float, folder: str = "INBOX") -> None:
        """All mails in the folder were received then, as far as INTERNALDATE tells. Before the first look only."""
        for path in self._maildir(user, folder).glob("[nc]*/*"):
            os.utime(path, (seconds, seconds))

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of each mail in the order of their delivery: "S" is seen."""
        names = sorted(path.name for path in self._maildir(user, folder).glob("[nc]*/*"))
        return [name.partition(":2,")[2] for name in names]

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        paths = sorted(self._maildir(user, folder).glob("[nc]*/*"), key=lambda path: path.name)
        return [path.read_bytes() for path in paths]

    def is_visited(self, user: str) -> bool:
        """Whether somebody is signed in as that user."""
        return user in self._doveadm("who", user)

    def kick(self, user: str) -> None:
        self._doveadm("kick", user)

    def renumber(self, user: str, folder: str = "INBOX") -> None:
        """The folder loses its numbers and gets another UIDVALIDITY, as after a restore."""
        place = self._maildir(user, folder)
        for path in place.glob("dovecot*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        (place / "dovecot-uidlist").write_text(f"3 V{next(_NUMBERS) + 1000} N1\n")
        self._own(place / "dovecot-uidlist")

    def _maildir(self, user: str, folder: str) -> Path:
        place = self.folder / "mail" / user
        return place if folder == "INBOX" else place / f".{folder}"

    def _own(self, path: Path) -> None:
        shutil.chown(path, _OWNER, _OWNER)

    def _doveadm(self, *command: str) -> str:
        program = ["/usr/bin/doveadm", "-c", str(self.folder / "dovecot.conf"), *command]
        return subprocess.run(program, capture_output=True, text=True, check=False).stdout


def new_dovecot(tokens: str = "") -> Dovecot:
    """A started Dovecot of one's own, or a skipped test. The caller removes it."""
    if not _PROGRAM.exists() or not Path("/usr/lib/dovecot/imap").exists():
        pytest.skip("Dovecot is not installed (dovecot-imapd)")
    if os.geteuid() != 0:
        pytest.skip("this Dovecot is started by root only")
    if _OWNER not in {one.pw_name for one in pwd.getpwall()}:
        pytest.skip(f"Dovecot needs an account that is not here: {_OWNER}")
    return Dovecot(tokens).started()


@pytest.fixture
def open_dovecot() -> Iterator[OpenDovecot]:
    with opening(new_dovecot) as open_one:
        yield open_one


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """One server for all tests that do not stop it; each takes a user of its own."""
    one = new_dovecot()
    yield one
    one.remove()
