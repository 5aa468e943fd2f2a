"""/healthz, /readyz and /metrics."""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.config.values import is_loopback
from gateway.web.shown import status
from gateway.web.surroundings import Door, around, door, parts

_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def alive(request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """Whether mail can be taken. That Creatio or the relay is away does not matter: mail is kept for them."""
    why = await around(request).not_ready()
    return PlainTextResponse(f"{why}\n" if why else "ready\n", 503 if why else 200)


async def metrics(request: Request) -> Response:
    if not _may_look(request):
        return PlainTextResponse("not found", 404)
    registry = CollectorRegistry()
    registry.register(_Snapshot(await status(around(request))))
    return Response(generate_latest(registry), media_type=_TYPE)


def _may_look(request: Request) -> bool:
    """This machine itself, not whom a proxy on it brings; or who has the token."""
    if door(request) is Door.SOCKET:
        return True
    wanted = parts(request).settings.web.metrics_token.value
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if wanted and scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), wanted.encode()):
        return True
    brought = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    return request.client is not None and is_loopback(request.client.host) and not brought


class _Snapshot(Collector):
    """One status as metrics."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        yield from self._mail(self._found["counters"])
        yield from self._work()
        yield _gauge("gateway_deliveries", "Mails on their way out", "state", self._found["deliveries"])
        conditions = {one["name"]: float(one["condition"] == "working") for one in self._found["connections"]}
        yield _gauge("gateway_connection_working", "1 while that connection works", "name", conditions)
        paused = GaugeMetricFamily("gateway_paused", "1 for each pause", labels=["what", "mailbox"])
        for one in self._found["pauses"]:
            paused.add_metric([one["what"], one["mailbox"]], 1)
        yield paused
        number = self._found["not_trimmed"]
        yield CounterMetricFamily("gateway_not_trimmed", "Mails whose whole text was kept: trimming failed", number)
        yield GaugeMetricFamily("gateway_notices", "What the operator should look at", len(self._found["notices"]))
        info = GaugeMetricFamily("gateway_build_info", "Which program runs", labels=["version"])
        info.add_metric([self._found["version"]], 1)
        yield info

    def _mail(self, counters: dict[str, Any]) -> Iterator[Metric]:
        yield CounterMetricFamily("gateway_accepted", "Mails taken in", counters["accepted"])
        rest = {key: value for key, value in counters.items() if key not in ("accepted", "balanced")}
        yield _gauge("gateway_mails", "What became of the mails taken in", "fate", rest)
        yield GaugeMetricFamily("gateway_balanced", "1 while every mail is accounted for", int(counters["balanced"]))

    def _work(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("gateway_jobs", "Jobs by step", labels=["step", "state"])
        oldest = GaugeMetricFamily("gateway_oldest_job_seconds", "How long the oldest waits", labels=["step"])
        for step, one in self._found["work"].items():
            for state in ("waiting", "later", "in_work", "aside"):
                jobs.add_metric([step, state], one[state])
            since = one["oldest"]
            waits = (datetime.now(UTC) - datetime.fromisoformat(since)).total_seconds() if since else 0.0
            oldest.add_metric([step], max(waits, 0.0))
        yield from (jobs, oldest)


def _gauge(name: str, about: str, label: str, values: dict[str, Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


ROUTES = (Route("/healthz", alive), Route("/readyz", ready), Route("/metrics", metrics))
