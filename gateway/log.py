"""One line an event: a fixed word, then facts; never a body, never a secret."""

import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog


@dataclass(frozen=True, slots=True)
class Event:
    """What a transaction wants to have logged once it is committed."""

    word: str
    facts: Mapping[str, Any] = field(default_factory=dict)


Log = structlog.stdlib.BoundLogger


def get(room: str) -> Any:
    """The log of one room."""
    return structlog.get_logger(room=room)


def event(log: Any, word: str, **facts: Any) -> None:
    """Write one event at the level of news."""
    log.info(word, **facts)


def trouble(log: Any, word: str, **facts: Any) -> None:
    """Write one event that a person should look at. `fix` among the facts says what to do."""
    log.warning(word, **facts)


def tell(log: Any, events: Sequence[Event]) -> None:
    for one in events:
        event(log, one.word, **one.facts)


def start(*, verbose: bool = False, quiet: bool = False) -> None:
    """Log to standard error: readable at a terminal, JSON elsewhere. Foreign libraries only from WARNING on.

    `quiet`: only errors, for where somebody else does the talking.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    for name in ("mail.log", "aioimaplib", "httpx", "httpcore", "uvicorn.access", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    pretty = sys.stderr.isatty()
    level = logging.ERROR if quiet else logging.DEBUG if verbose else logging.INFO
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if pretty
            else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
