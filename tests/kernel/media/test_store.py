"""Where pictures lie, and when they go."""

import os
import shutil
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis.strategies import text
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.kernel.media import corpus
from tests.kernel.media.conftest import files_in
from town.kernel.db import SlowWorkInsideTheLock, db, now
from town.kernel.jobs import run_due
from town.kernel.media import Media, NoRoomForPictures, PictureGone, Stored, attach, models, pictures_of, receive
from town.kernel.media.models import sweep
from town.kernel.media.pictures import Picture
from town.kernel.media.store import Store, store
from town.kernel.registry import Town
from town.kernel.web import TownApp

Keep = Callable[..., Media]

SIZES = {"small.webp", "card.webp", "large.webp"}


def a_picture() -> Picture:
    return Picture(4, 3, "#aabbcc", "0" * 64, dict.fromkeys(("small", "card", "large"), b"RIFF0000WEBP"))


def age(folder: Path, hours: float) -> None:
    then = now().timestamp() - hours * 3600
    os.utime(folder, (then, then))


def test_a_photo_lies_under_a_name_that_says_nothing_and_only_we_can_read_it(thomery: Town) -> None:
    stored = receive(corpus.telling_jpeg())
    assert len(stored.name) == 32
    home = store().folder / stored.name[:2] / stored.name
    assert {file.name for file in home.iterdir()} == SIZES
    assert {stat.S_IMODE(file.stat().st_mode) for file in home.iterdir()} == {0o600}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (home, home.parent, store().folder)} == {0o700}


def test_a_process_killed_while_writing_leaves_no_half_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Store(tmp_path / "media")
    monkeypatch.setattr(Path, "rename", lambda self, target: pytest.fail("never reached"))
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        here.put(a_picture())
    monkeypatch.undo()
    (part,) = here.folder.iterdir()
    assert part.name.endswith(".part")
    here.sweep_unfinished()
    assert part.exists(), "it may still be being written"
    age(part, 25)
    here.sweep_unfinished()
    assert not part.exists()


def test_a_nearly_full_disk_takes_no_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=150 * 1024 * 1024))
    with pytest.raises(NoRoomForPictures) as refusal:
        Store(tmp_path / "media").put(a_picture())
    assert refusal.value.status == 507
    assert files_in(tmp_path) == set()


def test_a_disk_that_fills_while_we_write_keeps_nothing_of_the_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoRoomForPictures):
        Store(tmp_path / "media").put(a_picture())
    assert files_in(tmp_path) == set()


@pytest.mark.parametrize(
    "name", ["", "..", "../../town.sqlite", "a" * 31, "A" * 32, "g" * 32, "a" * 31 + "/", "é" * 32, "0" * 32 + "\n"]
)
def test_a_name_that_we_did_not_give_leads_nowhere(name: str, tmp_path: Path) -> None:
    precious = tmp_path / "town.sqlite"
    precious.write_text("the town")
    here = Store(tmp_path / "media")
    here.put(a_picture())
    before = files_in(tmp_path)
    assert here.file(name, "small") is None
    assert here.written(name) is None
    here.delete(name)
    assert files_in(tmp_path) == before


@pytest.mark.parametrize("size", ["", "huge", "..", "../small", "small.webp", "small/"])
def test_a_size_that_we_do_not_make_leads_nowhere(size: str, tmp_path: Path) -> None:
    here = Store(tmp_path / "media")
    assert here.file(here.put(a_picture()).name, size) is None


def test_the_second_name_of_a_photo_outlives_the_first(tmp_path: Path) -> None:
    here = Store(tmp_path / "media")
    first = here.put(a_picture()).name
    second = here.again(first)
    here.delete(first)
    assert here.file(first, "card") is None
    assert here.file(second, "card") is not None
    with pytest.raises(PictureGone):
        here.again(first)
    assert len(files_in(tmp_path)) == 3


def test_pictures_are_never_decoded_while_holding_the_lock(thomery: Town) -> None:
    db.session.scalar(select(Media.id))
    with pytest.raises(SlowWorkInsideTheLock):
        receive(corpus.telling_jpeg())


