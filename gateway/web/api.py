"""The API: what the inbox shows and does, as JSON (contract 4)."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.errors import Misconfigured
from gateway.offload import TooHeavy
from gateway.pipeline import explaining
from gateway.pipeline.parts import Parts
from gateway.pipeline.people import Result
from gateway.store.inbox import View
from gateway.web import accounts, acts, files, forwarding, reconciling, shown
from gateway.web.acts import Act, Said
from gateway.web.arrival import arrival
from gateway.web.conversation import conversation
from gateway.web.feed import feed
from gateway.web.openapi import describe
from gateway.web.operations import (
    BASE,
    SOCKET_ONLY,
    BadRequest,
    Operation,
    answer,
    endpoint,
    error,
    found,
    read_body,
)
from gateway.web.surroundings import Door, around, parts

AREAS = ("store", "smtp", "imap", "relay", "assistant", "creatio", "dns", "scanner")


async def show_status(request: Request, person: str) -> Response:
    return JSONResponse(await shown.status(around(request)))


async def list_conversations(request: Request, person: str) -> Response:
    asked = request.query_params
    try:
        view, page = View(asked.get("show") or "all"), int(asked.get("page") or 1)
    except ValueError:
        raise BadRequest("show is one of all, open, people, drafts, resolved; page is a number") from None
    if not 1 <= page <= 1_000_000:
        raise BadRequest("page begins at 1")
    return JSONResponse(await shown.conversations(parts(request).store, view, asked.get("query", "")[:500], page))


async def show_conversation(request: Request, person: str) -> Response:
    here = parts(request)
    return found(
        await conversation(here.store, request.path_params["id"], here.settings.public_url), "conversation"
    )  # fmt: skip


async def list_aside(request: Request, person: str) -> Response:
    return JSONResponse(await shown.aside(parts(request).store))


async def show_connections(request: Request, person: str) -> Response:
    return JSONResponse(await shown.connections(around(request)))


async def test_connection(request: Request, person: str) -> Response:
    area = request.path_params["area"]
    if area not in AREAS:
        return error(f"there is no area {area}: {', '.join(AREAS)}", 404)
    return JSONResponse({"findings": [asdict(one) for one in await around(request).test(area)]})


async def show_arrival(request: Request, person: str) -> Response:
    return found(await arrival(parts(request), request.path_params["id"]), "mail")


async def explain_arrival(request: Request, person: str) -> Response:
    try:
        told = await explaining.explain(parts(request), request.path_params["id"])
    except TooHeavy as heavy:
        return error(heavy.reason, 409)
    return found(told, "mail")


async def reload(request: Request, person: str) -> Response:
    try:
        settings = await around(request).reload()
    except Misconfigured as wrong:
        return error("; ".join(str(fault) for fault in wrong.faults), 409)
    return JSONResponse({"done": "The settings were read again.", "warnings": list(settings.warnings)})


async def retry_all(request: Request, person: str) -> Response:
    return answer(await acts.retry_all(parts(request), {}, person))


async def unpause(request: Request, person: str) -> Response:
    said = {"mailbox": request.query_params.get("mailbox", "")}
    return answer(await acts.unpause(parts(request), request.path_params["what"], said, person))


async def describe_api(request: Request, person: str) -> Response:
    return JSONResponse(describe(OPERATIONS, around(request).version))


def _act(act: Act, name: str = "id") -> Callable[[Request, str], Awaitable[Response]]:
    async def run(request: Request, person: str) -> Response:
        said = await read_body(request)
        return answer(await act(parts(request), str(request.path_params[name]), said, person))

    return run


async def _release(here: Parts, number: str, said: Said, by: str) -> Result:
    return await acts.release(here, number, said, by)


_REASON = {"reason": "kept beside it, and shown"}
_REPLY = {
    "text": "what is said to the customer",
    "seen": "the newest entry's id that its writer knew: refused when the customer has written since",
    "once": "any text: the same is sent once",
}
_ABOUT = {
    "hand-off": ("give it to people", _REASON),
    "resolve": ("nothing more is to be done", _REASON),
    "reopen": ("it is open again", _REASON),
    "resume": ("give it back to the assistant", _REASON),
    "discard": ("the draft is not sent; people have the conversation", _REASON),
    "approve": ("send the draft, with other words if text is given", {**_REPLY, "text": "other words"}),
    "reply": ("answer the customer", _REPLY),
    "send-here": ("mail from here what Creatio could not send", {"activity": "its id in Creatio"}),
    "merge": ("it goes on in another conversation of the same customer", {"into": "the other's id or address here"}),
    "split": (
        "a mail of the customer becomes a conversation of its own",
        {"entry": "the mail's id in the conversation"},
    ),
    "confirm": ("replies may go to an address that nothing proves", {"address": "the one that waits for it"}),
}
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/status", "what waits, is in work, is set aside; connections; counters", show_status, "Status"),
    Operation(
        "GET",
        "/conversations",
        "conversations, newest change first",
        list_conversations,
        "Conversations",
        {"query": "words that must all occur", "show": "all, open, people, drafts or resolved", "page": "from 1"},
    ),
    Operation("GET", "/conversations/{id}", "one conversation, whole", show_conversation, "Conversation"),
    *(
        Operation("POST", f"/conversations/{{id}}/{name}", about, _act(acts.ON_CONVERSATION[name]), body=body)
        for name, (about, body) in _ABOUT.items()
    ),
    Operation("GET", "/aside", "what needs a person", list_aside, "Aside"),
    Operation("POST", "/aside/retry", "try all of it again", retry_all),
    Operation("POST", "/aside/{id}/retry", "try it again", _act(acts.retry)),
    Operation("POST", "/aside/{id}/drop", "give it up", _act(acts.drop), body=_REASON),
    Operation("GET", "/arrivals/{id:int}", "one mail as it came, and what became of it", show_arrival, "Arrival"),
    Operation("GET", "/arrivals/{id:int}/explanation", "what the rules say of it", explain_arrival, "Explanation"),
    Operation("GET", "/arrivals/{id:int}/mail.eml", "its bytes", files.arrival_mail, "message/rfc822"),
    Operation(
        "GET", "/arrivals/{id:int}/attachments/{index:int}", "one file of it", files.attachment,
        "application/octet-stream",
    ),
    Operation("POST", "/arrivals/{id:int}/release", "it was no spam", _act(_release)),
    Operation("GET", "/deliveries/{id:int}/mail.eml", "a mail of ours, its bytes", files.sent_mail, "message/rfc822"),
    Operation("GET", "/connections", "mailboxes, partners, work", show_connections, "Connections"),
    Operation("POST", "/connections/{area}/test", "test it now", test_connection, "Findings"),
    Operation(
        "GET", "/forwarding", "the newest connection test of an address", forwarding.show, "Forwarding",
        {"address": "what customers write to"},
    ),
    Operation(
        "POST", "/forwarding", "send a test mail there: its forwarding must bring it back", forwarding.begin,
        "Forwarding", body={"address": "what customers write to"},
    ),
    Operation(
        "POST", "/pauses/{what}", "stop the assistant, or sending", _act(acts.pause, "what"),
        body={"mailbox": "empty: all of them"},
    ),
    Operation("DELETE", "/pauses/{what}", "go on", unpause, query={"mailbox": "empty: the pause of all"}),
    Operation("GET", "/accounts", "who may sign in", accounts.list_accounts, "Accounts"),
    Operation(
        "POST", "/accounts", "add an account, or change its password", accounts.add_account,
        body={"name": "as they sign in", "password": "12 characters or more"}, doors=SOCKET_ONLY,
    ),
    Operation("DELETE", "/accounts/{name}", "they may not sign in any more", accounts.remove_account),
    Operation(
        "POST", "/invitations", "a link that lets somebody in once", accounts.invite, "Invitation",
        body={"name": "who is invited"},
    ),
    Operation(
        "POST", "/feed", "take a mail in", feed, "Taken",
        {"mailbox": "default: whom it is addressed to", "history": "yes: only recorded"},
        takes="message/rfc822", doors=SOCKET_ONLY,
    ),
    Operation(
        "POST", "/creatio/reconcile", "compare ledger and Creatio, a page of conversations at a time",
        reconciling.reconcile, "Reconciled",
        body={"after": "`last` of the page before", "repair": "yes: write again what Creatio lost"}, doors=SOCKET_ONLY,
    ),
    Operation("POST", "/reload", "read the settings again", reload, "Reloaded", doors=SOCKET_ONLY),
    Operation("GET", "/openapi.json", "this description", describe_api, "application/json"),
)  # fmt: skip


def routes(door: Door) -> list[Route]:
    return [Route(f"{BASE}{one.path}", endpoint(one), methods=[one.method]) for one in OPERATIONS if door in one.doors]
