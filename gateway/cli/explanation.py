"""explain: what would happen to each mail, by the pipeline's own code; nothing is asked, written or sent."""

from collections.abc import Sequence
from pathlib import Path

from gateway.cli.ending import DONE, NOT_THERE
from gateway.cli.printing import complain, say
from gateway.cli.told import as_line, as_text
from gateway.config.settings import Settings
from gateway.desk.foresight import foresee
from gateway.desk.telling import facts_of, facts_of_unreadable
from gateway.mail.glance import GLANCE
from gateway.mail.limits import Unreadable
from gateway.mail.message import Message
from gateway.mail.reading import read_file
from gateway.store.database import file_of
from gateway.store.installation import secret_in


def tell(files: Sequence[Path], thread: Sequence[Path], settings: Settings | None, *, json: bool) -> int:
    """Say for each file, in order, what would become of it; `thread` are the mails before it, oldest first.

    A mail that cannot be read is set aside, which is an answer; only a file that is not there makes the status 1.
    """
    ending, secret = DONE, _secret(settings)
    earlier: list[tuple[str, Message]] = []
    for path in thread:
        match _read(path):
            case Message() as message:
                earlier.append((str(path), message))
            case Unreadable() as unreadable:
                complain(f"{path} is left out of the thread: {unreadable.reason}")
            case None:
                ending = NOT_THERE
    for path in files:
        match _read(path):
            case Message() as message:
                facts = facts_of(str(path), message, foresee(message, earlier, settings, secret=secret))
            case Unreadable() as unreadable:
                facts = facts_of_unreadable(str(path), unreadable.reason, _head(path))
            case None:
                ending = NOT_THERE
                continue
        say(as_line(facts) if json else as_text(facts))
    return ending


def _secret(settings: Settings | None) -> bytes:
    """What signs our tokens, where the store is a file that may be read; a database would be asked over the network."""
    if settings is None or not settings.store.url.startswith("sqlite"):
        return b""
    return secret_in(file_of(settings.store.url, settings.data_dir))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(GLANCE)


def _read(path: Path) -> Message | Unreadable | None:
    try:
        return read_file(str(path))
    except Unreadable as unreadable:
        return unreadable
    except OSError as error:
        complain(f"{path}: {error.strerror or error}")
        return None
