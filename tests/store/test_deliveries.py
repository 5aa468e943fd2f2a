"""A mail is queued once, and what became of each of its recipients is kept."""

from datetime import timedelta

from gateway.conversations.conversation import Author
from gateway.ports import Delayed, Delivered, Refused, Unknown, Verdict
from gateway.store import arrivals, conversations, deliveries, lanes, outcomes
from gateway.store.arrivals import Fate
from gateway.store.database import Store, Transaction
from gateway.store.deliveries import Delivery, Kind, Phase
from tests.store import seeds

BOB = "bob@customer.test"


async def waiting(store: Store) -> list[str]:
    """The subjects of the SEND jobs that are due, in the order in which they are taken."""
    harvest = await store.write(lanes.claim, {"send": 10}, lease=timedelta(seconds=15), node="here")
    await store.write(lanes.let_go, harvest.claims)
    return [claim.subject for claim in harvest.claims]


async def fetch(store: Store, number: int) -> Delivery:
    found = await store.read(deliveries.fetch, number)
    assert found is not None
    return found


async def test_a_mail_is_queued_once(store: Store) -> None:
    number = await store.write(deliveries.add, seeds.a_parcel())
    assert await store.write(deliveries.add, seeds.a_parcel(raw=b"Other")) == number
    kept = await fetch(store, number)
    assert (kept.outgoing, kept.state) == (seeds.a_parcel(), Phase.QUEUED)
    assert await waiting(store) == [str(number)]


async def test_what_people_wrote_goes_first(store: Store) -> None:
    for number, kind in enumerate((Kind.ANSWER, Kind.NOTICE, Kind.AGENT), start=1):
        await store.write(deliveries.add, seeds.a_parcel(number, kind=kind, conversation_id=f"c{number}"))
    harvest = await store.write(lanes.claim, {"send": 1}, lease=timedelta(seconds=15), node="here")
    assert [claim.lane for claim in harvest.claims] == ["c3"]


async def test_a_draft_waits_for_a_person(store: Store) -> None:
    number = await store.write(deliveries.add, seeds.a_parcel(), draft=True)
    assert await waiting(store) == []
    found = await store.read(deliveries.draft_of, "c1")
    assert found is not None
    assert await store.write(deliveries.release, number, raw=b"Better")
    assert not await store.write(deliveries.release, number)
    kept = await fetch(store, number)
    assert (kept.outgoing.raw, kept.outgoing.kind, kept.state) == (b"Better", Kind.APPROVED, Phase.QUEUED)
    assert await waiting(store) == [str(number)]


async def test_each_recipient_has_a_verdict_and_the_state_follows(store: Store) -> None:
    number = await store.write(deliveries.add, seeds.a_parcel(recipients=(BOB, "x@y.test", "z@y.test")))
    await store.write(outcomes.mark_at_data, number)
    assert (await fetch(store, number)).attempts == 1
    verdicts: dict[str, Verdict] = {
        BOB: Delivered("250 ok"),
        "x@y.test": Delayed(451, "later"),
        "z@y.test": Refused(550, "nobody"),
    }
    kept = await store.write(outcomes.record, number, verdicts)
    assert (kept.state, kept.waiting) == (Phase.QUEUED, ("x@y.test",))
    kept = await store.write(outcomes.give_up, number, "too old")
    assert (kept.state, kept.waiting) == (Phase.DELIVERED, ())
    assert "z@y.test: refused: 550 nobody" in kept.why


async def test_a_mail_nobody_took_is_refused(store: Store) -> None:
    number = await store.write(deliveries.add, seeds.a_parcel(recipients=(BOB,)))
    kept = await store.write(outcomes.record, number, {BOB: Refused(550, "nobody")})
    assert kept.state is Phase.REFUSED


