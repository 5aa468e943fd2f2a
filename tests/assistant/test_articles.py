"""The offline assistant: the one article that answers, or a handoff that helps."""

from pathlib import Path

import pytest

import gateway.demo
from gateway.assistant.article_folder import ArticleFolder
from gateway.demo.mails import COMPLAINT, QUESTION, SECOND
from gateway.desk.brief import AskedField, Said, SaidFile
from gateway.desk.decision import Answer, Decision, HandOff
from gateway.errors import GiveUp
from tests.assistant.stand import a_brief, a_message, an_assistant

DEMO = Path(gateway.demo.__file__).parent / "articles"
MANUALS = {
    "de/passwort.md": "# Passwort zurücksetzen\n\nWählen Sie **Passwort vergessen?** auf der Anmeldeseite.\n\n"
    "## Fragen\n\n- Ich habe mein Passwort vergessen\n- Wie kann ich mein Passwort zurücksetzen?\n",
    "de/rechnung.md": "# Rechnung herunterladen\n\nJede Rechnung steht unter **Meine Bestellungen** als PDF.\n",
    "fr/livraison.md": "---\ntitle: Délais de livraison\nurl: https://lumen.example/fr/livraison\n---\n"
    "La livraison prend trois jours ouvrés en France.\n",
    "es/devolver.md": "# Cómo devolver un artículo\n\nPuede devolver cualquier lámpara en 30 días.\n",
    "ja/電球.md": "# 電球の種類\n\nフロアランプの電球はE27です。\n\n## 質問\n\n- どの電球が必要ですか?\n",
}


async def decide(text: str, folder: Path = DEMO, **changes: object) -> Decision:
    async with an_assistant(kind="articles", articles=str(folder)) as articles:
        return await articles.decide(a_brief(text, **changes))


def manuals(folder: Path) -> Path:
    for name, text in MANUALS.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


async def test_the_article_is_sent_word_for_word_and_cited() -> None:
    decision = await decide(
        "Hello,\n\nI bought a floor lamp. Which light bulb\nfits it, and can I use an LED bulb?\n\nBest regards\nAnn",
        subject="Bulb",
    )
    assert isinstance(decision, Answer)
    assert decision.citations == ("bulbs",)
    article = " ".join((DEMO / "bulbs.md").read_text().split("\n\n")[1].splitlines())
    assert article in decision.text
    assert "Which bulb fits which lamp" in decision.text
    assert "Questions this answers" not in decision.text
    assert decision.about.language == "en"


async def test_the_storys_question_is_answered_and_its_complaints_are_not() -> None:
    question = await decide(QUESTION, subject="Which bulb for the floor lamp?")
    assert isinstance(question, Answer)
    assert question.citations == ("bulbs",)
    for complaint in (COMPLAINT, SECOND):
        handed = await decide(complaint, subject="Broken lamp, order LO-20417", customer_name="Ben Ortiz")
        assert isinstance(handed, HandOff)
        assert handed.about.summary


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("Where is my order?", "delivery"),
        ("How can I track my parcel?", "delivery"),
        ("Hi,\n\nI forgot my password.\n\nThanks\nAnn Keller", "password"),
        ("hello i cannot log in to my account", "password"),
        ("Hi there, how do I reset the password? Thank you!", "password"),
        ("How can I send the lamp back?", "returns"),
        ("When do I get my refund?", "returns"),
        ("How many days do I have to return a lamp", "returns"),
        ("Can I still change the address on the invoice?", "invoice"),
        ("I need an invoice please.", "invoice"),
    ],
)
async def test_a_question_finds_its_article(text: str, article: str) -> None:
    decision = await decide(text)
    assert isinstance(decision, Answer)
    assert decision.citations == (article,)


@pytest.mark.parametrize(
    "text",
    [
        "Do you have lamps in blue?",
        "Can I use a dimmer with the floor lamp?",
        "How long is the warranty on lamps?",
        "Can you change my delivery address?",
        "Do you offer discounts for companies?",
        "Can I pay by invoice?",
        "How do I delete my account?",
        "Please cancel my order",
        "Can I return my broken lamp?",
        "My floor lamp caught fire. Which bulb fits the floor lamp?",
        "Which bulb fits the floor lamp? And where is my order?",
        "Welche Glühbirne passt in die Stehlampe?",
        "?",
        "",
        "x" * 100_000,
    ],
)
async def test_what_no_article_answers_is_handed_off(text: str) -> None:
    assert isinstance(await decide(text), HandOff)


