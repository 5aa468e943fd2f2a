"""Runs a pure function in a process of its own, with a limit on its time and its memory."""

import asyncio
import contextlib
import os
import pickle
import resource
import signal
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from datetime import timedelta
from enum import Enum
from io import BytesIO
from typing import Any, BinaryIO, TypeVar, cast

T = TypeVar("T")

MEGABYTE = 1 << 20
_LENGTH = struct.Struct(">Q")
_MAX_ANSWER = 256 * MEGABYTE
_JOBS_A_LIFE = 500
_DEFAULT_TIMEOUT = timedelta(seconds=10)
_PLAIN_TYPES = frozenset({"set", "frozenset", "bytearray", "complex", "range", "slice", "object"})


class TooHeavy(Exception):
    """The function needed more time or memory than it may have, or its process died. `reason` is for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class _Reader:
    process: asyncio.subprocess.Process
    jobs: int = 0


class Readers:
    """At most `processes` processes, kept warm, each replaced when it is killed, dies, or has done its share.

    The functions given to `run` are found by name in the other process, so they stand at the top of a module;
    arguments and results are plain values and frozen dataclasses.
    """

    def __init__(self, *, processes: int = 2, memory: int = 256 * MEGABYTE) -> None:
        self._memory = memory
        self._places = asyncio.Semaphore(processes)
        self._idle: list[_Reader] = []

    async def run(self, function: Callable[..., T], *args: Any, timeout: timedelta = _DEFAULT_TIMEOUT) -> T:
        """function(*args), done elsewhere. What it raises is raised here; TooHeavy when it was stopped.

        The time counts from when a process takes it up, not while it waits for one. On cancellation the process
        is killed: nothing goes on behind the caller's back.
        """
        async with self._places:
            reader = await self._take()
            finished = False
            try:
                kind, value, last = await asyncio.wait_for(
                    _ask(reader.process, (function, args, timeout.total_seconds())), timeout.total_seconds()
                )
                finished = not last
            except TimeoutError:
                raise TooHeavy(f"it took longer than {timeout.total_seconds():g} seconds") from None
            except (asyncio.IncompleteReadError, ConnectionError):
                raise TooHeavy(await _how_it_ended(reader.process)) from None
            finally:
                await self._put_back(reader, alive=finished)
        match kind:
            case "returned":
                return cast(T, value)
            case "memory":
                raise TooHeavy(f"it needed more than {self._memory // MEGABYTE} MB of memory")
            case _:
                raise value

    async def close(self) -> None:
        """Ends the processes that are idle; those at work end with their run."""
        while self._idle:
            await _end(self._idle.pop().process)

    async def _take(self) -> _Reader:
        while self._idle:
            reader = self._idle.pop()
            if reader.process.returncode is None:
                return reader
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "gateway.offload", str(self._memory)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        return _Reader(process)

    async def _put_back(self, reader: _Reader, *, alive: bool) -> None:
        reader.jobs += 1
        if alive and reader.jobs < _JOBS_A_LIFE and reader.process.returncode is None:
            self._idle.append(reader)
        else:
            await _end(reader.process)


async def _ask(process: asyncio.subprocess.Process, job: tuple[object, ...]) -> tuple[str, Any, bool]:
    if process.stdin is None or process.stdout is None:
        raise ConnectionError("the reading process has no pipes")
    content = pickle.dumps(job)
    process.stdin.write(_LENGTH.pack(len(content)) + content)
    await process.stdin.drain()
    (length,) = _LENGTH.unpack(await process.stdout.readexactly(_LENGTH.size))
    if length > _MAX_ANSWER:
        raise TooHeavy("its result is larger than can be taken")
    kind, value, last = _Answers(BytesIO(await process.stdout.readexactly(length))).load()
    return str(kind), value, bool(last)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Killed and waited for, even when the caller is being cancelled: no process is left behind."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await asyncio.shield(process.wait())


async def _how_it_ended(process: asyncio.subprocess.Process) -> str:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), 5)
    status = process.returncode
    if status is not None and status < 0:
        name = signal.Signals(-status).name if -status in set(signal.Signals) else str(-status)
        return f"its process was ended by {name}"
    return f"its process ended by itself with status {status}"


class _Answers(pickle.Unpickler):
    """Takes values only: whoever takes over the reading process by a hostile mail gains no code in this one."""

    def find_class(self, module: str, name: str) -> Any:
        if _is_known(module, name):
            found = super().find_class(module, name)
            if isinstance(found, type) and _is_value(found, module):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no value")


def _is_known(module: str, name: str) -> bool:
    return "." not in name and (module in ("builtins", "datetime", "collections") or module.split(".")[0] == "gateway")


def _is_value(found: type, module: str) -> bool:
    if issubclass(found, Exception):
        return True
    if module == "builtins":
        return found.__name__ in _PLAIN_TYPES
    return module in ("datetime", "collections") or is_dataclass(found) or issubclass(found, Enum)


def _serve(memory: int) -> None:
    """The other process: takes jobs from its standard input until that closes."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    jobs = os.fdopen(0, "rb", closefd=False)
    with contextlib.suppress(OSError):
        os.nice(5)
    while (header := jobs.read(_LENGTH.size)) and len(header) == _LENGTH.size:
        content = jobs.read(_LENGTH.unpack(header)[0])
        # Loading the job imports its module; the limit is on what the function itself does.
        function, args, seconds = pickle.loads(content)  # noqa: S301 - written by our own parent
        _limit(memory)
        # Should the parent die in the middle, this ends the process a little later than the parent would have.
        signal.setitimer(signal.ITIMER_REAL, seconds * 1.5 + 1)
        kind, value = _do(function, args)
        signal.setitimer(signal.ITIMER_REAL, 0)
        last = kind == "memory" or _grown(memory)
        _answer(answers, kind, value, last)
        del value
        if last:
            return


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_AS, (memory * 4, memory * 4))


def _do(function: Callable[..., object], args: tuple[object, ...]) -> tuple[str, object]:
    try:
        return "returned", function(*args)
    except MemoryError:
        return "memory", None
    except RecursionError:
        return "raised", RecursionError("too deep")
    except Exception as error:  # noqa: BLE001 - it is raised again in the other process
        return "raised", error


def _answer(answers: BinaryIO, kind: str, value: object, last: bool) -> None:
    try:
        content = pickle.dumps((kind, value, last))
        _Answers(BytesIO(content)).load() if kind == "raised" else None
    except MemoryError:
        content = pickle.dumps(("memory", None, True))
    except Exception:  # noqa: BLE001 - an error that cannot travel is told in words
        content = pickle.dumps(("raised", RuntimeError(f"{type(value).__name__}: {value}"[:500]), last))
    answers.write(_LENGTH.pack(len(content)) + content)
    answers.flush()


def _grown(memory: int) -> bool:
    """A process that once needed much keeps it: it goes after this job."""
    return most_memory() > memory * 2 // 3


def most_memory() -> int:
    """Bytes. Linux carries ru_maxrss over from whoever started the process (getrusage(2)), but not VmHWM."""
    try:
        with open("/proc/self/status", "rb") as status:
            told = next(line for line in status if line.startswith(b"VmHWM:"))
        return int(told.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
