"""Jean fills the directory from the register of businesses, looks first, and takes back what nobody has touched."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.cast import person_named
from tests.conftest import Browse
from tests.directory.conftest import (
    ELSEWHERE,
    REGISTERS,
    ids_of,
    imported,
    line,
    listed,
    register,
    rows,
    send,
)
from town.blueprints.shops.models import Shop
from town.commons.audit import AuditEntry, first_broken_entry
from town.commons.board import Card
from town.commons.directory import Batch, BatchLine, forget_files, forget_lines
from town.commons.people.organisations import MANAGER, Organisation
from town.commons.places.models import Place
from town.demo import DEMO_SLUG
from town.kernel.db import db, now
from town.kernel.registry import Town
from town.kernel.signals import person_erased
from town.kernel.web import TownApp

Counted = Callable[[Callable[[], Any]], int]
THREE = (
    line(1, "AU BON LEVAIN"),
    line(2, "Fromagerie du Lavoir", "10.51C", "9|RUE|DU LAVOIR"),
    line(3, "Holding Tilleul", "64.20Z"),
)


def test_jean_looks_at_a_file_imports_it_and_neighbours_find_the_shops(browse: Browse) -> None:
    """SH-09."""
    jean, before = browse("jean"), rows(Organisation)
    page = jean.get(send(jean, register(*THREE)).location).text
    assert "Au Bon Levain" in page
    assert "Boulangerie" in page
    assert "1 autre ligne, non cochée" in page
    assert rows(Organisation) == before, "looking lists nothing"
    assert "Au Bon Levain" not in browse().get("/shops/").text

    address = imported(jean, *THREE)
    assert "2 pages sont référencées" in jean.get(address).text
    directory = browse().get("/shops/").text
    assert "Au Bon Levain" in directory
    assert "Fromagerie du Lavoir" in directory
    assert "Holding" not in directory
    assert "Fromagerie" in browse().get("/search/?q=fromagerie").text


def test_a_page_stands_at_its_door_with_its_trade(town: Town, browse: Browse) -> None:
    imported(browse("jean"), *THREE)
    cheese = listed("Fromagerie du Lavoir")
    assert cheese is not None
    assert cheese.place is not None
    assert cheese.place.address is not None
    assert (cheese.sort, cheese.registration, cheese.place.words) == ("producer", f"{2:014}", "9 rue du Lavoir")
    assert cheese.place.lon is not None
    assert cheese.place.quarter is not None


def test_a_line_that_was_not_proposed_is_imported_when_somebody_ticks_it(town: Town, browse: Browse) -> None:
    jean = browse("jean")
    address = send(jean, register(*THREE)).location
    jean.post(f"{address}/import", data={"line": ids_of(address, "Holding Tilleul")})
    assert listed("Holding Tilleul") is not None
    assert listed("Au Bon Levain") is None
    db.session.rollback()
    assert rows(BatchLine) == 1, "what was left out is forgotten"


def test_nobody_is_listed_twice_by_number_or_by_name_and_street(town: Town, browse: Browse) -> None:
    """SH-09: the demo town has a bakery at 1 place du Tilleul, whose number in the register has changed since."""
    jean, before = browse("jean"), rows(Organisation)
    same = line(99900000200019, "Atelier Diallo", "43.32A")
    twin = line(77, "BOULANGERIE MOREAU", where="1|PL|DU TILLEUL")
    namesake = line(78, "BOULANGERIE MOREAU", where="8|IMP|DE L'EGLISE BASSE")
    again = line(78, "BOULANGERIE MOREAU")
    address = send(jean, register(same, twin, namesake, again)).location
    page = jean.get(address).text.replace("\u00a0", " ")
    assert "2 pages sont déjà là" in page
    assert re.search(r'value="\d+"><span>Boulangerie Moreau.*8 impasse de l’Eglise Basse<br>Ici : Boulangerie', page)
    assert "<dt>Répétées dans le fichier</dt><dd>1</dd>" in page
    assert "<dt>Illisibles</dt><dd>0</dd>" in page
    jean.post(f"{address}/import", data={"line": ids_of(address, "Atelier Diallo", "Boulangerie Moreau")})
    assert rows(Organisation) == before + 1


def test_two_lines_that_mean_one_shop_make_one_page(town: Town, browse: Browse) -> None:
    before = rows(Organisation)
    imported(browse("jean"), line(1, "Au Bon Levain"), line(2, "AU BON LEVAIN"))
    assert rows(Organisation) == before + 1


def test_a_page_that_the_town_hall_closed_is_not_opened_again(town: Town, browse: Browse) -> None:
    jean = browse("jean")
    imported(jean, *THREE)
    shop = db.session.scalar(select(Shop).join(Organisation).where(Organisation.name == "Au Bon Levain"))
    assert shop is not None
    shop.close(person_named("jean"))
    db.session.commit()
    assert "fermée par la mairie" in jean.get(send(jean, register(THREE[0])).location).text


def test_what_the_town_learned_since_the_look_is_not_made_again(town: Town, browse: Browse) -> None:
    jean, helene = browse("jean"), browse("helene")
    address = send(jean, register(*THREE)).location
    imported(helene, THREE[0])
    before = rows(Organisation)
    assert jean.post(f"{address}/import", data={"line": ids_of(address)}).status_code == 303
    assert rows(Organisation) == before + 1
    assert "1 page est référencée" in jean.get(address).text


def test_a_double_tap_is_one_batch_and_one_import(browse: Browse) -> None:
    jean, before = browse("jean"), rows(Organisation)
    first, again = (send(jean, register(*THREE), _key="one-file") for _ in range(2))
    assert first.location == again.location
    assert rows(Batch) == 1
    data = {"line": ids_of(first.location), "_key": "one-import"}
    answers = [jean.post(f"{first.location}/import", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert jean.post(f"{first.location}/import", data={"line": data["line"]}).status_code == 409
    assert rows(Organisation) == before + 2


def test_two_agents_who_import_at_once_list_everything_once(browse: Browse) -> None:
    jean, helene, before = browse("jean"), browse("helene"), rows(Organisation)
    address = send(jean, register(*THREE)).location
    data = {"line": ids_of(address)}
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda who: who.post(f"{address}/import", data=data).status_code, (jean, helene)))
    assert sorted(answers) == [303, 409]
    assert rows(Organisation) == before + 2


def test_nothing_ticked_imports_nothing(browse: Browse) -> None:
    jean, before = browse("jean"), rows(Organisation)
    address = send(jean, register(*THREE)).location
    answer = jean.post(f"{address}/import")
    assert answer.status_code == 409
    assert "Cochez au moins une ligne" in answer.text
    strangers = imported(jean, line(9, "Autre fichier"))
    assert jean.post(f"{address}/import", data={"line": ids_of(strangers)}).status_code == 409
    assert rows(Organisation) == before + 1


def test_one_page_that_cannot_be_made_undoes_the_whole_import(
    town: Town, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SECURITY (g) 40: nothing half-imported."""
    jean, before = browse("jean"), rows(Organisation)
    address = send(jean, register(*THREE)).location
    enter, made = Shop.enter, []

    def breaks(name: str, **more: Any) -> Shop:
        made.append(name)
        if len(made) == 2:
            raise OSError("the disk is full")
        return enter(name, **more)

    monkeypatch.setattr(Shop, "enter", breaks)
    data = {"line": ids_of(address)}
    assert jean.post(f"{address}/import", data=data).status_code == 500
    assert rows(Organisation) == before
    monkeypatch.undo()
    assert jean.post(f"{address}/import", data=data).status_code == 303


