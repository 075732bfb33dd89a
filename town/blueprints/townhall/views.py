"""Reading the town hall's notices, and writing them: draft, look, publish, pin, correct, withdraw."""

from datetime import UTC, datetime

from flask import Response, abort, flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.blueprints.townhall.forms import PLACES, CorrectionForm, NoticeForm
from town.blueprints.townhall.models import DRAFT, PUBLISHED, WITHDRAWN, Notice
from town.blueprints.townhall.paper import poster_of, poster_pdf
from town.blueprints.townhall.patterns import PATTERNS
from town.blueprints.townhall.policy import WRITERS
from town.blueprints.townhall.queries import (
    PAGE,
    drafts_and_published,
    last_signature,
    latest,
    quarters_with_households,
    readable,
    streets_by_name,
)
from town.blueprints.townhall.showing import NoticeRow, corrections_of, map_streets, sample, text_to_share
from town.commons.notices.models import mark_read, unread_about
from town.commons.notices.reach import reach_of
from town.commons.people.access import PUBLIC, SIGNED_IN, role
from town.commons.people.visit import ANYBODY, me, visitor
from town.commons.places.concerns import names
from town.kernel.db import db, get_or_404, set_writing
from town.kernel.features import DeskPage, Feature
from town.kernel.limits import Limit, by_network
from town.kernel.policy import authorize, may
from town.kernel.tenancy import current_town
from town.kernel.web import page, see

feature = Feature(
    "townhall",
    __name__,
    title=_l("Town hall"),
    icon="townhall",
    url_prefix="/town-hall",
    short={"/avis": "index", "/mairie": "index"},
    desk=[DeskPage("new", _l("Write a notice"), "notice")],
)
OF_THE_TOWN_HALL = role(*WRITERS)
PRINTS = Limit("townhall.print", "120 per hour", by_network, _l("That is a lot of paper. Try again in an hour."))


@feature.for_offline
def latest_notices() -> list[str]:
    """The last thirty, and their list."""
    return [
        url_for("townhall.index"),
        *(url_for("townhall.notice", public_id=name) for name in db.session.scalars(latest(30))),
    ]


def found(public_id: str) -> Notice:
    """The notice that this viewer may open."""
    return get_or_404(readable(visitor()), public_id=public_id)


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    rows = [NoticeRow.of(row) for row in db.session.execute(drafts_and_published(visitor(), _before()))]
    published = [row for row in rows if row.state != DRAFT]
    older = url_for(".index", before=published[PAGE - 1].cursor) if len(published) > PAGE else ""
    return page(
        "townhall/index.html",
        "older",
        notice_type=Notice,
        drafts=[row for row in rows if row.state == DRAFT],
        urgent=next((row for row in published if row.pinned), None),
        notices=published[:PAGE],
        older_url=older,
    )


def _before() -> tuple[datetime, int] | None:
    """Where the page before ended; anything else means the first page."""
    micros, _dash, number = request.args.get("before", "").partition("-")
    if not (micros.isascii() and micros.isdigit() and number.isascii() and number.isdigit() and len(micros) < 18):
        return None
    return datetime.fromtimestamp(int(micros) / 1_000_000, UTC), int(number[:18])


@feature.get("/notices/<public_id>", access=PUBLIC)
def notice(public_id: str) -> ResponseReturnValue:
    shown = found(public_id)
    if shown.state == WITHDRAWN:
        return page("townhall/withdrawn.html", notice=shown, status=410)
    writer = may("write", shown)
    reach = reach_of(shown.concerns) if writer else None
    return page(
        "townhall/notice.html",
        "notice",
        notice=shown,
        corrections=corrections_of(shown),
        streets=map_streets(shown.concerns),
        share=text_to_share(shown),
        unread=visitor().signed_in and shown.urgent and unread_about(visitor().person_id, shown),
        reach=reach if shown.state == DRAFT else None,
        untold=reach.untold if reach and shown.state != DRAFT else 0,
        replaces=shown.would_replace() if writer and shown.state == DRAFT else None,
    )


