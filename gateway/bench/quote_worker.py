"""Runs another project's trimmer for the bench, in whatever Python has it installed; knows nothing of the gateway."""

import importlib
import json
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

Trimmer = Callable[[str, str], tuple[str, str]]  # text and HTML (one is empty) -> "text" or "html", and the output


def talon() -> Trimmer:
    quotations = importlib.import_module("talon.quotations")
    quotations.register_xpath_extensions()
    return lambda text, html: (
        ("html", quotations.extract_from_html(html)) if html else ("text", quotations.extract_from_plain(text))
    )


def quotequail() -> Trimmer:
    quail = importlib.import_module("quotequail")

    def trim(text: str, html: str) -> tuple[str, str]:
        found = quail.quote_html(html, quote_intro_line=True) if html else quail.quote(text, quote_intro_line=True)
        return "html" if html else "text", "\n".join(part for kept, part in found or [] if kept)

    return trim


def mail_parser_reply() -> Trimmer:
    languages = ["en", "de", "fr", "it", "ja", "nl", "pl", "sv", "da", "es", "ko", "zh", "cs", "david"]
    parser = importlib.import_module("mailparser_reply").EmailReplyParser(languages=languages)
    return lambda text, html: ("text", parser.parse_reply(text=text) or "")


def email_reply_parser() -> Trimmer:
    parser = importlib.import_module("email_reply_parser").EmailReplyParser
    return lambda text, html: ("text", parser.parse_reply(text))


def email_reply_extractor() -> Trimmer:
    extract = importlib.import_module("email_reply_extractor").extract_new_text
    return lambda text, html: ("text", extract(text).text)


def unquotemail() -> Trimmer:
    unquote = importlib.import_module("unquotemail").Unquote

    def trim(text: str, html: str) -> tuple[str, str]:
        found = unquote(html or None, None if html else text)
        return ("html", found.get_html()) if html else ("text", found.get_text())

    return trim


# The name in the table, what it reads of an HTML mail, and how it is begun.
TRIMMERS: dict[str, tuple[str, Callable[[], Trimmer]]] = {
    "talon": ("html", talon),
    "quotequail": ("html", quotequail),
    "mail-parser-reply": ("text", mail_parser_reply),
    "email-reply-parser": ("text", email_reply_parser),
    "email-reply-extractor": ("text", email_reply_extractor),
    "unquotemail": ("html", unquotemail),
}


class _TooLong(BaseException):
    """Raised by the alarm clock: not an Exception, or a trimmer might swallow it."""


def answer(trim: Trimmer, asked: dict[str, str], limit: float) -> dict[str, Any]:
    """The output for one mail with its milliseconds, or an error."""
    began = time.perf_counter()
    told: dict[str, Any]
    try:
        signal.setitimer(signal.ITIMER_REAL, limit)
        form, output = trim(asked["text"], asked["html"])
        told = {form: output or ""}
    except _TooLong:
        told = {"error": "too slow"}
    except Exception as fault:  # noqa: BLE001 - a stranger's code: whatever it raises is its answer
        told = {"error": type(fault).__name__}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return told | {"milliseconds": (time.perf_counter() - began) * 1000}


def main(name: str, limit: str) -> None:
    """A mail a line on standard input, an answer a line on standard output; ends with 3 when it is not installed."""
    signal.signal(signal.SIGALRM, _ring)
    try:
        trim = TRIMMERS[name][1]()
    except ImportError:
        sys.exit(3)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(trim, json.loads(line), float(limit))), flush=True)


def _ring(*_: object) -> None:
    raise _TooLong


if __name__ == "__main__":
    main(*sys.argv[1:])
