"""What people see in the inbox, and what they do there without any script."""

import hashlib
import re
from dataclasses import replace
from urllib.parse import parse_qsl

import httpx

from gateway.desk.decision import Understanding
from gateway.mail.message import Address
from gateway.store import arrivals, conversations, deliveries, history, survey
from gateway.store.arrivals import Fate
from gateway.store.deliveries import Phase
from tests.web.house import BILLING, SUPPORT, House
from tests.web.seeds import (
    Mail,
    answer,
    deliver,
    give_to_people,
    keep_unread,
    open_case,
    receive,
    set_job_aside,
)
from tests.web.visitor import Visitor, hidden_fields

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


async def test_the_list_says_who_wrote_what_and_who_has_it(house: House, maria: Visitor) -> None:
    await house.store.write(receive, Mail("I still wait"))
    c, _ = await house.store.write(receive, Mail("Money back", subject="Charged twice", mailbox=BILLING))
    await house.store.write(give_to_people, c, "asks for a person")
    page = await maria.see("/")
    for word in ("Anna Berger", "Where is my order?", "I still wait", "With the assistant", "With people", BILLING):
        assert word in page
    people = await maria.see("/?show=people")
    assert "Charged twice" in people
    assert "I still wait" not in people


async def test_search_finds_words_in_any_order_and_says_when_there_are_none(house: House, maria: Visitor) -> None:
    await house.store.write(receive, Mail("The blue lamp flickers"))
    await house.store.write(receive, Mail("A red chair", subject="Chair"))
    page = await maria.see("/?query=flickers+LAMP")
    assert "The blue lamp" in page
    assert "A red chair" not in page
    assert "Nothing found" in await maria.see("/?query=nobody+said+this")


async def test_a_list_longer_than_a_page_is_turned_like_a_book(house: House, maria: Visitor) -> None:
    for number in range(51):
        await house.store.write(receive, Mail("Hello", subject=f"Matter {number:03}"))
    first, second = await maria.see("/"), await maria.see("/?page=2")
    assert first.count('class="row"') == 50
    assert second.count('class="row"') == 1
    assert "Page 1 of 2" in first


async def test_whatever_a_mail_says_is_shown_as_text(house: House, maria: Visitor) -> None:
    hostile = Mail(
        HOSTILE,
        subject=f"Hi {HOSTILE}",
        sender=Address("x@mail.example", HOSTILE.replace('"', "").replace("<", "‹")),
        html=f"<html><body>{HOSTILE}<style>*{{display:none}}</style></body></html>",
        quoted=f"> {HOSTILE}",
        files=[('"><script>alert(3)</script>.html', b"<script>alert(4)</script>")],
    )
    here, arrival = await house.store.write(receive, hostile)
    await house.store.write(give_to_people, here, HOSTILE, Understanding(summary=HOSTILE, fields={HOSTILE: HOSTILE}))
    await house.store.write(set_job_aside, "file", here, HOSTILE)
    for path in ("/", f"/conversations/{here}", f"/arrivals/{arrival}", "/aside", "/?query=%3Cscript%3E"):
        page = await maria.see(path)
        assert "<script" not in page, path
        assert "<img src=x" not in page, path
    policy = (await maria.http.get("/")).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


async def test_quotes_are_folded_and_can_be_opened(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("Thank you!", quoted="On Monday, Shop wrote:\n> We sent it."))
    page = await maria.see(f"/conversations/{here}")
    folded = page.split("<summary")[1:]
    assert any("•••" in one and "We sent it." in one for one in folded)
    assert '<div class="text" dir="auto">Thank you!</div>' in page


