"""Earlier mails put in their conversations in memory: what the store would know, without a store."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from gateway.conversations.conversation import State
from gateway.conversations.matching import Arriving, Candidate, Home, KnownMail, find_home
from gateway.mail.automatic import auto_submitted
from gateway.mail.message import Message
from gateway.mail.quotes.trimmed import Earlier
from gateway.mail.trust import Trust


@dataclass(slots=True)
class Rehearsed:
    """One conversation as it grows. `with_person`: a person of ours wrote in it."""

    candidate: Candidate
    said: list[Earlier] = field(default_factory=list)
    with_person: bool = False


@dataclass(slots=True)
class Rehearsal:
    """The conversations that earlier mails made. It forgets everything with the command."""

    reopen_window: timedelta
    conversations: dict[str, Rehearsed] = field(default_factory=dict)
    contents: dict[tuple[str, str], str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)  # as our tokens name it -> as it is called here

    def find(self, mail: Arriving) -> Home:
        return find_home(self.recognise(mail), self.candidates, reopen_window=self.reopen_window)

    def recognise(self, mail: Arriving) -> Arriving:
        """Its tokens name conversations as the gateway calls them: those that are known here by a mail of ours."""
        return replace(mail, tokens={self.named.get(name, name): good for name, good in mail.tokens.items()})

    @property
    def candidates(self) -> Sequence[Candidate]:
        return [one.candidate for one in self.conversations.values()]

    def copy_of(self, message: Message) -> str | None:
        """Why this mail is only another copy; an id used again for other content is a mail of its own."""
        known = self.contents.get((message.message_id, message.content))
        return f"second copy of {known}" if known else None

    def uses_id_again(self, message: Message) -> bool:
        """Asked of a mail that is no copy."""
        return any(known == message.message_id for known, _ in self.contents)

    def add(self, mail: Arriving, message: Message, text: str, name: str) -> None:
        """A customer's mail takes its place."""
        self.contents.setdefault((message.message_id, message.content), name)
        home = self.find(mail)
        here = home.found or self._begin(mail, message)
        people = {one.key: Trust.UNVERIFIED for one in (*message.to, *message.cc) if one.key != mail.mailbox}
        self._grow(here, mail, message, {**people, mail.sender: mail.trust}, ours=False)
        self._say(here, message, text, mail.at)

    def add_ours(self, mail: Arriving, message: Message, text: str) -> bool:
        """What we sent: it goes where it refers to, and becomes known as ours. False when it refers to nothing."""
        people = [one.key for one in (*message.to, *message.cc) if one.key != mail.mailbox]
        for person in people:
            home = self.find(replace(mail, sender=person, trust=Trust.UNVERIFIED))
            if home.found is not None:
                self.named.update(dict.fromkeys(mail.tokens, home.found))
                self._grow(home.found, mail, message, dict.fromkeys(people, Trust.UNVERIFIED), ours=True)
                self._say(home.found, message, text, mail.at)
                # Contract 8: what the assistant wrote says so; anything else of ours was written by a person.
                self.conversations[home.found].with_person |= auto_submitted(message) in ("", "no")
                return True
        return False

    def _begin(self, mail: Arriving, message: Message) -> str:
        here = str(uuid5(NAMESPACE_URL, f"{mail.mailbox} {message.message_id} {message.content}"))
        self.conversations[here] = Rehearsed(
            Candidate(here, mail.mailbox, message.subject, State.OPEN, mail.at, participants={})
        )
        return here

    def _grow(self, here: str, mail: Arriving, message: Message, people: dict[str, Trust], *, ours: bool) -> None:
        rehearsed = self.conversations[here]
        before = rehearsed.candidate
        everybody = frozenset({mail.sender, *(one.key for one in (*message.to, *message.cc))})
        known = KnownMail(message.message_id, ours, everybody, "" if ours else mail.sender)
        indexes = before.thread_indexes | ({mail.thread_index} if mail.thread_index else frozenset())
        rehearsed.candidate = replace(
            before,
            changed=max(before.changed, mail.at),
            participants={**people, **before.participants},
            mails=(*before.mails, known),
            thread_indexes=frozenset(indexes),
        )

    def _say(self, here: str, message: Message, text: str, at: datetime) -> None:
        sender = message.senders[0] if message.senders else None
        address, name = (sender.address, sender.name) if sender else ("", "")
        self.conversations[here].said.append(Earlier(text, address, name, at, message.message_id, message.in_reply_to))
