"""What an answer of Creatio means: its body is read first, for its status is not always honest."""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any

from gateway.errors import TryLater
from gateway.http_client.client import Reply


class Meaning(Enum):
    GOOD = "good"
    SIGNED_OUT = "the sign-in has ended"
    DENIED = "the technical user lacks a right"
    MISSING = "nothing is at this address"
    REBUILDING = "Creatio is rebuilding its services"
    REFUSED = "refused"
    PAGE = "a page that is not Creatio's API, perhaps of a firewall"
    BUSY = "too many calls"
    BROKEN = "out of order"


@dataclass(frozen=True, slots=True)
class Answer:
    """`value` is the parsed JSON of a good answer (None where there is none); `why` its complaint else."""

    meaning: Meaning
    status: int
    value: Any = None
    why: str = ""
    wait: timedelta | None = None
    body: bytes = field(default=b"", repr=False)

    @property
    def is_good(self) -> bool:
        return self.meaning is Meaning.GOOD

    @property
    def is_about_content(self) -> bool:
        """Refused for what is in the row: the same row will be refused again. Else it may have been an accident."""
        told = self.status in (400, 409, 413, 422) or _CONTENT.search(self.why) is not None
        return self.meaning is Meaning.REFUSED and told

    @property
    def is_withheld(self) -> bool:
        """This question is not answered here, for want of a right or of the thing; others may be."""
        return self.meaning in (Meaning.REFUSED, Meaning.DENIED, Meaning.MISSING, Meaning.REBUILDING)

    def trouble(self) -> TryLater:
        why = f"Creatio answers {self.status}: {self.why or self.meaning.value}"
        return TryLater(why, wait=self.wait, partner_down=self.meaning is not Meaning.REFUSED)


_LOGIN = re.compile(r"(?i)bootstrap\.login|nuilogin|/login/login\.html|loginpage|AuthService\.svc/Login")
# What databases and the entity layer say of a row that does not fit; a 500 with other words may be an accident.
_CONTENT = re.compile(
    r"(?i)\b2350[235]:|\b22001:|FOREIGN KEY|PRIMARY KEY|would be truncated|must be filled|does not exist on type|"
    r"Cannot convert|request is invalid|exceeds the maximum|is not allowed|no permission to execute"
)
_NO_RIGHT = re.compile(
    r"(?i)not have permission|SecurityException|has no permission(?! to execute)|access denied|no rights"
)
_MEANINGS = {
    401: Meaning.SIGNED_OUT,
    403: Meaning.DENIED,
    404: Meaning.MISSING,
    408: Meaning.BUSY,
    429: Meaning.BUSY,
    502: Meaning.BROKEN,
    503: Meaning.BROKEN,
    504: Meaning.BROKEN,
}


def understand(reply: Reply, *, stream: bool = False) -> Answer:
    """The meaning of one whole answer. With `stream` a good body is a file's bytes and is not read as JSON."""
    if reply.status in (301, 302, 303, 307, 308):
        login = "login" in reply.headers.get("location", "").casefold()
        return Answer(Meaning.SIGNED_OUT if login else Meaning.PAGE, reply.status, why="redirected elsewhere")
    kind = reply.headers.get("content-type", "").casefold()
    if stream and 200 <= reply.status < 300 and "json" not in kind and "html" not in kind:
        return Answer(Meaning.GOOD, reply.status, body=reply.body)
    text = reply.body.decode("utf-8", "replace").strip()
    if "html" in kind or (text[:1] == "<" and "xml" not in kind):
        return _of_page(reply, text)
    if "xml" in kind or "text/plain" in kind:
        told = Answer(Meaning.GOOD, reply.status, value=text)
        return told if 200 <= reply.status < 300 else _by_status(reply, "")
    if not text:
        return _by_status(reply, "")
    try:
        value = json.loads(text)
    except ValueError:
        if 200 <= reply.status < 300:
            return Answer(Meaning.BROKEN, reply.status, why="the answer breaks off")
        return _by_status(reply, "")
    complaint = _complaint(value)
    if complaint is not None:
        return _of_complaint(reply, complaint)
    return Answer(Meaning.GOOD, reply.status, value=value) if reply.status < 300 else _by_status(reply, "")


def _of_page(reply: Reply, text: str) -> Answer:
    if _LOGIN.search(text[:20_000]):
        return Answer(Meaning.SIGNED_OUT, reply.status, why="a login page")
    if reply.status in (404, 429, 502, 503, 504) or reply.status >= 500:
        return _by_status(reply, "a page instead of data")
    return Answer(Meaning.PAGE, reply.status, why=Meaning.PAGE.value)


def _by_status(reply: Reply, why: str) -> Answer:
    status = reply.status
    good = Meaning.GOOD if 200 <= status < 300 else Meaning.REFUSED
    meaning = _MEANINGS.get(status, Meaning.BROKEN if status >= 500 else good)
    return Answer(meaning, status, why=why, wait=reply.retry_after)


def _of_complaint(reply: Reply, why: str) -> Answer:
    if "No HTTP resource was found" in why or "No type was found that matches the controller" in why:
        meaning = Meaning.REBUILDING
    elif "Collection was modified" in why:
        meaning = Meaning.BROKEN
    elif "Authorization has been denied" in why or "Authentication failed" in why:
        meaning = Meaning.SIGNED_OUT
    elif _NO_RIGHT.search(why):
        meaning = Meaning.DENIED
    else:
        meaning = _MEANINGS.get(reply.status, Meaning.REFUSED)
    return Answer(meaning, reply.status, why=why[:500], wait=reply.retry_after)


def _complaint(value: Any) -> str | None:
    """The innermost sentence of an error body in any of its shapes, or None for an ordinary answer."""
    if not isinstance(value, dict):
        return None
    if isinstance(error := value.get("error"), dict):
        return _innermost(error)
    if isinstance(status := value.get("responseStatus"), dict):
        return str(status.get("Message") or status.get("ErrorCode") or "refused")
    if value.get("success") is False and "errorInfo" in value:
        info = value["errorInfo"]
        return str(info.get("message") or "refused") if isinstance(info, dict) else "refused"
    told = {key: value[key] for key in ("ExceptionMessage", "MessageDetail", "ModelState", "Message") if key in value}
    if not told or "@odata.context" in value or "Id" in value or "Code" in value:
        return None
    return " ".join(str(part) for part in told.values())


def _innermost(error: dict[str, Any]) -> str:
    """Follows innererror and internalexception to the cause."""
    why, inner = str(error.get("message", "")), error.get("innererror") or error.get("internalexception")
    for _ in range(5):
        if not isinstance(inner, dict):
            break
        kind = str(inner.get("type") or "")
        why = str(inner.get("message") or why) + (f" ({kind})" if "Security" in kind else "")
        inner = inner.get("internalexception") or inner.get("innererror")
    return why or "refused"
