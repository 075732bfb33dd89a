"""What is committed, and what the build makes: promises to whoever clones, packs or installs."""

import hashlib
import json
import re
import subprocess
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from fontTools.ttLib import TTFont
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "town" / "static" / "vendor"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MANIFEST: dict[str, str] = json.loads((VENDOR / "manifest.json").read_text())


def committed() -> list[str]:
    """The names of the files in git, or of all the files there are where the sources came without it."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    names = listed.stdout.split("\0")[:-1]
    if not names:
        pytest.skip("these sources came without git, which alone knows what is committed")
    return [name for name in names if (ROOT / name).is_file()]


def cmap(name: str) -> dict[int, str]:
    """The characters of a vendored font."""
    return TTFont(VENDOR / MANIFEST[name]).getBestCmap()


def test_nothing_third_party_and_nothing_built_is_committed() -> None:
    built = re.compile(r"(^|/)(vendor|node_modules|instance|__pycache__|\.venv)/|\.(mo|whl|woff2?|ttf|min\.js|sqlite)$")
    assert [name for name in committed() if built.search(name)] == []


def test_the_manifest_names_every_vendored_file_by_its_content() -> None:
    assert {"htmx.js", "leaflet.js", "leaflet.css", "aleo.woff2", "paper.ttf"} <= MANIFEST.keys()
    for name, published in MANIFEST.items():
        stem, _, extension = name.rpartition(".")
        digest = hashlib.sha256((VENDOR / published).read_bytes()).hexdigest()
        assert published == f"{stem}.{digest[:12]}.{extension}"
    kept = {path.name for path in VENDOR.iterdir()} - {"manifest.json", ".built"}
    assert kept == set(MANIFEST.values())


def test_vendored_stylesheets_and_scripts_ask_only_for_files_that_are_there() -> None:
    for published in MANIFEST.values():
        if published.endswith((".css", ".js")):
            text = (VENDOR / published).read_text()
            assert "sourceMappingURL" not in text
            if published.endswith(".css"):
                asked = set(re.findall(r"""url\(["']?([^)"'#]+)""", text))
                assert asked <= set(MANIFEST.values())


def test_every_asset_that_a_page_asks_for_is_built() -> None:
    asked = {
        (name, asset)
        for name in committed()
        if name.startswith("town/") and name.endswith((".html", ".py"))
        for asset in re.findall(r"""\basset\(["']([^"']+)""", (ROOT / name).read_text())
    }
    assert ("town/templates/base.html", "htmx.js") in asked
    assert {pair for pair in asked if pair[1] not in MANIFEST} == set()


def test_the_title_font_stays_within_its_budget_and_writes_french() -> None:
    assert (VENDOR / MANIFEST["aleo.woff2"]).stat().st_size <= 20_000
    letters = cmap("aleo.woff2")
    assert [sign for sign in "Été à Nœux, L’Haÿ : «12 €» – ÇŒÆÀÈÙÏ" if ord(sign) not in letters] == []


@pytest.mark.parametrize("name", ["paper.ttf", "paper-bold.ttf", "paper-title.ttf"])
def test_paper_has_a_narrow_space_and_the_ligature_of_coeur(name: str) -> None:
    letters = cmap(name)
    assert [sign for sign in "Cœur\u202f: Œuf, «\u00a0oui\u00a0»\u202f!" if ord(sign) not in letters] == []


def test_paper_writes_the_names_of_neighbours_who_came_from_elsewhere() -> None:
    letters = {code for name in ("paper.ttf", "paper-fallback.ttf") for code in cmap(name)}
    assert [sign for sign in "Łukasz Şahin Čapek Nguyễn Søren Ольга Ελένη" if ord(sign) not in letters] == []


def test_the_lock_file_has_sums_and_no_addresses() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert [name for name, package in fetched.items() if "resolved" in package] == []
    assert [name for name, package in fetched.items() if "integrity" not in package] == []
    assert not re.search(r"://|@ ", (ROOT / "constraints.txt").read_text())


def test_every_dependency_has_its_version_in_the_constraints() -> None:
    pinned = {
        re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower()
        for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    wanted = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["dev"]
    names = {re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", line)[0]).lower() for line in wanted}
    assert names - pinned == set()


def test_an_operator_reviews_at_most_forty_dependencies() -> None:
    assert len(PROJECT["project"]["dependencies"]) <= 40


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    # spelled in two halves, so that this file may be committed
    told = [
        "/ho" + "me/",
        "/ro" + "ot/",
        "/wo" + "rk/",
        "/Use" + "rs/",
        "registry." + "npmjs",
        "pypi." + "org",
        "files.python" + "hosted",
    ]
    tellers = {
        name: sign
        for name in committed()
        for sign in told
        if not name.endswith((".png", ".webp", ".jpg", ".csv")) and sign.encode() in (ROOT / name).read_bytes()
    }
    assert tellers == {}


def test_a_wheel_holds_all_that_a_town_needs(tmp_path: Path) -> None:
    packed = set(
        ZipFile(next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))).namelist()
    )
    inside = [name for name in committed() if name.startswith("town/")]
    needed = {name.removesuffix(".po") + ".mo" if name.endswith(".po") else name for name in inside}
    needed |= {f"town/static/vendor/{name}" for name in ["manifest.json", *MANIFEST.values()]}
    assert needed - packed == set()
    assert [name for name in packed if not name.startswith("town") or name.endswith((".built", "axe.js"))] == []
