"""The running house: store, parts, doors and worker; told new settings, and closed in good order."""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from itertools import chain, repeat

from gateway.config.settings import Settings, Smtp
from gateway.daemon import doors
from gateway.daemon.furnishing import Furniture, furnish
from gateway.daemon.testing import test_connection
from gateway.desk.mailboxes import Directory
from gateway.errors import Fault, Misconfigured
from gateway.health import Condition, Health
from gateway.intake.smtp.door import Door, open_door
from gateway.log import event, get, trouble
from gateway.offload import Readers
from gateway.pipeline import fetch, poll, tend
from gateway.pipeline.parts import Parts
from gateway.pipeline.plan import StepPlan
from gateway.pipeline.steps import plan_steps
from gateway.ports import Names
from gateway.store import installation, mailboxes
from gateway.store.database import Store, StoreAway, Transaction
from gateway.web.app import build_app
from gateway.web.server import open_endpoint, open_socket_file, serve_web
from gateway.web.surroundings import Door as Window
from gateway.web.surroundings import Surroundings
from gateway.worker.worker import Worker

SOCKET = "gateway.sock"
GRACE = 20.0  # seconds for mails on their way in when the house closes
_PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0)
Sockets = Mapping[str, Sequence[socket.socket]]
log = get("daemon")


class House:
    """All that runs. `addresses` tells, once `opened` is set, where its doors are (port 0 in the settings: any).
    Once `furnished` is set it can be told new settings, even while a door will not open.

    Without `names` no DNS is asked: the story of the demo needs no network.
    """

    def __init__(
        self, settings: Settings, load: Callable[[], Settings] | None = None, *, names: Names | None = None
    ) -> None:
        self.health = Health()
        self.furnished = asyncio.Event()
        self.opened = asyncio.Event()
        self.addresses: dict[str, tuple[str, int]] = {}
        self.store: Store
        self._load = load or (lambda: settings)
        self._settings = settings
        self._furniture: Furniture
        self._plans: Mapping[str, StepPlan]
        self._directory = Directory(settings.mailboxes)
        self._readers = Readers()
        self._names = names
        self._worker: Worker
        self._group: asyncio.TaskGroup
        self._smtp: Door | None = None
        self._shut: set[str] = set()
        self._around = Surroundings(
            parts=lambda: self.parts,
            reload=self.reload,
            test=lambda area: test_connection(area, self.parts),
            not_ready=self.not_ready,
            version=version("creatio-mail-gateway"),
        )

    @property
    def parts(self) -> Parts:
        return self._furniture.parts

    @property
    def held_back(self) -> frozenset[str]:
        """Steps whose partner is left alone for a while."""
        return self._worker.held_back()

    async def run(self, stopping: asyncio.Event, sockets: Sockets | None = None) -> None:
        """Open, serve until `stopping` is set, close: doors first, then the hands, then the store."""
        store = await _open_store(self._settings, stopping)
        if store is None:
            return
        self.store = store
        try:
            await self._furnish(self._settings)
            self._worker = Worker(lambda: self.parts, lambda: self._plans)
            await self._serve(stopping, sockets or {})
            await self._furniture.close()
        finally:
            await self._readers.close()
            await self.store.close()
            event(log, "closed")

    async def reload(self) -> Settings:
        """Read the settings again; new parts for the next job, the old ones are closed when the hands that have them
        are done. Raises Misconfigured, or StoreAway, and then changes nothing."""
        settings = self._load()
        if moved := _moved(self._settings, settings):
            text = f"a change of {', '.join(moved)} needs a restart"
            settings = replace(settings, warnings=(*settings.warnings, text))
        before, door = self._furniture, None
        if self._smtp is not None and settings.smtp is not None:
            door = doors.door_settings(settings, settings.smtp, shared=self.store.shared)
        await self._furnish(settings)
        if self._smtp is not None and door is not None:
            self._smtp.reload(door)
        self._worker.reloaded()
        self._group.create_task(self._clear_out(before))
        event(log, "reloaded", mailboxes=len(settings.mailboxes))
        return settings

    async def not_ready(self) -> str:
        """Why no mail can be taken now, or nothing."""
        if not await self.store.ready():
            return f"the store is away: {self.store.trouble}"
        smtp = self._settings.smtp
        if smtp is not None and self.store.free_bytes() < smtp.min_free:
            return "too little room on the disk (intake.smtp.min_free)"
        known = self.health.snapshot().get("smtp")
        if known is not None and known.condition is Condition.FAILED:
            return f"the SMTP door is shut: {known.why}"
        return ""

    async def _furnish(self, settings: Settings) -> None:
        """A mailbox that went from the file and has conversations stays, retired."""
        known = await self.store.write(mailboxes.remember, settings.mailboxes)
        settings = replace(settings, mailboxes=known)
        try:
            furniture = furnish(settings, self.store, self._readers, self.health, self._names)
        except OSError as error:
            why = f"one of them cannot be used ({getattr(error, 'reason', None) or error.strerror})"
            raise Misconfigured([Fault(str(settings.path), 0, "ca_file", why)]) from None
        await self.store.write(_begin, settings)
        self._furniture = furniture
        self._plans = plan_steps(settings)
        self._directory = Directory(settings.mailboxes)
        self._settings = settings

    async def _clear_out(self, before: Furniture) -> None:
        await self._worker.hands_of_now_done()
        await before.close()

    def lookup(self, recipient: str) -> str | None:
        """The mailbox of an address, by the newest settings: what the SMTP door asks."""
        return self._directory.lookup(recipient)

    def is_local_domain(self, domain: str) -> bool:
        return self._directory.is_local_domain(domain)

    async def _serve(self, stopping: asyncio.Event, sockets: Sockets) -> None:
        serving = {"socket": partial(self._serve_window, Window.SOCKET, stopping)}
        serving["web"] = partial(self._serve_window, Window.INBOX, stopping)
        if self._settings.web.hook_listen:
            serving["hook"] = partial(self._serve_window, Window.HOOK, stopping)
        if self._settings.smtp is not None:
            serving["smtp"] = partial(self._serve_smtp, self._settings.smtp, stopping, sockets)
        self._shut = set(serving)
        async with asyncio.TaskGroup() as group:
            self._group = group
            self.furnished.set()
            group.create_task(self._worker.run(stopping))
            for name, serve in serving.items():
                group.create_task(doors.keep_open(name, serve, self.health, stopping))

    async def _serve_smtp(self, smtp: Smtp, stopping: asyncio.Event, sockets: Sockets) -> None:
        smtp = self._settings.smtp or smtp
        door = await open_door(
            doors.door_settings(self._settings, smtp, shared=self.store.shared),
            self,
            doors.taker(self.store),
            enough_room=lambda: self.store.free_bytes() >= (self._settings.smtp or smtp).min_free,
            sockets=doors.given_sockets(sockets, "smtp"),
        )
        self._smtp = door
        self._is_open("smtp", door.addresses[0])
        try:
            await stopping.wait()
        finally:
            await door.close(GRACE)

    async def _serve_window(self, window: Window, stopping: asyncio.Event) -> None:
        web = self._settings.web
        if window is Window.SOCKET:
            name, listening = "socket", open_socket_file(self._settings.data_dir / SOCKET)
        elif window is Window.HOOK:
            name, listening = "hook", open_endpoint(web.hook_listen)
        else:
            name, listening = "web", open_endpoint(web.listen)
        self._is_open(name, listening.getsockname())
        await serve_web(build_app(self._around, window), [listening], stopping)

    def _is_open(self, name: str, address: object) -> None:
        self.health.note(name, Condition.WORKING)
        if isinstance(address, tuple):
            self.addresses[name] = (str(address[0]), int(address[1]))
        self._shut.discard(name)
        if not self._shut:
            self.opened.set()


