"""The manifest: what an archive says of itself, so that whoever opens it can check every byte and put the town back.

manifest.json                        this
town.sqlite                          the town's file, one consistent moment of it
media/<aa>/<name>/<size>.webp        the pictures that this moment of the file speaks of
index.html, reader/…                 in the copies that people take home: pages to read without the app
"""

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

FORMAT: Final = "clocher-town"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "town.sqlite"
LARGEST_MANIFEST: Final = 128 * 1024 * 1024

Kind = Literal["backup", "copy", "public"]
"""For the operator; for the town hall, as « everything »; for anybody, with what anybody may read and no town in it."""

_KNOWN: Final = re.compile(
    r"town\.sqlite|media/([0-9a-f]{2})/\1[0-9a-f]{30}/[a-z]{1,12}\.webp|index\.html|reader/[a-z0-9_-]{1,60}\.[a-z0-9]{2,5}"
)


class BackupError(ValueError):
    """Something about an archive or a copy that the operator can put right; the text says what."""


@dataclass(frozen=True, slots=True)
class Held:
    """One file of an archive."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. `town` is its line in the registry; `counts` are rows by table.

    key_mark: tells whether two machines have the same secret key, and nothing of it. absent: pictures whose files
    were not there.
    """

    kind: Kind
    slug: str
    name: str
    made_at: str
    software: str
    revision: str = ""
    key_mark: str = ""
    town: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    files: dict[str, Held] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        return json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, ensure_ascii=False, indent=1)

    @property
    def weight(self) -> int:
        """Bytes of all it holds, unpacked."""
        return sum(held.bytes for held in self.files.values())


def read_manifest(written: bytes) -> Manifest:
    """Raises `BackupError` for whatever is no manifest of ours, or of a version to come."""
    try:
        said = json.loads(written)
        if said.pop("format") != FORMAT:
            raise KeyError
        if (version := int(said.pop("version"))) > VERSION:
            raise BackupError(f"this archive is of format {version}, newer than this version of Clocher can read")
        files = {name: Held(int(held["bytes"]), str(held["sha256"])) for name, held in said.pop("files").items()}
        manifest = Manifest(files=files, **{key: said[key] for key in said if key in Manifest.__dataclass_fields__})
    except BackupError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as odd:
        raise BackupError("this is no archive of a town: its manifest cannot be read") from odd
    for name, held in files.items():
        if not is_ours(name) or held.bytes < 0:
            raise BackupError(f"this archive names a file that no town has ({name[:80]!r}): nothing was taken from it")
    return manifest


def is_ours(name: str) -> bool:
    """Whether an archive may hold a file of that name: nothing that leads elsewhere, nothing unknown."""
    return _KNOWN.fullmatch(name) is not None
