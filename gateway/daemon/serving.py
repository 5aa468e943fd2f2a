"""`gateway serve`: the house as a process, with its signals and with systemd."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from gateway import log as logs
from gateway.config.load import load
from gateway.daemon.house import House
from gateway.errors import GiveUp, Misconfigured
from gateway.intake.smtp.activation import listening_sockets, notify
from gateway.log import event, get, trouble
from gateway.resolver.dns import Dns
from gateway.store.database import StoreAway

MISCONFIGURED = 78  # the unit does not start it again on that
log = get("daemon")


def serve(path: Path, *, verbose: bool = False, environment: Mapping[str, str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; returns the exit status. SIGHUP reads the settings again."""
    logs.start(verbose=verbose)
    given = os.environ if environment is None else environment
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        return runner.run(_serve(path, given))


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where it is installed; the standard loop elsewhere."""
    try:
        import uvloop
    except ImportError:
        return None
    made: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return made


async def _serve(path: Path, environment: Mapping[str, str]) -> int:
    house = House(load(path), partial(load, path), names=Dns())
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    status = 0
    sockets = {"smtp": listening_sockets(environment, os.getpid(), name="smtp")}
    try:
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(_tell_systemd(house, stopping, environment))
            reloading = group.create_task(_reload_on_hangup(house, loop, stopping))
            await house.run(stopping, sockets)
            watching.cancel()
            reloading.cancel()
    except* GiveUp as never:
        trouble(log, "cannot_start", why="; ".join(str(one) for one in never.exceptions))
        status = 1
    except* Misconfigured as wrong:
        for one in wrong.exceptions:
            trouble(log, "cannot_start", why=str(one), fix="`gateway check` says what is wrong")
        status = MISCONFIGURED
    return status


async def _tell_systemd(house: House, stopping: asyncio.Event, environment: Mapping[str, str]) -> None:
    await house.opened.wait()
    event(log, "open", doors={name: f"{host}:{port}" for name, (host, port) in house.addresses.items()})
    notify(environment, "READY=1")
    await stopping.wait()
    notify(environment, "STOPPING=1")


async def _reload_on_hangup(house: House, loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """A bad file changes nothing, and says why."""
    wanted = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, wanted.set)
    await house.furnished.wait()
    while True:
        await wanted.wait()
        wanted.clear()
        if stopping.is_set():
            return
        try:
            await house.reload()
        except Misconfigured as wrong:
            for fault in wrong.faults:
                trouble(log, "not_reloaded", fault=str(fault), fix="mend it and send SIGHUP again")
        except StoreAway as away:
            trouble(log, "not_reloaded", why=str(away), fix="send SIGHUP again when the store answers")
        sys.stderr.flush()
