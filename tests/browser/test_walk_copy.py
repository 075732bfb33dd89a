"""The town in the mayor's pocket: the copy is unpacked on a computer without network and read in a browser (PD-04)."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, expect

from tests.conftest import ON_POSTGRES, Browse


@pytest.mark.skipif(ON_POSTGRES, reason="walks are for the browser’s sake: once, on towns in files")
def test_the_copy_is_read_from_a_folder_without_any_server(
    browse: Browse, work: Callable[[], int], browser: Browser, tmp_path: Path
) -> None:
    helene = browse("helene")
    helene.post("/copies/")
    work()
    ZipFile(BytesIO(helene.post("/copies/file").data)).extractall(tmp_path)

    context = browser.new_context(viewport={"width": 320, "height": 700}, offline=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.goto(f"file://{tmp_path}/index.html")
    expect(page.locator("h1")).to_have_text("Saint-Loup-des-Tilleuls")
    assert page.evaluate("getComputedStyle(document.querySelector('.plate')).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320

    page.get_by_label("Chercher dans cette copie").fill("ECHELLE")
    page.get_by_role("link", name="Échelle télescopique").click()
    there = page.locator("article:target")
    expect(there.locator("h2")).to_contain_text("Échelle télescopique")
    expect(there).to_contain_text("Karim B.")
    picture = page.locator("article img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle())
    page.get_by_role("link", name="Tout ce que contient cette copie").click()
    page.get_by_role("link", name="Signalement").click()
    expect(page.locator("article").first).to_be_visible()
    assert wrong == []
    context.close()

    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"file://{tmp_path}/index.html")
    page.get_by_role("link", name="Avis de la mairie").click()
    expect(page.locator("article h2").first).to_be_visible()
    plain.close()
