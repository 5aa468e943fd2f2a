"""How Creatio says no: the three error envelopes of its OData service, and the bodies that come from around it."""

import json
from typing import Any, Literal

from gateway.demo.creatio.schema import Column
from gateway.demo.creatio.switches import Switches

LOGIN_PAGE = (
    '<!DOCTYPE html><html><head><title>Creatio</title></head><body><script>require(["bootstrap.login"])'
    "</script></body></html>"
)
NOT_FOUND_PAGE = (
    "<!DOCTYPE html><html><head><title>404 - File or directory not found.</title></head>"
    "<body><h2>404 - File or directory not found.</h2></body></html>"
)
FIREWALL_PAGE = (
    "<html><head><META NAME='robots' CONTENT='noindex,nofollow'></head><body>Request unsuccessful. "
    "Incapsula incident ID: 0-000000000000000000</body></html>"
)


class Refused(Exception):
    """The answer is this refusal: a JSON object, or an HTML page."""

    def __init__(self, status: int, body: dict[str, Any] | str, *, headers: dict[str, str] | None = None) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body
        self.headers = headers or {}

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    @property
    def media_type(self) -> str:
        return "text/html; charset=utf-8" if isinstance(self.body, str) else "application/json; charset=utf-8"


def _envelope(message: str, inner: str, kind: str = "", cause: str = "") -> dict[str, Any]:
    innererror: dict[str, Any] = {"message": inner, "type": kind, "stacktrace": ""}
    if cause:
        innererror["internalexception"] = {"message": cause, "type": "", "stacktrace": ""}
    return {"error": {"code": "", "message": message, "innererror": innererror}}


def query_refused(why: str) -> Refused:
    """Envelope A: the question itself is wrong."""
    return Refused(400, _envelope(f"The query specified in the URI is not valid. {why}", why))


def answer_failed(cause: str) -> Refused:
    """Envelope B: the question was understood, and failed while its answer was written."""
    wrapped = "The 'ObjectContent`1' type failed to serialize the response body for content type 'application/json'."
    return Refused(500, _envelope("An error has occurred.", wrapped, cause=cause))


def raw_lookup(property_name: str, entity: str) -> Refused:
    return answer_failed(f"Column by path {property_name} not found in schema {entity}.")


def incompatible(left: str, right: str, operator: str) -> Refused:
    return query_refused(
        "A binary operator with incompatible types was detected. "
        f"Found operand types '{left}' and '{right}' for operator kind '{operator}'."
    )


def body_refused(why: str) -> Refused:
    """The request's body does not fit the model; nothing was done."""
    return Refused(400, _envelope("The request is invalid.", why))


def save_failed(why: str, *, status: int = 500, kind: str = "") -> Refused:
    """Envelope C: the entity layer or the database refused the write."""
    return Refused(status, _envelope("An error has occurred.", why, kind))


_DRIVER = {"postgresql": "Npgsql.PostgresException", "sqlserver": "System.Data.SqlClient.SqlException"}


def missing_row(switches: Switches, entity: str, column: Column, verb: Literal["INSERT", "UPDATE"]) -> Refused:
    """A lookup that points to no row."""
    if switches.database == "postgresql":
        why = f'23503: insert or update on table "{entity}" violates foreign key constraint "FK{entity}{column.odata}"'
    else:
        why = (
            f'The {verb} statement conflicted with the FOREIGN KEY constraint "FK{entity}{column.odata}". '
            f'The conflict occurred in database "creatio", table "dbo.{column.lookup}", column \'Id\'.'
            "\r\nThe statement has been terminated."
        )
    return save_failed(why, kind=_DRIVER[switches.database])


def duplicate(switches: Switches, entity: str, row_id: object) -> Refused:
    if switches.database == "postgresql":
        why = f'23505: duplicate key value violates unique constraint "PK{entity}"'
    else:
        why = (
            f"Violation of PRIMARY KEY constraint 'PK{entity}'. Cannot insert duplicate key in object 'dbo.{entity}'. "
            f"The duplicate key value is ({row_id}).\r\nThe statement has been terminated."
        )
    return save_failed(why, status=int(switches.duplicate_id), kind=_DRIVER[switches.database])


def too_long(switches: Switches, length: int) -> Refused:
    if switches.database == "postgresql":
        why = f"22001: value too long for type character varying({length})"
    else:
        why = "String or binary data would be truncated.\r\nThe statement has been terminated."
    return save_failed(why, status=int(switches.too_long), kind=_DRIVER[switches.database])


def no_right(switches: Switches, entity: str) -> Refused:
    if switches.missing_right == "401":
        return Refused(401, {"Message": "Authorization has been denied for this request."})
    why = f'Current user does not have permissions for the "{entity}" object'
    return save_failed(why, status=int(switches.missing_right), kind="System.Security.SecurityException")


def unknown_entity(switches: Switches, name: str, url: str) -> Refused:
    match switches.unknown_entity:
        case "html_404":
            return Refused(404, NOT_FOUND_PAGE)
        case "status_401":
            return Refused(401, {"Message": "Authorization has been denied for this request."})
        case _:
            return no_controller(name, url)


def no_controller(name: str, url: str) -> Refused:
    return Refused(
        404,
        {
            "Message": f"No HTTP resource was found that matches the request URI '{url}'.",
            "MessageDetail": f"No type was found that matches the controller named '{name}'.",
        },
    )


def not_there(switches: Switches) -> Refused:
    """A row asked for by its Id that does not exist."""
    match switches.missing_get:
        case "json":
            return Refused(404, _envelope("Resource not found.", "Resource not found."))
        case "html":
            return Refused(404, NOT_FOUND_PAGE)
        case _:
            return Refused(404, "")
