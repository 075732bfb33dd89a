"""LG-01, R28, matrix 7: my own copy, at once, of all that is mine and of nothing that is another's."""

import io
import json
import re
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import time_machine
from sqlalchemy import select

from tests.account.test_my_account import a_photo
from tests.cast import CAST, PASSWORD, person_named
from tests.conftest import Browse
from tests.erasing.conftest import Zorglubine
from town.blueprints.lending.models import Item, Loan
from town.commons.audit import AuditEntry
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def parcel(browser: Any) -> ZipFile:
    answer = browser.post("/account/data/copy")
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]
    return ZipFile(io.BytesIO(answer.data))


def rows(copy: ZipFile, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(copy.read("data.json"))["parts"].get(table, {"rows": []})["rows"]
    return found


def test_karim_takes_his_copy_and_it_says_what_the_town_knows(app: TownApp, browse: Browse) -> None:
    copy = parcel(browse("karim"))
    with enter(app, DEMO_SLUG):
        karim = person_named("karim")
        things = select(Item.title).where(Item.owner_id == karim.id)
        mine = select(Loan).join(Loan.item).where((Loan.borrower_id == karim.id) | (Item.owner_id == karim.id))
        titles, loans = set(db.session.scalars(things)), len(db.session.scalars(mine).all())
    assert {row["title"] for row in rows(copy, "lending_item")} == titles
    assert len(rows(copy, "lending_loan")) == loans
    [profile] = rows(copy, "person")
    assert (profile["first_name"], profile["last_name"], profile["quarter"]) == ("Karim", "Benali", "Bel-Air")
    assert rows(copy, "account")[0]["email"] == "karim@saint-loup.example"
    assert "password" not in json.loads(copy.read("data.json"))["parts"]["account"]["rows"][0]


def test_others_stand_in_it_as_on_the_screen(browse: Browse) -> None:
    """« Odile M. », never her last name, her e-mail, her door or her loans with somebody else."""
    copy = parcel(browse("karim"))
    said = copy.read("data.json").decode() + copy.read("index.html").decode()
    for part in CAST:
        if part.key != "karim":
            assert part.last_name not in said.replace("Le Goff", "" if part.key == "yvonne" else "Le Goff") or (
                part.last_name in ("Petit", "Roux")  # French words as well
            ), part.last_name
            assert part.email not in said


def test_the_page_of_the_copy_can_be_read_alone(browse: Browse) -> None:
    copy = parcel(browse("odile"))
    page = copy.read("index.html").decode()
    assert "<h1>Mes données à Saint-Loup-des-Tilleuls</h1>" in page
    assert "Odile Marchetti" in page
    assert 'href="style.css"' in page
    assert {"data.json", "index.html", "style.css"} <= set(copy.namelist())
    assert "/static/" not in page


def test_photos_come_along(browse: Browse) -> None:
    karim = browse("karim")
    data = {"bio": "", "listed": "y", "language": "fr", "portrait": a_photo()}
    karim.post("/account/profile", data=data, content_type="multipart/form-data")
    copy = parcel(karim)
    files = [row["file"] for row in rows(copy, "media") if "file" in row]
    assert files
    assert all(copy.read(file)[8:12] == b"WEBP" for file in files)
    assert all(f'src="{file}"' in copy.read("index.html").decode() for file in files)


def test_every_word_somebody_wrote_is_in_her_copy(zorglubine: Zorglubine) -> None:
    """The words of the erasure's test: what would have to go is what she may take along."""
    said = parcel(zorglubine.browser).read("data.json").decode()
    gone_already = {"recherche", "adresse", "portrait", "photo", "preuve"}  # never kept, or replaced by her
    missing = [what for what, word in zorglubine.seeds.items() if word not in said and what not in gone_already]
    assert not missing


def test_a_copy_is_noted_and_needs_the_password_again(strict_app: TownApp, browse_strictly: Browse) -> None:
    """Whoever holds a stolen cookie an hour later gets nothing."""
    karim = browse_strictly()
    karim.post("/login", data={"email": "karim@saint-loup.example", "password": PASSWORD})
    assert karim.get("/account/data").status_code == 200
    with time_machine.travel(now() + timedelta(minutes=30), tick=True):
        asked = karim.get("/account/data")
        assert asked.status_code == 303
        assert asked.headers["Location"].startswith("/account/confirm?next=/account/data")
        assert karim.get("/account/erase").status_code == 303
    with enter(strict_app, DEMO_SLUG):
        made = select(AuditEntry.id).where(AuditEntry.event == "account:export:make")
        assert db.session.scalars(made).all() == []


def test_two_copies_a_day(strict_app: TownApp, browse_strictly: Browse) -> None:

    karim = browse_strictly()
    karim.post("/login", data={"email": "karim@saint-loup.example", "password": PASSWORD})
    token = re.search(r'X-CSRF-Token": "([^"]+)"', karim.get("/account/data").text)
    assert token is not None
    karim.environ_base["HTTP_X_CSRF_TOKEN"] = token[1]
    assert [karim.post("/account/data/copy").status_code for _ in range(3)] == [200, 200, 429]
    with enter(strict_app, DEMO_SLUG):
        made = select(AuditEntry.id).where(AuditEntry.event == "account:export:make")
        assert len(db.session.scalars(made).all()) == 2


def test_a_visitor_has_no_copy(browse: Browse) -> None:
    assert browse().post("/account/data/copy").status_code == 403
    assert browse().get("/account/data").status_code == 303
