"""How much a phone on a weak network has to fetch."""

import re

import pytest

from tests.conftest import Browse
from town.kernel.assets import STATIC

OUR_SCRIPTS = 8 * 1024
FIRST_VISIT = 60 * 1024
ONE_PAGE = 10 * 1024


def fetched(address: str, packing: str, browse: Browse) -> int:
    """What goes over the network for an answer, its headers apart."""
    answer = browse().get(address, headers={"Accept-Encoding": packing})
    assert answer.status_code == 200, address
    return len(answer.data)


def test_the_scripts_of_every_page_and_the_worker_weigh_little(browse: Browse) -> None:
    own = set(re.findall(r'src="(/(?:static/js|scripts)/[^"]+)"', browse().get("/").text)) | {"/sw.js"}
    assert len(own) >= 3
    assert sum(fetched(address, "gzip", browse) for address in own) <= OUR_SCRIPTS


def test_each_script_can_be_read_at_a_glance() -> None:
    own = [
        *(STATIC / "js" / "sw").glob("*.js"),
        *(STATIC / "js" / name for name in ("app.js", "kept.js", "install.js")),
    ]
    assert {path.name: n for path in own if (n := len(path.read_text().splitlines())) > 75} == {}


@pytest.mark.parametrize("packing", ["gzip", "br"])
def test_a_first_visit_is_light(browse: Browse, packing: str) -> None:
    page = browse().get("/").text
    assets = set(re.findall(r'(?:src|href)="(/(?:static/|scripts/|(?:town|style)\.css|icons/|manifest)[^"#]*)', page))
    assets = {address for address in assets if "apple-touch" not in address}  # fetched when it is put on a home screen
    assert len(assets) > 7
    html = fetched("/", packing, browse)
    assert html <= ONE_PAGE
    assert html + fetched("/sw.js", packing, browse) + sum(fetched(a, packing, browse) for a in assets) <= FIRST_VISIT


@pytest.mark.parametrize("packing", ["gzip", "br", "zstd"])
def test_a_page_that_has_not_changed_is_not_sent_again(browse: Browse, packing: str) -> None:
    browser = browse()
    first = browser.get("/help", headers={"Accept-Encoding": packing})
    assert first.headers["Content-Encoding"] == packing
    assert "Accept-Encoding" in first.headers["Vary"]
    assert {"Cookie", "HX-Request", "HX-Target"} <= set(first.vary)
    for other in (packing, "identity"):
        sent = {"Accept-Encoding": other, "If-None-Match": first.headers["ETag"]}
        again = browser.get("/help", headers=sent)
        assert again.status_code == 304
        assert not again.data
    changed = browser.get("/help", headers={"If-None-Match": 'W/"something-else"'})
    assert changed.status_code == 200


def test_a_picture_is_not_packed_twice(browse: Browse) -> None:
    assert "Content-Encoding" not in browse().get("/icons/512.png", headers={"Accept-Encoding": "gzip, br"}).headers
