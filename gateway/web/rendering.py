"""Pages are made here: templates, times as people read them, and the word about what was just done."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.web import auth
from gateway.web.shown import house
from gateway.web.surroundings import parts
from gateway.web.words import WORDS, sentence, told

_SAID = 300
_VISIT = 14 * 86400


async def show(request: Request, template: str, *, person: str = "", status: int = 200, **values: Any) -> Response:
    """A page. For who is signed in it has what stands on every page."""
    visit = auth.visit_cookie(request) or secrets.token_urlsafe(24)
    said = unquote(request.cookies.get(auth.cookie_name(request, "said"), ""))
    text = environment().get_template(template).render(
        values
        | {
            "person": person,
            "house": await house(parts(request).store) if person else None,
            "token": auth.form_token(request, visit),
            "here": str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""),
            "said": said,
            "zone": ZoneInfo(parts(request).settings.operator.timezone),
            "now": datetime.now(UTC),
            "style": style_version(),
        }
    )  # fmt: skip
    answer = HTMLResponse(text, status)
    if not auth.visit_cookie(request):
        auth.keep(request, answer, "visit", visit, seconds=_VISIT)
    if said:
        auth.keep(request, answer, "said", "", seconds=0)
    return answer


def go(request: Request, path: str, said: str = "") -> Response:
    """On to another page, which begins with what was done."""
    answer = RedirectResponse(path, 303)
    if said:
        auth.keep(request, answer, "said", quote(said[:_SAID]), seconds=60)
    return answer


@lru_cache(1)
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("gateway.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"when": _when, "size": _size, "initial": _initial, "hue": _hue, "word": _word}
    made.filters |= {"sentence": sentence, "told": told}
    made.tests["match"] = str.startswith
    return made


@lru_cache(1)
def style_version() -> str:
    """Changes with the stylesheet, so that browsers may keep it for good."""
    return auth.hash_token(files("gateway.web").joinpath("static/style.css").read_text(encoding="utf-8"))[:12]


def _when(moment: str | None, now: datetime, zone: ZoneInfo) -> Markup:
    """A short time, the whole of it when pointed at: 14:05, 3 Mar 14:05, 3 Mar 2024."""
    if not moment:
        return Markup("never")
    there, today = datetime.fromisoformat(moment).astimezone(zone), now.astimezone(zone)
    if there.date() == today.date():
        short = f"{there:%H:%M}"
    elif there.year == today.year:
        short = f"{there.day} {there:%b %H:%M}"
    else:
        short = f"{there.day} {there:%b %Y}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(moment, f"{there:%a %d %b %Y %H:%M:%S %Z}", short)


def _size(count: int) -> str:
    return (
        f"{count} B" if count < 1024 else f"{count / 1024:.0f} kB" if count < 1024**2 else f"{count / 1024**2:.1f} MB"
    )


def _initial(name: str) -> str:
    return next((letter.upper() for letter in name if letter.isalnum()), "?")


def _hue(text: str) -> str:
    """One of six colours, for each person always the same."""
    return f"h{sum(text.casefold().encode()) % 6}"


def _word(key: str, kind: str) -> str:
    known: Mapping[str, str] = WORDS[kind]
    return known.get(key, key.replace("_", " "))
