"""Figures for a monitor: none unless asked for, on a door of their own, without towns or people in them."""

import socket
from pathlib import Path
from urllib.request import urlopen

import pytest
from pydantic import ValidationError

from tests.client import browser_of
from tests.trial import open_two
from town import create_app
from town.kernel import metrics
from town.settings import Settings


def test_nothing_is_counted_and_nothing_listens_unless_the_operator_says_so(tmp_path: Path) -> None:
    app = create_app(Settings(env="development", instance=tmp_path))
    assert "metrics" not in app.extensions
    assert metrics.serve(app) is None
    open_two(app)
    assert browser_of(app, "a.localhost").get("/metrics").status_code == 404


@pytest.mark.parametrize("address", ["0.0.0.0:9095", "[::]:9095", "8.8.8.8:9095", "9095", "localhost:9095", ":9095"])
def test_figures_are_not_for_everybody(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValidationError):
        Settings(env="development", instance=tmp_path, metrics=address)


def test_a_monitor_reads_figures_and_no_names(tmp_path: Path) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    app = create_app(Settings(env="development", instance=tmp_path, metrics=f"127.0.0.1:{port}"))
    open_two(app)
    browser_of(app, "a.localhost").get("/help?q=secret")
    browser_of(app, "a.localhost").get("/nowhere/secret")
    opened = metrics.serve(app)
    assert opened is not None
    server, thread = opened
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            text = answer.read().decode()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert 'clocher_requests_total{method="GET",route="home.help",status="200"} 1.0' in text
    assert 'clocher_requests_total{method="GET",route="none",status="404"} 1.0' in text
    assert "clocher_request_seconds_count 2.0" in text
    assert "clocher_towns 2.0" in text
    assert "clocher_towns_in_trouble 0.0" in text
    assert "clocher_disk_free_bytes" in text
    assert "secret" not in text
