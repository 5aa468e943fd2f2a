"""Alive, ready, and the numbers: who may see them, and what they say."""

import re

import httpx
import pytest

from gateway.store.arrivals import Fate
from tests.web.house import House
from tests.web.seeds import Mail, answer, keep_unread, receive


async def get(house: House, path: str, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=house.url, trust_env=False, timeout=20) as http:
        return await http.get(path, headers=headers)


async def test_readiness_is_about_taking_mail(house: House) -> None:
    assert (await get(house, "/healthz")).text == "alive\n"
    assert (await get(house, "/readyz")).status_code == 200  # the relay is away all the while
    house.trouble = "too little room on the disk (intake.smtp.min_free)"
    told = await get(house, "/readyz")
    assert (told.status_code, told.text) == (503, "too little room on the disk (intake.smtp.min_free)\n")
    assert (await get(house, "/healthz")).status_code == 200


async def test_metrics_are_for_this_machine_or_who_has_the_token(house: House) -> None:
    assert (await get(house, "/metrics")).status_code == 200
    for brought in ({"x-forwarded-for": "203.0.113.5"}, {"forwarded": "for=203.0.113.5"}, {"via": "1.1 proxy"}):
        assert (await get(house, "/metrics", **brought)).status_code == 404
    told = {"x-forwarded-for": "203.0.113.5", "authorization": "Bearer a-metrics-token"}
    assert (await get(house, "/metrics", **told)).status_code == 200
    wrong = {"x-forwarded-for": "203.0.113.5", "authorization": "Bearer another"}
    assert (await get(house, "/metrics", **wrong)).status_code == 404


async def test_the_numbers_are_those_of_the_status(house: House) -> None:
    await house.store.write(keep_unread, Mail("x", subject="y"), Fate.KEPT_SILENT, ["spam"], {"origin": "spam"})
    here, _ = await house.store.write(receive, Mail("Hello"))
    await answer(house.parts, here, "Good day.")
    text = (await get(house, "/metrics")).text
    assert "gateway_accepted_total 2.0" in text
    assert 'gateway_mails{fate="kept_silent"} 1.0' in text
    assert 'gateway_mails{fate="answered"} 1.0' in text
    assert "gateway_balanced 1.0" in text
    assert 'gateway_connection_working{name="relay"} 0.0' in text
    assert 'gateway_jobs{state="waiting",step="send"} 1.0' in text


@pytest.mark.parametrize("kind", ["reply", "answer"])
async def test_what_goes_first_does_not_look_a_week_old(house: House, kind: str) -> None:
    from gateway.pipeline import people

    here, _ = await house.store.write(receive, Mail("Hello"))
    if kind == "reply":
        await people.reply(house.parts, here, "Good day.", by="maria")
    else:
        await answer(house.parts, here, "Good day.")
    text = (await get(house, "/metrics")).text
    [age] = re.findall(r'gateway_oldest_job_seconds\{step="send"\} ([\d.e+-]+)', text)
    assert float(age) < 600