@pytest.mark.parametrize(
    ("text", "article", "language"),
    [
        ("Guten Tag,\n\nich habe mein Passwort vergessen.\n\nMit freundlichen Grüßen\nAnn Keller", "de/passwort", "de"),
        ("Wo kann ich meine Rechnung herunterladen?", "de/rechnung", "de"),
        ("Bonjour, quels sont les délais de livraison en France ?", "fr/livraison", "fr"),
        ("¿Cómo puedo devolver un artículo?", "es/devolver", "es"),
        ("どの電球が必要ですか？", "ja/電球", ""),
    ],
)
async def test_articles_are_found_in_their_own_language(text: str, article: str, language: str, tmp_path: Path) -> None:
    decision = await decide(text, manuals(tmp_path))
    assert isinstance(decision, Answer), decision
    assert decision.citations == (article,)
    assert decision.about.language == language


async def test_front_matter_gives_the_title_and_the_address(tmp_path: Path) -> None:
    decision = await decide("Quels sont les délais de livraison en France ?", manuals(tmp_path))
    assert isinstance(decision, Answer)
    assert decision.text.startswith("Délais de livraison")
    assert decision.text.endswith("https://lumen.example/fr/livraison")


async def test_a_handoff_tells_the_person_what_it_is_about() -> None:
    said = Said(
        "customer",
        a_message("").at,
        "Hi there,\n\nmy desk lamp arrived today and the glass shade is broken. I am really disappointed.\n\nBen Ortiz",
        (SaidFile("broken shade.png", "image/png", 9),),
    )
    priority = AskedField(
        "PriorityId",
        "Priority",
        "dropdown",
        "Critical: outage, data loss. High: broken or dangerous goods. Medium: all else.",
        ("Critical", "High", "Medium", "Low"),
    )
    decision = await decide("", messages=(said,), customer_name="Ben Ortiz", subject="Broken lamp", fields=(priority,))
    assert isinstance(decision, HandOff)
    assert decision.about.summary.splitlines() == [
        "Ben Ortiz writes about “Broken lamp”:",
        "“my desk lamp arrived today and the glass shade is broken. I am really disappointed.”",
        "Attached: broken shade.png",
    ]
    assert (decision.about.sentiment, decision.about.language) == ("angry", "en")
    assert decision.about.fields == {"PriorityId": "High"}


async def test_a_field_that_the_mail_says_nothing_about_is_left_to_a_person() -> None:
    group = AskedField(
        "GroupId", "Group", "dropdown", "Billing: invoices. Logistics: parcels.", ("Billing", "Logistics")
    )
    order = AskedField("UsrOrder", "Order", "text", "The order number")
    assert (await decide("Which bulb fits the floor lamp?", fields=(group, order))).about.fields == {}
    assert (await decide("My invoice?", fields=(group, order))).about.fields == {"GroupId": "Billing"}
    assert (await decide("An invoice, or two parcels?", fields=(group, order))).about.fields == {}


async def test_a_forbidden_topic_is_named_and_handed_off() -> None:
    decision = await decide("When do I get my refund of 700 EUR?", topics=("legal threats", "refunds above 500 EUR"))
    assert isinstance(decision, HandOff)
    assert decision.about.topic == "refunds above 500 EUR"


async def test_who_asks_again_after_an_answer_gets_a_person() -> None:
    messages = (
        a_message("Which bulb fits the floor lamp?"),
        a_message("All desk lamps take …", "assistant"),
        a_message("Which bulb fits the floor lamp?"),
    )
    assert isinstance(await decide("", messages=messages[:1]), Answer)
    assert isinstance(await decide("", messages=messages), HandOff)


async def test_two_articles_that_answer_alike_are_left_to_a_person(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.md").write_text("# Resetting your password\n\nChoose a link.\n")
    (tmp_path / "three.md").write_text("# Bulbs\n\nE27.\n")
    assert isinstance(await decide("How do I reset my password?", tmp_path), HandOff)


async def test_a_changed_article_is_read_again(tmp_path: Path) -> None:
    folder = ArticleFolder(str(tmp_path))
    (tmp_path / "a.md").write_text("# One\n\nfirst words\n")
    [first] = (await folder.index()).shelved
    (tmp_path / "a.md").write_text("# One\n\nother words, and more\n")
    (tmp_path / "empty.md").write_text("# Nothing below\n")
    [second] = (await folder.index()).shelved
    assert (first.article.text, second.article.text) == ("first words", "other words, and more")


async def test_a_folder_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(GiveUp, match="no such folder"):
        await decide("Which bulb?", tmp_path / "gone")