def test_the_whole_batch_is_undone_without_a_trace(town: Town, browse: Browse) -> None:
    """SH-09, PD-08: undo for the whole batch."""
    jean = browse("jean")
    tables = (Organisation, Shop, Place, Card)
    before = [rows(table) for table in tables]
    address = imported(jean, *THREE)
    assert jean.post(f"{address}/undo").status_code == 303
    assert [rows(table) for table in tables] == before
    assert "2 pages ont été retirées" in jean.get(address).text
    assert jean.post(f"{address}/undo").status_code == 409
    imported(jean, *THREE)
    assert rows(Organisation) == before[0] + 2, "and the same file may come again"


def _lucas_asks(browse: Browse, public_id: str) -> None:
    browse("lucas").post(f"/organisations/{public_id}/claims", data={"words": "C’est mon fournil."})


def _somebody_runs_it(_browse: Browse, public_id: str) -> None:
    found = db.session.scalar(select(Organisation).where(Organisation.public_id == public_id))
    assert found is not None
    found.welcome(person_named("lucas"), MANAGER, None)
    db.session.commit()


def _the_town_hall_gives_its_hours(_browse: Browse, public_id: str) -> None:
    shop = db.session.scalar(select(Shop).where(Shop.public_id == public_id))
    assert shop is not None
    shop.keep_hours("Mo-Sa 08:00-19:00", [])
    db.session.commit()


