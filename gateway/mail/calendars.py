"""A calendar invitation or answer (RFC 5545, RFC 5546) as a line that a person can read."""

import re
from dataclasses import dataclass

from gateway.mail.charsets import clean_line

_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(r"([A-Za-z-]{1,60})((?:;[^:\"\n]*(?:\"[^\"\n]*\"[^:\"\n]*)*)?):(.*)")
_METHODS = {
    "REQUEST": "Invitation",
    "PUBLISH": "Calendar entry",
    "CANCEL": "Cancelled",
    "COUNTER": "Another time is proposed",
    "DECLINECOUNTER": "The proposed time is declined",
    "REFRESH": "The newest version is asked for",
    "ADD": "Invitation to a further date",
}
_ANSWERS = {
    "ACCEPTED": "Accepted",
    "DECLINED": "Declined",
    "TENTATIVE": "Tentatively accepted",
    "DELEGATED": "Delegated",
}


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """`method` as the calendar says it (REQUEST, REPLY, CANCEL …); `text` is one readable line."""

    method: str
    text: str


def read_calendar(text: str) -> CalendarLine | None:
    """The first event, to-do or journal entry of a calendar, or None when it holds none."""
    found: dict[str, tuple[str, str]] = {}
    method, inside = "", ""
    for line in _FOLD.sub("", text[:200_000]).split("\n"):
        match = _LINE.match(line.strip())
        if not match:
            continue
        name, parameters, value = match.group(1).upper(), match.group(2), match.group(3).strip()
        if name == "METHOD" and not method:
            method = value.upper()
        elif name == "BEGIN" and value.upper() in ("VEVENT", "VTODO", "VJOURNAL") and not inside:
            inside = value.upper()
        elif name == "END" and value.upper() == inside:
            break
        elif inside and name not in found:
            found[name] = (parameters, value)
    return CalendarLine(method, _line(method, found)) if inside else None


def _line(method: str, found: dict[str, tuple[str, str]]) -> str:
    def value(name: str) -> str:
        escaped = found.get(name, ("", ""))[1]
        return clean_line(re.sub(r"\\([,;\\])", r"\1", escaped.replace("\\n", " ").replace("\\N", " ")))[:300]

    what = _METHODS.get(method, "Calendar entry")
    if method == "REPLY":
        answer = re.search(r"PARTSTAT=\"?([A-Za-z-]+)", found.get("ATTENDEE", ("", ""))[0])
        what = _ANSWERS.get(answer.group(1).upper(), "Answer") if answer else "Answer"
    pieces = [f"{what}: {value('SUMMARY') or 'no title'}"]
    if when := _when(found):
        pieces.append(when)
    if value("LOCATION"):
        pieces.append(f"at {value('LOCATION')}")
    if organiser := re.sub(r"(?i)^mailto:", "", value("ORGANIZER")):
        pieces.append(f"organised by {organiser}")
    return f"[{', '.join(pieces)}]"


def _when(found: dict[str, tuple[str, str]]) -> str:
    begins, ends = _moment(found.get("DTSTART")), _moment(found.get("DTEND"))
    if begins and ends and begins[:10] == ends[:10] and len(ends) > 11:
        return f"{begins} to {ends[11:]}"
    return f"{begins} to {ends}" if begins and ends and begins != ends else begins


def _moment(found: tuple[str, str] | None) -> str:
    if found is None:
        return ""
    parameters, value = found
    match = re.match(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})\d{0,2}(Z?))?", value)
    if not match:
        return ""
    day = f"{match[1]}-{match[2]}-{match[3]}"
    if not match[4]:
        return day
    zone = re.search(r"TZID=\"?([^\";:]{1,80})", parameters)
    suffix = " UTC" if match[6] else (f" {zone.group(1)}" if zone else "")
    return f"{day} {match[4]}:{match[5]}{suffix}"
