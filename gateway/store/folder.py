"""The data folder: that it exists, is ours alone, and lies on a disk of this machine."""

import fcntl
import os
from pathlib import Path

from gateway.errors import GiveUp

_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "fuse.glusterfs"})


def prepare_folder(folder: Path) -> None:
    """Make it, readable by us alone, so that its name survives a power cut."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise GiveUp(f"data_dir {folder} cannot be made: {error.strerror}") from error
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the disk keep the names in it. Raises OSError when it cannot."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FolderLock:
    """Held as long as the daemon lives; the system lets go of it when the process dies, however it dies."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, folder: Path) -> "FolderLock":
        """Raises GiveUp when another daemon works in this folder, or it is not ours to write."""
        try:
            handle = os.open(folder / "gateway.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise GiveUp(f"data_dir {folder} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            raise GiveUp(
                f"another gateway works in {folder}: stop it first, or give this one its own data_dir"
            ) from error
        return cls(handle)

    def release(self) -> None:
        os.close(self._handle)


def network_filesystem(folder: Path, mounts: str | None = None) -> str | None:
    """The kind of network file system that `folder` is on, or None. `mounts` is the text of /proc/self/mountinfo."""
    if mounts is None:
        try:
            mounts = Path("/proc/self/mountinfo").read_text()
        except OSError:
            return None
    found = ("", "")
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split(" ")[4].encode().decode("unicode_escape") if left.count(" ") >= 4 else ""
        if point and folder.resolve().is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, right.split(" ")[0])
    return found[1] if found[1] in _NETWORK else None
