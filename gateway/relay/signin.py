"""Access tokens for relays that sign in by XOAUTH2."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from gateway.config.settings import OAuth
from gateway.errors import TryLater
from gateway.http_client import HttpClient

_EARLY = 60.0
_USUAL_LIFE = 300.0


class AccessTokens:
    """Fetches access tokens (RFC 6749 §4.4, §6) and keeps the newest until shortly before its end."""

    def __init__(self, oauth: OAuth, client: HttpClient, clock: Callable[[], float]) -> None:
        self._oauth = oauth
        self._client = client
        self._clock = clock
        self._token = ""
        self._until = 0.0

    async def get(self) -> str:
        """A token that is still good. Raises TryLater with the fix when none is given out."""
        if not self._token or self._clock() >= self._until:
            self._token, life = await self._fetch()
            self._until = self._clock() + life - _EARLY
        return self._token

    def forget(self) -> None:
        """The relay refused the token: the next one is fetched anew."""
        self._token = ""

    async def _fetch(self) -> tuple[str, float]:
        form = {"client_id": self._oauth.client_id, "client_secret": self._oauth.client_secret.value}
        if self._oauth.refresh_token:
            form |= {"grant_type": "refresh_token", "refresh_token": self._oauth.refresh_token.value}
        else:
            form |= {"grant_type": "client_credentials"}
        if self._oauth.scope:
            form["scope"] = self._oauth.scope
        body = urlencode({key: value for key, value in form.items() if value}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        reply = await self._client.call(
            "POST", self._oauth.token_url, headers=headers, content=body, timeout=timedelta(seconds=30)
        )
        try:
            said = json.loads(reply.body)
            token, life = said.get("access_token"), float(said.get("expires_in") or _USUAL_LIFE)
        except (ValueError, AttributeError, TypeError):
            said, token, life = {}, None, 0.0
        if reply.status == 200 and isinstance(token, str) and token.isascii() and token.isprintable():
            return token, life
        why = said.get("error") if isinstance(said, dict) else None
        why = f"{reply.status} {why}" if isinstance(why, str) and why.isprintable() else str(reply.status)
        raise TryLater(f"the sign-in service gives no access token ({why[:100]}); check the oauth keys of this relay")