async def _open_store(settings: Settings, stopping: asyncio.Event) -> Store | None:
    """Wait for a database that does not answer yet, or for the end. Raises GiveUp when this place can never work."""
    for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
        try:
            return await Store.open(settings.store.url, settings.data_dir, blobs=settings.store.blobs)
        except StoreAway as away:
            trouble(log, "store_away", why=str(away), again_in=pause)
            await doors.wait(stopping, pause)
            if stopping.is_set():
                return None
    raise AssertionError("the pauses have no end")


def _begin(tx: Transaction, settings: Settings) -> None:
    """At each start and reload: the installation has its identity, and what recurs is queued if it is not yet."""
    installation.found(tx)
    tend.begin(tx, settings)
    fetch.begin(tx, settings)
    if settings.creatio.url:
        poll.begin(tx)


def _moved(before: Settings, now: Settings) -> list[str]:
    """What cannot change while the house runs."""
    pairs = {
        "data_dir": (before.data_dir, now.data_dir),
        "store": (before.store, now.store),
        "web.listen": (before.web.listen, now.web.listen),
        "web.hook_listen": (before.web.hook_listen, now.web.hook_listen),
        "intake.smtp.listen": (before.smtp and before.smtp.listen, now.smtp and now.smtp.listen),
        "intake.smtp.listen_tls": (before.smtp and before.smtp.listen_tls, now.smtp and now.smtp.listen_tls),
    }
    return [key for key, (old, new) in pairs.items() if old != new]
