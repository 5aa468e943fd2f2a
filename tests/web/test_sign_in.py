"""Who may look in, and how they prove it."""

import asyncio
import ipaddress
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.store import accounts
from gateway.store.accounts import IDLE
from gateway.web import passwords
from tests.web.house import House
from tests.web.visitor import Visitor

PASSWORD = "correct horse battery"


async def add_account(house: House, name: str = "maria") -> None:
    await house.store.write(accounts.set_password, name, await passwords.hash_password(PASSWORD))


async def test_every_page_leads_a_stranger_to_the_sign_in_page_and_back(house: House, stranger: Visitor) -> None:
    await add_account(house)
    for page in ("/", "/aside", "/connections", "/accounts", "/conversations/x", "/arrivals/1/mail.eml"):
        answer = await stranger.http.get(page)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in"), page
    led = (await stranger.http.get("/conversations/x?a=b")).headers["location"]
    answer = await stranger.send(led, "/sign-in", name="maria", password=PASSWORD)
    assert answer.headers["location"] == "/conversations/x?a=b"


async def test_the_right_password_signs_in_and_signing_out_ends_it(house: House, stranger: Visitor) -> None:
    await add_account(house)
    page = await stranger.do("/sign-in", "/sign-in", name="maria", password=PASSWORD)
    assert "Signed in as <strong>maria</strong>" in page
    cookie = stranger.http.cookies["gateway-session"]
    await stranger.send("/", "/sign-out")
    assert (await stranger.http.get("/")).headers["location"] == "/sign-in"
    stranger.http.cookies.set("gateway-session", cookie)
    assert (await stranger.http.get("/")).status_code == 303  # the cookie itself is worth nothing any more


async def test_wrong_names_and_wrong_passwords_are_refused_alike(house: House, stranger: Visitor) -> None:
    await add_account(house)
    for name, password in (("maria", "wrong horse battery"), ("nobody", PASSWORD)):
        answer = await stranger.send("/sign-in", "/sign-in", name=name, password=password)
        assert answer.status_code == 401
        assert "do not belong together" in answer.text
        assert "gateway-session" not in answer.headers.get("set-cookie", "")


async def test_guessing_has_to_wait_even_with_the_right_password(house: House, stranger: Visitor) -> None:
    await add_account(house)
    for _ in range(4):
        await stranger.send("/sign-in", "/sign-in", name="maria", password="guess after guess")
    answer = await stranger.send("/sign-in", "/sign-in", name="maria", password=PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 0


async def test_a_cookie_no_script_and_no_other_site_gets(house: House, stranger: Visitor) -> None:
    link = house.around.invitations.invite("maria")
    kept = (await stranger.http.get(f"/invitation/{link}")).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in kept.split(";")}
    assert "Secure" not in kept


async def test_behind_https_cookies_are_secure_and_browsers_stay_there(house: House, stranger: Visitor) -> None:
    house.parts = replace(house.parts, settings=replace(house.parts.settings, public_url="https://gateway.example"))
    link = house.around.invitations.invite("maria")
    kept = (await stranger.http.get(f"/invitation/{link}")).headers["set-cookie"]
    assert kept.startswith("__Host-gateway-session=")
    assert "Secure" in kept


async def test_an_invitation_is_good_once(house: House, stranger: Visitor) -> None:
    link = house.around.invitations.invite("maria")
    assert (await stranger.http.get(f"/invitation/{link}")).status_code == 303
    async with Visitor(house) as second:
        assert (await second.http.get(f"/invitation/{link}")).status_code == 404


async def test_an_idle_visitor_signs_in_again(house: House, maria: Visitor) -> None:
    house.store.turn_clock(IDLE - timedelta(minutes=1))
    await maria.see("/")
    house.store.turn_clock(IDLE - timedelta(minutes=1))
    await maria.see("/")  # looking keeps one signed in
    house.store.turn_clock(IDLE + timedelta(minutes=1))
    assert (await maria.http.get("/")).status_code == 303


async def test_a_form_from_elsewhere_does_nothing(house: House, maria: Visitor) -> None:
    for stolen in ({}, {"token": "0" * 64}):
        answer = await maria.http.post("/pauses/assistant/begin", data=stolen)
        assert answer.status_code == 403
    answer = await maria.http.post(
        "/pauses/assistant/begin",
        data=await _token(maria),
        headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 403
    assert "is paused" not in await maria.see("/")
    await maria.do("/", "/pauses/assistant/begin")
    assert "The assistant is paused" in await maria.see("/")


async def test_another_visitors_token_is_no_good(house: House, maria: Visitor) -> None:
    async with Visitor(house) as other:
        await other.accept_invitation("other")
        answer = await maria.http.post("/pauses/assistant/begin", data=await _token(other))
    assert answer.status_code == 403


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/ x"])
async def test_signing_in_leads_nowhere_else(house: House, stranger: Visitor, wanted: str) -> None:
    await add_account(house)
    answer = await stranger.send("/sign-in", "/sign-in", name="maria", password=PASSWORD, next=wanted)
    assert answer.headers["location"] == "/"


async def test_the_name_that_a_sign_in_proxy_gives_is_believed_only_from_it(house: House, stranger: Visitor) -> None:
    told = {"x-remote-user": "hans"}
    house.change_web(identity_header="X-Remote-User")
    assert (await stranger.http.get("/", headers=told)).status_code == 303
    house.change_web(identity_header="X-Remote-User", trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),))
    page = await stranger.http.get("/", headers=told)
    assert "Signed in as <strong>hans</strong>" in page.text
    answer = await stranger.http.post("/pauses/sending/begin", data=_fields(page.text), headers=told)
    assert answer.status_code == 303


async def test_people_invite_others_change_their_password_and_remove_accounts(house: House, maria: Visitor) -> None:
    await maria.do("/accounts", "/accounts/password", new=PASSWORD, again=PASSWORD)
    answer = await maria.send("/accounts", "/accounts/invite", name="Jan de Vries")
    link = answer.text.split('class="link">')[1].split("<")[0]
    async with Visitor(house) as jan:
        await jan.http.get(link.replace(house.parts.settings.public_url, ""))
        page = await jan.do("/accounts", "/accounts/password", new="twelve letters", again="twelve letters")
        assert "<strong>Jan de Vries</strong>" in page
        refused = await jan.do(
            "/accounts", "/accounts/password", now="not it at all", new="another one!", again="another one!"
        )
        assert "Not done: that is not your password" in refused
        await maria.do("/accounts", "/accounts/remove", name="Jan de Vries")
        assert (await jan.http.get("/")).status_code == 303


async def test_nobody_invites_somebody_who_has_an_account(house: House, maria: Visitor) -> None:
    await add_account(house, "jan")
    assert "jan has an account already" in await maria.do("/accounts", "/accounts/invite", name="jan")


async def test_many_who_sign_in_at_once_do_not_hash_at_once(house: House) -> None:
    await add_account(house)

    async def sign_in() -> int:
        async with Visitor(house) as visitor:
            return (await visitor.send("/sign-in", "/sign-in", name="maria", password=PASSWORD)).status_code

    assert set(await asyncio.gather(*(sign_in() for _ in range(6)))) == {303}
    assert not house.around.hashing.locked()


async def _token(visitor: Visitor) -> dict[str, str]:
    return _fields(await visitor.see("/"))


def _fields(page: str) -> dict[str, str]:
    return {"token": page.split('name="token" value="')[1].split('"')[0]}
