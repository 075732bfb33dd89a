"""Where pictures lie: `instance/towns/<slug>/media/<aa>/<name>/<size>.webp`, whole or not at all.

A name is 128 random bits and says nothing. Files are written before the transaction that gives them a row, and those
that no row speaks for after a day are swept away: that is also how a photo waits while its form is put right.
"""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask_babel import lazy_gettext as _l

from town.kernel import disk
from town.kernel.db import now
from town.kernel.media.pictures import SIZES, Picture
from town.kernel.refusals import Refused
from town.kernel.tenancy import current_town, towns

NAME = re.compile(r"[0-9a-f]{32}")

WAITS_FOR_A_ROW = timedelta(hours=24)


class NoRoomForPictures(Refused):
    """The disk is nearly full: words still go through, photos do not."""

    sentence = _l("There is no room left for photos at the moment. Send without a photo, or try again tomorrow.")
    status = 507


class PictureGone(Refused):
    """A photo that waited for its form too long, or was taken away meanwhile."""

    sentence = _l("The photo is no longer here. Please choose it again.")
    status = 422


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture whose files lie in the store, with or without a row. `bytes` counts all its sizes."""

    name: str
    width: int
    height: int
    colour: str
    bytes: int
    sha256: str


class Store:
    """The pictures of one town, as files. Names and sizes that it did not give are nothing to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, picture: Picture) -> Stored:
        """Keep a picture under a new name; when this returns it is on the disk. Raises `NoRoomForPictures`."""
        self._ask_for_room(picture.bytes)
        name = secrets.token_hex(16)
        part = self._begin(name)
        try:
            for size, rendition in picture.renditions.items():
                _write(part / f"{size}.webp", rendition)
            self._finish(part, name)
        except OSError as broken:
            shutil.rmtree(part, ignore_errors=True)
            raise NoRoomForPictures from broken
        return Stored(name, picture.width, picture.height, picture.colour, picture.bytes, picture.sha256)

    def again(self, name: str) -> str:
        """A second name for the same picture, to be deleted on its own. Raises `PictureGone`."""
        home = self._home(name)
        copy = secrets.token_hex(16)
        part = self._begin(copy)
        try:
            for size in SIZES:
                os.link(home / f"{size}.webp", part / f"{size}.webp")
            self._finish(part, copy)
        except FileNotFoundError as gone:
            shutil.rmtree(part, ignore_errors=True)
            raise PictureGone from gone
        return copy

    def file(self, name: str, size: str) -> Path | None:
        """The file of one size, or None when there is no such picture or size."""
        if NAME.fullmatch(name) is None or size not in SIZES:
            return None
        file = self._home(name) / f"{size}.webp"
        return file if file.is_file() else None

    def sizes(self, name: str) -> list[Path]:
        """The files of one picture; none when there is no such picture."""
        return sorted(self._home(name).glob("*.webp")) if NAME.fullmatch(name) is not None else []

    def written(self, name: str) -> datetime | None:
        """When the picture was put here, or None when there is none of that name."""
        return _written(self._home(name)) if NAME.fullmatch(name) is not None else None

    def delete(self, name: str) -> None:
        """Remove every size. A picture that is not there is as good as deleted."""
        if NAME.fullmatch(name) is not None:
            shutil.rmtree(self._home(name), ignore_errors=True)

    def waiting_since(self, moment: datetime) -> Iterator[str]:
        """The names of pictures written before `moment`, whether or not a row speaks for them."""
        for home in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            written = self.written(home.name)
            if written is not None and written < moment:
                yield home.name

    def sweep_unfinished(self) -> None:
        """Remove what a killed process left half-written."""
        for part in self.folder.glob(".*.part"):
            written = _written(part)
            if written is not None and written < now() - WAITS_FOR_A_ROW:
                shutil.rmtree(part, ignore_errors=True)

    def _home(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def _ask_for_room(self, weight: int) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        if disk.free(self.folder) < disk.LEAST_FOR_PHOTOS + weight:
            raise NoRoomForPictures

    def _begin(self, name: str) -> Path:
        part = self.folder / f".{name}.part"
        part.mkdir(mode=0o700)
        return part

    def _finish(self, part: Path, name: str) -> None:
        home = self._home(name)
        home.parent.mkdir(mode=0o700, exist_ok=True)
        _to_the_disk(part)
        part.rename(home)
        _to_the_disk(home.parent)


def store() -> Store:
    """The pictures of the current town."""
    return Store(towns().folder(current_town().slug) / "media")


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _to_the_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
