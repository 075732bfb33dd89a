"""The town hall's board: true figures, filters, and as few queries for ten thousand reports as for ten."""

import re
import secrets
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from tests.cast import person_named
from tests.client import Browser
from tests.complaints.conftest import again, kept, shown, statements, told
from tests.conftest import Browse
from town.blueprints.complaints.models import Complaint
from town.commons.places.models import Quarter, Street
from town.kernel.db import db, now
from town.kernel.registry import Town
from town.kernel.web import TownApp

STATES = ("received", "acknowledged", "planned", "in_progress", "forwarded", "resolved", "declined")


def many(how_many: int) -> None:
    """So many reports at once, of every state, subject and street: rows without cards, for the board alone."""
    streets = db.session.execute(select(Street.id, Street.quarter_id)).all()
    who = person_named("karim").id
    moment = now()
    rows = []
    for number in range(how_many):
        state = STATES[number % len(STATES)]
        street = streets[number % len(streets)]
        received = moment - timedelta(minutes=number)
        rows.append(
            {
                "public_id": secrets.token_urlsafe(16),
                "number": 1000 + number,
                "category": ("roads", "lighting", "green")[number % 3],
                "state": state,
                "words": "Une dalle bouge.",
                "title": f"Une dalle bouge {number}",
                "shown_words": "Une dalle bouge.",
                "shown_place": "",
                "shown_lon": 3.2,
                "shown_lat": 47.4,
                "wanted_public": True,
                "version": 1,
                "me_too": number % 17,
                "forwarded_to": "",
                "reporter_id": who,
                "street_id": street.id,
                "quarter_id": street.quarter_id,
                "received_at": received,
                "read_at": None if state == "received" else received,
                "answered_at": None if number % 2 else received,
                "closed_at": received if state in ("resolved", "declined") else None,
            }
        )
    db.session.execute(insert(Complaint), rows)
    db.session.commit()


def gone() -> None:
    """The rows of `many` have no cards: they leave before the check that ends every test."""
    db.session.rollback()
    db.session.query(Complaint).filter(Complaint.number >= 1000).delete()
    db.session.commit()


def links(text: str) -> list[str]:
    return re.findall(r'class="main"><a href="/desk/complaints/([^"]+)"', text)


@pytest.mark.parametrize("query", ["", "?state=all&sort=neighbours", "?state=resolved&sort=newest&category=roads"])
def test_the_board_asks_as_little_of_ten_thousand_reports_as_of_ten(
    app: TownApp, jean: Browser, town: Town, query: str
) -> None:
    jean.get("/desk/complaints")
    with statements(app) as few:
        assert jean.get(f"/desk/complaints{query}").status_code == 200
    many(10_000)
    with statements(app) as lots:
        assert jean.get(f"/desk/complaints{query}").status_code == 200
    gone()
    assert len(lots) == len(few) <= 4


def test_the_figures_are_true(jean: Browser, town: Town) -> None:
    before = [int(n) for n in re.findall(r"<b>(\d+)</b>", jean.get("/desk/complaints").text)]
    told()
    shown()
    shown().answer(person_named("jean"), "Nous regardons.")
    shown().resolve(person_named("jean"), "Réparé.")
    shown().decline(person_named("jean"), "Non.")
    db.session.commit()
    after = [int(n) for n in re.findall(r"<b>(\d+)</b>", jean.get("/desk/complaints").text)]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 2, 3, 1]


def test_pages_follow_each_other_and_lose_nothing(jean: Browser, town: Town) -> None:
    many(100)
    for sort in ("oldest", "newest", "neighbours"):
        seen: list[str] = []
        address = f"/desk/complaints?state=all&sort={sort}"
        while address:
            text = jean.get(address).text
            seen += links(text)
            found = re.search(r'rel="next" href="([^"]+)"', text)
            address = found[1].replace("&amp;", "&") if found else ""
        everything = db.session.scalars(select(Complaint.public_id)).all()
        assert sorted(seen) == sorted(everything), sort
    gone()


