"""The connection test of an address, begun and shown."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.desk.probes import Probe
from gateway.log import event, get
from gateway.pipeline import probing
from gateway.web.operations import error, read_body
from gateway.web.surroundings import parts

log = get("web")


async def begin(request: Request, person: str) -> Response:
    here, address = parts(request), str((await read_body(request)).get("address") or "").strip()[:320]
    probe = await here.store.write(probing.send_probe, address, here.settings, by=person)
    if probe is None:
        return error(f"{address or 'that'} is no address of a mailbox here", 404)
    event(log, "connection_test", address=probe.address, by=person)
    return JSONResponse(as_shown(probe))


async def show(request: Request, person: str) -> Response:
    address = request.query_params.get("address", "").strip()[:320]
    probe = await parts(request).store.read(probing.newest, address)
    return error("it has not been tested yet", 404) if probe is None else JSONResponse(as_shown(probe))


def as_shown(probe: Probe) -> dict[str, Any]:
    return {
        "address": probe.address,
        "mailbox": probe.mailbox,
        "state": probe.state.value,
        "why": probe.why,
        "sent": probe.sent.isoformat(timespec="milliseconds"),
        "by": probe.by,
        "lost": probe.lost,
        "learnt": dict(probe.learnt),
    }
