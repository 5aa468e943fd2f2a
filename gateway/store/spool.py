"""Files of our own for as long as something is done with them, in the data folder; what a crash left is swept."""

import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from gateway.store.transaction import StoreAway

FORGOTTEN = timedelta(hours=6)  # longer than anything is done with one


def spool_file(folder: Path) -> Path:
    """An empty file of our own in `folder`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
    except OSError as error:
        raise StoreAway(f"no room in {folder}: {error.strerror}") from error
    os.close(handle)
    return Path(name)


def sweep_spool(folder: Path, older_than: timedelta = FORGOTTEN) -> int:
    """Remove what was left there by somebody who died; returns how many files."""
    removed = 0
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        try:
            if path.is_file() and time.time() - path.stat().st_mtime > older_than.total_seconds():
                path.unlink()
                removed += 1
        except FileNotFoundError:  # whoever made it was faster
            continue
    return removed