@feature.get("/notices/<public_id>/sheet.pdf", access=PUBLIC, limits=(PRINTS,))
def flyer(public_id: str) -> ResponseReturnValue:
    """The notice on one page of A4, for a door, a neighbour or a letterbox: what everybody may read, whoever prints."""
    shown = get_or_404(readable(ANYBODY), public_id=public_id)
    if shown.state != PUBLISHED:
        abort(404)
    answer = Response(poster_pdf(poster_of(shown)), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="avis.pdf"'
    return answer


@feature.post("/notices/<public_id>/reading", access=SIGNED_IN, shows="townhall.notice")
def acknowledge(public_id: str) -> ResponseReturnValue:
    """« J'ai bien lu »."""
    read = found(public_id)
    authorize("acknowledge", read)
    mark_read(visitor().person_id, subject=read)
    flash(_("Thank you, it is noted."), "ok")
    return see("townhall.notice", public_id=public_id)


# Writing


def _writing(form: NoticeForm, notice: Notice | None = None, status: int = 200) -> ResponseReturnValue:
    reach = reach_of(form.concerns) if form.scope.data != PLACES or not form.concerns.whole_town else None
    return page(
        "townhall/write.html",
        "write",
        "preview",
        status=status,
        form=form,
        notice=notice,
        reach=reach,
        places=", ".join(names(form.concerns)) if reach else "",
        sample=sample(form),
        patterns=PATTERNS if notice is None else {},
        looks=url_for("townhall.look", public_id=notice.public_id if notice else None),
    )


def _offered(form: NoticeForm) -> NoticeForm:
    quarters = db.session.execute(quarters_with_households()).all()
    form.offer(quarters, db.session.execute(streets_by_name()).all())
    return form


@feature.get("/notices/new", access=OF_THE_TOWN_HALL)
def new() -> ResponseReturnValue:
    form = _offered(NoticeForm())
    if request.method != "GET":  # a refusal shows what was typed
        return _writing(form)
    pattern = PATTERNS.get(request.args.get("pattern", ""))
    if pattern is not None:
        with force_locale(current_town().language):
            form.title.data, form.words.data, form.kind.data = str(pattern.title), str(pattern.words), pattern.kind
        form.scope.data = PLACES if pattern.places else form.scope.data
    signed = db.session.scalar(last_signature(visitor().person_id))
    form.signature.data = signed or f"{visitor().first_name} {visitor().last_name}".strip()
    return _writing(form)


@feature.post("/notices/look", access=OF_THE_TOWN_HALL)
def look() -> ResponseReturnValue:
    """The half-written notice again, with what it would look like and who would be told. Nothing is kept."""
    set_writing(False)
    public_id = request.args.get("public_id")
    written = found(public_id) if public_id else None
    form = _offered(CorrectionForm() if written is not None and written.state != DRAFT else NoticeForm())
    form.look()
    return _writing(form, written)


@feature.post("/notices", access=OF_THE_TOWN_HALL, shows="townhall.new")
def create() -> ResponseReturnValue:
    form = _offered(NoticeForm())
    if not form.validate():
        return _writing(form, status=422)
    drafted = Notice.drafted(me(), **form.said())
    if "keep" in request.form:
        flash(_("Kept as a draft. You find it at the head of the notices."), "ok")
        return see("townhall.index")
    return see("townhall.notice", public_id=drafted.public_id)


@feature.get("/notices/<public_id>/edit", access=OF_THE_TOWN_HALL)
def edit(public_id: str) -> ResponseReturnValue:
    written = found(public_id)
    form = _offered(NoticeForm() if written.state == DRAFT else CorrectionForm())
    if request.method == "GET":  # a refused change shows what was typed
        form.show(written)
    return _writing(form, written)


@feature.post("/notices/<public_id>/edit", access=OF_THE_TOWN_HALL, shows="townhall.edit")
def change(public_id: str) -> ResponseReturnValue:
    """Rewrite a draft, or correct what is published."""
    written = found(public_id)
    authorize("correct", written)
    form = _offered(NoticeForm() if written.state == DRAFT else CorrectionForm())
    if not form.validate():
        return _writing(form, written, status=422)
    if isinstance(form, CorrectionForm):
        written.correct(me(), important=form.important.data, **form.said())
        flash(_("Corrected. The former words stay readable under the notice."), "ok")
    else:
        written.rewrite(**form.said())
    return see("townhall.notice", public_id=public_id)


@feature.post("/notices/<public_id>/publication", access=OF_THE_TOWN_HALL, shows="townhall.notice")
def publish(public_id: str) -> ResponseReturnValue:
    written = found(public_id)
    authorize("publish", written)
    written.publish(me())
    flash(_("Published. Those concerned are being told."), "ok")
    return see("townhall.notice", public_id=public_id)


@feature.post("/notices/<public_id>/pin", access=OF_THE_TOWN_HALL, shows="townhall.notice")
def pin(public_id: str) -> ResponseReturnValue:
    pinned = found(public_id)
    authorize("pin", pinned)
    pinned.pin(me())
    return see("townhall.notice", public_id=public_id)


@feature.post("/notices/<public_id>/pin/end", access=OF_THE_TOWN_HALL, shows="townhall.notice")
def unpin(public_id: str) -> ResponseReturnValue:
    pinned = found(public_id)
    authorize("pin", pinned)
    pinned.unpin(me())
    return see("townhall.notice", public_id=public_id)


@feature.post("/notices/<public_id>/withdrawal", access=OF_THE_TOWN_HALL, shows="townhall.notice")
def withdraw(public_id: str) -> ResponseReturnValue:
    """Take a published notice off the board, or throw a draft away."""
    gone = found(public_id)
    authorize("withdraw", gone)
    if gone.state == DRAFT:
        gone.throw_away()
        flash(_("The draft is thrown away."), "ok")
    else:
        gone.withdraw(me())
        flash(_("Withdrawn: it is off the board and out of every inbox."), "ok")
    return see("townhall.index")
