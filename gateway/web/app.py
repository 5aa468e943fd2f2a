"""The windows put together: what stands behind each door."""

from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.errors import TryLater
from gateway.web import api, forms, hooks, metrics, pages, sign_in
from gateway.web.headers import SafeHeaders
from gateway.web.operations import BASE, error
from gateway.web.rendering import show
from gateway.web.surroundings import Door, Surroundings

_KINDS = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


def build_app(around: Surroundings, door: Door) -> Starlette:
    """The application behind one door. It asks `around` for the newest parts at every request."""
    settings = around.parts().settings
    app = Starlette(
        routes=_routes(door, hook_elsewhere=bool(settings.web.hook_listen)),
        middleware=[
            Middleware(
                SafeHeaders,
                https=settings.public_url.startswith("https://") and door is not Door.SOCKET,
                but=f"{BASE}/feed" if door is Door.SOCKET else "",
            )
        ],
        exception_handlers={HTTPException: _refuse, TryLater: _say_later},
    )
    app.router.redirect_slashes = False
    app.state.around, app.state.door = around, door
    return app


def _routes(door: Door, *, hook_elsewhere: bool) -> list[BaseRoute]:
    if door is Door.HOOK:
        return [*hooks.ROUTES]
    if door is Door.SOCKET:
        return [*api.routes(door), *metrics.ROUTES]
    own = [] if hook_elsewhere else [*hooks.ROUTES]
    pages_too = [*sign_in.ROUTES, *forms.ROUTES, *pages.ROUTES, Route("/static/{name}", static)]
    return [*own, *metrics.ROUTES, *api.routes(door), *pages_too]


async def static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _KINDS:
        raise HTTPException(404)
    content = files("gateway.web").joinpath("static", name).read_bytes()
    # Its address has the version in it, so it may be kept for good.
    return Response(content, headers={"cache-control": "public, max-age=31536000, immutable"}, media_type=_KINDS[name])


async def _refuse(request: Request, refused: Exception) -> Response:
    assert isinstance(refused, HTTPException)
    if _is_page(request):
        title = {404: "Not found", 405: "Not possible"}.get(refused.status_code, "Not possible")
        answer = await show(
            request, "message.html", status=refused.status_code, title=title, text="There is no such page here."
        )
    else:
        answer = error(refused.detail.lower(), refused.status_code)
    for name, value in (refused.headers or {}).items():
        answer.headers[name] = value
    return answer


async def _say_later(request: Request, away: Exception) -> Response:
    """The store does not answer: nothing is shown that needs it."""
    if _is_page(request):
        text = f"Nothing can be shown or done for the moment: {away}. Mail waits with its senders until then."
        answer = await show(request, "message.html", status=503, title="Please come back in a minute", text=text)
    else:
        answer = error(f"not possible now: {away}", 503)
    answer.headers["retry-after"] = "10"
    return answer


def _is_page(request: Request) -> bool:
    door_has_pages = request.app.state.door is Door.INBOX
    return door_has_pages and not request.url.path.startswith((BASE, "/hooks", "/healthz", "/readyz", "/metrics"))
