"""A process with our door, our acceptance and our store, put together as the daemon does; nothing works on the mails.

    python -m gateway.bench.our_door FOLDER STORE_URL

Prints its port, ends with its input, and prints how many arrivals the store then has.
"""

import asyncio
import ipaddress
import sys
from pathlib import Path

import uvloop

from gateway import log
from gateway.config.settings import Mailbox
from gateway.daemon.doors import taker
from gateway.desk.mailboxes import Directory
from gateway.intake.smtp.door import DoorSettings, open_door
from gateway.store import arrivals
from gateway.store.database import Store

_HERE = (ipaddress.ip_network("127.0.0.0/8"),)


async def serve(folder: Path, url: str) -> None:
    store = await Store.open(url, folder)
    settings = DoorSettings("gw.bench.example", folder / "incoming", (("127.0.0.1", 0),), trusted_peers=_HERE)
    directory = Directory([Mailbox("support@bench.example")])
    before = sum((await store.read(arrivals.fates)).values())
    room = 2 * 1024**3
    door = await open_door(settings, directory, taker(store), enough_room=lambda: store.free_bytes() >= room)
    print(door.addresses[0][1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await door.close(5)
    print(sum((await store.read(arrivals.fates)).values()) - before, flush=True)
    await store.close()


if __name__ == "__main__":
    log.start()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(Path(sys.argv[1]), sys.argv[2]))
