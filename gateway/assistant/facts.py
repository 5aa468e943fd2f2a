"""What an answer must not make up: links, addresses and numbers come from the articles, or from the customer."""

import re
from collections.abc import Iterator

from gateway.assistant.contract import Invalid
from gateway.desk.brief import Brief
from gateway.desk.decision import Answer

_PLACE = re.compile(r"(?i)\b(?:https?://|www\.)[^\s<>()\[\]\"'*`]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"\d[\d.,'\u00a0]*\d")  # two digits or more: "2" may count the steps of an answer
_SHOWN = 5


def check_facts(answer: Answer, brief: Brief) -> None:
    """Raises Invalid, naming what is wrong: the articles that the answer cites, then what none of them says."""
    given = {article.id: article for article in brief.articles}
    if not answer.citations:
        raise Invalid(["`citations` must name the articles that the answer is taken from; without any, hand off"])
    if unknown := [one for one in answer.citations if one not in given]:
        raise Invalid([f"`citations` names {', '.join(unknown)[:200]}, which is none of the given articles"])
    cited = [given[one] for one in answer.citations]
    told = "\n".join([brief.mailbox, *(f"{article.title}\n{article.text}\n{article.url}" for article in cited)])
    asked = "\n".join([brief.subject, *(said.text for said in brief.messages if said.author == "customer")])
    if made_up := list(_made_up(answer.text, told, asked)):
        raise Invalid([f"`text` has {', '.join(made_up[:_SHOWN])}, which the cited articles do not say"])


def _made_up(text: str, told: str, asked: str) -> Iterator[str]:
    """A link or an address must be an article's: one that the customer sent could lead anywhere."""
    places = {_bare(one) for one in _PLACE.findall(told)}
    yield from (place[:100] for place in _PLACE.findall(text) if _bare(place) not in places)
    numbers = {_digits(one) for one in _NUMBER.findall(f"{told}\n{asked}")}
    yield from (number for number in _NUMBER.findall(_PLACE.sub(" ", text)) if _digits(number) not in numbers)


def _bare(place: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", place.casefold()).rstrip("/.,;:!?")


def _digits(number: str) -> str:
    """Written with points, commas or spaces, it is the same number."""
    return re.sub(r"\D", "", number)
