"""Logs: one JSON line a request, without names, addresses, texts, queries or tokens."""

import logging
import sys
import time

import structlog
from flask import Flask, Response, g, request


def init_app(app: Flask) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    log = structlog.get_logger()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)

    @app.before_request
    def start_the_clock() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def tell(response: Response) -> Response:
        town = g.get("town")
        if request.endpoint != "static":
            log.info(
                "request",
                town=town.slug if town else None,
                route=request.endpoint,  # the route's name: an address may hold somebody's words
                method=request.method if request.method in {"GET", "HEAD", "POST", "OPTIONS"} else "other",
                status=response.status_code,
                ms=round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1),
            )
        return response
