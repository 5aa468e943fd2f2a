"""A real Postfix in front of the door."""

from pathlib import Path

from tests.intake.stand import Stand
from tests.peers.ports import free_port, wait_for
from tests.peers.postfix import OpenPostfix

MAIL = b"From: Ann <ann@src.test>\r\nTo: support@box.test\r\nSubject: number %d\r\n\r\nHello\r\n.dot\r\n"


def test_what_a_forward_file_sends_on_is_kept(open_postfix: OpenPostfix, tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        postfix = open_postfix(stand.port, forward_to="b@dst.test")
        postfix.send(MAIL % 1, "ann@src.test", postfix.forwarding)
        [mail] = stand.shelf.wait_for(1)
    assert f"Delivered-To: {postfix.forwarding}".encode() in mail
    assert mail.endswith(b"\r\n\r\nHello\r\n.dot\r\n")
    [received] = stand.shelf.received
    assert received.envelopes[0].sender == "ann@src.test"


def test_what_a_virtual_alias_sends_on_is_kept(open_postfix: OpenPostfix, tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        postfix = open_postfix(stand.port, aliases={"info@alias.test": "b@dst.test"})
        postfix.send(MAIL % 1, "ann@src.test", "info@alias.test")
        [mail] = stand.shelf.wait_for(1)
    assert b"X-Original-To" not in mail
    assert stand.shelf.received[0].mailboxes == ("b@dst.test",)


def test_while_the_door_is_closed_postfix_keeps_the_mail(open_postfix: OpenPostfix, tmp_path: Path) -> None:
    port = free_port()
    postfix = open_postfix(port)
    for number in range(6):
        postfix.send(MAIL % number, "ann@src.test", "b@dst.test")
    wait_for(lambda: postfix.log().count("status=deferred") >= 6, "Postfix did not try")
    assert postfix.queued() == 6
    with Stand(tmp_path, listen=(("127.0.0.1", port),)) as stand:
        postfix.flush()
        mails = stand.shelf.wait_for(6)
        wait_for(lambda: postfix.queued() == 0, "Postfix did not hear the 250")
    assert sorted(mail.split(b"number ")[1][:1] for mail in mails) == [b"0", b"1", b"2", b"3", b"4", b"5"]
    assert "status=bounced" not in postfix.log()


def test_trouble_of_ours_bounces_nothing(open_postfix: OpenPostfix, tmp_path: Path) -> None:
    async def fail() -> None:
        raise OSError(5, "Input/output error")

    with Stand(tmp_path) as stand:
        stand.shelf.before = fail
        postfix = open_postfix(stand.port)
        postfix.send(MAIL % 1, "ann@src.test", "b@dst.test")
        wait_for(lambda: "451 4.3.0" in postfix.log(), "Postfix was not told to try later")
        stand.shelf.before = None
        postfix.flush()
        stand.shelf.wait_for(1)
        wait_for(lambda: postfix.queued() == 0, "Postfix did not hear the 250")
    assert "status=bounced" not in postfix.log()
    assert len(stand.shelf.received) == 1


def test_a_mailbox_that_is_not_there_is_told_to_the_sender_at_once(open_postfix: OpenPostfix, tmp_path: Path) -> None:
    with Stand(tmp_path) as stand:
        postfix = open_postfix(stand.port)
        postfix.send(MAIL % 1, "ann@src.test", "nobody@dst.test")
        wait_for(lambda: "550 5.1.1" in postfix.log(), "Postfix was not refused")
    assert stand.shelf.received == []
