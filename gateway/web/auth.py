"""Who is at the window: a signed-in cookie, a sign-in proxy's header, or whoever can open the socket."""

import hashlib
import hmac
import re
import secrets
from ipaddress import ip_address
from urllib.parse import unquote

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from gateway.store import accounts
from gateway.web.surroundings import Door, door, parts

SIGN_IN = "/sign-in"
_NAME = re.compile(r"[^\x00-\x1f\x7f/\\]{1,100}")
_SAFE_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\\]{0,2000}")


async def find_person(request: Request) -> str | None:
    """The name of who asks, or None. It goes beside every act as who did it."""
    if door(request) is Door.SOCKET:
        return readable_name(unquote(request.headers.get("x-gateway-by", ""))) or "operator"
    settings = parts(request).settings.web
    if settings.identity_header and from_trusted_proxy(request):
        named = readable_name(request.headers.get(settings.identity_header, ""))
        if named:
            return named
    cookie = session_cookie(request)
    if not cookie:
        return None
    token, store = hash_token(cookie), parts(request).store
    found = await store.read(accounts.signed_in, token)
    if found is None:
        return None
    name, touch_due = found
    if touch_due:
        await store.write(accounts.touch, token)
    return name


async def begin_session(request: Request, answer: Response, name: str) -> None:
    """Sign somebody in; whoever had this browser before is signed out."""
    store = parts(request).store
    if before := session_cookie(request):
        await store.write(accounts.sign_out, hash_token(before))
    cookie = secrets.token_urlsafe(32)
    await store.write(accounts.sign_in, hash_token(cookie), name)
    keep(request, answer, "session", cookie, seconds=int(accounts.LONGEST.total_seconds()))


async def end_session(request: Request, answer: Response) -> None:
    if before := session_cookie(request):
        await parts(request).store.write(accounts.sign_out, hash_token(before))
    keep(request, answer, "session", "", seconds=0)


def session_cookie(request: HTTPConnection) -> str:
    return request.cookies.get(cookie_name(request, "session"), "")[:200]


def form_token(request: HTTPConnection, visit: str) -> str:
    """What every form of this browser bears. Another site's page cannot know it: it cannot read the cookie."""
    key = session_cookie(request) or visit
    return hmac.new(key.encode(), b"gateway form", "sha256").hexdigest()


def form_is_ours(request: HTTPConnection, given: str) -> bool:
    """Whether a form was sent from a page of ours, by the browser that we gave it to."""
    visit = visit_cookie(request)
    if not (session_cookie(request) or visit):
        return False
    return hmac.compare_digest(form_token(request, visit), given) and same_origin(request)


def same_origin(request: HTTPConnection) -> bool:
    """Browsers say where a request comes from. What says nothing is an old one, or none: then the token holds."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    public = parts(request).settings.public_url.rstrip("/")
    return origin in (public, f"http://{request.headers.get('host')}", f"https://{request.headers.get('host')}")


def visit_cookie(request: HTTPConnection) -> str:
    """Of a browser that nobody is signed in with, or where the proxy signs in."""
    return request.cookies.get(cookie_name(request, "visit"), "")[:200]


def keep(request: HTTPConnection, answer: Response, name: str, value: str, *, seconds: int) -> None:
    """Set a cookie that no script and no other site gets; 0 seconds: forget it."""
    answer.set_cookie(
        cookie_name(request, name), value, max_age=seconds, path="/", secure=is_https(request), httponly=True,
        samesite="lax",
    )  # fmt: skip


def cookie_name(request: HTTPConnection, name: str) -> str:
    # A name with __Host- cannot be set from a neighbouring domain.
    return f"__Host-gateway-{name}" if is_https(request) else f"gateway-{name}"


def is_https(request: HTTPConnection) -> bool:
    return parts(request).settings.public_url.startswith("https://")


def place_of(request: HTTPConnection) -> str:
    """The network address that a request comes from: behind a trusted proxy the one which that proxy saw."""
    host = request.client.host if request.client else ""
    if from_trusted_proxy(request):
        host = request.headers.get("x-forwarded-for", host).rpartition(",")[2].strip()
    return host[:60]


def from_trusted_proxy(request: HTTPConnection) -> bool:
    proxies = parts(request).settings.web.trusted_proxies
    try:
        peer = ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    return any(peer in network for network in proxies)


def readable_name(text: str) -> str:
    """A name as accounts have it, or nothing."""
    name = " ".join(text.split())
    return name if _NAME.fullmatch(name) else ""


def safe_path(text: str, otherwise: str = "/") -> str:
    """A path of our own to go on to, never another site's."""
    return text if _SAFE_PATH.fullmatch(text) else otherwise


def hash_token(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
