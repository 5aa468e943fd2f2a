"""A real Exim in front of the door: it folds no line and is no friend of refusals."""

from pathlib import Path

from tests.intake.stand import Stand
from tests.peers.exim import OpenExim
from tests.peers.ports import free_port, wait_for


def test_a_line_of_three_thousand_octets_is_kept_not_bounced(open_exim: OpenExim, tmp_path: Path) -> None:
    line = b"x" * 3000
    with Stand(tmp_path) as stand:
        exim = open_exim(stand.port)
        exim.send(b"From: a@src.test\r\nSubject: long\r\n\r\n" + line + b"\r\n", "a@src.test", "b@dst.test")
        [mail] = stand.shelf.wait_for(1)
        wait_for(lambda: "Completed" in exim.log(), "Exim did not hear the 250")
    assert b"\r\n\r\n" + line + b"\r\n" in mail
    assert " ** " not in exim.log()


def test_while_the_door_is_closed_exim_keeps_the_mail(open_exim: OpenExim, tmp_path: Path) -> None:
    port = free_port()
    exim = open_exim(port)
    exim.send(b"From: a@src.test\r\nSubject: early\r\n\r\nx\r\n", "a@src.test", "b@dst.test")
    wait_for(lambda: " == " in exim.log(), "Exim did not try")
    assert exim.queued() == 1
    with Stand(tmp_path, listen=(("127.0.0.1", port),)) as stand:
        exim.flush()
        stand.shelf.wait_for(1)
        wait_for(lambda: exim.queued() == 0, "Exim did not hear the 250")
    assert " ** " not in exim.log()
