"""The pages of the inbox."""

import secrets
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.store import accounts
from gateway.store.inbox import View
from gateway.web import files, shown
from gateway.web.arrival import arrival, read_text
from gateway.web.conversation import conversation
from gateway.web.rendering import show
from gateway.web.surroundings import around, parts
from gateway.web.timeline import lay_out
from gateway.web.windows import not_there, page


async def inbox(request: Request, person: str) -> Response:
    asked = request.query_params
    view = next((one for one in View if one.value == asked.get("show")), View.ALL if asked.get("query") else View.OPEN)
    query = asked.get("query", "").strip()[:500]
    number = int(asked["page"]) if asked.get("page", "").isdecimal() and len(asked["page"]) < 7 else 1
    found = await shown.conversations(parts(request).store, view, query, max(number, 1))
    many = len(parts(request).settings.mailboxes) > 1
    return await show(
        request, "inbox.html", person=person, found=found, view=view.value, query=query, link=_link, many=many
    )


async def one_conversation(request: Request, person: str) -> Response:
    here = parts(request)
    found = await conversation(here.store, request.path_params["id"].lower(), here.settings.public_url)
    if found is None:
        return await not_there(request, person, "conversation")
    return await show(
        request,
        "conversation.html",
        titles={field.column: field.title for field in here.settings.creatio.fields},
        person=person,
        one=found,
        timeline=lay_out(found),
        once=secrets.token_urlsafe(12),
        crm=here.settings.creatio.url.rstrip("/"),
    )


async def aside(request: Request, person: str) -> Response:
    return await show(request, "aside.html", person=person, **await shown.aside(parts(request).store))


async def one_arrival(request: Request, person: str) -> Response:
    found = await arrival(parts(request), request.path_params["id"])
    if found is None:
        return await not_there(request, person, "mail")
    text = await read_text(parts(request), found["id"])
    return await show(request, "arrival.html", person=person, one=found, text=text)


async def connections(request: Request, person: str) -> Response:
    found = await shown.connections(around(request))
    known = await shown.status(around(request))
    return await show(request, "connections.html", person=person, found=found, known=known, findings=None, tested="")


async def members(request: Request, person: str) -> Response:
    names = await parts(request).store.read(accounts.names)
    return await show(request, "accounts.html", person=person, names=names, link="")


def _link(view: str, query: str, number: int = 1) -> str:
    asked = {"show": view, "query": query, "page": "" if number == 1 else str(number)}
    return "/?" + urlencode({key: value for key, value in asked.items() if value})


ROUTES = (
    Route("/", page(inbox)),
    Route("/conversations/{id}", page(one_conversation)),
    Route("/aside", page(aside)),
    Route("/arrivals/{id:int}", page(one_arrival)),
    Route("/arrivals/{id:int}/mail.eml", page(files.arrival_mail)),
    Route("/arrivals/{id:int}/attachments/{index:int}", page(files.attachment)),
    Route("/deliveries/{id:int}/mail.eml", page(files.sent_mail)),
    Route("/connections", page(connections)),
    Route("/accounts", page(members)),
)
