"""What the forms of the pages do."""

from dataclasses import asdict

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.pipeline.people import Done, NotDone
from gateway.store import accounts as kept
from gateway.web import accounts, acts, auth, passwords, shown
from gateway.web.api import AREAS
from gateway.web.rendering import show
from gateway.web.surroundings import around, parts
from gateway.web.windows import back, form, not_there, text_in


async def act_on_conversation(request: Request, person: str, sent: FormData) -> Response:
    act = acts.ON_CONVERSATION.get(request.path_params["act"])
    if act is None:
        return await not_there(request, person, "act")
    conversation_id = request.path_params["id"]
    result = await act(parts(request), conversation_id, dict(sent), person)
    if isinstance(result, NotDone) and (typed := text_in(sent, "text").strip()):
        # What somebody has written is not lost because it came too late.
        text = f"{result.why[:1].upper()}{result.why[1:]}."
        here = f"/conversations/{conversation_id}"
        return await show(
            request, "message.html", person=person, status=409, title="Not sent", text=text, typed=typed, back=here
        )
    return back(request, sent, result, f"/conversations/{conversation_id}")


async def pause(request: Request, person: str, sent: FormData) -> Response:
    act = acts.unpause if request.path_params["act"] == "end" else acts.pause
    return back(request, sent, await act(parts(request), request.path_params["what"], dict(sent), person))


async def act_on_aside(request: Request, person: str, sent: FormData) -> Response:
    act = {"retry": acts.retry, "drop": acts.drop, "release": acts.release}.get(request.path_params["act"])
    if act is None:
        return await not_there(request, person, "act")
    return back(request, sent, await act(parts(request), request.path_params["id"], dict(sent), person), "/aside")


async def retry_all(request: Request, person: str, sent: FormData) -> Response:
    return back(request, sent, await acts.retry_all(parts(request), dict(sent), person), "/aside")


async def test_connection(request: Request, person: str, sent: FormData) -> Response:
    area = request.path_params["area"]
    if area not in AREAS:
        return await not_there(request, person, "connection")
    findings = [asdict(one) for one in await around(request).test(area)]
    found = await shown.connections(around(request))
    known = await shown.status(around(request))
    return await show(
        request, "connections.html", person=person, found=found, known=known, findings=findings, tested=area
    )


async def invite(request: Request, person: str, sent: FormData) -> Response:
    made = await accounts.make_invitation(request, text_in(sent, "name"), person)
    if isinstance(made, NotDone):
        return back(request, sent, made, "/accounts")
    names = await parts(request).store.read(kept.names)
    return await show(request, "accounts.html", person=person, names=names, link=made)


async def remove_account(request: Request, person: str, sent: FormData) -> Response:
    name = text_in(sent, "name")
    if name == person:
        return back(request, sent, NotDone("somebody else has to remove you"), "/accounts")
    return back(request, sent, await accounts.remove(request, name, person), "/accounts")


async def change_password(request: Request, person: str, sent: FormData) -> Response:
    """One's own. Who has one proves it; who came by an invitation chooses the first."""
    before = await parts(request).store.read(kept.password_of, person)
    keys = f"name {person}", f"place {auth.place_of(request)}"
    guesses = around(request).guesses
    if before is not None:
        if guesses.wait(*keys) > 0:
            return back(request, sent, NotDone("too many wrong passwords: wait a little"), "/accounts")
        async with around(request).hashing:
            right = await passwords.matches(before, text_in(sent, "now"))
        if not right:
            guesses.wrong(*keys)
            return back(request, sent, NotDone("that is not your password"), "/accounts")
    if text_in(sent, "new") != text_in(sent, "again"):
        return back(request, sent, NotDone("the two new passwords are not the same"), "/accounts")
    result = await accounts.set_password(request, person, text_in(sent, "new"), person)
    answer = back(request, sent, result, "/accounts")
    if isinstance(result, Done) and auth.session_cookie(request):
        await auth.begin_session(request, answer, person)
    return answer


ROUTES = (
    Route("/conversations/{id}/{act}", form(act_on_conversation), methods=["POST"]),
    Route("/pauses/{what}/{act}", form(pause), methods=["POST"]),
    Route("/aside/retry", form(retry_all), methods=["POST"]),
    Route("/aside/{id}/{act}", form(act_on_aside), methods=["POST"]),
    Route("/connections/{area}/test", form(test_connection), methods=["POST"]),
    Route("/accounts/invite", form(invite), methods=["POST"]),
    Route("/accounts/remove", form(remove_account), methods=["POST"]),
    Route("/accounts/password", form(change_password), methods=["POST"]),
)
