"""The gates: what is decided without the assistant, and what it may not decide."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.config.settings import Assistant
from gateway.desk.decision import Answer, HandOff, KeepSilent, Understanding
from gateway.desk.policy import Standing, asks_for_person, gate_after, gate_before
from gateway.mail.trust import Trust

NOW = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
RULES = Assistant(kind="http", topics=("legal threats",))
STANDING = Standing(texts=("Where is my order?",), oldest=NOW, now=NOW)


def test_an_ordinary_question_goes_to_the_assistant() -> None:
    assert gate_before(STANDING, RULES) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"trust": Trust.FAILED}, "not verified"),
        ({"mode": "people"}, "answered by people"),
        ({"state": "retired"}, "retired"),
        ({"paused": True}, "paused"),
        ({"may_answer": False}, "not be answered by a machine"),
        ({"oldest": NOW - timedelta(hours=4, seconds=1)}, "older than 4 h"),
        ({"answers": 6}, "without an end"),
        ({"answers_this_hour": 200}, "within the hour"),
        ({"trust": Trust.UNVERIFIED, "hidden_characters": 200}, "hidden"),
        ({"texts": ("", "  ")}, "nothing in words"),
        ({"texts": ("Hello", "I want to talk to a human")}, "asks for a person"),
    ],
)
def test_each_gate_hands_off_and_says_why(changed: dict[str, Any], reason: str) -> None:
    decided = gate_before(replace(STANDING, **changed), RULES)
    assert isinstance(decided, HandOff)
    assert reason in decided.reason


@pytest.mark.parametrize(
    "changed",
    [
        {"trust": Trust.UNVERIFIED},
        {"oldest": NOW - timedelta(hours=4)},
        {"answers": 5},
        {"answers_this_hour": 199},
        {"trust": Trust.UNVERIFIED, "hidden_characters": 199},
        {"trust": Trust.VERIFIED, "hidden_characters": 900},
        {"mode": "draft"},
    ],
)
def test_what_is_just_inside_a_gate_goes_to_the_assistant(changed: dict[str, Any]) -> None:
    assert gate_before(replace(STANDING, **changed), RULES) is None


def test_automatic_mail_is_met_with_silence() -> None:
    assert isinstance(gate_before(replace(STANDING, is_person=False), RULES), KeepSilent)


@pytest.mark.parametrize("handoff", ["quick", "balanced", "ai_first"])
def test_a_wish_for_a_person_is_granted_at_every_level_but_one(handoff: Any) -> None:
    asks = replace(STANDING, texts=("Let me speak to a real person.",))
    assert isinstance(gate_before(asks, replace(RULES, handoff=handoff)), HandOff)
    assert gate_before(asks, replace(RULES, handoff="ai_only")) is None


def test_without_an_assistant_people_get_everything() -> None:
    assert isinstance(gate_before(STANDING, Assistant(kind="none")), HandOff)


def test_a_forbidden_topic_that_the_assistant_names_is_handed_off_with_what_it_understood() -> None:
    about = Understanding(summary="They threaten to sue.", topic="legal threats")
    assert gate_after(Answer("Sorry!", about=about), STANDING, RULES) == HandOff(
        "forbidden topic: legal threats", about
    )
    assert gate_after(KeepSilent("spam", about), STANDING, RULES) == HandOff("forbidden topic: legal threats", about)


@pytest.mark.parametrize("topic", ["", "none", "None", "null"])
def test_no_topic_is_no_obstacle(topic: str) -> None:
    answer = Answer("It is on its way.", about=Understanding(topic=topic))
    assert gate_after(answer, STANDING, RULES) is answer


def test_without_forbidden_topics_a_named_one_means_nothing() -> None:
    answer = Answer("It is on its way.", about=Understanding(topic="delivery"))
    assert gate_after(answer, STANDING, replace(RULES, topics=())) is answer


def test_an_empty_answer_is_not_sent() -> None:
    assert isinstance(gate_after(Answer(" \n"), STANDING, RULES), HandOff)


def test_what_must_not_be_answered_is_not_answered_whatever_the_assistant_says() -> None:
    assert isinstance(gate_after(Answer("Hi"), replace(STANDING, may_answer=False), RULES), HandOff)


WISHES = """
Can I talk to a human?
I want to speak to a real person please
I'd like to speak with someone about my order
Is there a way I can talk to a human being?
Please connect me to an agent.
Could you please put me through to a representative
No more bots, I want a human
Let me speak with your manager.
Please have someone call me
human please
agent
ich möchte mit einem Mitarbeiter sprechen
Kann ich bitte mit jemandem telefonieren?
Können Sie mich mit einem Mitarbeiter verbinden?
Bitte um Rückruf durch einen Mitarbeiter
Je voudrais parler à un conseiller
Quiero hablar con una persona
Quisiera que me llame un agente
Vorrei parlare con un operatore
Quero falar com um atendente
Ik wil graag met een medewerker spreken
Jag vill prata med en människa
Jeg vil gerne tale med en medarbejder
Jeg ønsker å snakke med et menneske
Haluan puhua ihmisen kanssa
Chcę porozmawiać z konsultantem
Chci mluvit s člověkem
Szeretnék egy emberrel beszélni
Vreau să vorbesc cu o persoană
Хочу поговорить с оператором
Соедините меня с менеджером
Хочу поговорити з людиною
Bir temsilciyle görüşmek istiyorum
Θέλω να μιλήσω με κάποιον άνθρωπο
אני רוצה לדבר עם נציג
أريد التحدث مع شخص حقيقي
转人工客服
我要和真人说话
担当者と話したいです
상담원과 통화하고 싶어요
Tôi muốn nói chuyện với nhân viên
ขอคุยกับเจ้าหน้าที่
Saya ingin bicara dengan manusia
मैं किसी व्यक्ति से बात करना चाहता हूं
"""
NO_WISHES = """
I talked to a person at your shop yesterday and she said it is fine.
Your agent told me to write here.
It was human error.
How do I add a user for a person in my team?
I would like to connect to the agent software
The people in my office like your product.
Please send me the invoice for 3 persons.
How can I connect my account to the support portal?
I need to transfer my licence to another person.
I want to talk to my customers through your software, how do I set it up?
Please forward this invoice to your accounting.
Ich habe gestern mit einem Mitarbeiter gesprochen.
Wie viele Personen können mitfahren?
J'ai parlé à un conseiller hier.
Ayer hablé con una persona de su empresa.
El agente me dijo que llamara
Quiero hablar de la garantía
ho parlato con un operatore ieri
Я говорил с оператором вчера.
Where is my order?
"""


@pytest.mark.parametrize("text", WISHES.strip().split("\n"))
def test_a_wish_for_a_person_is_heard(text: str) -> None:
    assert asks_for_person(f"Hello,\n\n{text}\n\nRegards, Ann")


@pytest.mark.parametrize("text", NO_WISHES.strip().split("\n"))
def test_speaking_of_people_is_no_wish_for_one(text: str) -> None:
    assert not asks_for_person(f"Hello,\n\n{text}\n\nRegards, Ann")


def test_long_texts_cost_no_time() -> None:
    assert not asks_for_person("i would like to " * 400 + "can i " * 400)
