"""A rep at work in Creatio: writes in all the ways reps write, and turns cases from one status to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from gateway.demo.creatio import ids
from gateway.demo.creatio.mail_server import MailServer, NotSent
from gateway.demo.creatio.on_case import send_notice
from gateway.demo.creatio.process import Processes
from gateway.demo.creatio.saving import EntityLayer
from gateway.demo.creatio.schema import Row, id_of
from gateway.demo.creatio.tenant import ANNA, Mailed


class Style(Enum):
    """How a rep says something on a case. Only CREATIO and COMPLETED are answers to the customer."""

    CREATIO = "creatio"  # an e-mail that Creatio itself sends, in two phases
    COMPLETED = "completed"  # an e-mail marked done that Creatio does not send: the gateway's to send
    DRAFT = "draft"  # an e-mail begun and left
    ERROR = "error"  # an e-mail that Creatio tried to send and could not
    TASK = "task"  # a task marked done
    TO_DO = "to_do"  # an internal task, still to be done
    FEED = "feed"  # a post in the case's feed
    PORTAL = "portal"  # a message on the customer portal
    NOTICE = "notice"  # an automatic notification that Creatio sends by its rules


@dataclass(frozen=True, slots=True)
class Attached:
    """A file on a reply; an inline one is shown where the HTML says `cid:` and its name."""

    name: str
    content: bytes
    inline: bool = False


@dataclass(slots=True)
class Agent:
    """One rep. What they do is saved by the entity layer as their own, and starts processes as any save does."""

    layer: EntityLayer
    process: Processes
    author: UUID = ANNA
    mailbox: str = "support@creatio.example"
    quotes_history: bool = False
    mail_server: MailServer | None = None  # the SMTP server of Creatio's mailbox; without it mail goes out unseen

    async def reply(
        self,
        case_id: UUID,
        html: str,
        *,
        style: Style = Style.COMPLETED,
        files: Sequence[Attached] = (),
    ) -> UUID:
        """Say something on a case; the id of the activity or post that was made."""
        match style:
            case Style.CREATIO:
                made = await self.begin_sending(case_id, html, files=files)
                await self.finish_sending(made)
            case Style.ERROR:
                made = await self.begin_sending(case_id, html, files=files)
                await self.fail_sending(made, "The remote server returned an error: 550 5.7.1")
            case Style.COMPLETED:
                made = await self._complete(case_id, html, files)
            case Style.DRAFT:
                made = self._mail(case_id, html, self._draft(), files)
            case Style.TASK:
                made = self._task(case_id, html, ids.ACTIVITY_COMPLETED)
            case Style.TO_DO:
                made = self._task(case_id, html, ids.ACTIVITY_NOT_STARTED)
            case Style.FEED:
                made = self._post("SocialMessage", case_id, html)
            case Style.PORTAL:
                made = self._post("PortalMessage", case_id, html)
            case Style.NOTICE:
                case = self._case(case_id)
                made = id_of(send_notice(self.layer, case, self._customer(case), why="Case registration"))
        await self.process.react()
        return made

    async def begin_sending(self, case_id: UUID, html: str, *, files: Sequence[Attached] = ()) -> UUID:
        """The first phase of Creatio's own sending: the mail is saved and not out yet."""
        if self.layer.tenant.switches.composer == "draft_first":
            made = self._mail(case_id, html, self._draft(), files)
            await self.process.react()
            self.layer.update("Activity", made, {"EmailSendStatusId": ids.SEND_IN_PROGRESS}, self.author)
        else:
            status: Row = {"EmailSendStatusId": ids.SEND_IN_PROGRESS, "StatusId": ids.ACTIVITY_NOT_STARTED}
            made = self._mail(case_id, html, status, files)
        await self.process.react()
        return made

    async def finish_sending(self, activity_id: UUID) -> None:
        """The second phase: the mail is out, the row is saved, and its send status is written past all events."""
        tenant = self.layer.tenant
        row = tenant.tables["Activity"][activity_id]
        message_id = f"<{activity_id}@creatio.example>"
        if self.mail_server is not None:
            try:
                await self.mail_server.send(row, message_id, self._answered(row), self._files(activity_id))
            except NotSent as refused:
                await self.fail_sending(activity_id, str(refused)[:500])
                return
        tenant.mailed.append(
            Mailed(str(row["Recepient"]), str(row["Title"]), str(row["Body"]), "a rep", activity_id, message_id)
        )
        now = tenant.clock()
        sent: Row = {"SenderContactId": self.author, "StatusId": ids.ACTIVITY_COMPLETED}
        if tenant.switches.composer != "sended_only":
            sent["SendDate"] = now
        self.layer.update("Activity", activity_id, sent, self.author)
        known = tenant.find("EmailMessageData", ActivityId=activity_id)
        if known is not None:
            self.layer.update("EmailMessageData", id_of(known), {"MessageId": message_id, "SendDate": now}, self.author)
        await self.process.react()
        self.layer.update_by_sql("Activity", activity_id, {"EmailSendStatusId": ids.SENDED})

    def _answered(self, row: Row) -> str:
        """The Message-ID of the mail that a reply answers."""
        case_id = row["CaseId"]
        last = self._last_incoming(case_id) if isinstance(case_id, UUID) else None
        known = self.layer.tenant.find("EmailMessageData", ActivityId=id_of(last)) if last is not None else None
        return str(known["MessageId"]) if known is not None else ""

    def _files(self, activity_id: UUID) -> list[tuple[str, bytes]]:
        tenant = self.layer.tenant
        rows = [one for one in tenant.rows("ActivityFile") if one["ActivityId"] == activity_id]
        return [(str(one["Name"]), tenant.blobs[("ActivityFile", id_of(one), "Data")]) for one in rows]

    async def fail_sending(self, activity_id: UUID, why: str) -> None:
        """Creatio could not send it; no event tells of that."""
        error = self.layer.tenant.find("EmailSendStatus", Code="ErrorOnSend")
        status: Row = {"EmailSendStatusId": id_of(error) if error else None, "ErrorOnSend": why}
        self.layer.update_by_sql("Activity", activity_id, status)
        await self.process.react()

    async def set_status(self, case_id: UUID, status_id: UUID) -> None:
        await self.change(case_id, {"StatusId": status_id})

    async def resolve(self, case_id: UUID) -> None:
        await self.set_status(case_id, ids.STATUS_RESOLVED)

    async def close(self, case_id: UUID) -> None:
        await self.set_status(case_id, ids.STATUS_CLOSED)

    async def reopen(self, case_id: UUID) -> None:
        await self.set_status(case_id, ids.STATUS_REOPENED)

    async def reassign(self, case_id: UUID, *, owner: UUID | None = None, group: UUID | None = None) -> None:
        """Give a case to another contact, another team, or (both None) to nobody."""
        await self.change(case_id, {"OwnerId": owner, "GroupId": group})

    async def merge(self, case_id: UUID, into: UUID) -> None:
        """Close a case as a double of another, which gets its mails."""
        for activity in self.layer.tenant.rows("Activity"):
            if activity["CaseId"] == case_id:
                self.layer.update("Activity", id_of(activity), {"CaseId": into}, self.author)
        columns: Row = {"ParentCaseId": into, "ClosureCodeId": ids.CLOSED_AS_DOUBLE, "StatusId": ids.STATUS_CLOSED}
        await self.change(case_id, columns)

    async def change(self, case_id: UUID, columns: Row) -> None:
        """Save any columns of a case."""
        self.layer.update("Case", case_id, columns, self.author)
        await self.process.react()

    async def _complete(self, case_id: UUID, html: str, files: Sequence[Attached]) -> UUID:
        position = self.layer.tenant.switches.own_reply
        if position == "draft_first":
            made = self._mail(case_id, html, self._draft(), files)
            await self.process.react()
            self.layer.update("Activity", made, {"StatusId": ids.ACTIVITY_COMPLETED}, self.author)
            return made
        status: Row = {"StatusId": ids.ACTIVITY_COMPLETED, "EmailSendStatusId": ids.NOT_SEND}
        made = self._mail(case_id, html, status, files)
        if position == "no_send_status":
            self.layer.update_by_sql("Activity", made, {"EmailSendStatusId": None})
        return made

    def _draft(self) -> Row:
        columns: Row = {"EmailSendStatusId": ids.NOT_SEND, "StatusId": ids.ACTIVITY_NOT_STARTED}
        if self.layer.tenant.switches.draft == "in_progress":
            columns["StatusId"] = ids.ACTIVITY_IN_PROGRESS
        if self.layer.tenant.switches.draft == "untyped":
            columns["MessageTypeId"] = None
        return columns

    def _mail(self, case_id: UUID, html: str, columns: Row, files: Sequence[Attached]) -> UUID:
        case, new_id = self._case(case_id), self.layer.tenant.new_id()
        kept = {self.layer.tenant.new_id(): attached for attached in files}
        mail: Row = {
            "Id": new_id,
            "Title": f"Re: {case['Subject']} (Case #{case['Number']})"[:500],
            "Body": self._body(case, html, kept),
            "IsHtmlBody": True,
            "TypeId": ids.TYPE_EMAIL,
            "ActivityCategoryId": ids.CATEGORY_EMAIL,
            "MessageTypeId": ids.OUTGOING,
            "Sender": f"{self._name()} <{self.mailbox}>",
            "Recepient": self._customer(case),
            "ContactId": case["ContactId"],
            "CaseId": case_id,
        }
        self.layer.insert("Activity", mail | columns, self.author)
        for file_id, attached in kept.items():
            file: Row = {"Id": file_id, "Name": attached.name, "ActivityId": new_id, "TypeId": ids.FILE}
            file |= {"Inline": attached.inline, "Size": len(attached.content)}
            self.layer.insert("ActivityFile", file, self.author)
            self.layer.tenant.blobs[("ActivityFile", file_id, "Data")] = attached.content
        return new_id

    def _body(self, case: Row, html: str, files: dict[UUID, Attached]) -> str:
        schema = self.layer.tenant.entity("ActivityFile").uid
        for file_id, attached in files.items():
            html = html.replace(f"cid:{attached.name}", f"../rest/FileService/GetFile/{schema}/{file_id}")
        last = self._last_incoming(id_of(case))
        if self.quotes_history and last is not None:
            html += f"<br><br>{last['SendDate']}, {last['Sender']}:<br><blockquote>{last['Body']}</blockquote>"
        return html

    def _task(self, case_id: UUID, text: str, status: UUID) -> UUID:
        task: Row = {"Title": text[:500], "Notes": text, "DetailedResult": text, "TypeId": ids.TYPE_TASK}
        task |= {"ActivityCategoryId": ids.CATEGORY_TO_DO, "StatusId": status, "CaseId": case_id}
        return id_of(self.layer.insert("Activity", task, self.author))

    def _post(self, entity: str, case_id: UUID, html: str) -> UUID:
        about: Row = {"EntitySchemaUId": self.layer.tenant.entity("Case").uid, "EntityId": case_id}
        return id_of(self.layer.insert(entity, about | {"Message": html}, self.author))

    def _case(self, case_id: UUID) -> Row:
        return self.layer.tenant.tables["Case"][case_id]

    def _name(self) -> str:
        contact = self.layer.tenant.get("Contact", self.author)
        return str(contact["Name"]) if contact else "Support"

    def _customer(self, case: Row) -> str:
        last = self._last_incoming(id_of(case))
        if last is not None and last["Sender"]:
            return str(last["Sender"])
        contact = self.layer.tenant.get("Contact", case["ContactId"])
        return str(contact["Email"] or "") if contact else ""

    def _last_incoming(self, case_id: UUID) -> Row | None:
        mails = [
            row
            for row in self.layer.tenant.rows("Activity")
            if row["CaseId"] == case_id and row["MessageTypeId"] == ids.INCOMING
        ]
        return mails[-1] if mails else None
