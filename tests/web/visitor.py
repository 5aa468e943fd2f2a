"""Somebody with a browser that runs no script: pages are read, their forms filled in and sent."""

import re
from html import unescape
from typing import Any, Self

import httpx

from tests.web.house import House

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Visitor:
    def __init__(self, house: House) -> None:
        self.house = house
        self.http = httpx.AsyncClient(base_url=house.url, trust_env=False, timeout=20)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *about: object) -> None:
        await self.http.aclose()

    async def see(self, path: str) -> str:
        """A page, which must be there."""
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        return answer.text

    async def send(self, page: str, action: str, **fields: str) -> httpx.Response:
        """The form of `page` that leads to `action`, filled in; what it leads to is not followed."""
        return await self.http.post(action, data=hidden_fields(await self.see(page), action) | fields)

    async def do(self, page: str, action: str, **fields: str) -> str:
        """The same, and the page that follows."""
        answer = await self.send(page, action, **fields)
        assert answer.status_code == 303, (action, answer.status_code, answer.text[:500])
        return await self.see(answer.headers["location"])

    async def accept_invitation(self, name: str) -> None:
        link = self.house.around.invitations.invite(name)
        assert (await self.http.get(f"/invitation/{link}")).status_code == 303

    async def api(self, method: str, path: str, **told: Any) -> httpx.Response:
        return await self.http.request(method, f"/api/v1/{path}", **told)


def hidden_fields(page: str, action: str) -> dict[str, str]:
    """What the form that leads to `action` sends along."""
    for form in page.split("<form")[1:]:
        inside = form.split("</form>")[0]
        if f'action="{action}"' in inside.partition(">")[0] or f'formaction="{action}"' in inside:
            return {name: unescape(value) for name, value in _HIDDEN.findall(inside)}
    raise AssertionError(f"no form leads to {action}")
