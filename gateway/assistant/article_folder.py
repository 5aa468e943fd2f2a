"""The folder of articles: Markdown files, read again when something in it changed."""

import asyncio
from pathlib import Path

from gateway.assistant.ranking import Index
from gateway.assistant.shelved import shelve
from gateway.errors import GiveUp

MOST_FILES = 2_000
MOST_BYTES = 512 * 1024  # of one article; what follows is not read


class ArticleFolder:
    """The articles of one folder. An empty `folder` has none."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._mark: tuple[tuple[str, int, int], ...] = ()
        self._index = Index(())

    async def index(self) -> Index:
        """The articles, ready to be searched. Raises GiveUp when the folder cannot be read."""
        if not self._folder:
            return self._index
        try:
            return await asyncio.to_thread(self._look)
        except OSError as error:
            raise GiveUp(f"the articles in {self._folder} cannot be read ({error.strerror}); see articles") from None

    def _look(self) -> Index:
        root = Path(self._folder)
        files = [(path, path.stat()) for path in _files(root)]
        mark = tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in files)
        if mark != self._mark:
            read = [shelve(path.relative_to(root).with_suffix("").as_posix(), _text(path)) for path, _ in files]
            self._index = Index([one for one in read if one is not None])
            self._mark = mark
        return self._index


def _files(root: Path) -> list[Path]:
    if not root.is_dir():
        raise NotADirectoryError(20, "there is no such folder")
    found = (path for path in root.rglob("*.md") if path.is_file() and not path.name.startswith("."))
    return sorted(found)[:MOST_FILES]


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MOST_BYTES).decode("utf-8", "replace")
