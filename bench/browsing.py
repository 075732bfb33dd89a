"""What a phone fetches and how long its owner looks at nothing: Chromium with a weak network and a slow processor.

The networks are WebPageTest's: « slow 4G », 1.6 Mbit/s and 150 ms there and back; « slow 3G », 400 kbit/s and 400 ms.
The town is the demo town, whose pages hold pictures; whoever looks is signed in, on a first visit and on the next.
"""

import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figure
from bench.filling import Filled, fill
from bench.serving import Server, serve

PAINTS = """() => {
  window.paints = {lcp: 0, tbt: 0, inp: 0};
  const watch = (type, see, more) => new PerformanceObserver(list => list.getEntries().forEach(see))
    .observe({type, buffered: true, ...more});
  watch("largest-contentful-paint", entry => { paints.lcp = entry.startTime; });
  watch("longtask", entry => { paints.tbt += Math.max(0, entry.duration - 50); });
  watch("event", entry => { if (entry.interactionId) paints.inp = Math.max(paints.inp, entry.duration); },
    {durationThreshold: 16});
}"""


@dataclass(frozen=True, slots=True)
class Phone:
    """A network and a processor so many times slower than this machine's."""

    name: str
    kilobits: int
    round_trip: int
    slower: int


SLOW_4G = Phone("slow 4G, processor 4x slower", 1600, 150, 4)
SLOW_3G = Phone("slow 3G, processor 6x slower", 400, 400, 6)


@dataclass
class Visit:
    """One page as it came: kilobytes over the network by sort, milliseconds by what they are called."""

    bytes: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    paints: dict[str, float] = field(default_factory=dict)


def measure(folder: Path) -> list[Figure]:
    instance = folder / "town-on-the-phone"
    instance.mkdir()
    town = fill(instance, 0, residents=1, content=True)
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with serve("wsgi:app", instance) as server, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        figures = [*_of(SLOW_4G, browser, server, town), *_of(SLOW_3G, browser, server, town)]
        browser.close()
    return figures


def _pages(town: Filled) -> dict[str, str]:
    """Home, the last notice, and the form to report something."""
    with closing(sqlite3.connect(town.file)) as file:
        last = "SELECT public_id FROM townhall_notice WHERE state = 'published' ORDER BY id DESC"
        notice = file.execute(last).fetchone()[0]
    return {"home": "/", "notice": f"/town-hall/notices/{notice}", "report": "/complaints/new"}


def _of(phone: Phone, browser: Browser, server: Server, town: Filled) -> Iterator[Figure]:
    weighed = phone is SLOW_4G
    for name, path in _pages(town).items():
        first, second = _visits(phone, browser, server, town, path)
        what = f"{name}, {phone.name}"
        if weighed:
            # The budget of all is a text page's: home also shows its neighbours' photos.
            most = 60 if name == "notice" else None
            yield Figure(f"{name}: first visit, all of it", sum(first.bytes.values()), "KB", most=most)
            yield Figure(f"{name}: first visit, HTML", first.bytes["html"], "KB", most=10)
            yield Figure(f"{name}: first visit, our own styles", first.bytes["css"], "KB", most=14)
            yield Figure(f"{name}: first visit, our own scripts", first.bytes["js"], "KB", most=8)
            yield Figure(f"{name}: repeat visit, all of it", sum(second.bytes.values()), "KB", most=10)
        yield Figure(f"{what}: blocked (TBT)", first.paints["tbt"], "ms", most=100 if weighed else None)
        yield Figure(f"{what}: largest paint (LCP)", first.paints["lcp"], "ms", most=None if weighed else 2500)
        yield Figure(f"{what}: repeat, largest paint", second.paints["lcp"], "ms")
        yield Figure(f"{what}: answer to a tap or key (INP)", first.paints["inp"], "ms", most=None if weighed else 200)


def _visits(phone: Phone, browser: Browser, server: Server, town: Filled, path: str) -> tuple[Visit, Visit]:
    """A first visit to that page with an empty cache, and another in the same browser."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, locale="fr-FR", has_touch=True, is_mobile=True, service_workers="block"
    )
    name, _, value = town.residents[0].cookie.partition("=")
    address = f"http://127.0.0.1:{server.port}"
    context.add_cookies([{"name": name, "value": value, "url": address}])
    found = [_visit(phone, context.new_page(), f"{address}{path}") for _ in range(2)]
    context.close()
    return found[0], found[1]


def _visit(phone: Phone, page: Page, address: str) -> Visit:
    visit, sorts = Visit(), {}
    line = page.context.new_cdp_session(page)
    speed = phone.kilobits * 1000 / 8
    line.send("Network.enable")
    network = {"offline": False, "latency": phone.round_trip, "downloadThroughput": speed, "uploadThroughput": speed}
    line.send("Network.emulateNetworkConditions", network)
    line.send("Emulation.setCPUThrottlingRate", {"rate": phone.slower})

    def note_sort(event: dict[str, Any]) -> None:
        sorts[event["requestId"]] = _sort(event["response"]["url"], event["type"])

    def note_end(event: dict[str, Any]) -> None:
        visit.bytes[sorts.get(event["requestId"], "else")] += event["encodedDataLength"] / 1000

    line.on("Network.responseReceived", note_sort)
    line.on("Network.loadingFinished", note_end)
    page.add_init_script(f"({PAINTS})()")
    page.goto(address, wait_until="networkidle", timeout=60_000)
    visit.paints = page.evaluate("() => ({lcp: paints.lcp, tbt: paints.tbt})")
    page.locator("h1, h2").first.tap()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.wait_for_timeout(500)
    visit.paints["inp"] = page.evaluate("() => paints.inp")
    page.close()
    return visit


def _sort(url: str, kind: str) -> str:
    path = urlsplit(url).path
    if kind == "Document":
        return "html"
    if kind == "Stylesheet":
        return "css"
    return "js" if kind == "Script" and path.startswith(("/static/js/", "/scripts/")) else "else"
