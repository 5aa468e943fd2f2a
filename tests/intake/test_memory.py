"""A hundred big mails at once do not fill the memory."""

import asyncio
from pathlib import Path

from tests.intake.test_keeping import Process

LINE = b"x" * 998 + b"\r\n"
# With 25 MB each the peak was 121 MB and the test took 34 s; smaller ones show the same, for they are in none of it.
EACH = 6_000_000
MOST = 250_000  # kB


def peak(process: int) -> int:
    """The most memory that a process ever had, in kB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1])


async def upload(port: int, everybody_is_in: asyncio.Barrier) -> bytes:
    """All bodies are in before the first dot is said: the worst moment there is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    for line in (b"EHLO x", b"MAIL FROM:<a@src.test>", b"RCPT TO:<b@dst.test>", b"DATA"):
        writer.write(line + b"\r\n")
        while (await reader.readline())[3:4] == b"-":
            continue
    writer.write(b"Subject: big\r\n\r\n")
    for _ in range(EACH // (len(LINE) * 64)):
        writer.write(LINE * 64)
        await writer.drain()
    await everybody_is_in.wait()
    writer.write(b".\r\n")
    reply = await reader.readline()
    writer.close()
    return reply


async def test_a_hundred_big_mails_at_once_stay_out_of_the_memory(tmp_path: Path) -> None:
    clients = 100
    door = Process(tmp_path)
    try:
        barrier = asyncio.Barrier(clients)
        replies = await asyncio.gather(*(upload(door.port, barrier) for _ in range(clients)))
        assert {reply[:4] for reply in replies} == {b"250 "}
        assert peak(door.process.pid) < MOST
    finally:
        door.process.kill()
        door.process.communicate()
