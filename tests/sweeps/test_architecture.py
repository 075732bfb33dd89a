"""The picture of the house is true, and every feature has the rooms it must have."""

import re
import subprocess
import sys
from pathlib import Path

import town

PACKAGE = Path(town.__file__).parent
ROOT = PACKAGE.parent


def pictured() -> set[str]:
    """The names that docs/ARCHITECTURE.md draws under `town/`."""
    picture = (ROOT / "docs/ARCHITECTURE.md").read_text().split("```")[1]
    return set(re.findall(r"^  ([\w.]+)/?\s", picture, re.MULTILINE))


def test_the_picture_of_the_house_is_true() -> None:
    there = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}
    assert pictured() == there


def test_who_may_know_whom() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_feature_says_what_it_is_and_has_a_door() -> None:
    for folder in (PACKAGE / "blueprints").iterdir():
        if folder.is_dir() and folder.name != "__pycache__":
            first = (folder / "__init__.py").read_text().splitlines()[0]
            assert re.fullmatch(r'"""[A-Z][^:]+: .+', first), f"{folder.name}: say what it is in one line"
            assert (folder / "views.py").exists() or (folder / "views/__init__.py").exists(), folder.name


def test_every_file_says_what_it_is() -> None:
    silent = [
        str(file.relative_to(PACKAGE)) for file in PACKAGE.rglob("*.py") if not file.read_text().startswith('"""')
    ]
    assert not silent


def test_bulk_updates_of_carded_tables_stay_with_the_board() -> None:
    """A bulk update would leave a stale or hidden text on the board."""
    from town.commons.board import carded_types
    from town.kernel.features import discover

    discover()
    names = {model.__name__ for model in carded_types()}
    for file in (PACKAGE / "blueprints").rglob("*.py"):
        for name in re.findall(r"\bupdate\((\w+)\)", file.read_text()):
            assert name not in names, f"{file}: update({name})"
