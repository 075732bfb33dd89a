"""The town hall's board: every report by state, age, quarter and subject."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from town.blueprints.complaints.categories import CATEGORIES
from town.blueprints.complaints.models import Complaint
from town.blueprints.complaints.policy import TOWN_HALL
from town.blueprints.complaints.queries import BOARD_PAGE, SORTS, VIEWS, a_month_ago, board, cursor, tallies
from town.blueprints.complaints.views import feature
from town.blueprints.complaints.views.shown import age
from town.commons.people.access import role
from town.commons.people.visit import visitor
from town.commons.places.models import Quarter, Street
from town.kernel.db import db
from town.kernel.web import page

BUBBLES = 40


@dataclass(frozen=True, slots=True)
class Bubble:
    """How many open reports there are around a point of the map."""

    name: str
    count: int
    lon: float
    lat: float
    url: str


@feature.get("/desk/complaints", access=role(*TOWN_HALL), endpoint="board")
def show_board() -> ResponseReturnValue:
    """Two queries, whatever the number of reports: the figures, and a page of rows."""
    asked = request.args
    view = asked.get("state", "open") if asked.get("state", "open") in VIEWS else "open"
    sort = asked.get("sort", "oldest") if asked.get("sort", "oldest") in SORTS else "oldest"
    narrow = [VIEWS[view]]
    kept: dict[str, Any] = {"state": view}
    if asked.get("category", "") in CATEGORIES:
        narrow.append(Complaint.category == asked["category"])
        kept["category"] = asked["category"]
    if quarter := asked.get("quarter", "")[:22].replace("\x00", ""):
        narrow.append(Complaint.quarter_id == select(Quarter.id).where(Quarter.public_id == quarter).scalar_subquery())
        kept["quarter"] = quarter
    if street := asked.get("street", "")[:22].replace("\x00", ""):
        narrow.append(Complaint.street_id == select(Street.id).where(Street.public_id == street).scalar_subquery())
        kept["street"] = street
    if asked.get("for") in ("me", "nobody"):
        narrow.append(
            Complaint.assigned_to_id == visitor().person_id
            if asked["for"] == "me"
            else Complaint.assigned_to_id.is_(None)
        )
        kept["for"] = asked["for"]
    rows = list(db.session.execute(board(narrow, sort, asked.get("after", ""))))
    figures = db.session.execute(tallies(a_month_ago())).all()
    more = len(rows) > BOARD_PAGE
    following = url_for(".board", **kept, sort=sort, after=cursor(rows[BOARD_PAGE - 1], sort)) if more else ""
    return page(
        "complaints/board.html",
        "board",
        rows=rows[:BOARD_PAGE],
        following=following,
        kept=kept,
        sort=sort,
        view=view,
        sums={
            name: sum(getattr(row, name) for row in figures) for name in ("unread", "unanswered", "open", "resolved")
        },
        quarters=sorted({(row.quarter, row.quarter_id) for row in figures if row.quarter}),
        bubbles=_bubbles(figures),
        categories=CATEGORIES,
        age=age,
    )


def _bubbles(figures: Any) -> list[Bubble]:
    """Open reports by street; by quarter where the streets are too many to be read."""
    placed = [row for row in figures if row.open and row.lon is not None and row.street]
    by = "street" if len(placed) <= BUBBLES else "quarter"
    heaps: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in placed:
        heaps[getattr(row, by), getattr(row, f"{by}_id")].append(row)
    bubbles = []
    for (name, public_id), rows in heaps.items():
        count = sum(row.open for row in rows)
        lon, lat = (sum(getattr(row, axis) * row.open for row in rows) / count for axis in ("lon", "lat"))
        narrow: dict[str, Any] = {by: public_id}
        bubbles.append(Bubble(name, count, lon, lat, url_for(".board", **narrow)))
    return sorted(bubbles, key=lambda bubble: (-bubble.count, bubble.name))
