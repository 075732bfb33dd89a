"""Taking the town home: everything for its admin, what anybody may read for anybody."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import time_machine
from sqlalchemy import String, func, select, update

from tests.backup.test_restoring import another_machine, put_back
from tests.cast import person_named
from tests.conftest import ON_POSTGRES, Browse
from town.commons.audit import AuditEntry
from town.commons.board import Card
from town.commons.people.leaving import erase, leave
from town.commons.people.models import Account, Person
from town.commons.takeaway.matter import for_anybody, for_the_town_hall
from town.commons.takeaway.pages import write_pages
from town.demo import DEMO_SLUG
from town.kernel.backup.manifest import BackupError
from town.kernel.backup.snapshot import snapshot
from town.kernel.backup.writing import Parcel
from town.kernel.db import db, now
from town.kernel.registry import Town
from town.kernel.tenancy import Towns, enter, enter_copy
from town.kernel.web import TownApp

Work = Callable[[], int]
in_a_file = pytest.mark.skipif(ON_POSTGRES, reason="the whole town is taken home where it is a file")


def content(archive: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(archive)) as parcel:
        return {name: parcel.read(name) for name in parcel.namelist()}


def taken(browse: Browse, work: Work) -> bytes:
    helene = browse("helene")
    assert helene.post("/copies/").status_code == 303
    work()
    answer = helene.post("/copies/file")
    assert answer.status_code == 200, answer.text
    return answer.data


def public(browse: Browse, work: Work) -> bytes:
    assert browse().post("/copies/public").status_code == 303
    work()
    answer = browse().get("/copies/public.zip")
    assert answer.status_code == 200
    return answer.data


@in_a_file
def test_the_mayor_takes_the_town_home_and_it_opens_on_another_machine(
    app: TownApp, browse: Browse, work: Work, tmp_path: Path
) -> None:
    """PD-04 — one button, one zip; one command, and the town is there again."""
    helene = browse("helene")
    assert re.search(r"Environ [\d,]+.(Ko|Mo)", helene.get("/copies/").text)
    helene.post("/copies/")
    assert "se prépare" in helene.get("/copies/").text
    archive = taken(browse, work)
    assert "Télécharger la ville" in helene.get("/copies/").text
    files = content(archive)
    assert {"index.html", "town.sqlite", "manifest.json", "reader/notice-1.html"} <= set(files)
    towns: Towns = app.extensions["towns"]
    assert towns.registry.town(DEMO_SLUG).uid.encode() not in b"".join(files.values()), "what opens cookies stays here"
    with enter(app, DEMO_SLUG):
        people, events = (
            db.session.scalar(select(func.count(Person.id))),
            list(db.session.scalars(select(AuditEntry.event).where(AuditEntry.event.like("export:town:%")))),
        )
    assert events == ["export:town:make", "export:town:make", "export:town:take"]

    file = tmp_path / "saint-loup.zip"
    file.write_bytes(archive)
    there = another_machine(tmp_path / "there")
    put_back(there, file)
    with enter(there, DEMO_SLUG):
        assert db.session.scalar(select(func.count(Person.id))) == people
    file.write_bytes(archive[: len(archive) // 2])
    with pytest.raises(BackupError):
        put_back(there, file, slug="half")


@in_a_file
def test_only_admins_take_the_town_and_not_for_ever(browse: Browse, work: Work) -> None:
    for name in ("karim", "jean", "claire"):
        assert browse(name).post("/copies/").status_code == 403
        assert browse(name).post("/copies/file").status_code == 403
        assert browse(name).get("/copies/").status_code == 403
    assert browse().get("/copies/").location.startswith("/login")
    helene = browse("helene")
    assert helene.post("/copies/file").status_code == 409
    taken(browse, work)
    with time_machine.travel(now() + timedelta(hours=49), tick=False):
        assert browse("helene").post("/copies/file").status_code == 409


def sow(copy: Path) -> int:
    """Put a secret into every word of the town that its database lets be changed, but for what anybody may read."""
    sown = 0
    with closing(sqlite3.connect(copy, isolation_level=None)) as file:
        file.execute("PRAGMA foreign_keys=OFF")
        for table in db.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, String) or column.primary_key or column.name in KEPT.get(table.name, ()):
                    continue
                which = f" WHERE {SECRET_WHERE[table.name]}" if table.name in SECRET_WHERE else ""
                secret = f"'zqsemis_{table.name}_{column.name}_' || rowid"
                with suppress(sqlite3.IntegrityError):  # closed lists, and the audit's own guards
                    sown += file.execute(f'UPDATE "{table.name}" SET "{column.name}" = {secret}{which}').rowcount
    return sown


WHO = {"name", "sort", "phone", "email", "website", "trade", "words"}
PUBLIC_WORDS = WHO | {"description", "hours", "services", "accessibility", "schedule", "prices"}
KEPT = {
    "card": {"kind", "visible_to", "thing", "feature", "endpoint"},
    # what a shop and an association say of themselves is for everybody
    **dict.fromkeys(("organisation", "shops_shop", "associations_association", "place"), PUBLIC_WORDS),
}
SECRET_WHERE = {"card": "visible_to != 'public' OR hidden_at IS NOT NULL", "complaint_step": "internal"}


@in_a_file
def test_the_public_copy_holds_what_anybody_may_read_and_not_a_word_more(
    app: TownApp, browse: Browse, work: Work, tmp_path: Path
) -> None:
    """PD-04 — secrets are sown wherever the town keeps a word; none is found in it, and the mayor's copy shows them."""
    towns: Towns = app.extensions["towns"]
    copy = tmp_path / "copy.sqlite"
    snapshot(towns.file(DEMO_SLUG), copy)
    assert sow(copy) > 500
    found = {}
    for whole, among in ((False, for_anybody), (True, for_the_town_hall)):
        parcel = Parcel(tmp_path / f"{whole}.zip")
        with enter_copy(app, towns.registry.town(DEMO_SLUG), copy):
            assert write_pages(parcel, among(), whole=whole) > 5
            db.session.rollback()
        parcel.zip.close()
        pages = b"".join(content((tmp_path / f"{whole}.zip").read_bytes()).values())
        found[whole] = set(re.findall(rb"zqsemis\w+", pages))
    assert found[False] == set()
    assert len(found[True]) > 5

    with enter(app, DEMO_SLUG):
        accounts = set(db.session.scalars(select(Account.email)))
    files = content(public(browse, work))
    everything = b"".join(files.values()).decode(errors="replace")
    assert not [email for email in re.findall(r"[\w.]+@saint-loup\.example", everything) if email in accounts]
    assert "Horaires" in everything
    assert "Le joint du robinet est changé" in everything, "what the town hall answered to a report"
    ours = re.compile(r"manifest\.json|index\.html|reader/[\w-]+\.\w+|media/../[0-9a-f]{32}/card\.webp")
    assert all(ours.fullmatch(name) for name in files)
    with enter(app, DEMO_SLUG):
        for card in db.session.scalars(select(Card)):
            if card.visible_to == "public" and card.hidden_at is None:
                assert f'id="{card.public_id}"' in everything
            else:
                assert card.public_id not in everything


