"""What machines report about mails sent earlier: bounces, delays, receipts, complaints."""

from gateway.mail.layout import Layout
from gateway.mail.message import Message, Report
from gateway.mail.parts import Part


def read_report(raw: bytes, tree: Part, layout: Layout, message: Message) -> Report | None:
    return None
