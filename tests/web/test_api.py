"""The API: the same as the inbox, as JSON, behind both doors (contract 4)."""

import re
from dataclasses import replace
from typing import Any

import httpx

from gateway.scanner.checks import EICAR
from gateway.scanner.clamd import Clamd
from gateway.store import conversations, deliveries
from gateway.store.arrivals import Fate
from gateway.web.api import OPERATIONS, routes
from gateway.web.operations import BASE
from gateway.web.surroundings import Door
from tests.scanner.fake_clamd import FakeClamd, fake_clamd
from tests.web.house import HOOK_TOKEN, SUPPORT, House
from tests.web.seeds import Mail, answer, deliver, give_to_people, keep_unread, open_case, receive, set_job_aside
from tests.web.visitor import Visitor


async def through_socket(house: House, method: str, path: str, **told: Any) -> httpx.Response:
    transport = httpx.AsyncHTTPTransport(uds=str(house.socket))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway", timeout=20) as http:
        return await http.request(method, f"{BASE}/{path}", **told)


async def test_the_description_names_every_path_and_only_those(house: House, maria: Visitor) -> None:
    told = (await maria.api("GET", "openapi.json")).json()
    described = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    served = {
        (method, re.sub(r":int}", "}", route.path.removeprefix(BASE)))
        for route in routes(Door.SOCKET)
        for method in route.methods or ()
        if method != "HEAD"
    }
    assert described == served
    assert len(served) == len(OPERATIONS)
    references = set(re.findall(r"#/components/schemas/(\w+)", str(told)))
    assert references <= set(told["components"]["schemas"])


async def test_every_answer_is_what_the_description_says(house: House, maria: Visitor) -> None:
    here, arrival = await house.store.write(receive, Mail("Hello", quoted="> old", files=[("a.txt", b"x")]))
    await deliver(house.store, await answer(house.parts, here, "Good day."))
    await house.store.write(give_to_people, here, "asks for a person")
    await house.store.write(open_case, here, "SR1")
    await house.store.write(set_job_aside, "file", here, "no")
    await house.store.write(keep_unread, Mail("?", subject="Broken"), Fate.SET_ASIDE, ["broken"], {"origin": "person"})
    schemas = (await maria.api("GET", "openapi.json")).json()["components"]["schemas"]
    for path, schema in (
        ("status", "Status"),
        ("conversations", "Conversations"),
        (f"conversations/{here}", "Conversation"),
        ("aside", "Aside"),
        (f"arrivals/{arrival}", "Arrival"),
        ("connections", "Connections"),
        ("accounts", "Accounts"),
    ):
        found = await maria.api("GET", path)
        assert found.status_code == 200, path
        assert_fits(found.json(), schemas[schema], path)


def assert_fits(value: Any, schema: dict[str, Any], at: str) -> None:
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    assert isinstance(value, tuple(kinds[kind] for kind in named)), (at, value)
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= set(value), at
        for name, inner in schema.get("properties", {}).items():
            assert_fits(value[name], inner, f"{at}.{name}")
    elif isinstance(value, list) and "items" in schema:
        for one in value:
            assert_fits(one, schema["items"], f"{at}[]")


async def test_a_stranger_gets_nothing(stranger: Visitor) -> None:
    for one in OPERATIONS:
        if Door.INBOX not in one.doors:
            continue
        path = re.sub(r"{[^}]*}", "1", one.path).removeprefix("/")
        refused = await stranger.api(one.method, path, headers={"content-type": one.takes})
        assert (refused.status_code, refused.json()) == (401, {"error": "sign in first"}), path


async def test_what_only_the_socket_may_do_is_not_there_behind_the_inbox(house: House, maria: Visitor) -> None:
    told = {"name": "eve", "password": "a long password"}
    assert (await maria.api("POST", "accounts", json=told)).status_code == 405
    assert (await maria.api("POST", "feed", content=b"From: a@b.c\n\nx")).status_code == 404
    assert (await maria.api("POST", "reload", json={})).status_code == 404
    assert (await through_socket(house, "POST", "accounts", json=told)).json() == {"done": "eve can sign in."}


