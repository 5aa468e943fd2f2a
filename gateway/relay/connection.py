"""One connection to a relay, driven command by command, so that the phase is always known (RFC 5321 §4.5.3.2)."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import aiosmtplib

from gateway.config.settings import Relay
from gateway.errors import TryLater
from gateway.ports import Parcel, Refused, Unknown, Verdict
from gateway.relay import verdict
from gateway.relay.verdict import Answer

MAIL, RCPT, DATA, END = 300.0, 300.0, 120.0, 600.0
_SLOWEST = 10_000  # octets a second: what we allow an upload to be, on top of END
_LONELY_LINE_END = re.compile(rb"(?<!\r)\n|\r(?!\n)")
Pause = Callable[[], Awaitable[None]]


class Dropped(Exception):
    """The connection ended before MAIL was answered: nothing was begun, another connection may do better."""


class Connection:
    """Signed in and ready for mail. One mail at a time."""

    def __init__(self, settings: Relay, smtp: aiosmtplib.SMTP, opened: float) -> None:
        self._settings = settings
        self._smtp = smtp
        self.opened = opened
        self.used = opened
        self.mails = 0

    @property
    def alive(self) -> bool:
        return self._smtp.is_connected

    async def transact(self, parcel: Parcel, at_data: Pause, may_go: Pause | None) -> list[tuple[str, Verdict]]:
        """One mail transaction; see `ports.Relay.send`. Raises Dropped when the connection was dead already."""
        raw = parcel.raw if parcel.raw.endswith(b"\r\n") else parcel.raw + b"\r\n"
        if (unfit := self._unfit(parcel, raw)) is not None:
            return [(recipient, unfit) for recipient in parcel.recipients]
        if may_go is not None:
            await may_go()
        if (unfit := await self._mail(parcel, raw)) is not None:
            return [(recipient, unfit) for recipient in parcel.recipients]
        self.mails += 1
        verdicts, taken = await self._recipients(parcel.recipients)
        if taken:
            try:
                await at_data()
            except BaseException:
                await self._reset()
                raise
            outcome = await self._data(raw)
            verdicts |= dict.fromkeys(taken, outcome)
        else:
            await self._reset()
        return [(recipient, verdicts[recipient]) for recipient in parcel.recipients]

    def _unfit(self, parcel: Parcel, raw: bytes) -> Refused | None:
        """What the relay said at EHLO rules this mail out: no need to try (RFC 1870 §6.1, RFC 6531 §3.1)."""
        offered = self._smtp.esmtp_extensions.get("size", "").strip()
        most = min([self._settings.max_size, *([int(offered)] if offered.isdigit() and int(offered) else [])])
        if len(raw) > most:
            return Refused(552, f"the mail has {len(raw)} bytes, the relay takes {most}")
        if _wants_utf8(parcel) and not self._smtp.supports_extension("smtputf8"):
            return Refused(550, "an address of this mail needs SMTPUTF8, which the relay does not offer")
        return None

    async def _mail(self, parcel: Parcel, raw: bytes) -> Refused | None:
        options = []
        if self._smtp.supports_extension("size"):
            options.append(f"SIZE={len(raw)}".encode())
        if not raw.isascii() and self._smtp.supports_extension("8bitmime"):
            options.append(b"BODY=8BITMIME")
        if _wants_utf8(parcel):
            options.append(b"SMTPUTF8")
        try:
            answer = await self._say(MAIL, b"MAIL", b"FROM:" + _path(parcel.sender), *options)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError) as error:
            raise Dropped(str(error)) from None
        if answer.good:
            return None
        if answer.code == 421:
            raise Dropped(str(answer))
        await self._reset()
        if answer.code == 552:  # RFC 1870 §6.1: it is this mail that is too large
            return Refused(552, answer.text)
        raise verdict.refusal(self._settings.name, "MAIL", answer)

    async def _recipients(self, recipients: tuple[str, ...]) -> tuple[dict[str, Verdict], list[str]]:
        verdicts: dict[str, Verdict] = {}
        taken: list[str] = []
        for recipient in recipients:
            try:
                answer = await self._say(RCPT, b"RCPT", b"TO:" + _path(recipient))
            except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
                raise TryLater("the relay dropped the connection at RCPT") from None
            if answer.code == 421:
                raise TryLater(f"the relay closes the connection: {answer}")
            if not answer.good and verdict.is_about_us(answer):
                await self._reset()
                raise verdict.refusal(self._settings.name, "RCPT", answer)
            said = verdict.of_recipient(answer)
            if said is None:
                taken.append(recipient)
            else:
                verdicts[recipient] = said
        return verdicts, taken

    async def _data(self, raw: bytes) -> Verdict:
        """DATA and the mail. What gets no answer after the mail began to leave is Unknown (RFC 1047)."""
        try:
            answer = await self._say(DATA, b"DATA")
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
            # Not an octet of the mail has left, so it cannot have been taken.
            raise TryLater("the relay dropped the connection at DATA") from None
        if answer.code != 354:
            await self._reset()
            return verdict.of_mail(answer if not answer.good else Answer(451, f"odd answer to DATA: {answer}"))
        protocol = self._smtp.protocol
        try:
            if protocol is None:
                return Unknown("the connection was lost")
            protocol.write(_stuffed(raw) + b".\r\n")
            response = await protocol.read_response(timeout=END + len(raw) / _SLOWEST)
        except (aiosmtplib.SMTPException, OSError) as error:
            self._smtp.close()
            return Unknown(f"no answer after the mail was given to the relay ({type(error).__name__})")
        except BaseException:
            self._smtp.close()
            raise
        if not 200 <= response.code < 600:
            self._smtp.close()
            return Unknown(f"odd answer after the mail was given to the relay: {response.code}")
        return verdict.of_mail(read_answer(response))

    async def _reset(self) -> None:
        try:
            answer = await self._say(20.0, b"RSET")
        except (aiosmtplib.SMTPException, OSError):
            self._smtp.close()
            return
        if not answer.good:
            self._smtp.close()

    async def _say(self, timeout: float, *words: bytes) -> Answer:
        try:
            return read_answer(await self._smtp.execute_command(*words, timeout=timeout))
        except aiosmtplib.SMTPResponseException as error:
            self._smtp.close()
            raise aiosmtplib.SMTPServerDisconnected(f"the relay does not speak SMTP ({error.code})") from None
        except asyncio.CancelledError:
            self._smtp.close()  # an answer may be on its way that would be taken for the next one
            raise

    async def close(self) -> None:
        try:
            if self.alive:
                await self._say(5.0, b"QUIT")
        except (aiosmtplib.SMTPException, OSError):
            pass
        finally:
            self._smtp.close()


def read_answer(response: aiosmtplib.SMTPResponse) -> Answer:
    return verdict.read(response.code, response.message)


def _wants_utf8(parcel: Parcel) -> bool:
    head = parcel.raw.partition(b"\r\n\r\n")[0]
    return not (head.isascii() and parcel.sender.isascii() and all(one.isascii() for one in parcel.recipients))


def _path(address: str) -> bytes:
    return f"<{address}>".encode()


def _stuffed(raw: bytes) -> bytes:
    """RFC 5321 §4.5.2; a lonely CR or LF would let a mail end early at some servers."""
    whole = _LONELY_LINE_END.sub(b"\r\n", raw)
    return (b"." if whole.startswith(b".") else b"") + whole.replace(b"\r\n.", b"\r\n..")
