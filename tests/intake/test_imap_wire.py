"""What servers say that a client may stumble over, and what they do not say."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.settings import Secret
from gateway.errors import SignInRefused, TryLater
from gateway.intake.imap.answers import encode_folder, name_uids, read_date, read_listed
from gateway.intake.imap.opening import open_line
from gateway.intake.imap.pickup import ImapPickup
from gateway.intake.imap.wire import Wire
from gateway.ports import LargeMail, SmallMail, UnfitMail
from tests.intake.scripted_imap import Server, scripted

DATE = b'INTERNALDATE " 2-Nov-2026 12:00:00 +0100"'
NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)


def listed(*sizes: int) -> bytes:
    lines = [b"* %d FETCH (UID %d RFC822.SIZE %d %s)\r\n" % (n, n, size, DATE) for n, size in enumerate(sizes, start=1)]
    return b"".join(lines) + b"TAG OK done\r\n"


def bodies(*mails: bytes) -> bytes:
    said = [
        b"* %d FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (n, n, len(raw), raw) for n, raw in enumerate(mails, start=1)
    ]
    return b"".join(said) + b"TAG OK done\r\n"


def pickup(server: Server, folder: Path, **more: object) -> ImapPickup:
    return ImapPickup(server.account(**more), folder, 10**8)


async def fetch(server: Server, folder: Path, *uids: int) -> list[SmallMail | LargeMail | UnfitMail]:
    async with pickup(server, folder).visit() as opened:
        return [mail async for mail in opened.fetch(uids)]


# -- long, odd and cut into pieces -----------------------------------------------------------------------------------


@pytest.mark.parametrize("at_once", [1, 7, 1 << 20])
async def test_a_response_is_read_however_it_is_cut(tmp_path: Path, at_once: int) -> None:
    mails = (b"", b"x) {5}\r\nA1 OK done\r\n* 9 FETCH (UID 9)\r\n", b"(((\xff\r\n", b")")
    answers = {".*RFC822": listed(1, 2, 3, 4), ".*BODY.PEEK": bodies(*mails)}
    async with scripted(answers, at_once=at_once) as server:
        found = await fetch(server, tmp_path, 1, 2, 3, 4)
    assert found == [SmallMail(number, NOON, raw) for number, raw in enumerate(mails, start=1)]


async def test_ten_thousand_lines_are_not_too_many(tmp_path: Path) -> None:
    gossip = b"".join(b"* %d FETCH (FLAGS (\\Seen))\r\n* %d EXPUNGE\r\n" % (n, n) for n in range(1, 5001))
    answers = {".*RFC822": gossip + listed(2), ".*BODY.PEEK": gossip + bodies(b"x\n")}
    async with scripted(answers) as server:
        assert await fetch(server, tmp_path, 1) == [SmallMail(1, NOON, b"x\n")]


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (b'* 1 FETCH (BODY[] "a (\\"b\\") UID 9 c" UID 1)\r\n', b'a ("b") UID 9 c'),
        (b"* 1 fetch (uid 1 body[] {3}\r\na{9 FLAGS (\\Seen))\r\n", b"a{9"),
        (b"* 1 FETCH (UID 1 BODY[]<0> ~{3}\r\n\0\r\n)\r\n", b"\0\r\n"),
        (b"* 7 EXISTS\r\n* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\n* 2 RECENT\r\n", b""),
        (b"* 1 FETCH (FLAGS (\\Seen))\r\n* 1 FETCH (FLAGS () UID 1 BODY[] {2}\r\nxy MODSEQ (4))\r\n", b"xy"),
    ],
)
async def test_a_body_is_found_however_it_is_written(tmp_path: Path, said: bytes, body: bytes) -> None:
    async with scripted({".*RFC822": listed(9), ".*BODY.PEEK": said + b"TAG OK done\r\n"}) as server:
        [mail] = await fetch(server, tmp_path, 1)
    assert isinstance(mail, SmallMail)
    assert mail.raw == body


async def test_a_mail_without_a_body_is_gone(tmp_path: Path) -> None:
    said = b"* 1 FETCH (UID 1 BODY[] NIL)\r\nTAG OK done\r\n"
    answers = {".*RFC822": listed(9), ".*BODY.PEEK": said, "UID SEARCH": b"* SEARCH\r\nTAG OK done\r\n"}
    async with scripted(answers) as server:
        assert await fetch(server, tmp_path, 1) == []


@pytest.mark.parametrize("listing", [listed(9, 9), listed(9)], ids=["without a body", "not at all"])
async def test_a_mail_that_is_there_and_not_given_out_is_not_taken_for_gone(tmp_path: Path, listing: bytes) -> None:
    nothing = b"* 2 FETCH (UID 2 BODY[] NIL)\r\nTAG OK done\r\n"
    answers = {
        ".*RFC822": listing,
        "UID FETCH 1.* .*BODY.PEEK": b"* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n" + nothing,
        "UID FETCH 2 .*BODY.PEEK": nothing,
        "UID SEARCH": b"* SEARCH 1 2\r\nTAG OK done\r\n",
    }
    async with scripted(answers) as server:
        first, second = await fetch(server, tmp_path, 1, 2)
    assert first == SmallMail(1, NOON, b"a")
    assert isinstance(second, UnfitMail)
    assert (second.uid, second.for_good, "does not give it out" in second.why) == (2, False, True)


async def test_what_the_server_says_beside_the_list_does_not_make_two_mails_of_one(tmp_path: Path) -> None:
    """RFC 3501 §6.4.8: the flags that somebody else sets at this moment come with the UID, too."""
    beside = b"* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n"
    answers = {".*RFC822": beside + listed(9).replace(b"TAG", beside + b"TAG"), ".*BODY.PEEK": beside + bodies(b"once")}
    async with scripted(answers) as server:
        assert await fetch(server, tmp_path, 1) == [SmallMail(1, NOON, b"once")]


@given(st.lists(st.binary(max_size=40), max_size=4), st.lists(st.integers(1, 30), min_size=1))
def test_any_bodies_in_any_pieces(mails: list[bytes], cuts: list[int]) -> None:
    async def read() -> list[bytes | None]:
        wire = Wire(asyncio.get_running_loop())
        wire.connection_made(_Nowhere())
        wire.data_received(b"* OK hello\r\n")
        wire.state = "SELECTED"
        asked = asyncio.ensure_future(wire.fetch("1:*", "(UID BODY.PEEK[])", by_uid=True))
        await asyncio.sleep(0)
        [command] = wire.pending_async_commands.values()
        said, at = bodies(*mails).replace(b"TAG ", f"{command.tag} ".encode()), 0
        for cut in cuts * len(said):
            wire.data_received(said[at : at + cut])
            at += cut
        return [one.body for one in read_listed((await asked).lines)]

    assert asyncio.run(read()) == mails


class _Nowhere(asyncio.Transport):
    def write(self, data: object) -> None:
        """Nobody listens."""


# -- a server that does not do what it should ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("greeting", "words"),
    [(b"* BYE too many connections\r\n", "too many connections"), (b"HTTP/1.1 400 Bad\r\n", "HTTP/1.1 400")],
)
async def test_an_unfriendly_greeting_is_told(tmp_path: Path, greeting: bytes, words: str) -> None:
    async with scripted(greeting=greeting) as server:
        with pytest.raises(TryLater, match=words):
            await fetch(server, tmp_path, 1)


async def test_a_server_that_says_nothing_is_not_waited_for() -> None:
    async with scripted({".*SEARCH": b""}) as server:
        line = await open_line(server.account(), None)
        await line.tell(line.wire.select("INBOX"))
        with pytest.raises(TryLater, match=r"no answer within 0\.2 seconds"):
            await line.ask(line.wire.search("ALL", charset=None, by_uid=True), 0.2)
        with pytest.raises(TryLater, match="no answer"):  # the line is cut: nothing is asked on it any more
            await line.ask(line.wire.simple_command("NOOP"), 5)


@pytest.mark.parametrize(
    "said",
    [
        b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n",
        b"OTHER99 OK nobody asked\r\n",
        b"CUT",
    ],
)
async def test_nonsense_ends_the_connection(tmp_path: Path, said: bytes) -> None:
    async with scripted({".*RFC822": listed(9), ".*BODY.PEEK": said}) as server:
        with pytest.raises(TryLater):
            await asyncio.wait_for(fetch(server, tmp_path, 1), 10)


async def test_one_bad_mail_does_not_hold_up_the_others(tmp_path: Path) -> None:
    answers = {
        ".*RFC822": listed(1, 1, 1),
        r"UID FETCH 2 .*BODY": b"TAG NO [SERVERBUG] cannot read that\r\n",
        r"UID FETCH 3 .*BODY": b"* 3 FETCH (UID 3 BODY[] {1}\r\nc)\r\nTAG OK done\r\n",
        r"UID FETCH 1:3 .*BODY": b"* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\nTAG NO some failed\r\n",
    }
    async with scripted(answers) as server:
        first, second, third = await fetch(server, tmp_path, 1, 2, 3)
    assert (first, third) == (SmallMail(1, NOON, b"a"), SmallMail(3, NOON, b"c"))
    assert isinstance(second, UnfitMail)
    assert (second.uid, second.for_good, "cannot read that" in second.why) == (2, False, True)


@pytest.mark.parametrize("claimed", [3_000_000, 2_500_000, 4_000_000])
async def test_a_wrong_size_does_not_matter(tmp_path: Path, claimed: int) -> None:
    raw = b"0123456789abcdef" * 187_500  # 3 MB
    pieces = {}
    for at in (0, 1 << 20, 2 << 20, len(raw)):
        piece = raw[at : at + (1 << 20)]
        said = b"* 1 FETCH (UID 1 BODY[]<%d> {%d}\r\n%s)\r\nTAG OK done\r\n" % (at, len(piece), piece)
        pieces[rf".*BODY.PEEK\[\]<{at}\."] = said
    async with scripted({".*RFC822": listed(claimed), **pieces}) as server:
        [mail] = await fetch(server, tmp_path, 1)
    assert isinstance(mail, LargeMail)
    assert mail.path.read_bytes() == raw


async def test_a_large_mail_that_breaks_off_is_had_by_its_head(tmp_path: Path) -> None:
    answers = {
        ".*RFC822": listed(5_000_000),
        r".*BODY.PEEK\[\]<0\.": b"* 1 FETCH (UID 1 BODY[]<0> {3}\r\nabc)\r\nTAG OK done\r\n",
        r".*BODY.PEEK\[\]<3\.": b"TAG NO broken\r\n",
        r".*BODY.PEEK\[HEADER\]": b"* 1 FETCH (UID 1 BODY[HEADER]<0> {4}\r\nA: b)\r\nTAG OK done\r\n",
    }
    async with scripted(answers) as server:
        [mail] = await fetch(server, tmp_path, 1)
    assert isinstance(mail, UnfitMail)
    assert (mail.head, mail.for_good) == (b"A: b", False)
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_without_uidvalidity_is_refused(tmp_path: Path) -> None:
    async with scripted({"SELECT": b"* 3 EXISTS\r\nTAG OK done\r\n"}) as server:
        with pytest.raises(TryLater, match="UIDVALIDITY"):
            await fetch(server, tmp_path, 1)


async def test_a_server_that_does_not_say_the_next_uid_is_asked_for_the_last(tmp_path: Path) -> None:
    """RFC 3501 §6.3.1: without it nothing may be assumed. What waits would all be taken for new."""
    answers = {
        "SELECT": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nTAG OK done\r\n",
        r"UID SEARCH UID \*": b"* SEARCH 41\r\nTAG OK done\r\n",
    }
    async with scripted(answers) as server, pickup(server, tmp_path).visit() as folder:
        assert folder.next_uid == 42
    answers = {"SELECT": answers["SELECT"], r"UID SEARCH UID \*": b"TAG BAD there is none\r\n"}
    async with scripted(answers) as server, pickup(server, tmp_path).visit() as folder:
        assert folder.next_uid == 1


# -- signing in ------------------------------------------------------------------------------------------------------


async def test_a_password_with_any_letters_is_sent_by_plain(tmp_path: Path) -> None:
    async with scripted() as server, pickup(server, tmp_path, password=Secret('ä"\\')).visit():
        pass
    assert "AUTHENTICATE PLAIN AHUAw6QiXA==" in server.heard


async def test_an_old_server_gets_login_with_quotes(tmp_path: Path) -> None:
    old = {"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n", "LOGIN": b"TAG OK in\r\n"}
    async with scripted(old) as server, pickup(server, tmp_path, user='my "user"', password=Secret("a\\b c")).visit():
        pass
    assert r'LOGIN "my \"user\"" "a\\b c"' in server.heard


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"TAG NO [AUTHENTICATIONFAILED] wrong\r\n", SignInRefused),
        (b"TAG NO LOGIN failed\r\n", SignInRefused),
        (b"TAG BAD what\r\n", SignInRefused),
        (b"TAG NO [UNAVAILABLE] later\r\n", TryLater),
        (b"TAG NO [LIMIT] too many connections\r\n", TryLater),
    ],
)
async def test_a_refusal_is_told_from_a_bad_moment(tmp_path: Path, said: bytes, kind: type[Exception]) -> None:
    async with scripted({"AUTHENTICATE": said}) as server:
        with pytest.raises(TryLater) as caught:
            await fetch(server, tmp_path, 1)
    assert type(caught.value) is kind
    assert "secret" not in str(caught.value)


async def test_a_password_is_never_sent_where_login_is_disabled(tmp_path: Path) -> None:
    async with scripted({"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nTAG OK done\r\n"}) as server:
        with pytest.raises(TryLater, match="takes no password"):
            await fetch(server, tmp_path, 1)


async def test_who_is_let_in_at_once_does_not_sign_in(tmp_path: Path) -> None:
    async with scripted(greeting=b"* PREAUTH welcome\r\n") as server, pickup(server, tmp_path).visit() as folder:
        assert (folder.validity, folder.next_uid) == (7, 4)
    assert not [line for line in server.heard if line.startswith(("AUTHENTICATE", "LOGIN"))]


# -- marking and waiting ---------------------------------------------------------------------------------------------


async def test_without_move_a_mail_is_copied_and_only_ours_are_expunged(tmp_path: Path) -> None:
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS\r\nTAG OK done\r\n",
        "UID COPY": b"TAG OK done\r\n",
        "UID STORE": b"TAG OK done\r\n",
        "UID EXPUNGE": b"* 1 EXPUNGE\r\nTAG OK done\r\n",
    }
    async with scripted(answers) as server, pickup(server, tmp_path, after="move:Done").visit() as folder:
        await folder.finish([1, 2, 3, 7])
    assert server.heard[-4:-1] == [
        'UID COPY 1:3,7 "Done"',
        r"UID STORE 1:3,7 +FLAGS.SILENT (\Deleted)",
        "UID EXPUNGE 1:3,7",
    ]


async def test_without_uidplus_nothing_is_expunged(tmp_path: Path) -> None:
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\nTAG OK done\r\n",
        "UID COPY": b"TAG OK done\r\n",
        "UID STORE": b"TAG OK done\r\n",
    }
    async with scripted(answers) as server, pickup(server, tmp_path, after="move:Done").visit() as folder:
        await folder.finish([1])
    assert not [line for line in server.heard if "EXPUNGE" in line]


async def test_a_folder_that_may_not_be_marked_is_no_trouble(tmp_path: Path) -> None:
    async with scripted({"UID STORE": b"TAG NO read-only\r\n"}) as server, pickup(server, tmp_path).visit() as folder:
        await folder.finish([1])


async def test_a_server_that_repeats_how_many_mails_there_are_brings_no_news(tmp_path: Path) -> None:
    """Else it would be searched again at once, for ever."""
    answers = {
        "UID SEARCH": b"* 3 EXISTS\r\n* SEARCH\r\nTAG OK done\r\n",
        "IDLE": b"+ idling\r\n* 3 EXISTS\r\n",
        "DONE": b"* 3 EXPUNGE\r\n* 3 EXISTS\r\nTAG OK idled\r\n",
    }
    async with scripted(answers) as server, pickup(server, tmp_path).visit() as folder:
        await folder.search(4)
        assert await folder.wait(timedelta(seconds=0.2))  # one is gone and another has come
        await folder.search(4)
        server.answers["DONE"] = b"* 2 EXISTS\r\nTAG OK idled\r\n"
        assert not await folder.wait(timedelta(seconds=0.2))


async def test_a_server_without_idle_is_asked_now_and_then(tmp_path: Path) -> None:
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\r\nTAG OK done\r\n",
        "UID SEARCH": b"* SEARCH\r\nTAG OK done\r\n",
        "NOOP": b"* 4 EXISTS\r\nTAG OK done\r\n",
    }
    async with scripted(answers) as server, pickup(server, tmp_path).visit() as folder:
        assert await folder.search(4) == []
        assert await folder.wait(timedelta(seconds=0.1))


@pytest.mark.parametrize("said", [b"TAG NO not now\r\n", b"TAG BAD what\r\n"])
async def test_a_server_that_refuses_to_idle_is_asked_now_and_then(tmp_path: Path, said: bytes) -> None:
    answers = {
        "UID SEARCH": b"* SEARCH\r\nTAG OK done\r\n",
        "IDLE": said,
        "NOOP": b"* 4 EXISTS\r\nTAG OK done\r\n",
    }
    async with scripted(answers) as server, pickup(server, tmp_path).visit() as folder:
        await folder.search(4)
        assert await folder.wait(timedelta(seconds=0.1))


async def test_a_server_that_says_goodbye_instead_of_idling_is_not_waited_for(tmp_path: Path) -> None:
    answers = {"UID SEARCH": b"* SEARCH\r\nTAG OK done\r\n", "IDLE": b"* BYE busy\r\n", "NOOP": b"CUT"}
    async with scripted(answers) as server, pickup(server, tmp_path).visit() as folder:
        await folder.search(4)
        with pytest.raises(TryLater, match=r"busy|closed|lost"):
            await asyncio.wait_for(folder.wait(timedelta(minutes=9)), 10)


async def test_idle_ends_with_done_and_goes_on_afterwards(tmp_path: Path) -> None:
    answers = {
        "UID SEARCH": b"* SEARCH 4 5\r\nTAG OK done\r\n",
        "IDLE": b"+ idling\r\n* OK still here\r\n* 4 EXISTS\r\n",
        "DONE": b"TAG OK idled\r\n",
    }
    async with scripted(answers) as server:
        async with pickup(server, tmp_path).visit() as folder:
            assert await folder.search(5) == [5]
            assert await folder.wait(timedelta(seconds=30))
            assert await folder.search(4) == [4, 5]
    assert server.heard.count("DONE") == 1


def test_it_is_the_same_on_uvloop(tmp_path: Path) -> None:
    answers = {
        ".*RFC822": listed(2),
        ".*BODY.PEEK": bodies(b"x\n"),
        "UID SEARCH": b"* SEARCH 1\r\nTAG OK done\r\n",
        "IDLE": b"+ idling\r\n* 4 EXISTS\r\n",
        "DONE": b"TAG OK idled\r\n",
    }

    async def visit() -> None:
        async with scripted(answers) as server, pickup(server, tmp_path).visit() as folder:
            assert await folder.search(1) == [1]
            assert [mail async for mail in folder.fetch([1])] == [SmallMail(1, NOON, b"x\n")]
            assert await folder.wait(timedelta(seconds=30))
            server.answers["NOOP|UID SEARCH"] = b"CUT"
            del server.answers["UID SEARCH"]
            with pytest.raises(TryLater, match=r"closed|lost"):
                await folder.search(1)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(visit())


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("INBOX", '"INBOX"'),
        ('a "b" \\c', '"a \\"b\\" \\\\c"'),
        ("Entwürfe & mehr", '"Entw&APw-rfe &- mehr"'),
        ("~peter/mail/台北/日本語", '"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),  # RFC 3501 §5.1.3
        ("a\r\nb", '"a&AA0ACg-b"'),
    ],
)
def test_a_folder_is_named_as_servers_know_it(name: str, written: str) -> None:
    assert encode_folder(name) == written


def test_uids_are_named_by_ranges() -> None:
    assert name_uids([9, 1, 2, 3, 7, 8]) == "1:3,7:9"
    assert name_uids([5]) == "5"


def test_a_date_may_begin_with_a_space_and_may_be_nonsense() -> None:
    assert read_date(" 2-Nov-2026 12:00:00 +0100") == NOON
    assert read_date("yesterday") is None
    assert read_date("01-Jan-0001 00:00:00 +0100") is None
    assert read_date("31-Dec-9999 23:59:59 -0100") is None


@given(st.lists(st.binary(max_size=60) | st.binary(max_size=60).map(bytearray), max_size=6))
def test_whatever_a_server_says_is_read_or_left_out(lines: list[bytes | bytearray]) -> None:
    for one in read_listed([b"1 FETCH (", *lines]):
        assert one.uid >= 0
