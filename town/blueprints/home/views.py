"""The home page, the sheet of things to post, and what every public site must say of itself."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy import ColumnElement

from town.commons.board import Card
from town.commons.emergencies import NUMBERS
from town.commons.feed import home_sections, section_size
from town.commons.people.access import PUBLIC
from town.commons.people.visit import visitor
from town.commons.places.hours.words import town_hall_now
from town.kernel.features import Feature, features
from town.kernel.retention import Kept, table
from town.kernel.web import page

feature = Feature(
    "home",
    __name__,
    title=_l("My town"),
    icon="town",
    url_prefix="",
    essential=True,
    short={
        "/publier": "post",
        "/aide": "help",
        "/urgences": "emergencies",
        "/accessibilite": "accessibility",
        "/confidentialite": "privacy",
        "/durees-de-conservation": "retention",
    },
)

MACHINERY = _l("How the server works")
SUBJECTS: dict[LazyString, tuple[str, ...]] = {
    _l("Your account"): ("account", "people"),
    _l("Your address"): ("trust",),
    _l("What happens in the town"): ("activity", "worth", "notices"),
    MACHINERY: ("kernel", "audit"),
}
"""Where a line of the table of durations stands on its page, if it is not a feature's."""

SPEAKERS: dict[str, ColumnElement[bool]] = {
    "townhall": Card.official.is_(True),
    "neighbours": Card.official.is_(False) & Card.kind.not_in(("complaint", "offer")),  # and their associations
    "shops": Card.kind == "offer",
    "reports": Card.kind == "complaint",
}


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    speaker = request.args.get("who", "")
    section = request.args.get("in", "")
    if section not in {"street", "quarter", "town"}:
        section = ""
    found = home_sections(visitor(), SPEAKERS.get(speaker), section, request.args.get("before", ""))
    urgent = found.pop("urgent", [])
    sections = []
    for name, rows in found.items():
        size = section_size(name, section)
        older = ""
        if len(rows) > size:
            place: dict[str, Any] = {"in": name, "who": speaker or None, "before": rows[size - 1].cursor}
            older = url_for(".index", **place)
        if rows:
            sections.append({"name": name, "rows": [r for r in rows[:size] if r not in urgent], "older": older})
    return page(
        "home/index.html",
        "feed",
        "older",
        urgent=urgent[0] if urgent else None,
        sections=sections,
        speaker=speaker if speaker in SPEAKERS else "",
        only=section,
        town_hall=town_hall_now(),
    )


@feature.get("/post", access=PUBLIC)
def post() -> ResponseReturnValue:
    """What would you like to do?"""
    return page("home/post.html")


@feature.get("/emergencies", access=PUBLIC)
def emergencies() -> ResponseReturnValue:
    """Whom to call when something is wrong; kept on every phone from the first visit on."""
    return page("home/emergencies.html", numbers=NUMBERS)


@feature.get("/help", access=PUBLIC)
def help() -> ResponseReturnValue:
    return page("home/help.html")


@feature.get("/accessibility", access=PUBLIC)
def accessibility() -> ResponseReturnValue:
    return page("home/accessibility.html")


@feature.get("/privacy", access=PUBLIC)
def privacy() -> ResponseReturnValue:
    return page("home/privacy.html")


@feature.get("/retention", access=PUBLIC)
def retention() -> ResponseReturnValue:
    """How long each thing is kept: the table that the nights read, by what it is about."""
    titles = [*list(SUBJECTS)[:-1], *(feature.title for feature in features().values()), MACHINERY]
    groups: dict[str, list[Kept]] = {str(title): [] for title in titles}
    for line in table():
        part = line.name.partition(".")[0]
        title = next((title for title, parts in SUBJECTS.items() if part in parts), None)
        groups[str(title or (features()[part].title if part in features() else MACHINERY))].append(line)
    return page("home/retention.html", groups={title: lines for title, lines in groups.items() if lines})