async def test_a_mail_of_unknown_outcome_is_held_until_a_person_resends_it(store: Store) -> None:
    number = await store.write(deliveries.add, seeds.a_parcel(recipients=(BOB, "x@y.test")))
    [claim] = (await store.write(lanes.claim, {"send": 1}, lease=timedelta(seconds=15), node="here")).claims
    verdicts: dict[str, Verdict] = {BOB: Delivered("ok"), "x@y.test": Unknown("no answer")}
    assert (await store.write(outcomes.record, number, verdicts)).state is Phase.UNKNOWN
    await store.write(lanes.settle, claim, lanes.Try("here", timedelta(0)))
    assert await waiting(store) == []
    assert await store.write(deliveries.resend, number)
    kept = await fetch(store, number)
    assert (kept.state, kept.waiting) == (Phase.QUEUED, ("x@y.test",))
    assert await waiting(store) == [str(number)]


async def test_an_answer_that_is_taken_back_opens_what_it_had_settled(store: Store) -> None:
    def answer(tx: Transaction) -> tuple[int, int]:
        arrival = seeds.take_in(tx)
        seeds.begin(tx)
        arrivals.put_in_conversation(tx, arrival, "c1", None)
        entry = conversations.add_entry(tx, "c1", seeds.an_entry(9, author=Author.ASSISTANT), seeds.SUPPORT)
        number = deliveries.add(tx, seeds.a_parcel(entry_id=entry))
        arrivals.settle_undecided(tx, "c1", Fate.ANSWERED, [deliveries.reason_of(number)])
        return entry, number

    entry, number = await store.write(answer)
    assert await store.read(deliveries.underway, "c1") == {entry}
    assert await store.write(deliveries.cancel_answers, "c1", why="a newer mail came") == 1
    assert await store.write(deliveries.cancel_answers, "c1", why="a newer mail came") == 0
    assert (await fetch(store, number)).state is Phase.CANCELLED
    assert await waiting(store) == []
    assert await store.read(deliveries.unsaid, "c1") == {entry}
    assert await store.read(arrivals.fates) == {"open": 1}
    loaded = await store.read(conversations.load, "c1")
    assert loaded is not None
    assert loaded.answers == 0


async def test_what_an_agent_wrote_is_never_taken_back_with_the_answers(store: Store) -> None:
    await store.write(seeds.begin)
    number = await store.write(deliveries.add, seeds.a_parcel(kind=Kind.AGENT))
    assert await store.write(deliveries.cancel_answers, "c1", why="handed off") == 0
    assert (await fetch(store, number)).state is Phase.QUEUED


async def test_a_person_can_discard_what_has_not_left(store: Store) -> None:
    number = await store.write(deliveries.add, seeds.a_parcel())
    assert await store.write(deliveries.discard, number, why="not wanted")
    assert not await store.write(deliveries.discard, number, why="not wanted")
    sent = await store.write(deliveries.add, seeds.a_parcel(2))
    await store.write(outcomes.record, sent, {seeds.ANN.address: Delivered("ok")})
    assert not await store.write(deliveries.discard, sent, why="too late")


async def test_a_mail_that_came_back_is_refused_after_all(store: Store) -> None:
    entry = 5
    number = await store.write(deliveries.add, seeds.a_parcel(recipients=(BOB,), entry_id=entry))
    await store.write(outcomes.record, number, {BOB: Delivered("ok")})
    await store.write(deliveries.record_bounce, "<answer-1@example.com>", "BOB@customer.test", "mailbox gone")
    kept = await fetch(store, number)
    assert (kept.state, kept.why) == (Phase.REFUSED, "came back: mailbox gone")
    assert await store.read(deliveries.undelivered, "c1") == {entry: "came back: mailbox gone"}


async def test_the_budget_counts_answers_of_the_last_hour(store: Store) -> None:
    await store.write(seeds.begin)
    for number in range(3):
        await store.write(deliveries.add, seeds.a_parcel(number), draft=number == 2)
    await store.write(deliveries.add, seeds.a_parcel(8, kind=Kind.AGENT))
    assert await store.read(deliveries.answers_since, store.time() - timedelta(hours=1)) == 3
    await store.write(deliveries.cancel_answers, "c1", why="handed off")
    assert await store.read(deliveries.answers_since, store.time() - timedelta(hours=1)) == 0
