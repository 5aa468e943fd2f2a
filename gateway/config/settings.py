"""The settings as frozen values: sizes in bytes, durations as timedelta, secrets already resolved."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret that no log and no traceback shows. An empty one is false."""

    value: str = ""

    def __bool__(self) -> bool:
        return bool(self.value)

    def __repr__(self) -> str:
        return "Secret(…)" if self.value else "Secret()"


@dataclass(frozen=True, slots=True)
class OAuth:
    """How `auth = "xoauth2"` gets its access tokens; `refresh_token` empty means client credentials."""

    token_url: str = ""
    client_id: str = ""
    client_secret: Secret = Secret()
    refresh_token: Secret = Secret()
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Operator:
    notify: tuple[str, ...] = ()
    staff: tuple[str, ...] = ()
    timezone: str = "UTC"
    webhook: str = ""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """`url` is "sqlite" or a postgresql:// URL; `blobs` a folder, "s3://…" or empty for the default of that store."""

    url: str = "sqlite"
    blobs: str = ""


@dataclass(frozen=True, slots=True)
class Tls:
    cert: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Smtp:
    listen: tuple[str, ...] = ("0.0.0.0:25",)
    listen_tls: tuple[str, ...] = ()  # TLS from the first byte (RFC 8314), for who cannot say STARTTLS
    hostname: str = "localhost"
    max_size: int = 50 * 1024 * 1024
    trusted_peers: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1"))
    trusted_authserv_ids: tuple[str, ...] = ()
    soft_bounce: bool = False
    min_free: int = 2 * 1024**3
    tls: Tls = field(default_factory=Tls)
    proxy_from: tuple[Network, ...] = ()
    users: tuple[tuple[str, Secret, bool], ...] = ()  # who may sign in: name, password, and whether to send to others

    @property
    def sending(self) -> frozenset[str]:
        """The users that may send to others, as one of our mailboxes."""
        return frozenset(name for name, _, sends in self.users if sends)


@dataclass(frozen=True, slots=True)
class Imap:
    host: str
    user: str
    mailbox: str
    port: int = 993
    password: Secret = Secret()
    auth: Literal["password", "xoauth2"] = "password"
    oauth: OAuth = field(default_factory=OAuth)
    folder: str = "INBOX"
    start: Literal["new", "all"] | date = "new"
    after: str = "seen"  # "seen", "nothing" or "move:FOLDER"
    ca_file: str = ""
    proxy: str = ""
    trusted_authserv_ids: tuple[str, ...] = ()  # what the provider of this mailbox calls itself in what it found out


@dataclass(frozen=True, slots=True)
class Senders:
    forms: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyStyle:
    auto_submitted: bool = True
    disclosure: str = ""
    acknowledge: bool = False


@dataclass(frozen=True, slots=True)
class MailboxCase:
    owner: str = ""
    group: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One support address. All addresses are in lower case."""

    address: str
    aliases: tuple[str, ...] = ()
    receives_at: tuple[str, ...] = ()
    name: str = ""
    signature: str = ""
    mode: Literal["auto", "draft", "people"] = "auto"
    state: Literal["active", "retired"] = "active"
    senders: Senders = field(default_factory=Senders)
    reply: ReplyStyle = field(default_factory=ReplyStyle)
    creatio: MailboxCase = field(default_factory=MailboxCase)
    relay: str = ""


@dataclass(frozen=True, slots=True)
class Spam:
    flags: tuple[str, ...] = ("X-Spam-Flag: YES",)
    block: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relay:
    """`rate` is mails per second, 0 without a limit. `name` is empty for [relay]."""

    name: str = ""
    host: str = ""
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: Secret = Secret()
    auth: Literal["password", "xoauth2"] = "password"
    oauth: OAuth = field(default_factory=OAuth)
    bounce_domain: str = ""
    rate: float = 0.0
    connections: int = 3
    max_size: int = 20 * 1024 * 1024
    give_up: timedelta = timedelta(days=5)
    unknown: Literal["hold", "resend"] = "hold"
    ca_file: str = ""
    proxy: str = ""


AssistantKind = Literal["none", "openai", "anthropic", "gemini", "http", "plugin", "articles"]
Handoff = Literal["ai_only", "quick", "balanced", "ai_first"]


@dataclass(frozen=True, slots=True)
class Assistant:
    kind: AssistantKind = "none"
    url: str = ""
    model: str = ""
    key: Secret = Secret()
    timeout: timedelta = timedelta(seconds=30)
    handoff: Handoff = "quick"
    topics: tuple[str, ...] = ()
    articles: str = ""
    max_answers: int = 6
    max_per_hour: int = 200
    quiet_window: timedelta = timedelta(seconds=90)
    answer_max_age: timedelta = timedelta(hours=4)
    resolve_after: timedelta = timedelta(hours=72)
    ca_file: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """An AI-filled column of the case."""

    column: str
    title: str
    type: Literal["text", "dropdown"] = "text"
    description: str = ""


@dataclass(frozen=True, slots=True)
class Replies:
    types: tuple[str, ...] = ("Email",)
    deliver: Literal["auto", "gateway", "creatio"] = "auto"
    task_category: str = ""
    task_prefix: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Creatio:
    """An empty `url` means that no Creatio is connected."""

    url: str = ""
    identity_url: str = ""
    client_id: str = ""
    client_secret: Secret = Secret()
    user: str = ""
    password: Secret = Secret()
    create_case: Literal["on_handoff", "on_first_message"] = "on_handoff"
    owner: str = ""
    group: str = ""
    resolved_status: str = ""
    append: Literal["contact", "conversation", "never"] = "contact"
    append_window: timedelta | None = None
    reopen_window: timedelta = timedelta(days=30)
    attachments: Literal["upload", "reference"] = "upload"
    on_failed_sender: Literal["case", "set_aside"] = "case"
    hook_token: Secret = Secret()
    poll: timedelta = timedelta(seconds=60)
    calls_per_day: int = 0
    replies: Replies = field(default_factory=Replies)
    fields: tuple[Field, ...] = ()
    ca_file: str = ""
    proxy: str = ""


@dataclass(frozen=True, slots=True)
class MailSettings:
    quotes: Literal["own", "talon"] = "own"
    signatures: Literal["fold", "keep"] = "fold"
    scanner: str = ""  # of viruses: "unix:PATH" or "HOST:PORT" of a clamd
    refused_files: tuple[str, ...] = ()  # endings, in lower case and without a dot
    max_file: int = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Web:
    listen: str = "127.0.0.1:8080"
    hook_listen: str = ""
    identity_header: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    metrics_token: Secret = Secret()


@dataclass(frozen=True, slots=True)
class Retention:
    raw: timedelta = timedelta(days=90)
    conversations: timedelta = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything in `config.toml`, checked. `unused` names the keys that are set but that nothing uses yet.

    `warnings` are sentences with file, line and key about what works all the same.
    """

    path: Path
    public_url: str
    data_dir: Path
    mailboxes: tuple[Mailbox, ...]
    operator: Operator = field(default_factory=Operator)
    store: StoreSettings = field(default_factory=StoreSettings)
    smtp: Smtp | None = None
    imap: tuple[Imap, ...] = ()
    spam: Spam = field(default_factory=Spam)
    relay: Relay = field(default_factory=Relay)
    relays: tuple[Relay, ...] = ()
    assistant: Assistant = field(default_factory=Assistant)
    creatio: Creatio = field(default_factory=Creatio)
    mail: MailSettings = field(default_factory=MailSettings)
    web: Web = field(default_factory=Web)
    retention: Retention = field(default_factory=Retention)
    unused: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