def test_the_board_is_narrowed_by_state_quarter_subject_and_colleague(jean: Browser, town: Town) -> None:
    report = shown(where="3 rue du Four", category="green")
    report.assign(person_named("claire"), person_named("jean"))
    db.session.commit()
    here = db.session.scalars(select(Quarter).where(Quarter.name == "Le Bourg")).one().public_id
    elsewhere = db.session.scalars(select(Quarter).where(Quarter.name == "La Gare")).one().public_id
    public_id = report.public_id
    for query in (f"quarter={here}", "category=green", "for=me", "state=acknowledged", "state=unanswered"):
        assert public_id in links(jean.get(f"/desk/complaints?{query}").text), query
    for query in (f"quarter={elsewhere}", "category=roads", "for=nobody", "state=resolved", "state=unread"):
        assert public_id not in links(jean.get(f"/desk/complaints?{query}").text), query


def test_hostile_filters_are_the_plain_board(jean: Browser, town: Town) -> None:
    for query in ("state=drop", "sort=password", "after=abc", "after=9-9-9", "after=1e9-x", "quarter=%00", "for='",
                  "after=99999999999999999999-1", "category=%27", "street=" + "x" * 500):  # fmt: skip
        assert jean.get(f"/desk/complaints?{query}").status_code == 200, query


def test_columns_say_how_they_are_sorted(jean: Browser) -> None:
    assert 'aria-sort="ascending"' in jean.get("/desk/complaints").text
    assert 'aria-sort="descending"' in jean.get("/desk/complaints?sort=neighbours").text
    text = jean.get("/desk/complaints?sort=newest&state=all").text
    assert "sort=oldest" in text
    assert "state=all" in text


def test_the_map_counts_open_reports_and_the_list_says_the_same(jean: Browser, town: Town) -> None:
    for _ in range(3):
        shown(where="3 rue du Four")
    shown(where="4 rue du Four").resolve(person_named("jean"), "Fait.")
    db.session.commit()
    text = jean.get("/desk/complaints").text
    entry = re.search(
        r'<li data-at="[^"]+" data-count="(\d+)">.*?<a href="([^"]+)">Rue du Four</a>, ([^<]*)<', text, re.S
    )
    assert entry is not None
    assert (entry[1], entry[3].strip()) == ("3", "3 signalements ouverts")
    assert len(links(jean.get(entry[2].replace("&amp;", "&")).text)) == 3


def test_the_desk_opens_on_what_waits(jean: Browser, browse: Browse, town: Town) -> None:
    told()
    text = jean.get("/desk/").text
    assert "2 signalements à lire" in text
    assert "/desk/complaints?state=unread" in text
    assert browse("claire").get("/desk/").status_code == 200
    assert jean.get("/bureau").location == "/desk/"


def test_reading_everything_empties_the_morning(jean: Browser, town: Town) -> None:
    agent = person_named("jean")
    for report in db.session.scalars(select(Complaint).where(Complaint.state == "received")).all():
        report.acknowledge(agent, to_all=False, words="Lu.")
    for report in db.session.scalars(select(Complaint).where(Complaint.answered_at.is_(None))).all():
        report.answer(agent, "Bien reçu.")
    db.session.commit()
    assert "signalement" not in jean.get("/desk/").text.split("<aside")[0].split("<main")[1]


def test_a_file_is_one_page_whatever_its_story(jean: Browser, town: Town) -> None:
    for report in (told(), shown(), kept()):
        assert jean.get(f"/desk/complaints/{report.public_id}").status_code == 200
    report = shown()
    report.merge_into(person_named("jean"), shown("odile"))
    db.session.commit()
    assert jean.get(f"/desk/complaints/{again(report).number}").status_code == 200
    assert jean.get("/desk/complaints/99999").status_code == 404
