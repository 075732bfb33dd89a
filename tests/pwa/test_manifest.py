"""The town on somebody's home screen: its manifest, its icons, its colours."""

import json
import re
from io import BytesIO

import pytest
from PIL import Image

from tests.conftest import Browse
from tests.sweeps.colour import Palette
from town.blueprints.pwa.colours import enamel
from town.blueprints.pwa.icons import SIZES
from town.blueprints.pwa.manifest import short_name
from town.demo import DEMO_SLUG
from town.kernel.web import TownApp


def test_a_neighbour_can_put_the_town_on_the_home_screen(browse: Browse) -> None:
    answer = browse().get("/manifest.webmanifest")
    manifest = json.loads(answer.data)
    assert answer.mimetype == "application/manifest+json"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert manifest["name"] == "Saint-Loup-des-Tilleuls"
    assert manifest["short_name"] == "Saint-Loup"
    assert (manifest["id"], manifest["start_url"], manifest["scope"]) == ("/", "/", "/")
    assert manifest["display"] == "standalone"
    assert manifest["lang"] == "fr"
    assert re.fullmatch("#[0-9a-f]{6}", manifest["theme_color"])
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


def test_each_picture_of_the_manifest_has_the_size_it_says(browse: Browse) -> None:
    browser = browse()
    manifest = json.loads(browser.get("/manifest.webmanifest").data)
    shortcuts = [icon for shortcut in manifest["shortcuts"] for icon in shortcut["icons"]]
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"] + shortcuts:
        answer = browser.get(icon["src"])
        picture = Image.open(BytesIO(answer.data))
        assert answer.mimetype == icon["type"] == "image/png"
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_manifest_speaks_the_readers_language(browse: Browse) -> None:
    browser = browse()
    french = json.loads(browser.get("/manifest.webmanifest").data)
    browser.set_cookie("lang", "en", domain="localhost")
    english = json.loads(browser.get("/manifest.webmanifest").data)
    assert (french["lang"], english["lang"]) == ("fr", "en")
    assert french["description"] != english["description"]


def test_shortcuts_lead_to_what_the_town_has(app: TownApp, browse: Browse) -> None:
    def shortcuts() -> list[str]:
        return [found["url"] for found in json.loads(browse().get("/manifest.webmanifest").data)["shortcuts"]]

    assert "/lending/" in shortcuts()
    for address in shortcuts():
        assert browse().get(address).status_code in {200, 303}
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["lending"])
    assert "/lending/" not in shortcuts()


def test_another_colour_is_another_icon(app: TownApp, browse: Browse) -> None:
    def icons() -> list[str]:
        return [icon["src"] for icon in json.loads(browse().get("/manifest.webmanifest").data)["icons"]]

    blue, picture = icons(), browse().get("/icons/192.png").data
    registry = app.extensions["towns"].registry
    registry.change(DEMO_SLUG, hue=30)
    try:
        assert set(icons()).isdisjoint(blue)
        assert browse().get("/icons/192.png").data != picture
        assert "immutable" not in browse().get(blue[0]).headers["Cache-Control"], "an old address shows the new icon"
    finally:
        registry.change(DEMO_SLUG, hue=255)


@pytest.mark.parametrize("address", ["/favicon.ico", "/apple-touch-icon.png", *(f"/icons/{n}.png" for n in SIZES)])
def test_devices_find_an_icon_where_they_look(browse: Browse, address: str) -> None:
    browser = browse()
    answer = browser.get(address)
    if address == "/icons/favicon.png":
        assert answer.status_code == 404
        return
    Image.open(BytesIO(answer.data)).verify()
    again = browser.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data


def test_an_icon_nobody_drew_is_not_there(browse: Browse) -> None:
    assert browse().get("/icons/1024.png").status_code == 404


@pytest.mark.parametrize("hue", range(0, 360, 30))
@pytest.mark.parametrize("chroma", [0, 0.11, 0.13])
def test_the_colour_of_the_icon_is_that_of_the_pages(hue: int, chroma: float) -> None:
    page = Palette({}).colour(f"oklch(.4 {chroma} {hue})")
    icon = Palette({}).colour(enamel(hue, chroma))
    assert all(abs(one - other) < 0.01 for one, other in zip(page, icon, strict=True))


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Saint-Loup-des-Tilleuls", "Saint-Loup"),
        ("Mont-Bonvillers", "Mont"),
        ("Y", "Y"),
        ("Le Mesnil", "Le Mesnil"),
        ("Saint-Remy-en-Bouzemont-Saint-Genest-et-Isson", "Saint-Remy"),
        ("Villeneuve-sur-Lot", "Villeneuve"),
        ("Chateauneufdugrandloin", "Chateauneufdugrandloin"),
    ],
)
def test_the_name_under_the_icon_is_whole_words(name: str, short: str) -> None:
    assert short_name(name) == short


def test_a_phone_shows_what_the_town_looks_like_before_it_is_installed(browse: Browse) -> None:
    browser = browse()
    manifest = json.loads(browser.get("/manifest.webmanifest").data)
    assert {screen["form_factor"] for screen in manifest["screenshots"]} == {"narrow", "wide"}
    for screen in manifest["screenshots"]:
        answer = browser.get(screen["src"])
        assert len(answer.data) < 60 * 1024, screen["src"]
        picture = Image.open(BytesIO(answer.data))
        assert (f"{picture.width}x{picture.height}", picture.format) == (screen["sizes"], "WEBP")


def test_a_photo_shared_from_the_gallery_starts_a_report_where_the_town_takes_some(
    app: TownApp, browse: Browse
) -> None:
    """PW-01: the worker takes it; a phone whose worker is not there yet is shown the form."""
    browser = browse("odile")
    target = json.loads(browser.get("/manifest.webmanifest").data)["share_target"]
    photo = {target["params"]["files"][0]["name"]: (BytesIO(b"pixels"), "photo.jpg")}
    answer = browser.post(target["action"], data=photo, headers={"X-CSRF-Token": ""})
    assert (answer.status_code, answer.location) == (303, "/complaints/new")
    assert "Choisissez de nouveau la photo" in browser.get("/complaints/new").text
    assert browse().post(target["action"]).status_code == 303
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["complaints"])
    assert "share_target" not in json.loads(browse().get("/manifest.webmanifest").data)


def test_the_version_is_said_where_somebody_would_look(browse: Browse) -> None:
    """PW-07: on the page about phones, and in one's account."""
    for address in ("/install", "/account/"):
        assert re.search(r"Clocher, version \d+\.\d+\.\d+", browse("odile").get(address).text)
