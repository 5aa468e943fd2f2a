"""What pages have in common: somebody is signed in, forms are our own, and what is not there is said kindly."""

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from gateway.pipeline.people import Done, Result
from gateway.web import auth
from gateway.web.rendering import go, show

View = Callable[[Request, str], Awaitable[Response]]
Submit = Callable[[Request, str, FormData], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
_FIELDS = 50


def page(view: View) -> Endpoint:
    """A page for who is signed in; others sign in first and come back to it."""

    async def guarded(request: Request) -> Response:
        person = await auth.find_person(request)
        if person is None:
            return _sign_in_first(request)
        return await view(request, person)

    return guarded


def form(submit: Submit) -> Endpoint:
    """A form of ours, sent by who is signed in."""

    async def guarded(request: Request) -> Response:
        person = await auth.find_person(request)
        if person is None:
            return go(request, auth.SIGN_IN)
        sent = await read_form(request)
        if sent is None:
            return await show_refusal(request, person)
        return await submit(request, person, sent)

    return guarded


async def read_form(request: Request) -> FormData | None:
    """The fields of a form of ours; None when it comes from elsewhere, or from a page that is too old."""
    sent = await request.form(max_files=0, max_fields=_FIELDS)
    return sent if auth.form_is_ours(request, text_in(sent, "token")) else None


async def show_refusal(request: Request, person: str = "") -> Response:
    return await show(
        request,
        "message.html",
        person=person,
        status=403,
        title="Please try again",
        text="This form did not come from a page of the gateway that is still good. Nothing was done.",
    )


async def not_there(request: Request, person: str, what: str) -> Response:
    text = f"There is no such {what} here, or it has been erased."
    return await show(request, "message.html", person=person, status=404, title="Not found", text=text)


def back(request: Request, sent: FormData, result: Result, otherwise: str = "/") -> Response:
    """To the page the form stood on, with a word about what was done."""
    text = result.text if isinstance(result, Done) else f"Not done: {result.why}."
    return go(request, auth.safe_path(text_in(sent, "next"), otherwise), text)


def text_in(sent: FormData, name: str) -> str:
    value = sent.get(name)
    return value if isinstance(value, str) else ""


def _sign_in_first(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return go(request, auth.SIGN_IN if wanted == "/" else f"{auth.SIGN_IN}?next={quote(wanted, safe='')}")
