"""Files of the registers about Saint-Loup, in the columns of the published ones."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from town.commons.directory import Batch, BatchLine
from town.commons.people.organisations import Organisation
from town.kernel.db import db
from town.kernel.registry import Town

REGISTERS = Path(__file__).parents[1] / "data" / "registers"
SIRENE = (REGISTERS / "sirene_etablissements_geo_sample.csv").read_text().splitlines()[0].split(",")
SAINT_LOUP, ELSEWHERE = "99001", "54084"


def line(
    number: int, name: str, activity: str = "10.71C", where: str = "3|RUE|DU LAVOIR", **more: str
) -> dict[str, str]:
    """An open establishment of Saint-Loup. where: number, sort and name of the street."""
    door, sort, street = where.split("|")
    return {
        "siret": f"{number:014}",
        "statutDiffusionEtablissement": "O",
        "numeroVoieEtablissement": door,
        "typeVoieEtablissement": sort,
        "libelleVoieEtablissement": street,
        "codeCommuneEtablissement": SAINT_LOUP,
        "etatAdministratifEtablissement": "A",
        "enseigne1Etablissement": name,
        "activitePrincipaleEtablissement": activity,
        "nomenclatureActivitePrincipaleEtablissement": "NAFRev2",
    } | more


def register(*lines: dict[str, str], delimiter: str = ",") -> str:
    said = io.StringIO()
    writer = csv.DictWriter(said, SIRENE, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return said.getvalue()


def send(browser: FlaskClient, raw: bytes | str, name: str = "sirene.csv", **more: Any) -> TestResponse:
    raw = raw.encode() if isinstance(raw, str) else raw
    return browser.post("/directory/batches", data={"file": (io.BytesIO(raw), name), **more})


def ids_of(address: str, *names: str) -> list[str]:
    """The lines of a batch that bear these names, or all that are proposed."""
    found = select(BatchLine).join(Batch).where(Batch.public_id == address.rpartition("/")[2])
    lines = db.session.scalars(found.order_by(BatchLine.number)).all()
    ids = [str(one.id) for one in lines if (one.name in names if names else one.proposed)]
    db.session.rollback()
    return ids


def imported(browser: FlaskClient, *lines: dict[str, str]) -> str:
    """The address of a batch all of whose proposed lines were imported."""
    address = send(browser, register(*lines)).location
    assert browser.post(f"{address}/import", data={"line": ids_of(address)}).status_code == 303
    return address


def listed(name: str) -> Organisation | None:
    return db.session.scalar(select(Organisation).where(Organisation.name == name))


def rows(model: type[Any]) -> int:
    number = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.rollback()
    return number


@pytest.fixture(autouse=True)
def inside(town: Town) -> Town:
    """Every test asks the town what it holds."""
    return town


@pytest.fixture
def counted() -> Callable[[Callable[[], Any]], int]:
    """How many statements something costs, what opens transactions left out."""

    def count(something: Callable[[], Any]) -> int:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if not statement.startswith(("PRAGMA", "BEGIN")):
                seen.append(statement)

        engine = db.session.get_bind()
        db.session.rollback()
        event.listen(engine, "before_cursor_execute", note)
        try:
            something()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    return count
