"""Figures for Prometheus, off until `TOWN_METRICS=127.0.0.1:9095` says where. They name no town and nobody.

On a door of their own, never on the towns': whoever may read them is whoever reaches that address.
"""

import time
from threading import Thread
from typing import Any

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily

from town.kernel import disk
from town.kernel.tenancy import Towns
from town.settings import private_address

STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds of the histogram."""


class Figures:
    """What one process counts."""

    def __init__(self, towns: Towns) -> None:
        self.towns = towns
        self.registry = CollectorRegistry()
        labels = ["route", "method", "status"]
        self.requests = Counter("clocher_requests", "Answers, by route.", labels, registry=self.registry)
        self.seconds = Histogram(
            "clocher_request_seconds", "How long answers took.", buckets=STEPS, registry=self.registry
        )
        self.registry.register(self)

    def collect(self) -> Any:
        """What is looked at when somebody asks, and not counted along the way."""
        for name, words, value in (
            ("clocher_disk_free_bytes", "Room below the instance folder.", disk.free(self.towns.instance)),
            ("clocher_towns", "Towns of this installation.", len(self.towns.registry.towns())),
            ("clocher_towns_open", "Towns whose file this process holds open.", len(self.towns.engines)),
            ("clocher_towns_in_trouble", "Towns that answer 503.", len(self.towns.engines.troubles.all())),
        ):
            yield GaugeMetricFamily(name, words, value=value)

    def count(self, response: Response) -> Response:
        method = request.method if request.method in ("GET", "HEAD", "POST") else "other"
        self.requests.labels(request.endpoint or "none", method, str(response.status_code)).inc()
        if (started := g.get("started")) is not None:
            self.seconds.observe(time.perf_counter() - started)
        return response


def init_app(app: Flask) -> None:
    """Count, if the settings say so."""
    if app.extensions["towns"].settings.metrics:
        figures = Figures(app.extensions["towns"])
        app.extensions["metrics"] = figures
        app.after_request(figures.count)


def serve(app: Flask) -> tuple[Any, Thread] | None:
    """Open the figures' own door, if the settings say where."""
    figures: Figures | None = app.extensions.get("metrics")
    if figures is None:
        return None
    host, port = private_address(figures.towns.settings.metrics or "")
    return start_http_server(port, addr=host, registry=figures.registry)
