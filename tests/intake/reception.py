"""The door with accepting and a real store behind it, as the daemon has them."""

from pathlib import Path
from typing import Any

from gateway.daemon.doors import taker
from gateway.intake.smtp.door import Accept
from gateway.store.database import Store
from tests.intake.stand import Stand


class Reception(Stand):
    """A Stand whose mails become arrivals in the store at `url`. Ask with `reception.call(reception.store.read(…))`."""

    store: Store

    def __init__(self, folder: Path, *, url: str = "sqlite", **settings: Any) -> None:
        super().__init__(folder, **{"incoming": folder / "data" / "incoming"} | settings)
        self._url = url
        self._data_dir = folder / "data"

    async def prepare(self) -> Accept:
        self.store = await Store.open(self._url, self._data_dir)
        return taker(self.store)

    async def clear_up(self) -> None:
        await self.store.close()
