"""The SMTP server in the settings of Creatio's mailbox: its own composer sends through it."""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses

from gateway.demo.creatio.schema import Row


class NotSent(Exception):
    """The server did not take it; its words are what Creatio writes on the row."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Host, port, user and password as the mailbox's page has them, with STARTTLS; `ca_file` is whom it believes."""

    host: str
    port: int
    user: str
    password: str
    ca_file: str

    async def send(self, row: Row, message_id: str, answers: str, files: Sequence[tuple[str, bytes]] = ()) -> None:
        """An activity as a mail. Raises NotSent when the server refuses it or cannot be reached."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = str(row["Sender"]), str(row["Recepient"]), str(row["Title"])
        if row["CopyRecepient"]:
            mail["Cc"] = str(row["CopyRecepient"])
        mail["Message-ID"] = message_id
        if answers:
            mail["In-Reply-To"] = mail["References"] = answers
        mail.set_content(str(row["Body"]), subtype="html")
        for name, content in files:
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        written = [str(row[name] or "") for name in ("Recepient", "CopyRecepient", "BlindCopyRecepient")]
        recipients = [address for _, address in getaddresses(written) if address]
        await self.submit(mail, getaddresses([str(row["Sender"])])[0][1], recipients)

    async def submit(self, mail: EmailMessage, sender: str, recipients: Sequence[str]) -> None:
        """Sign in and hand over, as any mail program does."""
        try:
            await asyncio.to_thread(self._submit, mail, sender, recipients)
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(str(error)) from error

    def _submit(self, mail: EmailMessage, sender: str, recipients: Sequence[str]) -> None:
        with smtplib.SMTP(self.host, self.port, timeout=20) as client:
            client.starttls(context=ssl.create_default_context(cafile=self.ca_file))
            client.login(self.user, self.password)
            client.send_message(mail, sender, list(recipients))