def _its_phone_is_corrected(_browse: Browse, public_id: str) -> None:
    found = db.session.scalar(select(Organisation).where(Organisation.public_id == public_id))
    assert found is not None
    found.phone = "02 99 00 00 99"
    db.session.commit()


@pytest.mark.parametrize(
    "touch", [_lucas_asks, _somebody_runs_it, _the_town_hall_gives_its_hours, _its_phone_is_corrected]
)
def test_what_somebody_has_touched_stays_and_is_said(
    town: Town, browse: Browse, touch: Callable[[Browse, str], None]
) -> None:
    """SH-09: the town hall's undo never takes a neighbour's work."""
    jean = browse("jean")
    address = imported(jean, *THREE)
    found = listed("Au Bon Levain")
    assert found is not None
    public_id = found.public_id
    db.session.rollback()
    touch(browse, public_id)
    assert jean.post(f"{address}/undo").status_code == 303
    page = jean.get(address).text
    assert "1 page a été retirée" in page
    assert "Ces pages restent" in page
    assert "Au Bon Levain" in page
    assert browse().get(f"/shops/{public_id}").status_code == 200
    assert listed("Fromagerie du Lavoir") is None


def test_after_thirty_days_it_stays_and_its_lines_are_forgotten(town: Town, browse: Browse) -> None:
    jean = browse("jean")
    address = imported(jean, *THREE)
    with time_machine.travel(now() + timedelta(days=31)):
        forget_files()
        forget_lines()
        db.session.commit()
        assert rows(BatchLine) == 0
        assert rows(Batch) == 1
        db.session.rollback()
    assert listed("Au Bon Levain") is not None
    db.session.rollback()
    batch = db.session.scalars(select(Batch)).one()
    batch.taken_at = now() - timedelta(days=31)
    db.session.commit()
    assert jean.post(f"{address}/undo").status_code == 409
    assert "a été oubliée" in jean.get(address).text


def test_a_file_that_was_only_looked_at_is_forgotten_after_three_days(town: Town, browse: Browse) -> None:
    send(browse("jean"), register(*THREE))
    forget_files()
    assert rows(BatchLine) == 3
    with time_machine.travel(now() + timedelta(days=3, hours=1)):
        forget_files()
        db.session.commit()
    assert (rows(Batch), rows(BatchLine)) == (0, 0)


def test_jean_may_throw_a_file_away_at_once_but_not_an_import(browse: Browse) -> None:
    jean = browse("jean")
    assert jean.post(f"{send(jean, register(*THREE)).location}/removal").status_code == 303
    assert (rows(Batch), rows(BatchLine)) == (0, 0)
    assert jean.post(f"{imported(jean, *THREE)}/removal").status_code == 409


def test_who_did_what_is_written_without_a_name(town: Town, browse: Browse) -> None:
    jean = browse("jean")
    jean.post(f"{imported(jean, *THREE)}/undo")
    found = select(AuditEntry).where(AuditEntry.event.startswith("directory:")).order_by(AuditEntry.id)
    entries = db.session.scalars(found).all()
    assert [(entry.event, entry.actor_id) for entry in entries] == [
        ("directory:batch:take", person_named("jean").id),
        ("directory:batch:undo", person_named("jean").id),
    ]
    assert [entry.details["lines"] for entry in entries] == [2, 2]
    assert "Levain" not in str(entries[0].details)
    assert first_broken_entry() is None


def test_the_agent_who_leaves_is_forgotten_and_the_import_stays(town: Town, browse: Browse) -> None:
    address = imported(browse("jean"), *THREE)
    person_erased.send(person_named("jean"))
    db.session.commit()
    assert db.session.scalars(select(Batch)).one().made_by_id is None
    db.session.rollback()
    assert "2 pages sont référencées" in browse("helene").get(address).text


@pytest.mark.parametrize(("name", "status"), [(None, 303), ("karim", 404), ("claire", 404), ("jean", 200)])
def test_only_the_town_hall_sees_what_was_sent(browse: Browse, name: str | None, status: int) -> None:
    address = send(browse("jean"), register(*THREE)).location
    allowed = {404: {403, 404}}.get(status, {status})
    assert browse(name).get(address).status_code in allowed
    assert browse(name).get("/directory/").status_code in allowed
    if status != 200:
        assert browse(name).post(f"{address}/import").status_code in {303, 403, 404}
        assert rows(BatchLine) == 3


def test_the_desk_leads_there(browse: Browse) -> None:
    assert "Importer commerces et associations" in browse("jean").get("/desk/").text


