"""Who is behind a load balancer: the PROXY protocol, versions 1 and 2, from listed peers only."""

import asyncio

from aiosmtpd.proxy_protocol import AF, V2_CMD, get_proxy

from gateway.intake.smtp.session import Session
from gateway.log import get, trouble

log = get("intake.smtp")


async def read_proxy_header(session: Session) -> None:
    """The session's peer becomes the one the header names. Without a good header in time the connection ends."""
    async with asyncio.timeout(session.limits.proxy):
        header = await get_proxy(session.inbound)
    if not header.valid:
        session.hall.counts["bad_proxy_headers"] += 1
        trouble(log, "bad_proxy_header", peer=session.peer, why=header.error, fix="is proxy_from right?")
        raise ConnectionAbortedError
    if header.version == 2 and header.command == V2_CMD.LOCAL:
        return  # a health check of the balancer itself
    if header.family in (AF.INET, AF.INET6) and header.src_addr is not None:
        session.come_from(str(header.src_addr))