def test_a_removed_photo_goes_from_the_disk_once_that_is_certain(thomery: Town, keep: Keep, house: TownApp) -> None:
    picture = keep()
    name = picture.name
    picture.remove()
    db.session.rollback()
    run_due(house, "thomery")
    assert store().file(name, "card") is not None, "it was not removed after all"
    db.session.scalars(pictures_of("page", 1)).one().remove()
    db.session.commit()
    run_due(house, "thomery")
    assert store().file(name, "card") is None
    assert db.session.scalars(pictures_of("page", 1)).all() == []


def test_photos_of_several_things_come_in_the_order_they_were_sent(thomery: Town, keep: Keep) -> None:
    sent = [keep("page", 2), keep("page", 1), keep("page", 2)]
    keep("letter", 1)
    found = db.session.scalars(pictures_of("page", 1, 2)).all()
    assert [one.name for one in found] == [sent[1].name, sent[0].name, sent[2].name]


def test_the_night_takes_what_no_row_speaks_for(thomery: Town, keep: Keep) -> None:
    shown, removed = keep(), keep()
    old, fresh = receive(corpus.telling_jpeg()).name, receive(corpus.telling_jpeg()).name
    removed.remove()
    db.session.commit()
    for name in (shown.name, removed.name, old):
        age(store().folder / name[:2] / name, 25)
    sweep()
    here = {one.name: store().file(one.name, "card") is not None for one in (shown, removed)}
    assert here == {shown.name: True, removed.name: False}
    assert store().file(old, "card") is None
    assert store().file(fresh, "card") is not None, "its form is still being put right"


def test_a_night_that_goes_wrong_costs_some_photos_and_not_all(thomery: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "SWEPT_IN_ONE_NIGHT", 2)
    names = [receive(corpus.telling_jpeg()).name for _ in range(3)]
    for name in names:
        age(store().folder / name[:2] / name, 25)
    sweep()
    assert len([name for name in names if store().file(name, "card")]) >= 1


def test_a_month_later_nothing_says_that_there_was_a_photo(thomery: Town, keep: Keep) -> None:
    old, recent = keep(), keep()
    for picture in (old, recent):
        picture.remove()
    db.session.execute(update(Media).where(Media.id == old.id).values(deleted_at=now() - timedelta(days=31)))
    db.session.commit()
    models.forget_removed()
    assert db.session.scalar(select(func.count()).select_from(Media)) == 1


def test_a_neighbour_who_was_erased_is_not_named_by_photos(thomery: Town, keep: Keep) -> None:
    theirs = keep()
    models.forget_who_sent(SimpleNamespace(id=8))
    db.session.refresh(theirs)
    assert theirs.uploaded_by == 7
    models.forget_who_sent(SimpleNamespace(id=7))
    db.session.refresh(theirs)
    assert theirs.uploaded_by is None


def test_a_photo_that_is_gone_cannot_be_attached(thomery: Town) -> None:
    with pytest.raises(PictureGone):
        attach([Stored("0" * 32, 4, 3, "#aabbcc", 36, "0" * 64)], "page", 1)


def test_a_subject_is_whole_or_absent(thomery: Town) -> None:
    picture = receive(corpus.telling_jpeg())
    with pytest.raises((IntegrityError, models.AlreadyShown)):
        attach([picture], "page", None)


def test_a_page_knows_the_measures_before_the_photo_comes(thomery: Town, keep: Keep, house: TownApp) -> None:
    tall = keep(data=corpus.saved(corpus.flag((1200, 2400)), "JPEG"))
    assert (tall.width, tall.height) == (800, 1600)
    assert tall.measures("card") == (320, 640)
    assert tall.measures("large") == (800, 1600)
    with house.test_request_context(base_url="http://thomery.test"):
        assert tall.srcset.split(", ")[0] == f"/media/{tall.name}/small.webp 160w"


@settings(max_examples=60, deadline=None)
@given(name=text(max_size=80), size=text(max_size=20))
@example(name="../../../../etc", size="passwd")
@example(name="\x00" * 32, size="card")
def test_whatever_is_asked_for_nothing_outside_is_opened_or_deleted(
    name: str, size: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    town = tmp_path_factory.mktemp("town")
    (town / "town.sqlite").write_text("the town")
    here = Store(town / "media")
    assert here.file(name, size) is None
    assert here.file(name, "card") is None
    here.delete(name)
    assert files_in(town) == {"town.sqlite"}
