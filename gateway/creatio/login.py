"""Signing in: OAuth client credentials or forms. Renewed before it ends; a refused password is not tried again soon."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from gateway.config.settings import Creatio
from gateway.errors import TryLater
from gateway.http_client.client import HttpClient, Reply

Clock = Callable[[], float]
TIMEOUT = timedelta(seconds=30)
EARLY = 60.0  # seconds before its end a token is renewed
MOST_IN_VAIN = 5  # sign-ins in a row that were granted and then not taken
# After a refusal: never a loop. An application is not locked by wrong secrets; a user is.
FIRST_PAUSE, FIRST_PAUSE_OF_USER, LONGEST_PAUSE = 30.0, 300.0, 6 * 3600.0


def site_of(url: str) -> str:
    """The site's root: https where no scheme is given, without /0 and anything after it."""
    url = url.strip()
    parts = urlsplit(url if "://" in url else f"https://{url}")
    path = parts.path.partition("/0/")[0].removesuffix("/0").rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def identity_of(site: str) -> str:
    """The identity service of a cloud site: the tenant's name plus -is."""
    parts = urlsplit(site)
    host, dot, rest = parts.netloc.partition(".")
    return f"{parts.scheme}://{host}-is{dot}{rest}" if dot and not host.isdigit() else site


@dataclass(slots=True)
class Pass:
    """What proves who we are. `proved`: Creatio has accepted it at least once."""

    until: float
    token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    proved: bool = False

    def headers(self) -> dict[str, str]:
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookies, "BPMCSRF": self.cookies.get("BPMCSRF", ""), "ForceUseSession": "true"}


class SignIn:
    """Keeps one valid pass for all calls. Two calls that find it ended renew it once."""

    def __init__(
        self, http: HttpClient, settings: Creatio, *, timeout: timedelta | None = None, clock: Clock = time.monotonic
    ) -> None:
        self._http = http
        self._clock = clock
        self._timeout = min(timeout or TIMEOUT, TIMEOUT)
        self._settings = settings
        self._site = site_of(settings.url)
        self._pass: Pass | None = None
        self._lock = asyncio.Lock()
        self._not_before = 0.0
        self._by_name = bool(settings.user) and not settings.client_id
        self._pause = self._first_pause
        self._refusal = ""
        self._in_vain = 0
        self.calls = 0

    async def current(self) -> Pass:
        """A pass that should be valid. Raises TryLater when there is none to be had."""
        async with self._lock:
            if self._pass is None or self._clock() >= self._pass.until:
                self._pass = await self._renew()
            return self._pass

    def accepted(self, used: Pass, cookies: Mapping[str, str]) -> None:
        """Creatio took this pass; it may have given more cookies with its answer."""
        used.proved = True
        self._in_vain = 0
        if not used.token:
            used.cookies.update({name: value for name, value in cookies.items() if value})

    def ended(self, used: Pass) -> bool:
        """Creatio did not take this pass. True when a new one may help: it had been taken before."""
        if self._pass is used:
            self._pass = None
        if not used.proved:
            self._in_vain += 1
            if self._in_vain >= MOST_IN_VAIN:
                self._refused("Creatio signs us in and then lets us in nowhere: is the application active?")
        return used.proved

    @property
    def _first_pause(self) -> float:
        return FIRST_PAUSE_OF_USER if self._by_name else FIRST_PAUSE

    def retry_now(self) -> None:
        """A person asks: the pause after a refusal is over."""
        self._not_before = 0.0

    async def _renew(self) -> Pass:
        left = self._not_before - self._clock()
        if left > 0:
            raise TryLater(self._refusal, wait=timedelta(seconds=left))
        fresh = await (self._by_forms() if self._by_name else self._by_oauth())
        self._pause = self._first_pause
        return fresh

    async def _by_oauth(self) -> Pass:
        url = f"{(self._settings.identity_url or identity_of(self._site)).rstrip('/')}/connect/token"
        form = {
            "client_id": self._settings.client_id,
            "client_secret": self._settings.client_secret.value,
            "grant_type": "client_credentials",
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        reply = await self._post(url, headers, urlencode(form).encode())
        answer = _json(reply)
        if reply.status == 200 and answer.get("access_token"):
            lasts = float(answer.get("expires_in") or 3600)
            return Pass(self._clock() + max(lasts - EARLY, lasts / 2), token=str(answer["access_token"]))
        if isinstance(answer.get("error"), str):
            raise self._refused(f"Creatio refuses the sign-in: {answer['error'][:60]} (client id, secret?)")
        if reply.status < 400:
            raise self._refused("the identity service answers with a page: identity_url is wrong")
        if reply.status in (401, 403, 404):
            raise self._refused(
                f"the identity service answers {reply.status}: identity_url or the application is wrong"
            )
        raise TryLater(f"the identity service answers {reply.status}", wait=reply.retry_after)

    async def _by_forms(self) -> Pass:
        """At the site's root on both runtimes; always 200, the answer is in `Code`."""
        body = {"UserName": self._settings.user, "UserPassword": self._settings.password.value}
        headers = {"Content-Type": "application/json; charset=utf-8", "ForceUseSession": "true"}
        url = f"{self._site}/ServiceModel/AuthService.svc/Login"
        reply = await self._post(url, headers, json.dumps(body).encode())
        answer = _json(reply)
        if answer.get("Code") == 0:
            fresh = Pass(self._clock() + 45 * 60, cookies=dict(reply.cookies))
            if "BPMCSRF" not in fresh.cookies:
                await self._fetch_csrf(fresh)
            return fresh
        if "Code" in answer:
            raise self._refused(f"Creatio refuses the sign-in: {str(answer.get('Message') or 'no reason')[:200]}")
        if reply.status < 500 and reply.status not in (408, 429):
            raise self._refused(f"{self._site} answers {reply.status} to a sign-in: is this a Creatio site?")
        raise TryLater(f"Creatio answers {reply.status} to a sign-in", wait=reply.retry_after)

    async def _fetch_csrf(self, fresh: Pass) -> None:
        """Some versions give BPMCSRF only with the first page."""
        for prefix in ("/0", ""):
            url = f"{self._site}{prefix}/odata/{quote('CaseStatus')}?$top=1&$select=Id"
            self.calls += 1
            reply = await self._http.call("GET", url, headers=fresh.headers(), timeout=self._timeout)
            fresh.cookies.update(reply.cookies)
            if "BPMCSRF" in fresh.cookies:
                return

    async def _post(self, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        self.calls += 1
        return await self._http.call("POST", url, headers=headers, content=content, timeout=self._timeout)

    def _refused(self, why: str) -> TryLater:
        self._refusal = why
        self._not_before = self._clock() + self._pause
        wait = timedelta(seconds=self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return TryLater(why, wait=wait)


def _json(reply: Reply) -> dict[str, Any]:
    try:
        value = json.loads(reply.body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
