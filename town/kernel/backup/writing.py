"""Writing an archive: every file goes in with its fingerprint, the manifest last."""

import hashlib
import hmac
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from town.kernel.backup import snapshot as moment
from town.kernel.backup.manifest import DATABASE, MANIFEST, Held, Kind, Manifest
from town.kernel.db import now
from town.kernel.media.store import Store
from town.kernel.registry import Town
from town.kernel.tenancy import Towns

BLOCK: Final = 1024 * 1024
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file: when it was packed says nothing that the manifest does not."""


class Parcel:
    """A zip that is being filled. `held` grows with it."""

    def __init__(self, file: Path) -> None:
        file.touch(mode=0o600)
        self.zip = ZipFile(file, "w", allowZip64=True)
        self.held: dict[str, Held] = {}

    def put(self, name: str, content: IO[bytes], *, pack: bool) -> None:
        info = ZipInfo(name, EPOCH)
        info.compress_type = ZIP_DEFLATED if pack else ZIP_STORED  # pictures are packed already
        info.external_attr = 0o600 << 16
        digest, weight = hashlib.sha256(), 0
        with self.zip.open(info, "w", force_zip64=True) as out:
            while block := content.read(BLOCK):
                digest.update(block)
                weight += len(block)
                out.write(block)
        self.held[name] = Held(weight, digest.hexdigest())

    def put_file(self, name: str, file: Path, *, pack: bool = False) -> None:
        with file.open("rb") as content:
            self.put(name, content, pack=pack)

    def close(self, manifest: Manifest) -> None:
        """The manifest goes in last; what was cut short has none."""
        info = ZipInfo(MANIFEST, EPOCH)
        info.compress_type = ZIP_DEFLATED
        self.zip.writestr(info, manifest.to_json())
        self.zip.close()


def key_mark(key: str) -> str:
    """Tells whether two machines have the same secret key; the key cannot be found from it."""
    return hmac.new(key.encode(), b"clocher archive", hashlib.sha256).hexdigest()[:16]


def write_archive(
    towns: Towns,
    town: Town,
    file: Path,
    work: Path,
    *,
    kind: Kind = "backup",
    tidy: Callable[[Path], None] | None = None,
    more: Callable[[Parcel, Path], None] | None = None,
) -> Manifest:
    """Fill the archive `file` with one moment of the town. `work` is a folder for what is needed meanwhile.

    tidy: takes out of the moment what this archive must not hold. more: puts pages to read into it.
    """
    copy = work / DATABASE
    moment.snapshot(towns.file(town.slug), copy)
    if tidy is not None:
        tidy(copy)
    parcel = Parcel(file)
    parcel.put_file(DATABASE, copy, pack=True)
    absent = _put_pictures(parcel, Store(towns.folder(town.slug) / "media"), moment.pictures_in(copy))
    if more is not None:
        more(parcel, copy)
    line = towns.registry.line(town.slug)
    if kind != "backup":  # what opens cookies and knows who was erased goes into sealed archives alone
        line = {key: line[key] for key in ("hosts", "profile", "opened_at")}
    manifest = Manifest(
        kind=kind,
        slug=town.slug,
        name=town.name,
        made_at=now().isoformat(timespec="seconds"),
        software=version("town"),
        revision=moment.revision_of(copy),
        key_mark=key_mark(towns.settings.key()),
        town=line,
        counts=moment.counts(copy),
        files=parcel.held,
        absent=absent,
    )
    parcel.close(manifest)
    copy.unlink()
    return manifest


def _put_pictures(parcel: Parcel, store: Store, names: list[str]) -> list[str]:
    """The pictures' files; returns the names of those that have none, such as one removed since that moment."""
    absent = []
    for name in names:
        sizes = store.sizes(name)
        for size in sizes:
            try:
                parcel.put_file(f"media/{name[:2]}/{name}/{size.name}", size)
            except FileNotFoundError:
                sizes = []
                break
        if not sizes:
            absent.append(name)
    return absent
