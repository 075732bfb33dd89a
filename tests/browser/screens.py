"""`make screens`: the pictures that phones show before a town is put on their home screen, from the demo town as it is.

They are committed in `town/static/screens`; `tests/pwa/test_manifest.py` holds their sizes and weights.
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.conftest import chromium_options, sign_in
from tests.browser.served import Served
from town import create_app
from town.blueprints.pwa.manifest import SCREENS
from town.demo import open_demo_town
from town.kernel.assets import STATIC
from town.settings import Settings

PAGES = {"home": "/", "report": "/complaints/new", "wide": "/"}
QUALITY = 62


def take(served: Served, folder: Path) -> None:
    with sync_playwright() as play:
        browser = play.chromium.launch(**chromium_options())
        for name, (size, _form) in SCREENS.items():
            width, height = (int(side) for side in size.split("x"))
            context = browser.new_context(
                locale="fr-FR", viewport={"width": width, "height": height}, service_workers="block"
            )
            page = context.new_page()
            sign_in(page, served, "odile")
            page.goto(served.url(PAGES[name]))
            page.wait_for_load_state("networkidle")
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
            picture.save(folder / f"{name}.webp", "WEBP", quality=QUALITY, method=6)
            context.close()
        browser.close()


def main() -> int:
    with tempfile.TemporaryDirectory() as instance:
        app = create_app(Settings(env="development", instance=Path(instance), staff_2fa="off", rate_limits="off"))
        open_demo_town(app)
        served = Served(Path(instance), towns=("saint-loup",))
        served.start()
        try:
            folder = STATIC / "screens"
            folder.mkdir(exist_ok=True)
            take(served, folder)
        finally:
            served.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
