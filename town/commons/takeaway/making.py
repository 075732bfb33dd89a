"""Making a copy to take home, by a job, and offering it for a time."""

import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

from flask import current_app
from sqlalchemy import func, select

from town.commons.people.returning import without_keys
from town.commons.takeaway.matter import for_anybody, for_the_town_hall, still_public
from town.commons.takeaway.pages import write_pages
from town.kernel.backup.manifest import Manifest
from town.kernel.backup.reading import ask_for_room, check, opened, working_folder
from town.kernel.backup.writing import Parcel, write_archive
from town.kernel.db import db, now, reading_only
from town.kernel.jobs import Job, cancel, enqueue, job, nightly
from town.kernel.media.models import Media
from town.kernel.signals import person_erased
from town.kernel.tenancy import current_town, enter_copy, towns

Sort = Literal["whole", "public"]
OFFERED: Final = {"whole": timedelta(hours=48), "public": timedelta(days=7)}
MAKE: Final = "takeaway.make"


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is ready. `cards` are those that its pages show."""

    file: Path
    made_at: datetime
    bytes: int
    cards: int

    @property
    def until(self) -> datetime:
        return self.made_at + OFFERED[self.file.stem]


def home() -> Path:
    return towns().folder(current_town().slug) / "copies"


def offered(sort: Sort) -> Copy | None:
    """The copy of that sort that may be taken now. A public one, while nothing in it was changed or taken away."""
    file = home() / f"{sort}.zip"
    try:
        said = json.loads(file.with_suffix(".json").read_text())
        copy = Copy(file, datetime.fromisoformat(said["made_at"]), file.stat().st_size, said["cards"])
    except (OSError, ValueError, KeyError):
        return None
    if copy.until <= now() or (sort == "public" and still_public(copy.made_at) != copy.cards):
        return None
    return copy


def ask_for(sort: Sort) -> None:
    """Promise a copy, once for all who ask meanwhile. A promise that failed is made anew."""
    if failed(sort):
        cancel(_key(sort))
        db.session.flush()
    enqueue(MAKE, {"sort": sort}, key=_key(sort))


def awaited(sort: Sort) -> bool:
    return db.session.scalar(_promise(sort).where(Job.failed_at.is_(None))) is not None


def failed(sort: Sort) -> bool:
    return db.session.scalar(_promise(sort).where(Job.failed_at.is_not(None))) is not None


def _promise(sort: Sort) -> Any:
    return select(Job.id).where(Job.key == _key(sort))


def _key(sort: Sort) -> str:
    return f"{MAKE}:{sort}"


@job(MAKE, attempts=3)
def make(payload: dict[str, Any]) -> None:
    """Write the copy under another name, open it again, and only then offer it."""
    sort: Sort = payload["sort"]
    home().mkdir(mode=0o700, exist_ok=True)
    with working_folder(towns().instance) as work:
        part = work / "copy.zip"
        made_at = now()
        cards = _everything(part, work) if sort == "whole" else _public(part)
        with opened(part, work, []) as archive:
            check(archive, work)
        part.replace(home() / f"{sort}.zip")
        said = work / "said.json"
        said.write_text(json.dumps({"made_at": made_at.isoformat(), "cards": cards}))
        said.chmod(0o600)
        os.replace(said, home() / f"{sort}.json")  # noqa: PTH105


def _everything(part: Path, work: Path) -> int:
    here, town = towns(), current_town()
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # werkzeug's proxy
    ask_for_room(work, 3 * here.file(town.slug).stat().st_size + weight_of_everything())
    cards = 0

    def pages(parcel: Parcel, copy: Path) -> None:
        nonlocal cards
        with enter_copy(app, town, copy), reading_only():
            cards = write_pages(parcel, for_the_town_hall(), whole=True)
            db.session.rollback()

    db.session.rollback()
    write_archive(here, town, part, work, kind="copy", tidy=without_keys, more=pages)
    return cards


def _public(part: Path) -> int:
    town = current_town()
    parcel = Parcel(part)
    db.session.rollback()
    with reading_only():
        cards = write_pages(parcel, for_anybody(), whole=False)
        db.session.rollback()
    made_at = now().isoformat(timespec="seconds")
    parcel.close(Manifest("public", town.slug, town.name, made_at, version("town"), files=parcel.held))
    return cards


def weight_of_everything() -> int:
    """About how many bytes the whole copy will have: pictures as they are, the town's file packed to a third."""
    pictures = db.session.scalar(select(func.sum(Media.bytes)).where(Media.deleted_at.is_(None))) or 0
    return int(pictures) + towns().file(current_town().slug).stat().st_size // 3


def _forget(sort: Sort) -> None:
    for suffix in (".json", ".zip"):
        (home() / f"{sort}{suffix}").unlink(missing_ok=True)


@nightly
def forget_old_copies() -> None:
    for sort in OFFERED:
        if offered(sort) is None and not awaited(sort):  # type: ignore[arg-type]  # its keys are the sorts
            _forget(sort)  # type: ignore[arg-type]  # one of the two sorts


@person_erased.connect
def forget_at_once(_person: Any, **_: Any) -> None:
    """Nothing of somebody who was erased stays in the town's folder."""
    for sort in OFFERED:
        _forget(sort)  # type: ignore[arg-type]  # one of the two sorts
