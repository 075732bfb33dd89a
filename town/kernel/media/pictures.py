"""Pictures that people send: decoded in a poor, short-lived process, and remade as clean WebP in three sizes."""

import hashlib
import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.kernel.db import guard_slow
from town.kernel.media import decoder
from town.kernel.media.turns import a_turn
from town.kernel.refusals import Refused

LARGEST_FILE = 10 * 1024 * 1024

SIZES: Mapping[str, tuple[int, int | None]] = {
    "small": (320, 20_000),
    "card": (640, 60_000),
    "large": (1600, 400_000),
}
"""Longest side in pixels, and the bytes to aim at. Nothing is enlarged."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A clean picture. `width` and `height` are those of the largest rendition, `sha256` that of the file received."""

    width: int
    height: int
    colour: str
    sha256: str
    renditions: Mapping[str, bytes]

    @property
    def bytes(self) -> int:
        return sum(len(rendition) for rendition in self.renditions.values())


class NotAPicture(Refused):
    """A file that no picture could be made of: another format, cut off, or built to harm."""

    sentence = _l("This photo cannot be read. Choose a JPEG, PNG, WebP or HEIC photo, or send without a photo.")
    status = 422


class TooLarge(Refused):
    """A file heavier than a photo needs to be."""

    status = 422

    def __init__(self, weight: int) -> None:
        mega = math.ceil(weight / (1024 * 1024))
        sentence = _("The photo is too heavy (%(mega)s MB). Choose another one or send without a photo.", mega=mega)
        super().__init__(sentence)


class TooManyPixels(Refused):
    """A picture so wide that showing it would fill the memory, however light its file."""

    sentence = _l("The photo has too many pixels. Choose another one or send without a photo.")
    status = 422


def reencode(data: bytes, sizes: Mapping[str, tuple[int, int | None]] = SIZES) -> Picture:
    """The picture in `data`, upright and without anything but its pixels.

    Raises `TooLarge`, `TooManyPixels`, `NotAPicture`, and `TooManyAtOnce` when no turn came.
    """
    guard_slow("decode a picture")
    if len(data) > LARGEST_FILE:
        raise TooLarge(len(data))
    if not looks_like_a_picture(data):
        raise NotAPicture
    with a_turn():
        answer = _decode(data, sizes)
    return _picture(answer, hashlib.sha256(data).hexdigest(), sizes)


def looks_like_a_picture(data: bytes) -> bool:
    """Whether the first bytes are those of a format we take. Saves a process for everything else."""
    return (
        data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or data[4:8] == b"ftyp"
    )


def _decode(data: bytes, sizes: Mapping[str, tuple[int, int | None]]) -> bytes:
    # Files in memory on both sides, no pipes: nobody waits for the other, and RLIMIT_FSIZE bounds the answer.
    with _scratch() as source, _scratch() as answer:
        source.write(data)
        source.seek(0)
        try:
            status = subprocess.run(
                [sys.executable, "-I", "-S", decoder.__file__, json.dumps([_libraries(), dict(sizes)])],
                stdin=source,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=_surroundings(),
                timeout=decoder.WALL_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            raise NotAPicture from None
        if status == decoder.TOO_MANY_PIXELS:
            raise TooManyPixels
        if status != 0:
            raise NotAPicture
        answer.seek(0)
        return answer.read(decoder.LARGEST_ANSWER)


def _surroundings() -> dict[str, str]:
    """The decoder's environment: nothing of the server's own, and few malloc arenas, which only eat address space."""
    return {"MALLOC_ARENA_MAX": "2"} | {name: value for name, value in os.environ.items() if name == "LD_LIBRARY_PATH"}


def _scratch() -> BinaryIO:
    """A nameless file, in memory where the system can: photos that tell a place do not reach the disk as they came."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("picture"), "w+b")
    return tempfile.TemporaryFile()


@cache
def _libraries() -> list[str]:
    """The folders that the decoder imports from: those of Pillow and pillow-heif, and nothing that `site` would add."""
    folders = []
    for name in ("PIL", "pillow_heif"):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise ImportError(name)
        folders.append(str(Path(found.origin).parent.parent))
    return sorted(set(folders))


def _picture(answer: bytes, sha256: str, sizes: Mapping[str, tuple[int, int | None]]) -> Picture:
    """Read what the decoder wrote, believing nothing: a picture may have taken it over."""
    line, _newline, body = answer.partition(b"\n")
    try:
        about = json.loads(line)
        width, height, lengths = int(about["width"]), int(about["height"]), about["renditions"]
        colour = f"#{int(about['colour'][1:], 16):06x}"
        renditions = {}
        for name in sizes:
            renditions[name], body = body[: lengths[name]], body[lengths[name] :]
    except (ValueError, KeyError, TypeError) as nonsense:
        raise NotAPicture from nonsense
    longest = max(side for side, _weight in sizes.values())
    sane = 0 < width <= longest and 0 < height <= longest and len(colour) == 7 and not body
    if not sane or not all(one[:4] == b"RIFF" and one[8:12] == b"WEBP" for one in renditions.values()):
        raise NotAPicture
    return Picture(width, height, colour, sha256, renditions)
