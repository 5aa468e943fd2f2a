"""Deciding and tending where a Creatio is connected: its options in the brief, unread mail on a case."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.config.settings import Field
from gateway.desk.brief import AskedField
from gateway.desk.case import CaseField, Option
from gateway.health import Condition
from gateway.pipeline import tend
from gateway.store import arrivals
from gateway.store.database import Store
from tests.pipeline.casework import Office
from tests.pipeline.stand import words
from tests.pipeline.test_tend import UNREAD, keep_unreadable

PRIORITY = Field("PriorityId", "Priority", "dropdown", "Critical: outage")
REASON = Field("UsrReason", "Reason", "text", "in one word")


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Office:
    opened = await Office.open(store, tmp_path)
    opened.change_creatio(fields=(PRIORITY, REASON))
    options = (Option("1", ("High", "Hoch")), Option("2", ("Low",)))
    opened.crm.about = replace(
        opened.crm.about, fields=(CaseField("PriorityId", "Priority", "dropdown", options=options),)
    )
    return opened


async def test_the_assistant_is_asked_for_the_fields_with_the_names_of_their_options(office: Office) -> None:
    await office.customer_writes("Where is my key?")
    await office.later("decide")
    [brief] = office.assistant.briefs
    assert brief.fields == (
        AskedField("PriorityId", "Priority", "dropdown", "Critical: outage", ("High", "Low")),
        AskedField("UsrReason", "Reason", "text", "in one word"),
    )


@pytest.mark.parametrize("known", [True, False])
async def test_a_creatio_that_is_away_does_not_keep_the_assistant_from_answering(office: Office, known: bool) -> None:
    office.crm.go_away()
    if known:
        office.health.note("creatio", Condition.FAILED, "away")
    await office.customer_writes("Where is my key?")
    assert "answered" in words(await office.later("decide"))
    [brief] = office.assistant.briefs
    assert [one.column for one in brief.fields] == ["UsrReason"]


async def test_a_mail_that_cannot_be_read_becomes_a_case_with_the_whole_mail_attached(office: Office) -> None:
    await office.store.write(keep_unreadable)
    await office.store.write(tend.begin, office.settings)
    await office.later("tend", by=timedelta(hours=2))
    await office.file()
    [case] = office.crm.cases.values()
    assert case.columns["subject"] == "Schlüssel"
    assert "could not be read" in case.columns["description"]
    assert list(office.crm.files.values()) == [UNREAD]
    assert await office.store.read(arrivals.fates) == {"handed_off": 1}