async def test_each_entry_says_what_became_of_it(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    await deliver(house.store, await answer(house.parts, here, "Tomorrow."))
    await house.store.write(receive, Mail("I want a person", subject="Re: order"), into=here)
    await house.store.write(give_to_people, here, "asks for a person", Understanding(summary="She wants a person."))
    await house.store.write(open_case, here, "SR00000147")
    page = await maria.see(f"/conversations/{here}")
    for word in ("<b>Answered</b>", "<b>Sent</b>", "asks for a person", "She wants a person.", "SR00000147"):
        assert word in page
    assert "<b>In Creatio</b>" in page
    assert "https://shop.creatio.example/0/" in page


async def test_a_reply_goes_out_once_and_takes_the_conversation_over(house: House, maria: Visitor) -> None:
    here, arrival = await house.store.write(receive, Mail("When does it come?"))
    page = f"/conversations/{here}"
    sent = await maria.send(page, f"{page}/reply", text="Tomorrow,\r\nI promise.")
    again = await maria.http.post(f"{page}/reply", data=_body_of(sent))
    assert (sent.status_code, again.status_code) == (303, 303)
    [delivery] = await house.store.read(deliveries.of_conversation, here)
    assert delivery.state is Phase.QUEUED
    assert b"Tomorrow,\r\nI promise." in (delivery.outgoing.raw or b"")
    assert not await house.store.read(conversations.held_by_assistant, here)
    kept = await house.store.read(arrivals.fetch, arrival)
    assert kept is not None
    assert kept.fate is Fate.APPENDED
    assert "Tomorrow," in await maria.see(page)


async def test_a_reply_that_a_new_mail_overtook_is_not_sent_and_not_lost(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    page = f"/conversations/{here}"
    before = await maria.see(page)
    await house.store.write(receive, Mail("It came. Forget it!", subject="Re: order"), into=here)
    refused = await maria.http.post(
        f"{page}/reply", data=hidden_fields(before, f"{page}/reply") | {"text": "Tomorrow."}
    )
    assert refused.status_code == 409
    assert "The customer has written again" in refused.text
    assert "Tomorrow." in refused.text
    assert await house.store.read(deliveries.of_conversation, here) == []


async def test_a_draft_is_approved_as_it_is(house: House, maria: Visitor) -> None:
    here, arrival = await house.store.write(receive, Mail("When does it come?"))
    draft = await answer(house.parts, here, "Tomorrow.\n\nBetween 9 and 12.", draft=True)
    page = f"/conversations/{here}"
    assert "Draft to approve" in await maria.see("/?show=drafts")
    await maria.do(page, f"{page}/approve", text="Tomorrow.\r\n\r\nBetween 9 and 12.")
    released = await house.store.read(deliveries.fetch, draft)
    kept = await house.store.read(arrivals.fetch, arrival)
    assert released is not None
    assert kept is not None
    assert (released.state, released.outgoing.kind.value, kept.fate) == (Phase.QUEUED, "approved", Fate.ANSWERED)


async def test_a_draft_is_approved_with_other_words(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    draft = await answer(house.parts, here, "Tomorrow.", draft=True)
    page = f"/conversations/{here}"
    shown = await maria.do(page, f"{page}/approve", text="On Friday.")
    released = await house.store.read(deliveries.fetch, draft)
    assert released is not None
    assert released.state is Phase.QUEUED
    assert b"On Friday." in (released.outgoing.raw or b"")
    assert b"Tomorrow." not in (released.outgoing.raw or b"")
    assert "On Friday." in shown


async def test_a_discarded_draft_leaves_the_mail_to_people(house: House, maria: Visitor) -> None:
    here, arrival = await house.store.write(receive, Mail("When does it come?"))
    draft = await answer(house.parts, here, "Tomorrow.", draft=True)
    page = f"/conversations/{here}"
    sent = hidden_fields(await maria.see(page), f"{page}/discard")
    await maria.http.post(f"{page}/discard", data=sent)
    gone = await house.store.read(deliveries.fetch, draft)
    kept = await house.store.read(arrivals.fetch, arrival)
    assert gone is not None
    assert kept is not None
    assert (gone.state, kept.fate) == (Phase.CANCELLED, Fate.HANDED_OFF)


async def test_a_conversation_is_handed_off_given_back_resolved_and_opened_again(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    page = f"/conversations/{here}"
    assert "With people" in await maria.do(page, f"{page}/hand-off", reason="a friend of the boss")
    assert "With the assistant" in await maria.do(page, f"{page}/resume")
    assert 'chip done">Resolved' in await maria.do(page, f"{page}/resolve")
    assert "With the assistant" in await maria.do(page, f"{page}/reopen")
    noted = await house.store.read(history.of_conversation, here)
    assert [one.facts["by"] for one in noted if "by" in one.facts] == ["maria"] * 4
    assert "a friend of the boss" in await maria.see(page)


async def test_pausing_the_assistant_hands_off_all_that_it_has_not_sent(house: House, maria: Visitor) -> None:
    here, arrival = await house.store.write(receive, Mail("When does it come?"))
    queued = await answer(house.parts, here, "Tomorrow.")
    page = await maria.do("/", "/pauses/assistant/begin")
    assert "1 unsent answer handed to people" in page
    gone = await house.store.read(deliveries.fetch, queued)
    kept = await house.store.read(arrivals.fetch, arrival)
    assert gone is not None
    assert kept is not None
    assert (gone.state, kept.fate) == (Phase.CANCELLED, Fate.HANDED_OFF)
    assert "The assistant is paused" not in await maria.do("/", "/pauses/assistant/end")


async def test_all_sending_is_paused_and_goes_on(house: House, maria: Visitor) -> None:
    assert "Sending is paused" in await maria.do("/connections", "/pauses/sending/begin")
    assert "<strong>Sending is paused" not in await maria.do("/", "/pauses/sending/end")


async def test_what_is_set_aside_is_tried_again_or_dropped(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    job = await house.store.write(set_job_aside, "file", here, "Creatio refuses it: name a value")
    unread = await house.store.write(
        keep_unread, Mail("?", subject="Broken"), Fate.SET_ASIDE, ["too many parts"], {"origin": "person"}
    )
    page = await maria.see("/aside")
    assert "Creatio refuses it: name a value" in page
    assert "too many parts" in page
    await maria.do("/aside", f"/aside/{job}/retry")
    await maria.do("/aside", f"/aside/arrival-{unread}/drop", reason="a scanner's test page")
    assert "Nothing is set aside" in await maria.see("/aside")
    assert [one.step for one in await house.store.read(survey.open_for, here)] == ["file"]
    dropped = await house.store.read(arrivals.fetch, unread)
    assert dropped is not None
    assert dropped.fate is Fate.DROPPED


async def test_what_was_taken_for_spam_is_released_with_one_click(house: House, maria: Visitor) -> None:
    spam = await house.store.write(
        keep_unread, Mail("Please help", subject="URGENT"), Fate.KEPT_SILENT, ["spam"], {"origin": "spam"}
    )
    assert "URGENT" in await maria.see("/aside")
    await maria.do("/aside", f"/aside/arrival-{spam}/release")
    [job] = await house.store.read(survey.open_for, str(spam))
    assert job.step == "read"
    assert "URGENT" not in await maria.see("/aside")


async def test_a_mail_whose_outcome_nobody_knows_is_sent_again_by_hand(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("When does it come?"))
    mail = await answer(house.parts, here, "Tomorrow.")
    await deliver(house.store, mail, unknown=True)
    page = f"/conversations/{here}"
    assert "Outcome unknown" in await maria.see(page)
    assert "Waiting to be sent" in await maria.do(page, f"/aside/mail-{mail}/retry")


async def test_connections_are_shown_and_tested_now(house: House, maria: Visitor) -> None:
    await house.store.write(receive, Mail("Hello"))
    page = await maria.see("/connections")
    for word in (SUPPORT, "Connected", "Pending", "Active", "Connection refused by smtp.shop.example:587"):
        assert word in page, word
    tested = await maria.send("/connections", "/connections/relay/test")
    assert "relay answers" in tested.text
    assert "renew it" in tested.text
    assert house.tested == ["relay"]


async def test_files_are_saved_never_shown(house: House, maria: Visitor) -> None:
    content = b"<script>alert(1)</script>" * 10
    here, arrival = await house.store.write(receive, Mail("See there", files=[("bücher & co.html", content)]))
    link = (await maria.see(f"/conversations/{here}")).split('<ul class="files">')[1].split('href="')[1].split('"')[0]
    saved = await maria.http.get(link.replace("&amp;", "&"))
    assert saved.content == content
    assert saved.headers["content-disposition"].startswith("attachment;")
    assert "b%C3%BCcher%20%26%20co.html" in saved.headers["content-disposition"]
    assert saved.headers["content-type"] == "application/octet-stream"
    assert saved.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in saved.headers["content-security-policy"]
    mail = await maria.http.get(f"/arrivals/{arrival}/mail.eml")
    kept = await house.store.read(arrivals.fetch, arrival)
    assert kept is not None
    assert hashlib.sha256(mail.content).hexdigest() == kept.sha256
    assert mail.headers["content-disposition"].startswith("attachment;")


async def test_what_is_not_there_is_said_kindly(maria: Visitor) -> None:
    for path in ("/nothing", "/conversations/8a6e0c9e", "/arrivals/99", "/arrivals/99/mail.eml", "/static/../app.py"):
        missing = await maria.http.get(path)
        assert missing.status_code == 404, path
        assert missing.headers["x-content-type-options"] == "nosniff"


async def test_times_are_in_the_operators_time_zone(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("Hello"))
    settings = house.parts.settings
    there = replace(settings, operator=replace(settings.operator, timezone="Asia/Tokyo"))
    house.parts = replace(house.parts, settings=there)
    assert ' JST">' in await maria.see(f"/conversations/{here}")


def _body_of(sent: httpx.Response) -> dict[str, str]:
    return dict(parse_qsl(sent.request.content.decode()))


async def test_two_conversations_of_one_customer_are_merged_and_lead_to_each_other(
    house: House, maria: Visitor
) -> None:
    one, _ = await house.store.write(receive, Mail("I still wait"))
    other, _ = await house.store.write(receive, Mail("Still nothing", subject="Order"))
    theirs, _ = await house.store.write(receive, Mail("Mine too", sender=Address("eve@evil.example", "Eve")))
    page = f"/conversations/{one}"
    assert "another&#39;s mails" in await maria.do(page, f"{page}/merge", into=f"{house.url}/conversations/{theirs}")
    gone = await maria.do(page, f"{page}/merge", into=f"{house.url}/conversations/{other}")
    assert "Merged into another conversation by maria" in gone
    assert f'href="/conversations/{other}"' in gone
    assert "Send the reply" not in gone
    assert f'action="{page}/resolve"' not in gone
    assert f'href="{page}"' in await maria.see(f"/conversations/{other}")
    await house.store.write(give_to_people, one, "a mail of ours came back")
    assert f'action="{page}/resolve"' in await maria.see(page)


async def test_a_mail_is_split_off_and_both_conversations_lead_to_each_other(house: House, maria: Visitor) -> None:
    here, _ = await house.store.write(receive, Mail("I still wait"))
    assert "<h2>Split</h2>" not in await maria.see(f"/conversations/{here}")
    await house.store.write(receive, Mail("And I want an invoice"), into=here)
    found = await house.store.read(conversations.load, here)
    assert found is not None
    first, mail = [one.id for one in found.entries]
    done = await maria.do(f"/conversations/{here}", f"/conversations/{here}/split", entry=str(mail))
    [there] = set(re.findall(r'href="/conversations/([0-9a-f-]{36})">open it', done))
    assert "Maria made a mail a conversation of its own" in done
    assert (f'<option value="{first}">' in done, f'<option value="{mail}">' in done) == (True, False)
    assert f'href="/conversations/{here}"' in await maria.see(f"/conversations/{there}")
