"""The simulator as one thing: a tenant, its web site, its processes, a rep, and the faults on the way to it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import datetime

import uvicorn
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.demo.creatio import on_activity, on_case, on_contact, on_feed
from gateway.demo.creatio.agent import Agent
from gateway.demo.creatio.faults import AFTER, CUT, SILENT, Faults, Planned, faulty_answer, to_response
from gateway.demo.creatio.login import Credentials, Doorman
from gateway.demo.creatio.pages import Pages
from gateway.demo.creatio.process import Hook, Processes
from gateway.demo.creatio.refusals import Refused
from gateway.demo.creatio.saving import EntityLayer
from gateway.demo.creatio.schema import USUAL, Edition, Row
from gateway.demo.creatio.seed import add_contact, add_registration_mailbox, seed
from gateway.demo.creatio.site import Site
from gateway.demo.creatio.switches import Switches
from gateway.demo.creatio.tenant import Rights, Tenant, now_utc
from gateway.demo.creatio.traffic import Call, Traffic, written_case


class Simulator:
    """A Creatio tenant in memory. `app` is its ASGI application; `serve` puts it on a port.

    Tenants of the same `name` make the same ids in the same story.
    """

    def __init__(
        self,
        *,
        switches: Switches | None = None,
        edition: Edition = USUAL,
        credentials: Credentials | None = None,
        clock: Callable[[], datetime] = now_utc,
        name: str = "",
    ) -> None:
        self.tenant = Tenant(switches or Switches(), edition, clock, name)
        seed(self.tenant)
        self.layer = EntityLayer(self.tenant)
        for effects in (on_contact, on_activity, on_case, on_feed):
            effects.attach(self.layer)
        self.doorman = Doorman(self.tenant, credentials or Credentials())
        self.process = Processes(self.tenant)
        self.agent = Agent(self.layer, self.process)
        self.pages = Pages(self.tenant, self.agent)
        self.faults = Faults()
        self.traffic = Traffic()
        self.latency = 0.0
        self.hang = 60.0
        self._site = Site(self.layer, self.doorman)
        self.cut: Callable[[Scope], None] | None = None
        self.app: ASGIApp = GZipMiddleware(self._answer, minimum_size=500)

    @property
    def switches(self) -> Switches:
        return self.tenant.switches

    @switches.setter
    def switches(self, switches: Switches) -> None:
        """Turned while it runs; edition and names of lookups are as the tenant was made with."""
        self.tenant.switches = switches

    @property
    def hook(self) -> Hook | None:
        """How the tenant's business processes call the gateway; None: they do not."""
        return self.process.hook

    @hook.setter
    def hook(self, hook: Hook | None) -> None:
        self.process.hook = hook

    def deny(self, entity: str, act: str) -> None:
        """Take the right to "read" or "write" an entity from the technical user."""
        rights = self.tenant.rights
        self.tenant.rights = replace(rights, denied=rights.denied | {(entity, act)})

    def allow_all(self) -> None:
        self.tenant.rights = Rights()

    def add_contact(self, name: str, address: str) -> Row:
        return add_contact(self.tenant, name, address)

    def register_mailbox(self, address: str) -> Row:
        """Creatio synchronises this mailbox too, and makes cases of its mail."""
        return add_registration_mailbox(self.tenant, address)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        body = await request.body()
        if self.pages.has(request.url.path):
            await (await self.pages.answer(request))(scope, receive, send)
            return
        call = self.traffic.begin(request.method, request.url.path, request.url.query, len(body))
        case_id = written_case(self.tenant, request.method, request.url.path, body)
        self.traffic.enter(case_id)
        status = 0
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            response = await self._respond(request, body, call, receive)
            if response is not None:
                status = response.status_code
                await response(scope, receive, send)
            elif self.cut is not None:
                self.cut(scope)
            else:
                raise ConnectionResetError(call.fault)
        finally:
            self.traffic.leave(case_id)
            self.traffic.end(call, status)

    async def _respond(self, request: Request, body: bytes, call: Call, receive: Receive) -> Response | None:
        """The answer, or None where the connection is to be cut."""
        planned = self.faults.strike(call)
        done: Response | None = None
        if planned is None or planned.fault in AFTER:
            done = await self._carry_out(request, body)
        if planned is None:
            return done
        return await self._fail(planned, call, done, receive)

    async def _carry_out(self, request: Request, body: bytes) -> Response:
        try:
            response = self._site.answer(request, body)
        except Refused as refused:
            response = to_response(refused)
        await self.process.react()
        return response

    async def _fail(self, planned: Planned, call: Call, done: Response | None, receive: Receive) -> Response | None:
        if planned.fault in SILENT:
            await self._be_silent(receive)
            return None
        return None if planned.fault in CUT else faulty_answer(planned, call, done)

    async def _be_silent(self, receive: Receive) -> None:
        """Until the client has had enough, or `hang` seconds."""

        async def gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        try:
            await asyncio.wait_for(gone(), self.hang)
        except TimeoutError:
            return


@asynccontextmanager
async def serve(simulator: Simulator, port: int = 0) -> AsyncIterator[str]:
    """The simulator on 127.0.0.1, as a server in this loop; gives its address without a trailing slash."""
    listening = socket.create_server(("127.0.0.1", port))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited; else answers wait 40 ms for an ACK
    server = _Server(uvicorn.Config(simulator.app, log_level="critical", lifespan="off", access_log=False))
    simulator.cut = server.cut
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[listening]))
        calling = group.create_task(simulator.process.run())
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            calling.cancel()
            server.force_exit = True
            server.should_exit = True
            simulator.cut = None


class _Server(uvicorn.Server):
    """Without signal handlers of its own; can cut the connection of a request."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def cut(self, scope: Scope) -> None:
        for connection in list(self.server_state.connections):
            if getattr(connection, "scope", None) is scope and connection.transport is not None:
                connection.transport.abort()
