"""Signing in: OAuth client credentials, the forms login with its cookies, and every way a sign-in can have ended."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from gateway.demo.creatio.refusals import LOGIN_PAGE, Refused
from gateway.demo.creatio.tenant import Tenant

DENIED = {"Message": "Authorization has been denied for this request."}
SERVICE_DENIED = {
    "Message": "Authentication failed.",
    "StackTrace": None,
    "ExceptionType": "System.Security.SecurityException",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the technical user signs in with."""

    client_id: str = "gateway"
    client_secret: str = "a-client-secret"
    user: str = "gateway"
    password: str = "a-password"
    expires_in: int = 3600


@dataclass(slots=True)
class Doorman:
    """Knows who is signed in. `active`: the OAuth application is switched on; `failures`: refused sign-ins so far."""

    tenant: Tenant
    credentials: Credentials
    active: bool = True
    failures: int = 0
    tokens_given: int = 0
    _tokens: dict[str, datetime] = field(default_factory=dict)
    _sessions: dict[str, "_Session"] = field(default_factory=dict)
    _locked_until: datetime | None = None

    def revoke(self) -> None:
        """Every token and session ends now."""
        self._tokens.clear()
        self._sessions.clear()

    def give_token(self, form: Mapping[str, str]) -> Response:
        """POST /connect/token."""
        given = (form.get("client_id", ""), form.get("client_secret", ""))
        wanted = (self.credentials.client_id, self.credentials.client_secret)
        if form.get("grant_type") != "client_credentials":
            return self._no_token("unsupported_grant_type")
        if not all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(given, wanted, strict=True)):
            return self._no_token("invalid_client")
        self.tokens_given += 1
        token = f"token-{self.tokens_given}-{self.tenant.new_id().hex}"
        self._tokens[token] = self.tenant.clock() + timedelta(seconds=self.credentials.expires_in)
        body = {"access_token": token, "expires_in": self.credentials.expires_in, "token_type": "Bearer"}
        return JSONResponse(body | {"scope": "ApplicationAccess_" + self.tenant.new_id().hex})

    def _no_token(self, error: str) -> Response:
        self.failures += 1
        if self.tenant.switches.token_error == "html_200":
            return HTMLResponse(LOGIN_PAGE)
        return JSONResponse({"error": error}, 401 if self.tenant.switches.token_error == "json_401" else 400)

    def log_in(self, body: bytes) -> Response:
        """POST /ServiceModel/AuthService.svc/Login: always 200, the answer is in `Code`."""
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        given = given if isinstance(given, dict) else {}
        now = self.tenant.clock()
        if self._locked_until is not None and now < self._locked_until:
            return self._not_in("Your account is locked. Please try again later.")
        expected = {"UserName": self.credentials.user, "UserPassword": self.credentials.password}
        if not expected["UserName"] or any(given.get(name) != value for name, value in expected.items()):
            self._count_failure(now)
            return self._not_in("Invalid login or password specified.")
        answer = JSONResponse(
            {"Code": 0, "Message": "", "Exception": None, "PasswordChangeUrl": None, "RedirectUrl": None}
        )
        key, csrf = self.tenant.new_id().hex, self.tenant.new_id().hex
        early = self.tenant.switches.csrf_cookie == "at_login"
        self._sessions[key] = _Session(csrf, now, shown=early)
        answer.set_cookie("BPMLOADER", self.tenant.new_id().hex, httponly=True, samesite="lax")
        answer.set_cookie(".ASPXAUTH", key, httponly=True, samesite="lax")
        answer.set_cookie("UserName", quote(self.credentials.user), samesite="lax")
        if early:
            answer.set_cookie("BPMCSRF", csrf, samesite="lax")
        return answer

    def _not_in(self, why: str) -> Response:
        refusal = {"Code": 1, "Message": why, "Exception": None, "PasswordChangeUrl": None, "RedirectUrl": None}
        return JSONResponse(refusal)

    def _count_failure(self, now: datetime) -> None:
        self.failures += 1
        allowed = self.tenant.setting("LoginAttemptCount")
        minutes = self.tenant.setting("UserLockoutDuration")
        if isinstance(allowed, int) and isinstance(minutes, int) and allowed and self.failures >= allowed:
            self._locked_until = now + timedelta(minutes=minutes)

    def admit(self, request: Request) -> dict[str, str]:
        """Cookies to set on the answer of an admitted call; Refused for everyone else."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            until = self._tokens.get(token)
            if until is None or until <= self.tenant.clock() or not self.active:
                raise self._ended(request)
            cookies: dict[str, str] = {}
        else:
            cookies = self._admit_session(request)
        if not self.tenant.rights.may_use_odata:
            raise Refused(
                403, {"Message": "Current user does not have permissions for the CanUseODataService operation"}
            )
        return cookies

    def _admit_session(self, request: Request) -> dict[str, str]:
        session = self._sessions.get(request.cookies.get(".ASPXAUTH", ""))
        idle = self.tenant.setting("UserSessionTimeout")
        now = self.tenant.clock()
        if session is None or now - session.used > timedelta(minutes=idle if isinstance(idle, int) else 60):
            raise self._ended(request)
        if request.headers.get("forceusesession", "").lower() != "true":
            raise Refused(401, SERVICE_DENIED)
        session.used = now
        fresh = {} if request.cookies.get("BPMSESSIONID") else {"BPMSESSIONID": self.tenant.new_id().hex}
        if not session.shown and request.method == "GET":
            session.shown = True
            return fresh | {"BPMCSRF": session.csrf}
        if not hmac.compare_digest(request.headers.get("bpmcsrf", "").encode(), session.csrf.encode()):
            raise Refused(403, {"Message": "Forbidden: BPMCSRF token is wrong or missing."})
        return fresh

    def _ended(self, request: Request) -> Refused:
        page = "/Login/NuiLogin.aspx" if self.tenant.switches.runtime == "framework" else "/Login/Login.html"
        if ".svc" in request.url.path or "/rest/" in request.url.path:
            return Refused(401, SERVICE_DENIED)
        match self.tenant.switches.ended_session:
            case "redirect_302":
                back = quote(request.url.path, safe="")
                return Refused(302, "", headers={"location": f"{page}?ReturnUrl={back}"})
            case "html_200":
                return Refused(200, LOGIN_PAGE)
            case _:
                return Refused(401, dict(DENIED))


@dataclass(slots=True)
class _Session:
    csrf: str
    used: datetime
    shown: bool


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form post; the first value counts."""
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def discovery(base: str) -> dict[str, Any]:
    """/.well-known/openid-configuration of the identity service."""
    return {
        "issuer": base,
        "token_endpoint": f"{base}/connect/token",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }
