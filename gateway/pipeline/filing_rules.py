"""How the mail of one mailbox is filed, from the settings."""

from gateway.config.settings import Settings
from gateway.conversations.conversation import Conversation
from gateway.desk.dossier import Rules
from gateway.desk.mailboxes import Directory


def rules_for(settings: Settings, conversation: Conversation) -> Rules:
    directory = Directory(settings.mailboxes)
    mailbox = directory.find(conversation.mailbox)
    own, general = mailbox.creatio if mailbox else None, settings.creatio
    base = settings.public_url.rstrip("/")
    return Rules(
        create_case=general.create_case,
        append=general.append,
        append_window=general.append_window,
        attachments=general.attachments,
        owner=_spelled((own.owner if own else "") or general.owner),
        group=_spelled((own.group if own else "") or general.group),
        category=_spelled(own.category if own else ""),
        resolved_status=_spelled(general.resolved_status),
        quiet_window=settings.assistant.quiet_window,
        link=f"{base}/conversations/{conversation.id}" if base else "",
        mailbox_name=mailbox.name if mailbox else "",
        refused_files=frozenset(settings.mail.refused_files),
        max_file=settings.mail.max_file,
        ours=directory.ours,
    )


def _spelled(id: str) -> str:
    """An id as Creatio writes it, so that what was written can be compared with what is read."""
    return id.strip().strip("{}").lower()
