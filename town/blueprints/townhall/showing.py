"""How a notice is shown: in a list, while it is written, as a text to take elsewhere, with its corrections."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from town.blueprints.townhall.forms import NoticeForm
from town.blueprints.townhall.models import ALERT, DRAFT, Notice, changes
from town.blueprints.townhall.queries import street_ids_for_map
from town.commons.board import shorten
from town.commons.places.concerns import Concerns
from town.kernel.db import db, now
from town.kernel.features import address_of, link_to
from town.kernel.language import today

MOST_STREETS = 60


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice in a list, as the card macros want it."""

    title: str
    excerpt: str
    url: str
    posted_at: datetime
    place: str
    signature: str
    language: str
    state: str
    urgent: bool
    pinned: bool
    over: bool
    cursor: str
    report_url: str
    kind: str = "notice"

    @classmethod
    def of(cls, row: Any) -> "NoticeRow":
        at = row.published_at or row.created_at
        return cls(
            title=row.title,
            excerpt=shorten(row.words),
            url=link_to("townhall.notice", public_id=row.public_id),
            posted_at=at,
            place=shorten(row.places, 60),
            signature=row.signature,
            language=row.language,
            state=row.state,
            urgent=row.kind == ALERT,
            pinned=row.pinned_until is not None and row.pinned_until > now(),
            over=row.ends_on is not None and row.ends_on < today(),
            report_url=link_to("moderation.new", public_id=row.public_id) if row.state != DRAFT else "",
            cursor=f"{round(at.timestamp() * 1_000_000)}-{row.id}",
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One correction: what became of the title, the words, the days and the places, in pieces said, gone or new."""

    at: datetime
    title: list[tuple[str, str]]
    words: list[tuple[str, str]]
    days: tuple[tuple[date | None, date | None], tuple[date | None, date | None]] | None
    places: tuple[str, str] | None


def corrections_of(notice: Notice) -> list[Step]:
    """The corrections of a notice, the latest first, each against what replaced it."""
    found: list[Step] = []
    after: Any = notice
    for before in reversed(notice.corrections):
        days = ((before.starts_on, before.ends_on), (after.starts_on, after.ends_on))
        places = (before.places, after.places)
        found.append(
            Step(
                at=before.at,
                title=changes(before.title, after.title) if before.title != after.title else [],
                words=changes(before.words, after.words) if before.words != after.words else [],
                days=days if days[0] != days[1] else None,
                places=places if places[0] != places[1] else None,
            )
        )
        after = before
    return found


def map_streets(concerns: Concerns) -> str:
    """The streets to colour on the map, as its address wants them; nothing for the whole town or for too many."""
    if concerns.whole_town:
        return ""
    streets = list(db.session.scalars(street_ids_for_map(concerns.quarters, concerns.streets).limit(MOST_STREETS + 1)))
    return ",".join(streets) if len(streets) <= MOST_STREETS else ""


def text_to_share(notice: Notice) -> str:
    """The notice for elsewhere: Facebook, WhatsApp, the shop's door."""
    link = address_of("townhall.notice", public_id=notice.public_id)
    return f"{notice.title}\n\n{notice.words}\n\n{notice.signature}\n{link}"


def sample(form: NoticeForm) -> dict[str, Any]:
    """The card that a half-written notice would be."""
    return {
        "kind": "notice",
        "title": form.title.data or "…",
        "excerpt": shorten(form.words.data or "…"),
        "posted_at": now(),
        "note": form.signature.data or "",
        "urgent": form.kind.data == ALERT,
    }
