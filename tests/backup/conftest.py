"""Two small towns with words and pictures of their own, and the operator's key."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from town.commons.places.models import Quarter
from town.kernel.backup import sealing
from town.kernel.backup.manifest import Manifest
from town.kernel.backup.reading import Archive, check, opened, working_folder
from town.kernel.db import db
from town.kernel.media import attach, receive
from town.kernel.tenancy import Towns, enter
from town.kernel.web import TownApp


@dataclass
class Key:
    file: Path
    public: str
    identities: list[object]


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    file = tmp_path_factory.mktemp("key") / "key.txt"
    public = sealing.new_key(file)
    return Key(file, public, sealing.identities_in(file))


@pytest.fixture
def installation(trial_on_files: TownApp) -> Iterator[Towns]:
    """Towns `a` and `b`, each with a quarter named after it and a picture."""
    towns: Towns = trial_on_files.extensions["towns"]
    for slug, colour in (("a", "red"), ("b", "blue")):
        with enter(trial_on_files, slug):
            picture = BytesIO()
            Image.new("RGB", (64, 48), colour).save(picture, "PNG")
            stored = receive(picture.getvalue())
            db.session.add(Quarter(name=f"Quartier de la ville {slug.upper()}"))
            attach([stored], "trial", 1)
            db.session.commit()
    towns.settings.backup_recipients = []
    yield towns
    towns.settings.backup_recipients = []


def verified(towns: Towns, file: Path, identities: list[object] | None = None) -> Manifest:
    """What `town backup verify` does."""
    with working_folder(towns.instance) as work, opened(file, work, identities or []) as archive:
        check(archive, work)
        return archive.manifest


def inside(archive: Archive) -> bytes:
    """Every byte that an archive holds, unpacked."""
    return b"".join(archive.zip.read(name) for name in archive.zip.namelist())
