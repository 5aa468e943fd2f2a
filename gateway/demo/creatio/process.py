"""The business processes that an administrator builds: a signal starts one, and it calls the gateway's hook."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import httpx

from gateway.demo.creatio import ids
from gateway.demo.creatio.schema import ZERO, id_of
from gateway.demo.creatio.tenant import Signal, Tenant


@dataclass(frozen=True, slots=True)
class Hook:
    """How the two processes call. `repeats` is "Retries on call failure"; `copies` calls of every one are made.

    `on_modified`: mails start the process also when their Status or SendDate changes, not only when added. Not in
    `background`, the save that started the process waits for the call, the gateway's own save as well as a rep's.
    """

    url: str
    timeout: float = 5.0
    repeats: int = 0
    copies: int = 1
    background: bool = True
    form: Literal["plain", "upper", "braces", "placeholder", "zero", "extra"] = "plain"
    types: tuple[UUID, ...] = (ids.TYPE_EMAIL, ids.TYPE_TASK)
    on_modified: bool = True
    closures: bool = True
    closure_event: str = "case_closed"
    bearer: str = ""


@dataclass(frozen=True, slots=True)
class HookCall:
    """One call that was made: what was sent, and the status that came back (0: none in time)."""

    body: dict[str, str]
    status: int


@dataclass(slots=True)
class Processes:
    """Turns signals into calls. `hook` is None while the processes are missing or inactive: the hook is lost."""

    tenant: Tenant
    hook: Hook | None = None
    calls: list[HookCall] = field(default_factory=list)
    lost: int = 0
    _waiting: list[dict[str, str]] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def react(self) -> None:
        """Call for all signals since the last time; in background mode they are only noted for `run`."""
        signals, self.tenant.signals = self.tenant.signals, []
        bodies = [body for signal in signals if (body := self._body(signal)) is not None]
        if self.hook is None:
            self.lost += len(bodies)
        elif self.hook.background:
            self._waiting.extend(bodies)
            self._news.set()
        else:
            await self._call_all(bodies)

    async def run(self) -> None:
        """Make the calls of background processes, for ever."""
        while True:
            await self._news.wait()
            self._news.clear()
            await self.flush()

    async def flush(self) -> None:
        """Make the noted calls now."""
        bodies, self._waiting = self._waiting, []
        await self._call_all(bodies)

    def _body(self, signal: Signal) -> dict[str, str] | None:
        hook, tenant = self.hook or Hook(""), self.tenant
        row = tenant.get(signal.entity, signal.id)
        if row is None:
            return None
        if signal.entity == "Activity" and self._starts(hook, signal):
            case_id = id_of(row, "CaseId")
            wanted = row["TypeId"] in hook.types and case_id != ZERO
            return self._form("new_activity", case_id) if wanted else None
        if signal.entity == "Case" and not signal.added and "StatusId" in signal.columns and hook.closures:
            status = tenant.get("CaseStatus", row["StatusId"]) or {}
            closed = status.get("IsResolved") or status.get("IsFinal")
            return self._form(hook.closure_event, id_of(row)) if closed else None
        return None

    def _starts(self, hook: Hook, signal: Signal) -> bool:
        return signal.added or (hook.on_modified and bool(signal.columns & {"StatusId", "SendDate"}))

    def _form(self, event: str, case_id: UUID) -> dict[str, str]:
        body = {"event_type": event, "caseId": str(case_id)}
        match self.hook.form if self.hook else "plain":
            case "upper":
                return body | {"caseId": str(case_id).upper()}
            case "braces":
                return body | {"caseId": "{" + str(case_id).upper() + "}"}
            case "placeholder":
                return body | {"caseId": "[#Case.Id#]"}
            case "zero":
                return body | {"caseId": str(ZERO)}
            case "extra":
                return body | {"processId": "17", "userConnection": "0"}
            case _:
                return body

    async def _call_all(self, bodies: Sequence[dict[str, str]]) -> None:
        hook = self.hook
        if hook is None or not bodies:
            return
        headers = {"Authorization": f"Bearer {hook.bearer}"} if hook.bearer else {}
        async with httpx.AsyncClient(timeout=hook.timeout, headers=headers, trust_env=False) as client:
            for body in bodies:
                for _ in range(hook.copies):
                    await self._call(client, hook, body)

    async def _call(self, client: httpx.AsyncClient, hook: Hook, body: dict[str, str]) -> None:
        """As the "Call web service" element does: on an error status or a time-out the same again, at once."""
        for _ in range(1 + hook.repeats):
            try:
                status = (await client.post(hook.url, json=body)).status_code
            except httpx.HTTPError:
                status = 0
            self.calls.append(HookCall(body, status))
            if 0 < status < 400:
                return