async def test_another_sites_page_cannot_use_a_visitors_cookie(house: House, maria: Visitor) -> None:
    as_form = await maria.api("POST", "pauses/assistant", data={"mailbox": ""})
    assert as_form.status_code == 415
    as_text = await maria.api("POST", "pauses/assistant", content=b"{}", headers={"content-type": "text/plain"})
    assert as_text.status_code == 415
    from_elsewhere = await maria.api("POST", "pauses/assistant", json={}, headers={"origin": "https://evil.example"})
    assert from_elsewhere.status_code == 403
    preflight = await maria.api("OPTIONS", "pauses/assistant", headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in preflight.headers
    assert (await maria.api("GET", "status")).json()["pauses"] == []


async def test_what_is_no_json_is_a_bad_request(maria: Visitor) -> None:
    for body in (b"{", b"[]", b"7", b"[" * 100_000):
        told = await maria.api("POST", "pauses/assistant", content=body, headers={"content-type": "application/json"})
        assert told.status_code == 400, body[:10]
    assert (await maria.api("GET", "conversations?show=nothing")).status_code == 400
    assert (await maria.api("GET", "conversations?page=x")).status_code == 400


async def test_a_body_that_is_too_large_is_refused(maria: Visitor) -> None:
    told = await maria.api("POST", "pauses/assistant", json={"mailbox": "x" * 3_000_000})
    assert told.status_code == 413


async def test_acts_say_what_they_did_and_who_did_it(house: House) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    told = await through_socket(
        house, "POST", f"conversations/{here}/hand-off", json={"reason": "VIP"}, headers={"x-gateway-by": "root"}
    )
    assert told.json() == {"done": "It is with people now."}
    shown = (await through_socket(house, "GET", f"conversations/{here}")).json()
    assert (shown["held"], shown["handoffs"][0]["by"], shown["handoffs"][0]["reason"]) == ("person", "root", "VIP")
    again = await through_socket(house, "POST", f"conversations/{here}/hand-off", json={})
    assert again.json() == {"done": "People have it already."}


async def test_acts_on_what_is_not_there_are_404_and_on_what_has_changed_409(house: House) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    missing = "8a6e0c9e-5b7f-4a55-9a0c-0e6d6d4f5a11"
    for act in ("hand-off", "resolve", "reopen", "resume", "discard", "approve", "reply"):
        told = await through_socket(house, "POST", f"conversations/{missing}/{act}", json={"text": "x"})
        assert (told.status_code, act) == (404, act)
    for act in ("discard", "approve"):
        assert (await through_socket(house, "POST", f"conversations/{here}/{act}", json={})).status_code == 409
    empty = await through_socket(house, "POST", f"conversations/{here}/reply", json={"text": "  \n"})
    assert empty.json() == {"error": "the reply is empty"}
    for path in ("aside/7/retry", "aside/arrival-7/drop", "aside/mail-7/retry", "aside/nothing/drop"):
        assert (await through_socket(house, "POST", path, json={})).status_code == 404, path


async def test_a_reply_under_the_same_name_is_sent_once(house: House) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    for _ in range(3):
        told = {"text": "Tomorrow.", "once": "reply 17"}
        assert (await through_socket(house, "POST", f"conversations/{here}/reply", json=told)).status_code == 200
    assert len(await house.store.read(deliveries.of_conversation, here)) == 1


async def test_mail_is_fed_through_the_socket_to_whom_it_is_addressed(house: House) -> None:
    raw = f"From: Ann <ann@mail.example>\nTo: {SUPPORT}, x@y.example\nSubject: Hi\n\nHello\n".encode()
    taken = await through_socket(house, "POST", "feed", content=raw)
    assert taken.json()["mailboxes"] == [SUPPORT]
    shown = (await through_socket(house, "GET", f"arrivals/{taken.json()['arrivals'][0]}")).json()
    assert shown["envelope"]["sender"] == "ann@mail.example"
    assert shown["door"] == "feed"
    kept = await through_socket(house, "GET", f"arrivals/{taken.json()['arrivals'][0]}/mail.eml")
    assert kept.content == raw


async def test_a_large_mail_is_fed_as_it_is(house: House) -> None:
    raw = f"From: a@mail.example\nTo: {SUPPORT}\n\n".encode() + b"0123456789abcdef\n" * 120_000
    taken = await through_socket(house, "POST", "feed", content=raw)
    kept = await through_socket(house, "GET", f"arrivals/{taken.json()['arrivals'][0]}/mail.eml")
    assert kept.content == raw
    assert list((house.parts.settings.data_dir / "spool").glob("feed-*")) == []


async def test_mail_for_nobody_here_is_not_fed(house: House) -> None:
    raw = b"From: a@mail.example\nTo: someone@elsewhere.example\n\nx"
    refused = await through_socket(house, "POST", "feed", content=raw)
    assert (refused.status_code, "name one" in refused.json()["error"]) == (422, True)
    assert (await through_socket(house, "POST", f"feed?mailbox={SUPPORT}", content=raw)).status_code == 200
    assert (await through_socket(house, "POST", "feed?mailbox=no@no.example", content=raw)).status_code == 422
    assert (await through_socket(house, "POST", "feed", content=b"")).status_code == 400


async def test_nothing_shown_gives_a_secret_away(house: House, maria: Visitor) -> None:
    await house.store.write(receive, Mail("Hello"))
    for path in ("status", "connections", "openapi.json"):
        assert HOOK_TOKEN not in (await maria.api("GET", path)).text


async def test_a_resumed_conversation_is_the_assistants_again(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    await house.store.write(give_to_people, here, "asks for a person")
    assert (await maria.api("POST", f"conversations/{here}/resume", json={})).status_code == 200
    assert await house.store.read(conversations.held_by_assistant, here)


async def test_a_file_that_is_a_virus_is_only_given_to_who_insists(house: House, maria: Visitor) -> None:
    mail = Mail("See this", files=[("plan.pdf", b"a plan"), ("x.exe", b"bad")])
    told = {"origin": "spam", "warnings": {"1": "a virus: Test"}}
    arrival = await house.store.write(keep_unread, mail, Fate.KEPT_SILENT, ["spam"], told)
    assert (await maria.api("GET", f"arrivals/{arrival}/attachments/0")).content == b"a plan"
    refused = await maria.api("GET", f"arrivals/{arrival}/attachments/1")
    assert refused.status_code == 409
    assert "a virus: Test" in refused.json()["error"]
    assert (await maria.api("GET", f"arrivals/{arrival}/attachments/1?anyway=yes")).content == b"bad"
    page = await maria.see(f"/arrivals/{arrival}")
    assert "do not open (a virus: Test): x.exe" in page
    assert "attachments/1?name=x.exe&anyway=yes" in page
    whole = await maria.api("GET", f"arrivals/{arrival}/mail.eml")
    assert (whole.status_code, "a virus: Test" in whole.json()["error"]) == (409, True)
    assert b"x.exe" in (await maria.api("GET", f"arrivals/{arrival}/mail.eml?anyway=yes")).content
    assert f"/arrivals/{arrival}/mail.eml?anyway=yes" in page


async def test_a_mail_that_could_not_be_read_is_looked_at_before_it_is_given(house: House, maria: Visitor) -> None:
    clean = await house.store.write(keep_unread, Mail("Hello"), Fate.SET_ASIDE, ["too many parts"], {})
    virus = await house.store.write(keep_unread, Mail(EICAR.decode()), Fate.SET_ASIDE, ["too many parts"], {})
    where = [f"arrivals/{one}/mail.eml" for one in (clean, virus)]
    async with fake_clamd(FakeClamd()) as clamd:
        house.parts = replace(house.parts, scanner=Clamd(clamd.where))
        assert (await maria.api("GET", where[0])).status_code == 200
        assert "a virus: Eicar" in (await maria.api("GET", where[1])).json()["error"]
    assert "not looked at" in (await maria.api("GET", where[0])).json()["error"]
