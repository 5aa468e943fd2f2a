"""One visit to a folder: new mail is kept, then marked; what waited before is recorded; then we listen."""

import asyncio
import hashlib
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta

from gateway.config.settings import Imap
from gateway.errors import TryLater
from gateway.log import Event, event, get, tell
from gateway.mail.glance import GLANCE, first_from
from gateway.mail.message import Envelope
from gateway.pipeline import progress, recording
from gateway.pipeline.accept import Incoming, Spooled, accept, tell_accepted
from gateway.pipeline.parts import Job
from gateway.ports import Folder, LargeMail, SmallMail, UnfitMail
from gateway.store import arrivals, history, marks, notices
from gateway.store.arrivals import Door, Fate, Fresh
from gateway.store.database import Store, StoreAway, Transaction

LONGEST = timedelta(minutes=9)
POLL = timedelta(seconds=60)  # a server may forget to tell
AT_ONCE = 50  # mails between two notes of how far we came
DOUBTFUL = 50  # mails that one lost connection casts doubt on
_RETURN_PATH = re.compile(rb"^Return-Path[ \t]*:[ \t]*<([^<>\r\n]*)>", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
log = get("pipeline")


def notice_of(name: str) -> str:
    """The key of what the operator is told about an account."""
    return f"imap:{name}"


class Visit:
    def __init__(self, store: Store, job: Job, account: Imap, folder: Folder) -> None:
        self._store = store
        self._job = job
        self._account = account
        self._folder = folder
        self._mark = f"imap:{job.subject}"
        self._progress: progress.Progress
        self._fetching: list[int] = []
        self._older: Sequence[int] | None = None
        self._kept = 0

    async def work(self) -> None:
        """Until the time is over or the connection is lost. Raises TryLater when that was soon, and for nothing."""
        self._progress = await self._store.write(self._look)
        began = self._store.time()
        try:
            retried = False
            while (left := began + LONGEST - self._store.time()) > timedelta(0):
                if await self._next():
                    continue
                if retried:
                    await self._folder.wait(min(POLL, left))
                    continue
                retried = True
                for uid in sorted(map(int, self._progress.failures)):
                    await self._take([uid])
        except StoreAway:
            raise
        except TryLater as lost:
            await self._doubt()
            if not self._kept and self._store.time() < began + POLL:
                raise
            event(log, "visit_ended", place=self._job.subject, why=str(lost))

    def _look(self, tx: Transaction) -> progress.Progress:
        """Where we are. The first look is written down before anything is fetched: it decides what is history."""
        mark, folder = marks.get(tx, self._mark), self._folder
        if mark is None:
            found = progress.begin(folder.validity, folder.next_uid, tx.now)
        else:
            found = progress.go_on(mark, folder.validity, folder.next_uid)
        self._put(tx, found)
        notices.clear(tx, notice_of(self._job.subject))
        return found

    async def _next(self) -> bool:
        """Keep some of what is new, else of what waited before; false when there is neither."""
        known = self._progress
        if newer := await self._folder.search(known.above + 1):
            await self._take(progress.some_of(known, newer, AT_ONCE))
        elif not known.has_older:
            return False
        elif older := await self._what_waited():
            some = progress.some_of(known, older, AT_ONCE)
            await self._take(some)
            self._older = older[len(some) :]
        else:
            await self._remember(replace(known, below=known.boundary - 1))
        return True

    async def _what_waited(self) -> Sequence[int]:
        """Asked for once a visit: it may be a hundred thousand."""
        if self._older is None:
            self._older = await self._folder.search(self._progress.below + 1, self._progress.boundary - 1)
        return self._older

    async def _take(self, uids: Sequence[int]) -> None:
        """Keep these mails, have them marked, and note that they are done with."""
        known = await self._store.read(arrivals.known_places, [self._place(uid) for uid in uids])
        done = {uid: known[self._place(uid)] for uid in uids if self._place(uid) in known}
        unfit: list[int] = []
        self._fetching = [uid for uid in uids if uid not in done]
        async with aclosing(self._folder.fetch(tuple(self._fetching))) as mails:
            async for mail in mails:
                left_alone = await self._keep(mail)
                self._fetching.remove(mail.uid)
                if left_alone is None:
                    unfit.append(mail.uid)
                else:
                    done[mail.uid] = left_alone
        self._fetching = []
        await self._folder.finish([uid for uid in sorted(done) if not done[uid]])
        await self._remember(progress.passed(self._progress, uids, unfit))

    async def _keep(self, mail: SmallMail | LargeMail | UnfitMail) -> bool | None:
        """Whether it is left as it is in its folder: what waited before us is the owner's, and so is what we have not
        got. None when it could not be had and is tried again."""
        is_old = progress.is_history(self._progress, self._account.start, mail.uid, mail.received)
        if isinstance(mail, UnfitMail):
            if not mail.for_good and progress.tries(self._progress, mail.uid) < progress.MOST_FAILURES:
                return None
            tell(log, await self._store.write(self._set_aside, mail, is_old))
            return True
        if self._progress.recounted and mail.uid < self._progress.boundary:
            digest = mail.sha256 if isinstance(mail, LargeMail) else hashlib.sha256(mail.raw).hexdigest()
            known = await self._store.read(arrivals.known_content, self._account.mailbox, digest)
            if known is not None:
                _throw_away(mail)
                return known
        await self._accept(mail, is_old)
        self._kept += 1
        return is_old

    async def _accept(self, mail: SmallMail | LargeMail, is_old: bool) -> None:
        raw = mail.raw if isinstance(mail, SmallMail) else Spooled(mail.path, mail.size, mail.sha256)
        head = mail.raw[:GLANCE] if isinstance(mail, SmallMail) else await asyncio.to_thread(_head_of, mail)
        incoming = Incoming(
            envelopes=(self._envelope(head),),
            mailboxes=(self._account.mailbox,),
            raw=raw,
            door=Door.IMAP,
            received=mail.received,
            history=is_old,
            place=self._place(mail.uid),
        )
        try:
            tell_accepted(await accept(self._store, incoming), incoming)
        finally:
            _throw_away(mail)  # what was kept has been taken over

    def _set_aside(self, tx: Transaction, mail: UnfitMail, is_old: bool) -> Sequence[Event]:
        """A row says why it is not here, with what could be had of it. An old one needs nobody."""
        place = self._place(mail.uid)
        if arrivals.known_place(tx, place):
            return []
        digest = hashlib.sha256(mail.head).hexdigest()
        envelope = self._envelope(mail.head)
        fresh = Fresh(self._account.mailbox, Door.IMAP, envelope, len(mail.head), digest, mail.head)
        arrival_id = arrivals.add(tx, replace(fresh, received=mail.received, history=is_old, place=place))
        why = f"mail {mail.uid} in {self._job.subject}: {mail.why}"
        if is_old:
            arrivals.settle(tx, arrival_id, Fate.RECORDED, [f"history: {why}"])
            history.note(tx, Fate.RECORDED.value, arrival=arrival_id, reasons=[why])
            return [Event("recorded", {"arrival": arrival_id, "why": why})]
        kept = arrivals.fetch(tx, arrival_id)
        assert kept is not None
        return recording.set_aside(tx, kept=kept, why=why)

    async def _doubt(self) -> None:
        """The connection was lost while these were fetched: one of them may be the reason, at every visit."""
        if not self._fetching:
            return
        if len(self._fetching) > 1:
            await self._remember(replace(self._progress, doubtful=self._fetching[:DOUBTFUL]))
            return
        [uid] = self._fetching
        why = "the connection is lost whenever it is fetched"
        done = await self._keep(UnfitMail(uid, None, 0, b"", why, for_good=False))
        await self._remember(progress.passed(self._progress, [uid], [uid] if done is None else []))

    async def _remember(self, found: progress.Progress) -> None:
        """Only whoever holds the account's lane says how far we came."""
        await self._store.write(self._put, found)
        self._progress = found

    def _put(self, tx: Transaction, found: progress.Progress) -> None:
        self._job.fence(tx)
        if marks.get(tx, self._mark) != found.as_mark():
            marks.put(tx, self._mark, found.as_mark())

    def _place(self, uid: int) -> str:
        return f"{self._job.subject};{self._folder.validity};{uid}"

    def _envelope(self, head: bytes) -> Envelope:
        """What the server that delivered the mail wrote of its envelope. A null sender stays one (RFC 5321 §4.4)."""
        fields = _BLANK_LINE.split(head, maxsplit=1)[0]
        path = _RETURN_PATH.search(fields)
        sender = path[1].decode(errors="replace").strip() if path else first_from(head)
        return Envelope(sender=sender, recipient=self._account.mailbox)


def _head_of(mail: LargeMail) -> bytes:
    with mail.path.open("rb") as file:
        return file.read(GLANCE)


def _throw_away(mail: SmallMail | LargeMail) -> None:
    if isinstance(mail, LargeMail):
        mail.path.unlink(missing_ok=True)