def test_a_file_that_cannot_be_read_is_answered_on_the_same_page(browse: Browse) -> None:
    """SECURITY (g) 40."""
    jean = browse("jean")
    answer = send(jean, b"PK\x03\x04" + bytes(300), "shops.xlsx")
    assert answer.status_code == 422
    assert "Ce n’est pas un fichier texte" in answer.text
    assert rows(Batch) == 0
    answer = jean.post("/directory/batches", data={})
    assert answer.status_code == 422
    assert "Choisissez d’abord le fichier" in answer.text


def test_two_hundred_megabytes_are_turned_away_before_they_are_read(browse: Browse) -> None:
    """SECURITY (g) 40."""
    said = {"CONTENT_LENGTH": str(200 * 1024**2), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = browse("jean").post("/directory/batches", data=b"--x--", environ_overrides=said)
    assert answer.status_code == 413
    assert "un fichier moins lourd" in answer.text
    assert rows(Batch) == 0


def test_lines_of_elsewhere_are_counted_and_wrong_ones_named(browse: Browse) -> None:
    jean = browse("jean")
    file = register(THREE[0], line(5, "Loin", codeCommuneEtablissement=ELSEWHERE), line(6, ""))
    page = jean.get(send(jean, file).location).text.replace("\u202f", " ").replace("\u00a0", " ")
    assert "Ligne 4 : Cette ligne ne porte aucun nom" in page
    assert "Loin" not in page


def test_a_name_made_to_break_the_page_is_only_a_name(browse: Browse) -> None:
    jean = browse("jean")
    address = imported(jean, line(1, "<script>alert(1)</script>"))
    for page in (address, "/shops/", "/directory/"):
        assert "<script>alert" not in jean.get(page).text


def test_without_shops_there_is_nothing_to_fill(app: TownApp, browse: Browse) -> None:
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["shops"])
    answer = send(browse("jean"), register(*THREE))
    assert answer.status_code == 409
    assert "n’a pas de telles pages" in answer.text
    assert rows(Batch) == 0


RNA = (REGISTERS / "rna_sample_waldec.csv").read_bytes().replace(b"69266", b"99001")


def test_associations_come_with_their_purpose_and_without_an_address(town: Town, browse: Browse) -> None:
    """SH-09: the seat of a small association is its president's home."""
    jean = browse("jean")
    address = send(jean, RNA, "rna.csv").location
    assert jean.post(f"{address}/import", data={"line": ids_of(address)}).status_code == 303
    found = listed("Ariadne")
    assert found is not None
    assert (found.sort, found.registration, found.place) == ("association", "W012000002", None)
    page = browse().get(f"/associations/{found.public_id}")
    assert page.status_code == 200
    assert "Favoriser le dveloppement" in page.text
    assert "Lafargue" not in page.text
    db.session.rollback()
    assert "Ariadne" in browse().get("/associations/").text
    assert jean.post(f"{address}/undo").status_code == 303
    assert listed("Ariadne") is None


def test_the_register_of_associations_is_recognised_where_none_are_listed(app: TownApp, browse: Browse) -> None:
    app.extensions["towns"].registry.change(DEMO_SLUG, features_off=["associations"])
    answer = send(browse("jean"), RNA, "rna.csv")
    assert answer.status_code == 409
    assert "registre des associations" in answer.text
    assert rows(Batch) == 0


def test_three_hundred_lines_cost_a_fixed_number_of_queries_each(town: Town, browse: Browse, counted: Counted) -> None:
    """SH-09: 300 rows in a few seconds. What grows is what each page is: itself, its place, its card, its words."""
    jean = browse("jean")

    def costs(first: int, many: int) -> tuple[int, int, int]:
        lines = [line(first + one, f"Échoppe {first + one}") for one in range(many)]
        looking = counted(lambda: send(jean, register(*lines), f"{first}.csv"))
        batch = db.session.scalars(select(Batch).order_by(Batch.id.desc())).first()
        assert batch is not None
        address = f"/directory/batches/{batch.public_id}"
        data = {"line": ids_of(address)}
        taking = counted(lambda: jean.post(f"{address}/import", data=data))
        assert counted(lambda: jean.get(address)) <= 12
        return looking, taking, counted(lambda: jean.post(f"{address}/undo"))

    few, many = costs(1000, 10), costs(2000, 60)
    assert many[0] - few[0] <= 2, "looking is the same whatever the length"
    assert many[1] - few[1] <= 50 * 14
    assert many[2] - few[2] <= 50 * 12
