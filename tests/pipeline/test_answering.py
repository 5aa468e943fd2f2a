"""What the customer gets (contract 8): headers, addressees, parts; and what a person's words make of it."""

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

from gateway.config.settings import Relay, ReplyStyle
from gateway.mail import tokens
from gateway.mail.message import Address
from gateway.mail.trust import Trust
from gateway.mail.writing import File
from gateway.pipeline import answering
from gateway.store import conversations
from gateway.store.installation import identity
from tests.pipeline.stand import ANNA, SUPPORT, Stand

BOSS, FRIEND = Address("boss@customer.example", "The boss"), Address("friend@elsewhere.example")


async def an_answer(stand: Stand, here: str, text: str = "In the *drawer*.") -> answering.Written:
    return await answering.write_answer(stand.parts, await stand.conversation(here), text)


async def a_reply(stand: Stand, here: str, text: str = "In the drawer.") -> answering.Written:
    return await answering.write_person_reply(stand.parts, await stand.conversation(here), text, by="Bob")


def read(written: answering.Written) -> EmailMessage:
    assert written.outgoing.raw is not None
    return message_from_bytes(written.outgoing.raw, policy=policy.default)


async def test_an_answer_threads_and_says_that_a_machine_wrote_it(stand: Stand) -> None:
    earlier = ("<0@customer.example>",)
    here = await stand.customer_writes("Where is my key?", subject="RE: Re: Lost key", references=earlier)
    mail, talk = read(await an_answer(stand, here)), await stand.conversation(here)
    [asked] = talk.entries
    assert mail["Subject"] == "Re: Lost key"
    assert mail["In-Reply-To"] == asked.message_id
    assert str(mail["References"]).split() == [talk.anchor, *earlier, asked.message_id]
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-replied", "OOF, AutoReply")
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert page is not None
    assert "-- \r\nExample Support" in text.get_content()
    assert "<em>drawer</em>" in page.get_content()


