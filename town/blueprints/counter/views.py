"""Finding the resident, their consent, and the receipt of what was written for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.counter import activity
from town.blueprints.counter.forms import TOLD, ConsentForm
from town.blueprints.counter.queries import sittings_of, under_way, written_in
from town.commons.activity import Activity, Kind, record, sentence
from town.commons.audit import audit
from town.commons.people.access import SIGNED_IN, role
from town.commons.people.acting import AGENTS, FIELD, LASTS, Sitting, begin_for
from town.commons.people.visit import me, visitor
from town.commons.trust.desk import named, residents
from town.kernel.db import db, get_or_404, writing
from town.kernel.features import DeskPage, Feature, link_to
from town.kernel.jobs import enqueue, job
from town.kernel.web import page, see

feature = Feature(
    "counter",
    __name__,
    title=_l("For a resident"),
    icon="person",
    short={"/guichet": "index"},
    desk=[DeskPage("index", _l("Write for a resident"), "person")],
)

DESK = role(*AGENTS, step_up=True)
OVER: Final = "counter.over"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing done for a resident, as their receipt says it."""

    words: str
    at: datetime
    url: str

    @classmethod
    def of(cls, happened: Activity) -> "Line":
        kind, subject = Kind.registry.get(happened.kind), happened.subject
        speaker = happened.on_behalf_of or happened.speaker
        return cls(
            words=sentence(happened.kind, happened.title, happened.details, speaker.name if speaker else None),
            at=happened.at,
            url=link_to(kind.endpoint, public_id=subject.public_id) if kind and kind.endpoint and subject else "",
        )


@feature.get("/", access=DESK, keep="never", writes=True)
def index() -> ResponseReturnValue:
    """Who asks? Looking somebody up is noted, without the name that was typed."""
    words = request.args.get("q", "").strip()[:80]
    people = db.session.scalars(named(words)).all() if words else []
    if words and writing():
        audit("desk:acting:search", actor=me(), found=len(people))
    open_now = [sitting for sitting in db.session.scalars(under_way(visitor().person_id)) if sitting.lasts]
    return page("counter/index.html", "found", words=words, people=people, sittings=open_now)


@feature.get("/residents/<public_id>", access=DESK, keep="never")
def resident(public_id: str) -> ResponseReturnValue:
    """What has to be said before anything is written."""
    return page("counter/resident.html", person=get_or_404(residents(), public_id=public_id), form=ConsentForm())


@feature.post("/residents/<public_id>/sittings", access=DESK, shows="counter.resident", keep="never")
def begin(public_id: str) -> ResponseReturnValue:
    person, form = get_or_404(residents(), public_id=public_id), ConsentForm()
    if not form.validate():
        return page("counter/resident.html", person=person, form=form, status=422)
    sitting = begin_for(person, me(), form.consent.data)
    enqueue(OVER, {"sitting": sitting.id}, at=sitting.began_at + LASTS)
    return see("home.post", **{FIELD: sitting.public_id})


@feature.post("/sittings/<public_id>/end", access=DESK, keep="never")
def end(public_id: str) -> ResponseReturnValue:
    """The resident leaves with their receipt; if something was written, their inbox says so too."""
    sitting = get_or_404(sittings_of(visitor().person_id), public_id=public_id)
    _end(sitting)
    return see("counter.receipt", public_id=public_id)


@job(OVER)
def its_hour_is_over(payload: dict[str, Any]) -> None:
    """Nobody ended it: the resident is told all the same."""
    if (sitting := db.session.get(Sitting, payload["sitting"])) is not None:
        _end(sitting)


def _end(sitting: Sitting) -> None:
    if sitting.ended_at is None:
        sitting.end()
        if db.session.scalar(written_in(sitting).limit(1)) is not None:
            record(activity.WROTE, sitting, actor=sitting.agent)


@feature.get("/sittings/<public_id>", access=SIGNED_IN)
def receipt(public_id: str) -> ResponseReturnValue:
    """What was written, for the agent who wrote it and for the resident."""
    sitting = get_or_404(sittings_of(visitor().person_id), public_id=public_id)
    lines = [Line.of(happened) for happened in db.session.scalars(written_in(sitting))]
    return page("counter/receipt.html", sitting=sitting, lines=lines, way=TOLD[sitting.consent])
