"""OData calls: prefix found by probing, one renewal of an ended sign-in, a look-up after every doubtful write."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from gateway.creatio.answers import Answer, Meaning, understand
from gateway.creatio.login import Pass, SignIn, site_of
from gateway.creatio.values import Row, agrees, guid, told
from gateway.errors import TryLater
from gateway.http_client.client import HttpClient, MaybeDone

READ_TIMEOUT = timedelta(seconds=60)
WRITE_TIMEOUT = timedelta(seconds=125)  # the server's own limit is 120 s, and processes run inside a save
SHORT_WAIT, LONGEST_WAIT = timedelta(seconds=1), timedelta(seconds=5)  # for a tenant with too many calls
IN_FLIGHT = 20


@dataclass(frozen=True, slots=True)
class Created:
    """The row exists and is ours. `row` is what Creatio said of it; `looked_up`: its answer to the write was lost."""

    row: Row
    looked_up: bool = False


@dataclass(frozen=True, slots=True)
class NotCreated:
    """Creatio refused this row and it is not there. `sure`: by its content, not by an accident.

    `taken`: a row that is not ours has this id.
    """

    why: str
    sure: bool = True
    taken: bool = False


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    content: bytes | Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    stream: bool = False
    timeout: timedelta | None = None


_PROBE = _Request("GET", "odata/CaseStatus?$top=1&$select=Id")


class OData:
    """One tenant's service. Every call is counted in `calls`."""

    def __init__(self, http: HttpClient, sign_in: SignIn, url: str, *, timeout: timedelta | None = None) -> None:
        self._http = http
        self._sign_in = sign_in
        self.site = site_of(url)
        self._prefix: str | None = None
        self._probing = asyncio.Lock()
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._longest = timeout or timedelta.max
        self.calls = 0

    async def rows(self, entity: str, **options: str | int) -> list[Row]:
        """The rows of a question. Options without their dollar sign: filter, select, orderby, top, skip, expand.

        Raises TryLater, also when Creatio refuses the question.
        """
        answer = await self.ask(entity, **options)
        value = answer.value.get("value") if answer.is_good and isinstance(answer.value, dict) else None
        if isinstance(value, list):
            return value
        if answer.is_good:
            raise TryLater(f"Creatio's answer about {entity} has no rows")
        raise answer.trouble()

    async def ask(self, entity: str, **options: str | int) -> Answer:
        """The same, with the answer as a value: for questions that some tenants refuse."""
        query = "&".join(
            f"${name}={quote(str(value), safe='(),/ $=;').replace(' ', '%20')}" for name, value in options.items()
        )
        return await self.call("GET", f"odata/{entity}" + (f"?{query}" if query else ""))

    async def offered(self, entity: str, **options: str | int) -> list[Row] | None:
        """The same for what not every tenant has or shows: None where it is withheld."""
        answer = await self.ask(entity, **options)
        value = answer.value.get("value") if answer.is_good and isinstance(answer.value, dict) else None
        if isinstance(value, list):
            return value
        if answer.is_withheld:
            return None
        raise answer.trouble()

    async def find(self, entity: str, row_id: str, select: Sequence[str]) -> Row | None:
        """One row by its id, or None. Asked as a filter: missing rows look different everywhere, empty lists do not."""
        found = await self.rows(entity, filter=f"Id eq {guid(row_id)}", select=",".join(dict.fromkeys(("Id", *select))))
        return found[0] if found else None

    async def create(self, entity: str, columns: Row, same: Sequence[str]) -> Created | NotCreated:
        """Insert a row with our own `Id`. After anything but 201 it is looked up and compared by the columns `same`:
        one that agrees is ours. Raises TryLater while nobody knows."""
        answer = await self.write("POST", f"odata/{entity}", columns)
        if answer is not None and answer.is_good and answer.status == 201 and isinstance(answer.value, dict):
            return Created(answer.value)
        found = await self.find(entity, str(columns["Id"]), [*same, "CreatedById"])
        if found is None:
            return not_written(answer)
        if any(told(columns.get(name)) and agrees(found.get(name), columns[name]) for name in same):
            return Created(found, looked_up=True)
        return NotCreated("a row that is not ours has this id", taken=True)

    async def write(self, method: str, path: str, columns: Row) -> Answer | None:
        """None when no whole answer came. `<` is escaped, as .NET does: firewalls take a mail for an attack."""
        text = json.dumps(columns, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
        headers = {"Content-Type": "application/json; charset=utf-8; IEEE754Compatible=true"}
        try:
            return await self.call(method, path, content=text.encode("utf-8", "replace"), headers=headers)
        except MaybeDone:
            return None

    async def call(
        self,
        method: str,
        path: str,
        *,
        content: bytes | Path | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
        timeout: timedelta | None = None,
    ) -> Answer:
        """One request below the prefix, signed in; a sign-in that ended is renewed once. TryLater when none came."""
        request = _Request(method, path, content, headers or {}, stream, timeout)
        prefix = await self.prefix()
        answer = await self._once(prefix, request)
        wait = answer.wait or SHORT_WAIT
        if answer.meaning is Meaning.BUSY and method == "GET" and wait <= LONGEST_WAIT:
            # A question of many parts would never get through a limit that each part of it may hit.
            await asyncio.sleep(wait.total_seconds())
            answer = await self._once(prefix, request)
        if answer.meaning is Meaning.SIGNED_OUT and (await self._once(prefix, _PROBE)).is_good:
            # Some tenants answer 401 for a right that is missing: who may read elsewhere is signed in all the same.
            answer, _ = await self._send(prefix, request, await self._sign_in.current())
            if answer.meaning is Meaning.SIGNED_OUT:
                return replace(answer, meaning=Meaning.DENIED, why="signed in, and still not let in here")
        if answer.meaning is Meaning.REBUILDING or (answer.meaning is Meaning.MISSING and not stream):
            self._prefix = None
        return answer

    async def prefix(self) -> str:
        """The site's address with /0 (.NET Framework) or without (.NET), found by asking."""
        async with self._probing:
            if self._prefix is None:
                self._prefix = await self._probe()
            return self._prefix

    async def _probe(self) -> str:
        answers = []
        for prefix in (f"{self.site}/0", self.site):
            answer = await self._once(prefix, _PROBE)
            if answer.is_good and isinstance(answer.value, dict) and "value" in answer.value:
                return prefix
            answers.append(answer)
        clear = [one for one in answers if one.meaning is not Meaning.MISSING]
        raise (clear or answers)[0].trouble()

    async def _once(self, prefix: str, request: _Request) -> Answer:
        given = await self._sign_in.current()
        answer, cookies = await self._send(prefix, request, given)
        if answer.meaning is Meaning.SIGNED_OUT and self._sign_in.ended(given):
            given = await self._sign_in.current()
            answer, cookies = await self._send(prefix, request, given)
        if answer.meaning in (Meaning.GOOD, Meaning.REFUSED, Meaning.DENIED):
            self._sign_in.accepted(given, cookies)
        return answer

    async def _send(self, prefix: str, request: _Request, given: Pass) -> tuple[Answer, Mapping[str, str]]:
        usual = READ_TIMEOUT if request.method == "GET" else WRITE_TIMEOUT
        kind = "application/xml" if request.path.endswith("$metadata") else "application/json"
        accept = {"Accept": "*/*" if request.stream else kind}
        async with self._slots:
            self.calls += 1
            reply = await self._http.call(
                request.method,
                f"{prefix}/{request.path}",
                headers={**accept, **request.headers, **given.headers()},
                content=request.content,
                timeout=min(request.timeout or usual, self._longest),
            )
        return understand(reply, stream=request.stream), reply.cookies


def not_written(answer: Answer | None) -> NotCreated:
    """What a write that was not done means. The look-up before has shown that Creatio as a whole is there."""
    if answer is None:
        raise TryLater("Creatio did not answer a write, and it was not done", partner_down=False)
    if answer.meaning in (Meaning.REFUSED, Meaning.PAGE):
        return NotCreated(answer.why or f"refused with {answer.status}", sure=answer.is_about_content)
    if answer.is_good:
        return NotCreated(f"answered with {answer.status}, and it is not there", sure=False)
    raise answer.trouble()
