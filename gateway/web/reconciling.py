"""Ledger and tenant compared, page by page, for who may open the socket."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.errors import TryLater
from gateway.pipeline import reconciling
from gateway.web.operations import error, read_body
from gateway.web.surroundings import parts


async def reconcile(request: Request, person: str) -> Response:
    here, said = parts(request), await read_body(request)
    if here.crm is None:
        return error("no [creatio] url is set: there is nothing to compare", 409)
    after, repair = str(said.get("after") or "")[:100], said.get("repair") in (True, "yes")
    try:
        compared = await reconciling.compare(here, here.crm, after, repair=repair, by=person)
    except TryLater as trouble:
        return error(f"Creatio could not be asked: {trouble}", 503)
    return JSONResponse(asdict(compared))
