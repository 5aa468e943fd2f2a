"""A process that sends mails over many sessions at once and tells how long the receiver took to acknowledge all.

    python -m gateway.bench.sender PORT MAILS SESSIONS MAILS_PER_CONNECTION FOLDER

As mail servers do, MAIL, RCPT and DATA go out together where the receiver offers PIPELINING (RFC 2920), and one by one
where it does not. Every mail must get its 250.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import cast

from gateway.bench.load import on_the_wire, read_load

_ANNOUNCED = {
    b"MAIL FROM:<customer@mail.example>\r\n": b"250",
    b"RCPT TO:<support@bench.example>\r\n": b"250",
    b"DATA\r\n": b"354",
}
_PATIENCE = 300.0


class Refused(Exception):
    """The receiver did not take a mail: then there is nothing to measure."""


class Courier(asyncio.Protocol):
    """One connection, and the mails that go over it."""

    def __init__(self, mails: Iterator[bytes], most: int) -> None:
        self.done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._mails = mails
        self._left = most
        self._sent = 0
        self._pipelining = False
        self._says = self._talk()
        self._wanted = next(self._says)
        self._waiting = b""
        self._wire: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        *lines, self._waiting = (self._waiting + data).split(b"\r\n")
        for line in lines:
            self._pipelining = self._pipelining or line[4:].upper() == b"PIPELINING"
            if line[3:4] == b"-":
                continue
            if not line.startswith(self._wanted):
                self._end(Refused(line.decode("ascii", "replace")))
                return
            self._wanted = next(self._says, b"")

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or Refused("the connection was closed"))

    def _talk(self) -> Iterator[bytes]:
        """Each step yields the reply that it waits for."""
        yield b"220"
        self._wire.write(b"EHLO bench.example\r\n")
        yield b"250"
        for mail in islice(self._mails, self._left):
            if self._pipelining:
                self._wire.write(b"".join(_ANNOUNCED))
            for said, wanted in _ANNOUNCED.items():
                if not self._pipelining:
                    self._wire.write(said)
                yield wanted
            self._wire.write(mail)
            yield b"250"
            self._sent += 1
        self._wire.write(b"QUIT\r\n")
        self._end(None)

    def _end(self, error: Exception | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(self._sent)
        else:
            self.done.set_exception(error)
        self._wire.close()


async def send(port: int, mails: Iterator[bytes], sessions: int, most: int) -> tuple[int, float]:
    """Send until there are no more; returns how many were acknowledged, and the seconds."""
    loop = asyncio.get_running_loop()

    async def session() -> int:
        sent = 0
        while True:
            _, courier = await loop.create_connection(lambda: Courier(mails, most), "127.0.0.1", port)
            count = await courier.done
            sent += count
            if count < most:
                return sent

    began = loop.time()
    async with asyncio.timeout(_PATIENCE):
        counts = await asyncio.gather(*(session() for _ in range(sessions)))
    return sum(counts), loop.time() - began


def main() -> None:
    import uvloop

    port, count, sessions, most = map(int, sys.argv[1:5])
    load = [on_the_wire(mail) for mail in read_load(Path(sys.argv[5]))]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sent, seconds = runner.run(send(port, islice(cycle(load), count), sessions, most))
    print(json.dumps({"mails": sent, "seconds": seconds}))


if __name__ == "__main__":
    main()
