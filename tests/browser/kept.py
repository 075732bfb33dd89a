"""What the worker has kept on a phone."""

from playwright.sync_api import Page

from tests.browser.eventually import eventually


def kept_pages(page: Page, shelf: str = "") -> list[str]:
    """The addresses of the pages that lie on this phone, on shelves whose name holds these words."""
    found: list[str] = page.evaluate(
        """async words => {
            const found = [];
            for (const name of await caches.keys()) {
                if (!name.includes(words) || name.includes(' files ')) continue;
                for (const key of await (await caches.open(name)).keys()) found.push(new URL(key.url).pathname);
            }
            return found;
        }""",
        shelf,
    )
    return found


def everything_kept(page: Page) -> str:
    """All the text that the worker has kept on this phone."""
    text: str = page.evaluate(
        """async () => {
            let text = '';
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const page of await cache.matchAll()) text += await page.text();
            }
            return text + JSON.stringify(localStorage) + JSON.stringify(sessionStorage);
        }"""
    )
    return text


def wait_until_kept(page: Page, path: str) -> None:
    eventually(
        page,
        """async path => {
            for (const name of await caches.keys()) {
                if (name.includes(' files ')) continue;
                if (await caches.match(path, { cacheName: name, ignoreVary: true })) return true;
            }
        }""",
        arg=path,
    )
