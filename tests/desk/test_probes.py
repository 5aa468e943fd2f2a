"""The connection test: what is one, what it tells, when it is due again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.config.settings import Mailbox, Operator, Settings
from gateway.desk import probes
from gateway.desk.probes import Probe, State
from tests.builders import a_message

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PROBE = Probe("support@example.com", "support@example.com", "probe 1", NOON, "maria", deliveries=(7, 8))
LEARNT = {"forwarder": "Gmail or Workspace forwarding", "keeps_ids": True}


def home(*mailboxes: Mailbox, notify: tuple[str, ...] = ("ops@example.com",)) -> Settings:
    return Settings(Path(), "", Path(), mailboxes, operator=Operator(notify=notify))


def test_it_is_kept_and_found_again_as_it_was() -> None:
    probe = replace(PROBE, state=State.FAILED, lost=2, learnt=LEARNT)
    assert probes.from_mark(probe.as_mark()) == probe


def test_a_mail_is_one_by_its_field_or_its_subject_and_an_answer_to_it_is_none() -> None:
    assert probes.carried(a_message(headers=(("x-gateway-test", "token"),))) == "token"
    titled = f"[EXTERNAL] {probes.TITLE} token"
    assert probes.carried(a_message(subject=titled)) == titled
    assert probes.carried(a_message(subject=f"Re: {titled}")) == ""
    assert probes.carried(a_message(subject=titled, in_reply_to=("<1@x>",))) == ""
    assert probes.carried(a_message()) == ""


def test_it_is_sent_by_another_mailbox_else_by_the_operator_else_by_a_name_beside_the_mailbox() -> None:
    support, sales = Mailbox("support@example.com"), Mailbox("sales@example.com")
    assert probes.sender_for(support, home(support, sales)) == "sales@example.com"
    assert probes.sender_for(support, home(support)) == "ops@example.com"
    assert probes.sender_for(support, home(support, replace(sales, state="retired"))) == "ops@example.com"
    assert probes.sender_for(support, home(support, notify=())) == "gateway-test@example.com"
    assert probes.sender_for(support, home(support, notify=("support@example.com",))) == "gateway-test@example.com"


def test_one_that_came_back_tells_the_way_and_the_delay() -> None:
    back = probes.came_back(replace(PROBE, lost=2), LEARNT, at=NOON + timedelta(seconds=4), to=PROBE.mailbox)
    assert (back.state, back.lost, back.learnt["delay"]) == (State.CONNECTED, 0, 4)
    assert back.why == "came back after 4 s: Gmail or Workspace forwarding"


def test_one_that_came_to_another_mailbox_has_failed() -> None:
    astray = probes.came_back(PROBE, LEARNT, at=NOON, to="sales@example.com")
    assert (astray.state, astray.lost) == (State.FAILED, 1)
    assert "it came to sales@example.com" in astray.why


def test_that_sub_addresses_arrive_is_known_whichever_mail_comes_first() -> None:
    first = probes.came_back(probes.by_sub_address(PROBE), LEARNT, at=NOON, to=PROBE.mailbox)
    last = probes.by_sub_address(probes.came_back(PROBE, LEARNT, at=NOON, to=PROBE.mailbox))
    assert first.learnt == last.learnt == {**LEARNT, "sub_addresses": True, "delay": 0}


def test_one_is_lost_once() -> None:
    lost = probes.failed(PROBE, "it did not come back")
    assert (lost.state, lost.lost, lost.why) == (State.FAILED, 1, "it did not come back")
    assert probes.failed(lost, "again") == lost


def test_it_is_due_daily_and_an_hour_after_the_first_that_was_lost() -> None:
    well = replace(PROBE, state=State.CONNECTED)
    assert not probes.is_due(well, [], NOON + DAY - timedelta(seconds=1))
    assert probes.is_due(well, [], NOON + DAY)
    assert probes.is_due(replace(PROBE, state=State.FAILED, lost=1), [], NOON + HOUR)
    assert not probes.is_due(replace(PROBE, state=State.FAILED, lost=2), [], NOON + HOUR)
    assert not probes.is_due(PROBE, [], NOON + DAY)


def test_it_is_due_when_the_mailbox_is_silent_for_four_times_its_usual_gap() -> None:
    well = replace(PROBE, state=State.CONNECTED, sent=NOON - 7 * HOUR)
    hourly = [NOON - number * HOUR for number in range(7)]
    assert probes.usual_gap(hourly) == HOUR
    assert not probes.is_due(well, hourly, NOON + 4 * HOUR)
    assert probes.is_due(well, hourly, NOON + 4 * HOUR + timedelta(seconds=1))
    assert not probes.is_due(replace(well, sent=NOON), hourly, NOON + 5 * HOUR)
    assert not probes.is_due(well, hourly[:5], NOON + 9 * HOUR)
