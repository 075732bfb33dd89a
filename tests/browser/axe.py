"""What axe, a checker of accessibility, finds on a page; and what the browser itself complains of."""

from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

AXE = Path(__file__).parent / "vendor" / "axe.js"  # the build puts it there
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {
    "runOnly": {"type": "tag", "values": TAGS},
    "resultTypes": ["violations"],
    "rules": {"color-contrast-enhanced": {"enabled": True}},
}
PHONE, DESK = (320, "light"), (1280, "dark")  # a colour depends on the theme alone, the layout on the width alone

RUN = """async options => {
    await Promise.all(document.getAnimations().map(one => one.finished.catch(() => {})));
    const { violations } = await axe.run(document, options);
    const why = node => (node.failureSummary ?? '').split('\\n').slice(1, 3).join(' ');
    const said = (rule, node) => `${rule.id}: ${node.target.join(' ')} | ${node.html.slice(0, 160)} | ${why(node)}`;
    return violations.flatMap(rule => rule.nodes.map(node => said(rule, node)));
}"""
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > width + 1)
        .slice(0, 5).map(one => 'too wide: ' + one.outerHTML.slice(0, 160));
}"""


class Complaints:
    """All that a browser said against our pages, and every host it was made to ask."""

    def __init__(self, context: BrowserContext) -> None:
        self.said: list[str] = []
        self.hosts: set[str] = set()
        context.on("console", self._console)
        context.on("weberror", lambda error: self.said.append(f"script: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "blocked by Playwright" not in message.text:
            self.said.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Request) -> None:
        scheme, _, rest = request.url.partition("://")
        if scheme not in {"data", "blob"}:
            self.hosts.add(rest.partition("/")[0])

    def take(self) -> list[str]:
        said, self.said = self.said, []
        return said


def violations(page: Page) -> list[str]:
    """What is wrong with the page as it stands now."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN, OPTIONS)
    return found


def wrong_with(page: Page, *views: tuple[int, str]) -> list[str]:
    """On a narrow phone by day and a desk's screen by night."""
    found: list[str] = []
    for width, theme in views or (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": 800})
        tall = min(4000, page.evaluate("document.documentElement.scrollHeight"))  # all of it: no bar lies over a link
        page.set_viewport_size({"width": width, "height": max(800, tall)})
        found += [f"{width}: {one}" for one in page.evaluate(TOO_WIDE)]
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of its words
        found += [f"{width} {theme}: {one}" for one in violations(page)]
    return found
