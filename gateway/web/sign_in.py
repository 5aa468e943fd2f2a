"""Signing in and out, with a password or by an invitation."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.log import event, get, trouble
from gateway.store import accounts
from gateway.web import auth, passwords
from gateway.web.rendering import go, show
from gateway.web.surroundings import around, parts
from gateway.web.windows import read_form, show_refusal, text_in

log = get("web")


async def show_sign_in(request: Request) -> Response:
    wanted = auth.safe_path(request.query_params.get("next", ""))
    if await auth.find_person(request) is not None:
        return go(request, wanted)
    return await _form(request, wanted)


async def sign_in(request: Request) -> Response:
    sent = await read_form(request)
    if sent is None:
        return await show_refusal(request)
    name, password = auth.readable_name(text_in(sent, "name")), text_in(sent, "password")
    wanted = auth.safe_path(text_in(sent, "next"))
    keys = f"name {name}", f"place {auth.place_of(request)}"
    guesses = around(request).guesses
    wait = guesses.wait(*keys)
    if wait > 0:
        answer = await _form(request, wanted, f"Too many wrong passwords. Try again in {wait:.0f} seconds.", 429)
        answer.headers["retry-after"] = f"{wait:.0f}"
        return answer
    if not await _is_right(request, name, password):
        guesses.wrong(*keys)
        # The name is not told: it may be a password in the wrong field.
        trouble(log, "sign_in_refused", place=auth.place_of(request))
        return await _form(request, wanted, "That name and password do not belong together.", 401)
    guesses.right(*keys)
    event(log, "signed_in", account=name)
    answer = go(request, wanted)
    await auth.begin_session(request, answer, name)
    return answer


async def sign_out(request: Request) -> Response:
    if await read_form(request) is None:
        return await show_refusal(request)
    answer = go(request, auth.SIGN_IN)
    await auth.end_session(request, answer)
    return answer


async def accept_invitation(request: Request) -> Response:
    name = around(request).invitations.accept(request.path_params["token"])
    if name is None:
        text = "An invitation is good for one hour and one visit. Ask for another one: gateway user invite NAME."
        return await show(request, "message.html", status=404, title="This invitation is used up", text=text)
    event(log, "signed_in", account=name, by="invitation")
    answer = go(request, auth.safe_path(request.query_params.get("next", "")))
    await auth.begin_session(request, answer, name)
    return answer


async def _is_right(request: Request, name: str, password: str) -> bool:
    store = parts(request).store
    hashed = await store.read(accounts.password_of, name)
    async with around(request).hashing:
        right = await passwords.matches(hashed, password)
        if right and hashed is not None and passwords.outdated(hashed):
            await store.write(accounts.renew_hash, name, hashed, await passwords.hash_password(password))
    return right


async def _form(request: Request, wanted: str, problem: str = "", status: int = 200) -> Response:
    anybody = bool(await parts(request).store.read(accounts.names))
    return await show(
        request, "sign_in.html", status=status, wanted=wanted, problem=problem, anybody=anybody
    )  # fmt: skip


ROUTES = (
    Route(auth.SIGN_IN, show_sign_in),
    Route(auth.SIGN_IN, sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/invitation/{token}", accept_invitation),
)
