"""An account's folder is visited: opened, given to whoever wants to look, closed."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from gateway.config.settings import Imap
from gateway.errors import SignInRefused, TryLater
from gateway.http_client.client import HttpClient
from gateway.http_client.tokens import AccessTokens
from gateway.intake.imap.answers import encode_folder
from gateway.intake.imap.folder import ImapFolder
from gateway.intake.imap.opening import Line, open_line, said


class ImapPickup:
    """A `Pickup` for one [[intake.imap]]. Large mails are written to `spool`; above `max_size` only the head is had."""

    def __init__(self, account: Imap, spool: Path, max_size: int) -> None:
        self._account = account
        self._spool = spool
        self._max_size = max_size
        self._http: HttpClient | None = None
        self._tokens: AccessTokens | None = None
        if account.auth == "xoauth2":
            self._http = HttpClient(ca_file=account.ca_file, proxy=account.proxy, connections=1)
            self._tokens = AccessTokens(account.oauth, self._http)

    @contextlib.asynccontextmanager
    async def visit(self) -> AsyncIterator[ImapFolder]:
        line = await self._open()
        try:
            selected = await line.ask(line.wire.select(encode_folder(self._account.folder)))
            if selected.result != "OK":
                raise TryLater(f"{line.name} does not open the folder {self._account.folder}: {said(selected)}")
            folder = ImapFolder(line, selected, self._account.after, self._spool, self._max_size)
            if not folder.next_uid:
                await folder.ask_next_uid()
            yield folder
        finally:
            await line.close()

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _open(self) -> Line:
        try:
            return await open_line(self._account, self._tokens)
        except SignInRefused:
            if self._tokens is None:
                raise
        # A token may be called back before its end: once more with a new one.
        return await open_line(self._account, self._tokens)