async def test_every_try_has_the_same_message_id_and_it_leads_back_to_the_conversation(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    first, second = await an_answer(stand, here), await an_answer(stand, here, "Other words.")
    assert first.outgoing.message_id == second.outgoing.message_id
    secret = (await stand.store.read(identity)).secret
    token = tokens.find(secret, SUPPORT, first.outgoing.message_id)
    assert token is not None
    assert token.conversation == here


async def test_what_a_person_wrote_does_not_say_that_a_machine_did(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    mail = read(await a_reply(stand, here))
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == (None, None)


async def test_the_disclosure_is_in_the_assistants_first_answer_alone(stand: Stand) -> None:
    stand.change_mailbox(reply=ReplyStyle(auto_submitted=False, disclosure="Written by a machine."))
    here = await stand.customer_writes("Where is my key?")
    first = await an_answer(stand, here)
    assert b"Written by a machine." in (first.outgoing.raw or b"")
    assert read(first)["Auto-Submitted"] is None
    assert b"Written by a machine." not in ((await a_reply(stand, here)).outgoing.raw or b"")
    await stand.store.write(answering.keep, first)
    await stand.customer_writes("It is not there.", here)
    assert b"Written by a machine." not in ((await an_answer(stand, here)).outgoing.raw or b"")


async def test_a_draft_with_other_words_keeps_its_disclosure_and_its_id(stand: Stand) -> None:
    stand.change_mailbox(mode="draft", reply=ReplyStyle(disclosure="Written by a machine."))
    here = await stand.customer_writes("Where is my key?")
    await stand.later("decide")
    [draft] = await stand.mails(here)
    other = await answering.rewrite_draft(stand.parts, draft, "In the drawer.")
    assert other.outgoing.message_id == draft.outgoing.message_id
    assert b"Written by a machine." in (other.outgoing.raw or b"")
    assert read(other)["In-Reply-To"] == (await stand.conversation(here)).entries[0].message_id


async def test_the_envelope_sender_is_the_from_or_a_token_at_the_bounce_domain_and_never_empty(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?", to=(Address("Help@Example.com"),))
    plain = await an_answer(stand, here)
    assert plain.outgoing.sender == "help@example.com"
    assert str(read(plain)["From"]) == "Example Support <help@example.com>"
    stand.change_relay(bounce_domain="bounces.example.com")
    tokened = await an_answer(stand, here)
    local, _, domain = tokened.outgoing.sender.partition("@")
    secret = (await stand.store.read(identity)).secret
    token = tokens.find(secret, SUPPORT, local)
    assert (domain, token and token.conversation) == ("bounces.example.com", here)


async def test_a_mailbox_may_have_its_own_relay_and_bounce_domain(stand: Stand) -> None:
    second = Relay(name="second", host="smtp.second.example", bounce_domain="b.second.example")
    stand.settings = replace(stand.settings, relays=(second,))
    stand.change_mailbox(relay="second")
    here = await stand.customer_writes("Where is my key?")
    assert (await an_answer(stand, here)).outgoing.sender.endswith("@b.second.example")


async def test_the_assistant_writes_to_the_writer_alone_and_a_person_to_all_of_a_trusted_mail(stand: Stand) -> None:
    to = (Address(SUPPORT), Address("help@example.com"), BOSS)
    here = await stand.customer_writes("Where is my key?", to=to, cc=(FRIEND, ANNA), trust=Trust.VERIFIED)
    assert (await an_answer(stand, here)).outgoing.recipients == (ANNA.address,)
    reply = await a_reply(stand, here)
    assert reply.outgoing.recipients == (ANNA.address, BOSS.address, FRIEND.address)
    assert str(read(reply)["Cc"]) == f"The boss <{BOSS.address}>, {FRIEND.address}"


async def test_nobody_gets_a_copy_because_an_unproven_mail_names_them(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?", cc=(FRIEND,), trust=Trust.UNVERIFIED)
    assert (await a_reply(stand, here)).outgoing.recipients == (ANNA.address,)


async def test_an_answer_goes_where_the_writer_wants_replies(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?", reply_to=Address("anna.private@customer.example"))
    assert (await an_answer(stand, here)).outgoing.recipients == ("anna.private@customer.example",)


async def test_a_reply_never_follows_a_machines_or_a_false_senders_mail(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    await stand.customer_writes("Out of office", here, sender=FRIEND, automatic=True)
    assert (await an_answer(stand, here)).outgoing.recipients == (ANNA.address,)
    await stand.customer_writes("Send it to me", here, sender=FRIEND, trust=Trust.FAILED)
    assert (await a_reply(stand, here)).outgoing.recipients == (ANNA.address,)


async def test_a_reply_with_a_file_is_kept_whole(stand: Stand) -> None:
    here = await stand.customer_writes("Where is my key?")
    talk = await stand.conversation(here)
    map_ = File("map.png", "image/png", b"\x89PNG" + b"x" * 200_000)
    written = await answering.write_person_reply(stand.parts, talk, "See the map.", by="Bob", files=[map_])
    assert written.outgoing.blob is not None
    raw = await stand.store.blobs.read(written.outgoing.blob)
    [part] = list(message_from_bytes(raw, policy=policy.default).iter_attachments())
    assert part.get_content() == map_.content
    [shown] = written.entry.attachments
    assert (shown.name, shown.size) == ("map.png", len(map_.content))


async def test_hostile_words_make_no_header(stand: Stand) -> None:
    hostile = "Lost key\r\nBcc: victim@example.org"
    here = await stand.customer_writes("Where is my key?", subject=hostile, message_id="<a\r\nBcc: x@y>")
    mail = read(await an_answer(stand, here))
    assert mail["Bcc"] is None


async def test_an_answer_stands_behind_what_it_answers_whatever_the_clocks_say(stand: Stand) -> None:
    ahead = stand.store.time().replace(microsecond=0)
    here = await stand.customer_writes("Where is my key?", at=ahead.replace(year=ahead.year + 1))
    await stand.store.write(answering.keep, await an_answer(stand, here))
    talk = await stand.store.read(conversations.load, here)
    assert talk is not None
    assert [one.author.value for one in talk.entries] == ["customer", "assistant"]