def test_what_is_taken_away_is_in_no_public_copy_from_that_moment(app: TownApp, browse: Browse, work: Work) -> None:
    public(browse, work)
    with enter(app, DEMO_SLUG):
        notice = db.session.scalars(select(Card).where(Card.visible_to == "public", Card.kind == "notice")).first()
        assert notice is not None
        number, title, before = notice.id, notice.title, notice.hidden_at
        db.session.execute(update(Card).where(Card.id == number).values(hidden_at=now()))
        db.session.commit()
    assert browse().get("/copies/public.zip").status_code == 404
    assert "Préparer la copie" in browse().get("/copies/public").text
    assert title.encode() not in b"".join(content(public(browse, work)).values())
    with enter(app, DEMO_SLUG):
        db.session.execute(update(Card).where(Card.id == number).values(hidden_at=before))
        db.session.commit()


@in_a_file
def test_no_town_can_be_made_of_a_public_copy(app: TownApp, browse: Browse, work: Work, tmp_path: Path) -> None:
    file = tmp_path / "public.zip"
    file.write_bytes(public(browse, work))
    with pytest.raises(BackupError, match="public copy"):
        put_back(app, file, slug="other")


@in_a_file
def test_a_month_without_a_copy_waits_in_the_morning(app: TownApp, browse: Browse, work: Work, town: Town) -> None:
    words = "La copie du mois"
    assert words not in browse("helene").get("/desk/").text
    with time_machine.travel(now() + timedelta(days=31), tick=False):
        assert words in browse("helene").get("/desk/").text
        assert words not in browse("jean").get("/desk/").text
        taken(browse, work)
        assert words not in browse("helene").get("/desk/").text


@in_a_file
def test_a_copy_goes_when_somebody_is_erased(app: TownApp, browse: Browse, work: Work) -> None:
    taken(browse, work)
    with enter(app, DEMO_SLUG):
        odile = person_named("odile")
        leave(odile, at_once=True)
        erase(odile)
        db.session.commit()
    folder = app.extensions["towns"].folder(DEMO_SLUG) / "copies"
    assert list(folder.iterdir()) == []
    assert browse("helene").post("/copies/file").status_code == 409
