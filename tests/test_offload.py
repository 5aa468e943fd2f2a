"""A function in a process of its own: what comes back when it is quick, slow, greedy or dead."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.mail.limits import Unreadable
from gateway.mail.message import Address
from gateway.offload import MEGABYTE, Readers, TooHeavy

SHORT = timedelta(seconds=0.5)
LONG = timedelta(seconds=60)


def add(one: int, other: int) -> int:
    return one + other


def loop_for_ever() -> None:
    while True:
        pass


def loop_in_one_instruction() -> int:
    return sum(range(10**12))


def eat_memory() -> int:
    return len(b"x" * (2 * 1024 * MEGABYTE))


def eat_memory_bit_by_bit() -> int:
    eaten = []
    while True:
        eaten.append(bytearray(MEGABYTE))


def leave() -> None:
    os._exit(3)


def fall() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def refuse() -> None:
    raise Unreadable("too many parts")


def own_process() -> int:
    return os.getpid()


def print_loudly() -> str:
    print("x" * 100_000)
    return "said"


def an_address() -> Address:
    return Address("a@b.example", "A")


class Sly:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("true",)


def be_sly() -> object:
    return Sly()


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    readers = Readers()
    yield readers
    await readers.close()


async def test_a_result_comes_back(readers: Readers) -> None:
    assert await readers.run(add, 1, 2, timeout=LONG) == 3
    assert await readers.run(an_address, timeout=LONG) == Address("a@b.example", "A")


async def test_a_hundred_quick_ones_share_two_processes(readers: Readers) -> None:
    results = await asyncio.gather(*(readers.run(own_process, timeout=LONG) for _ in range(100)))
    assert len(set(results)) <= 2
    assert os.getpid() not in results


async def test_an_error_is_raised_here(readers: Readers) -> None:
    with pytest.raises(Unreadable, match="too many parts"):
        await readers.run(refuse, timeout=LONG)


@pytest.mark.parametrize("endless", [loop_for_ever, loop_in_one_instruction])
async def test_a_loop_is_ended_and_the_next_mail_is_read(readers: Readers, endless: object) -> None:
    with pytest.raises(TooHeavy, match=r"longer than 0\.5 seconds"):
        await readers.run(endless, timeout=SHORT)  # type: ignore[arg-type]  # a function, as parametrize gives it
    assert await readers.run(add, 1, 2, timeout=LONG) == 3


@pytest.mark.parametrize("greedy", [eat_memory, eat_memory_bit_by_bit])
async def test_a_greedy_function_is_told_from_a_slow_one(readers: Readers, greedy: object) -> None:
    with pytest.raises(TooHeavy, match="more than 256 MB"):
        await readers.run(greedy, timeout=LONG)  # type: ignore[arg-type]  # a function, as parametrize gives it
    assert await readers.run(add, 1, 2, timeout=LONG) == 3


async def test_a_process_that_dies_is_replaced(readers: Readers) -> None:
    with pytest.raises(TooHeavy, match="ended by itself with status 3"):
        await readers.run(leave, timeout=LONG)
    with pytest.raises(TooHeavy, match="ended by SIGSEGV"):
        await readers.run(fall, timeout=LONG)
    assert await readers.run(add, 1, 2, timeout=LONG) == 3


async def test_what_a_function_prints_is_not_its_answer(readers: Readers) -> None:
    assert await readers.run(print_loudly, timeout=LONG) == "said"


async def test_a_hostile_answer_is_not_carried_out(readers: Readers) -> None:
    with pytest.raises(Exception, match="is no value"):
        await readers.run(be_sly, timeout=LONG)


async def test_the_memory_of_the_daemon_itself_does_not_count(readers: Readers) -> None:
    """A process started by a large one is told its parent's peak as its own by getrusage."""
    large = bytearray(b"x") * (400 * MEGABYTE)
    first = await readers.run(own_process, timeout=LONG)
    assert await readers.run(own_process, timeout=LONG) == first
    assert len(large) > 0


async def test_cancelling_ends_the_process_at_once(readers: Readers) -> None:
    pid = await readers.run(own_process, timeout=LONG)
    running = asyncio.create_task(readers.run(loop_for_ever, timeout=LONG))
    await asyncio.sleep(0)
    await asyncio.to_thread(_wait_until, lambda: _is_busy(pid))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not _is_running(pid)
    assert await readers.run(add, 1, 2, timeout=LONG) == 3


def test_processes_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, datetime\n"
        "from gateway.offload import Readers\n"
        "from tests.test_offload import own_process\n"
        "async def main():\n"
        "    print(await Readers().run(own_process, timeout=datetime.timedelta(seconds=60)), flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root}
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment, cwd=root)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _wait_until(lambda: not _is_running(child))


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "this takes far too long"
        time.sleep(0.02)


def _is_busy(pid: int) -> bool:
    """It used processor time since it was idle: state R, as /proc says."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "R"


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
