"""Access tokens for mail servers that are signed in to by XOAUTH2 (Google, Microsoft 365)."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from gateway.config.settings import OAuth
from gateway.errors import SignInRefused, TryLater
from gateway.http_client.client import HttpClient

_EARLY = 60.0  # seconds before its end that a token is renewed
_USUAL_LIFE = 300.0
_FIX = "check its oauth keys in the settings"


class AccessTokens:
    """Fetches access tokens (RFC 6749 §4.4, §6) and keeps the newest until shortly before its end."""

    def __init__(self, oauth: OAuth, client: HttpClient, clock: Callable[[], float] = time.monotonic) -> None:
        self._oauth = oauth
        self._client = client
        self._clock = clock
        self._token = ""
        self._until = 0.0

    async def get(self) -> str:
        """A token that is still good. Raises SignInRefused when none is given out, TryLater when nobody answers."""
        if not self._token or self._clock() >= self._until:
            self._token, life = await self._fetch()
            self._until = self._clock() + life - _EARLY
        return self._token

    def forget(self) -> None:
        """The server refused the token: the next one is fetched anew."""
        self._token = ""

    async def _fetch(self) -> tuple[str, float]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        reply = await self._client.call(
            "POST", self._oauth.token_url, headers=headers, content=self._form(), timeout=timedelta(seconds=30)
        )
        try:
            said = dict(json.loads(reply.body))
            life = float(said.get("expires_in") or _USUAL_LIFE)
        except (ValueError, TypeError):
            said, life = {}, 0.0
        token, error = said.get("access_token"), str(said.get("error", ""))[:100]
        if reply.status == 200 and isinstance(token, str) and token:
            return token, life
        why = f"the sign-in service gives no access token ({reply.status} {error if error.isprintable() else ''})"
        if reply.status in (400, 401, 403):
            raise SignInRefused(f"{why}; {_FIX}")
        raise TryLater(f"{why}; {_FIX}", wait=reply.retry_after)

    def _form(self) -> bytes:
        form = {
            "client_id": self._oauth.client_id,
            "client_secret": self._oauth.client_secret.value,
            "refresh_token": self._oauth.refresh_token.value,
            "scope": self._oauth.scope,
            "grant_type": "refresh_token" if self._oauth.refresh_token else "client_credentials",
        }
        return urlencode({key: value for key, value in form.items() if value}).encode()
