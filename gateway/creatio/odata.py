"""OData calls: prefix found by probing, one renewal of an ended sign-in, a look-up after every doubtful write."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from gateway.creatio.answers import Answer, Meaning, understand
from gateway.creatio.login import SignIn, site_of
from gateway.errors import TryLater
from gateway.http_client import HttpClient, MaybeDone

ZERO = "00000000-0000-0000-0000-000000000000"
READ_TIMEOUT = timedelta(seconds=60)
WRITE_TIMEOUT = timedelta(seconds=125)  # the server's own limit is 120 s, and processes run inside a save
IN_FLIGHT = 20
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Row = Mapping[str, Any]


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


class OData:
    """One tenant's service. Every call is counted in `calls`."""

    def __init__(self, http: HttpClient, sign_in: SignIn, url: str, *, timeout: timedelta | None = None) -> None:
        self._http = http
        self._sign_in = sign_in
        self.site = site_of(url)
        self._prefix: str | None = None
        self._probing = asyncio.Lock()
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._read_timeout = timeout or READ_TIMEOUT
        self._write_timeout = timeout or WRITE_TIMEOUT
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

    async def find(self, entity: str, row_id: str, select: Sequence[str]) -> Row | None:
        """One row by its id, or None. Asked as a filter: missing rows look different everywhere, empty lists do not."""
        found = await self.rows(entity, filter=f"Id eq {guid(row_id)}", select=",".join(dict.fromkeys(("Id", *select))))
        return found[0] if found else None

    async def create(self, entity: str, columns: Row, same: Sequence[str]) -> Created | NotCreated:
        """Insert a row with our own `Id`. After anything but 201 it is looked up and compared by the columns `same`:
        one that agrees is ours. Raises TryLater while nobody knows."""
        answer = await self._write("POST", f"odata/{entity}", columns)
        if answer is not None and answer.is_good and answer.status == 201 and isinstance(answer.value, dict):
            return Created(answer.value)
        found = await self.find(entity, str(columns["Id"]), [*same, "CreatedById"])
        if found is not None:
            if any(agrees(found.get(name), columns.get(name)) for name in same):
                return Created(found, looked_up=True)
            return NotCreated("a row that is not ours has this id", taken=True)
        return self._not_written(answer)

    async def update(self, entity: str, row_id: str, columns: Row) -> NotCreated | None:
        """Change columns of a row and read them back; None when they are as wanted."""
        answer = await self._write("PATCH", f"odata/{entity}({guid(row_id)})", columns)
        found = await self.find(entity, row_id, list(columns))
        if found is None:
            return NotCreated(f"this {entity} is no longer there")
        if all(agrees(found.get(name), value) for name, value in columns.items()):
            return None
        if answer is not None and answer.is_good:
            return NotCreated("Creatio said yes and changed nothing", sure=False)
        return self._not_written(answer)

    def _not_written(self, answer: Answer | None) -> NotCreated:
        """The look-up that came before has shown that Creatio is there and the write is not."""
        if answer is None:
            raise TryLater("Creatio did not answer a write, and it was not done", partner_down=False)
        if answer.meaning is Meaning.REFUSED or answer.meaning is Meaning.PAGE:
            return NotCreated(answer.why or f"refused with {answer.status}")
        if (answer.meaning is Meaning.BROKEN and answer.status == 500) or answer.is_good:
            return NotCreated(answer.why or f"answered with {answer.status}", sure=False)
        raise answer.trouble()

    async def _write(self, method: str, path: str, columns: Row) -> Answer | None:
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
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> Answer:
        """One request below the prefix, signed in; a sign-in that ended is renewed once. TryLater when none came."""
        prefix = await self.prefix()
        answer = await self._once(method, f"{prefix}/{path}", content, headers, stream)
        if answer.meaning in (Meaning.MISSING, Meaning.REBUILDING):
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
            answer = await self._once("GET", f"{prefix}/odata/CaseStatus?$top=1&$select=Id", None, None, stream=False)
            if answer.is_good and isinstance(answer.value, dict) and "value" in answer.value:
                return prefix
            answers.append(answer)
        told = [one for one in answers if one.meaning is not Meaning.MISSING]
        raise (told or answers)[0].trouble()

    async def _once(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str] | None, stream: bool
    ) -> Answer:
        given = await self._sign_in.current()
        answer = await self._send(method, url, content, {**(headers or {}), **given.headers()}, stream)
        if answer[0].meaning is Meaning.SIGNED_OUT and self._sign_in.ended(given):
            given = await self._sign_in.current()
            answer = await self._send(method, url, content, {**(headers or {}), **given.headers()}, stream)
            if answer[0].meaning is Meaning.SIGNED_OUT:
                self._sign_in.ended(given)
        if answer[0].meaning is not Meaning.SIGNED_OUT:
            self._sign_in.accepted(given, answer[1])
        return answer[0]

    async def _send(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], stream: bool
    ) -> tuple[Answer, Mapping[str, str]]:
        timeout = self._read_timeout if method == "GET" else self._write_timeout
        async with self._slots:
            self.calls += 1
            accept = {"Accept": "*/*" if stream else "application/json"}
            reply = await self._http.call(method, url, headers={**accept, **headers}, content=content, timeout=timeout)
        return understand(reply, stream=stream), reply.cookies


def guid(value: str) -> str:
    """A guid as a literal: bare, in lower case. Anything else is nobody's id and never gets into an address."""
    found = _GUID.fullmatch(value.strip().strip("{}"))
    if found is None:
        raise ValueError(f"not a guid: {value[:60]!r}")
    return found[0].lower()


def is_guid(value: str) -> bool:
    return _GUID.fullmatch(value.strip().strip("{}")) is not None


def text(value: str) -> str:
    """A text literal of a filter."""
    return "'" + value.replace("'", "''") + "'"


def moment(at: datetime) -> str:
    """A time with its zone, as Creatio must get it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def told(value: Any) -> str:
    """A value as text; empty look-ups and empty times are empty."""
    if value is None or value in (ZERO, "") or str(value).startswith("0001-01-01"):
        return ""
    return str(value)


def agrees(seen: Any, wanted: Any) -> bool:
    """Whether a column has the value we wrote: guids in any case, texts whatever became of blanks and tags."""
    if isinstance(wanted, bool):
        return bool(seen) is wanted
    one, other = told(seen), told(wanted)
    if one.casefold() == other.casefold():
        return True
    if re.match(r"\d{4}-\d\d-\d\dT", other):
        return one[:19] == other[:19]
    return " ".join(re.sub(r"<[^>]*>", " ", one).split()) == " ".join(re.sub(r"<[^>]*>", " ", other).split()) != ""
