"""The sections about those we talk to: [relay], [assistant], [creatio]."""

from datetime import timedelta

from gateway.config import values
from gateway.config.section import Section
from gateway.config.settings import Assistant, Creatio, Field, Relay, Replies
from gateway.config.values import duration, duration_from, number, one_of, optional, several

_SECOND = timedelta(seconds=1)
_SECRET_KEYS = {"env", "file", "credential"}
_RELAY_TABLES = ("password", "oauth")


def read_relays(section: Section) -> tuple[Relay, tuple[Relay, ...]]:
    """[relay] itself, and its sub-sections [relay.NAME]."""
    named = [
        key
        for key, value in section.table.items()
        if isinstance(value, dict) and key not in _RELAY_TABLES and not set(value) <= _SECRET_KEYS
    ]
    others = tuple(_read_relay(section.inside(name), name) for name in named)
    return _read_relay(section, ""), others


def read_assistant(section: Section) -> Assistant:
    default = Assistant()
    kinds = one_of("none", "openai", "anthropic", "gemini", "http", "plugin", "articles")
    found = Assistant(
        kind=section.read("kind", "none", kinds),
        url=section.read("url", "", optional(values.web_address, "")),
        model=section.read("model", "", values.text),
        key=section.secret("key"),
        timeout=section.read("timeout", default.timeout, duration_from(_SECOND)),
        handoff=section.read("handoff", "quick", one_of("ai_only", "quick", "balanced", "ai_first")),
        topics=section.read("topics", (), several(values.text)),
        articles=section.place("articles"),
        max_answers=section.read("max_answers", default.max_answers, number(0, 1000)),
        max_per_hour=section.read("max_per_hour", default.max_per_hour, number(0, 1_000_000)),
        quiet_window=section.read("quiet_window", default.quiet_window, duration),
        answer_max_age=section.read("answer_max_age", default.answer_max_age, duration),
        resolve_after=section.read("resolve_after", default.resolve_after, duration),
        ca_file=section.existing("ca_file"),
        proxy=section.read("proxy", "", optional(values.web_address, "")),
    )
    section.end()
    return found


def read_creatio(section: Section) -> Creatio:
    default = Creatio()
    found = Creatio(
        url=section.read("url", "", optional(values.web_address, "")),
        identity_url=section.read("identity_url", "", optional(values.web_address, "")),
        client_id=section.read("client_id", "", values.text),
        client_secret=section.secret("client_secret"),
        user=section.read("user", "", values.text),
        password=section.secret("password"),
        create_case=section.read("create_case", "on_handoff", one_of("on_handoff", "on_first_message")),
        owner=section.read("owner", "", optional(values.guid, "")),
        group=section.read("group", "", optional(values.guid, "")),
        resolved_status=section.read("resolved_status", "", optional(values.guid, "")),
        append=section.read("append", "contact", one_of("contact", "conversation", "never")),
        append_window=section.read("append_window", None, _window),
        reopen_window=section.read("reopen_window", default.reopen_window, duration),
        attachments=section.read("attachments", "upload", one_of("upload", "reference")),
        on_failed_sender=section.read("on_failed_sender", "case", one_of("case", "set_aside")),
        hook_token=section.secret("hook_token"),
        poll=section.read("poll", default.poll, duration_from(_SECOND)),
        calls_per_day=section.read("calls_per_day", 0, number(0, 100_000_000)),
        replies=_read_replies(section.inside("replies")),
        fields=tuple(_read_field(one) for one in section.each("field")),
        ca_file=section.existing("ca_file"),
        proxy=section.read("proxy", "", optional(values.web_address, "")),
    )
    section.end()
    return found


def _read_relay(section: Section, name: str) -> Relay:
    default = Relay()
    found = Relay(
        name=name,
        host=section.read("host", "", optional(_host, "")),
        port=section.read("port", default.port, number(1, 65535)),
        tls=section.read("tls", "starttls", one_of("starttls", "tls", "none")),
        user=section.read("user", "", values.text),
        password=section.secret("password"),
        auth=section.read("auth", "password", one_of("password", "xoauth2")),
        oauth=section.oauth(),
        bounce_domain=section.read("bounce_domain", "", optional(values.domain, "")),
        rate=section.read("rate", 0.0, optional(values.rate, 0.0)),
        connections=section.read("connections", default.connections, number(1, 100)),
        max_size=section.read("max_size", default.max_size, values.size),
        give_up=section.read("give_up", default.give_up, duration_from(timedelta(minutes=1))),
        unknown=section.read("unknown", "hold", one_of("hold", "resend")),
        ca_file=section.existing("ca_file"),
        proxy=section.read("proxy", "", optional(values.web_address, "")),
    )
    section.end()
    return found


def _read_replies(section: Section) -> Replies:
    found = Replies(
        types=section.read("types", ("Email",), several(values.text)),
        deliver=section.read("deliver", "auto", one_of("auto", "gateway", "creatio")),
        task_category=section.read("task_category", "", values.text),
        task_prefix=section.read("task_prefix", "", values.text),
        authors=section.read("authors", (), several(values.text)),
    )
    section.end()
    return found


def _read_field(section: Section) -> Field:
    column = section.require("column", values.text)
    found = Field(
        column=column,
        title=section.read("title", column, values.text),
        type=section.read("type", "text", one_of("text", "dropdown")),
        description=section.read("description", "", values.text),
    )
    section.end()
    return found


def _window(value: object) -> timedelta | None:
    return None if value == "" else duration(value)


def _host(value: object) -> str:
    """A name or an IP address."""
    try:
        return str(values.network(value).network_address) if "/" not in values.text(value) else values.domain(value)
    except values.Wrong:
        return values.domain(value)
