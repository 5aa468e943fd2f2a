"""The way out: kept connections to the company's relays, at their rate."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from gateway.config.settings import Relay, Settings
from gateway.errors import GiveUp, TryLater
from gateway.http_client.client import HttpClient, trust
from gateway.http_client.tokens import AccessTokens
from gateway.ports import Parcel, Verdict
from gateway.relay.connection import Connection, Dropped
from gateway.relay.opening import connect

_IDLE, _AGE, _MAILS = 60.0, 900.0, 200
Pause = Callable[[], Awaitable[None]]


class Way:
    """One [relay]: at most `connections` at once, the newest used first, each kept for the next mail."""

    def __init__(self, settings: Relay, hostname: str) -> None:
        self._settings = settings
        self._hostname = hostname
        self._trusted = trust(settings.ca_file)
        self._places = asyncio.Semaphore(settings.connections)
        self._idle: list[Connection] = []
        self._next = 0.0
        self._client: HttpClient | None = None
        self._tokens: AccessTokens | None = None
        if settings.auth == "xoauth2":
            self._client = HttpClient(ca_file=settings.ca_file, proxy=settings.proxy, connections=1)
            self._tokens = AccessTokens(settings.oauth, self._client, _now)

    async def send(self, parcel: Parcel, at_data: Pause, may_go: Pause | None) -> Sequence[tuple[str, Verdict]]:
        async with self._places:
            await self._take_turn()
            kept = await self._take_kept()
            if kept is not None:
                try:
                    return await self._use(kept, parcel, at_data, may_go)
                except Dropped:
                    pass  # it had died since the last mail: that says nothing about the relay
            try:
                return await self._use(await self.open(), parcel, at_data, may_go)
            except Dropped as error:
                raise TryLater(f"the relay dropped the connection at MAIL ({error})") from None

    async def open(self) -> Connection:
        """A new connection, signed in."""
        return await connect(self._settings, self._trusted, self._hostname, self._tokens, _now())

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close()
        if self._client is not None:
            await self._client.close()

    async def _use(
        self, connection: Connection, parcel: Parcel, at_data: Pause, may_go: Pause | None
    ) -> list[tuple[str, Verdict]]:
        try:
            return await connection.transact(parcel, at_data, may_go)
        finally:
            connection.used = _now()
            if connection.alive:
                self._idle.append(connection)

    async def _take_kept(self) -> Connection | None:
        """The newest kept connection that is still worth a try; the others are let go."""
        while self._idle:
            kept, now = self._idle.pop(), _now()
            if kept.alive and now - kept.used < _IDLE and now - kept.opened < _AGE and kept.mails < _MAILS:
                return kept
            await kept.close()
        return None

    async def _take_turn(self) -> None:
        """Mails leave evenly: never more than `rate` of them in any second."""
        if not self._settings.rate:
            return
        turn = max(self._next, _now())
        self._next = turn + 1 / self._settings.rate
        await asyncio.sleep(turn - _now())


class SmtpRelay:
    """The `Relay`: each parcel goes the way it names."""

    def __init__(self, settings: Settings) -> None:
        name = own_name(settings)
        self._ways = {one.name: Way(one, name) for one in (settings.relay, *settings.relays)}

    async def send(self, parcel: Parcel, at_data: Pause, may_go: Pause | None = None) -> Sequence[tuple[str, Verdict]]:
        """See `ports.Relay`. Raises GiveUp when the parcel names a relay that is not in the settings."""
        way = self._ways.get(parcel.relay)
        if way is None:
            raise GiveUp(f"there is no [relay.{parcel.relay}] in the settings")
        return await way.send(parcel, at_data, may_go)

    async def close(self) -> None:
        for way in self._ways.values():
            await way.close()


def own_name(settings: Settings) -> str:
    """What we call ourselves at EHLO."""
    hostname = settings.smtp.hostname if settings.smtp else ""
    return hostname if "." in hostname else "[127.0.0.1]"


def _now() -> float:
    return asyncio.get_running_loop().time()
