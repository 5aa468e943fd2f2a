"""What goes wrong on the way: each fault strikes one request, chosen by its number or by what it asks for."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from starlette.responses import Response

from gateway.demo.creatio import refusals
from gateway.demo.creatio.refusals import Refused
from gateway.demo.creatio.traffic import Call


class Fault(Enum):
    """A way to fail. Those named AFTER happen when the request has been carried out."""

    ERROR_500 = "500"
    ERROR_502 = "502"
    ERROR_503 = "503"
    ERROR_504 = "504"
    THROTTLED_429 = "429"
    UNAUTHORISED_401 = "401"
    REDIRECT_302 = "302"
    LOGIN_PAGE_200 = "200+HTML"
    ERROR_BODY_200 = "200+error"
    FIREWALL_PAGE = "firewall"
    NO_CONTROLLER_404 = "no controller"
    COLLECTION_MODIFIED = "collection was modified"
    TIMEOUT_BEFORE = "time-out before"
    TIMEOUT_AFTER = "time-out after commit"
    DROPPED = "dropped connection"
    DROPPED_AFTER = "dropped after commit"
    ERROR_AFTER = "error after insert"
    TRUNCATED_AFTER = "truncated JSON"


AFTER = {Fault.TIMEOUT_AFTER, Fault.DROPPED_AFTER, Fault.ERROR_AFTER, Fault.TRUNCATED_AFTER}
SILENT = {Fault.TIMEOUT_BEFORE, Fault.TIMEOUT_AFTER}
CUT = {Fault.DROPPED, Fault.DROPPED_AFTER}


@dataclass(slots=True)
class Planned:
    fault: Fault
    when: Callable[[Call], bool]
    times: int
    retry_after: int | None


@dataclass(slots=True)
class Faults:
    """The faults to come. `struck` counts those that happened."""

    plan: list[Planned] = field(default_factory=list)
    struck: int = 0

    def at(self, number: int, fault: Fault, *, retry_after: int | None = None) -> None:
        """Strike the request with this number in the log (from 1)."""
        self.next(fault, when=lambda call: call.number == number, retry_after=retry_after)

    def next(
        self,
        fault: Fault,
        *,
        when: Callable[[Call], bool] = lambda call: True,
        times: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """Strike the next requests for which `when` is true, so many times."""
        self.plan.append(Planned(fault, when, times, retry_after))

    def clear(self) -> None:
        self.plan.clear()

    def strike(self, call: Call) -> Planned | None:
        """The fault for this request, if there is one; it is used up."""
        for planned in self.plan:
            if planned.when(call):
                planned.times -= 1
                if planned.times <= 0:
                    self.plan.remove(planned)
                self.struck += 1
                call.fault = planned.fault.value
                return planned
        return None


def faulty_answer(planned: Planned, call: Call, done: Response | None) -> Response:
    """What the client gets to see of a fault that is neither silence nor a cut; `done` is the answer it replaces."""
    retry = {"Retry-After": str(planned.retry_after)} if planned.retry_after is not None else {}
    match planned.fault:
        case Fault.TRUNCATED_AFTER if done is not None:
            whole = bytes(done.body)
            return Response(whole[: len(whole) // 2], done.status_code, media_type=done.media_type)
        case Fault.ERROR_500 | Fault.ERROR_AFTER:
            refused = refusals.save_failed("Object reference not set to an instance of an object.")
        case Fault.ERROR_502 | Fault.ERROR_503 | Fault.ERROR_504:
            page = "<html><head><title>Service Unavailable</title></head><body>Service Unavailable</body></html>"
            refused = Refused(int(planned.fault.value), page, headers=retry)
        case Fault.THROTTLED_429:
            refused = Refused(429, {"Message": "Too many requests."}, headers=retry)
        case Fault.UNAUTHORISED_401:
            refused = Refused(401, {"Message": "Authorization has been denied for this request."})
        case Fault.REDIRECT_302:
            refused = Refused(302, "", headers={"location": "/Login/NuiLogin.aspx?ReturnUrl=%2f0%2fodata"})
        case Fault.LOGIN_PAGE_200:
            refused = Refused(200, refusals.LOGIN_PAGE)
        case Fault.FIREWALL_PAGE:
            refused = Refused(403, refusals.FIREWALL_PAGE)
        case Fault.NO_CONTROLLER_404:
            refused = refusals.no_controller(call.entity, call.path)
        case Fault.COLLECTION_MODIFIED:
            body = refusals.save_failed("Collection was modified; enumeration operation may not execute.").body
            refused = Refused(200, body)
        case _:
            refused = Refused(200, refusals.save_failed("An unexpected error has occurred.").body)
    return to_response(refused)


def to_response(refused: Refused) -> Response:
    return Response(refused.content, refused.status, headers=refused.headers, media_type=refused.media_type)
