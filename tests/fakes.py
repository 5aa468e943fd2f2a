"""One honest stand-in for each port."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from gateway.desk.brief import Brief
from gateway.desk.decision import Answer, Decision
from gateway.errors import TryLater
from gateway.ports import Delivered, Parcel, Unknown, Verdict


class FakeRelay:
    """A relay in memory. It takes all mail, unless it was told otherwise."""

    def __init__(self) -> None:
        self.mails: list[Parcel] = []
        self._refused: dict[str, Verdict] = {}
        self._away = ""
        self._lost: list[bool] = []
        self._dies: list[bool] = []

    def refuse(self, recipient: str, verdict: Verdict) -> None:
        """What RCPT says of this recipient from now on."""
        self._refused[recipient] = verdict

    def take(self, recipient: str) -> None:
        self._refused.pop(recipient, None)

    def go_away(self, why: str = "the relay does not answer") -> None:
        self._away = why

    def come_back(self) -> None:
        self._away = ""

    def lose_answer(self, *, kept: bool) -> None:
        """The next mail is given to it, and no answer comes; `kept`: it has taken the mail all the same."""
        self._lost.append(kept)

    def kill(self, *, at_data: bool) -> None:
        """The process dies at the next mail: just before the "at DATA" mark, or just after it."""
        self._dies.append(at_data)

    async def send(
        self,
        parcel: Parcel,
        at_data: Callable[[], Awaitable[None]],
        may_go: Callable[[], Awaitable[None]] | None = None,
    ) -> Sequence[tuple[str, Verdict]]:
        if self._away:
            raise TryLater(self._away)
        if may_go is not None:
            await may_go()
        said = {one: self._refused[one] for one in parcel.recipients if one in self._refused}
        taken = tuple(one for one in parcel.recipients if one not in said)
        if taken:
            said |= dict.fromkeys(taken, await self._take(replace(parcel, recipients=taken), at_data))
        return [(one, said[one]) for one in parcel.recipients]

    async def _take(self, parcel: Parcel, at_data: Callable[[], Awaitable[None]]) -> Verdict:
        dies = self._dies.pop(0) if self._dies else None
        if dies is False:
            raise Died
        await at_data()
        if dies:
            raise Died
        lost = self._lost.pop(0) if self._lost else None
        if lost is not False:
            self.mails.append(parcel)
        return Delivered("taken") if lost is None else Unknown("no answer after the mail was given to the relay")


class Died(BaseException):
    """The process is gone: nothing catches this, as nothing runs after a kill -9."""


class FakeAssistant:
    """Says what it was told to say, in order; the last saying is repeated. Keeps the briefs it was given."""

    def __init__(self, *says: Decision | Exception) -> None:
        self.briefs: list[Brief] = []
        self.says: list[Decision | Exception] = list(says) or [Answer("You find it in the settings.")]
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def decide(self, brief: Brief) -> Decision:
        """`meanwhile` happens while it thinks."""
        self.briefs.append(brief)
        if self.meanwhile is not None:
            await self.meanwhile()
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, Exception):
            raise said
        return said
