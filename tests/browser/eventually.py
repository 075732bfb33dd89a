"""Waiting for what a page will say, without `page.wait_for_function`: it looks again with `eval` inside the page, which
the policy of our own pages forbids, so that it fails whenever the first look came too early."""

import time
from typing import Any

from playwright.sync_api import Page

PATIENCE = 30  # seconds, as for everything else a walk waits for


def eventually(page: Page, expression: str, arg: object = None) -> Any:
    """What the expression or function gives in the page, once it is true.

    Raises:
        AssertionError: it was not after `PATIENCE` seconds.

    """
    until = time.monotonic() + PATIENCE
    while not (found := page.evaluate(expression, arg)):
        assert time.monotonic() < until, f"never true: {expression}"
        page.wait_for_timeout(50)
    return found
