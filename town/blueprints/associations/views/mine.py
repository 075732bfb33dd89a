"""What I said yes to, and the hours that associations have validated, with a certificate for each."""

from datetime import date

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from town.blueprints.associations import paper, queries
from town.blueprints.associations.views.door import feature
from town.blueprints.associations.views.running import as_pdf
from town.commons.bookings import day_starts
from town.commons.people.access import SIGNED_IN
from town.commons.people.visit import me, visitor
from town.kernel.db import db, get_or_404
from town.kernel.language import local, today
from town.kernel.tenancy import current_town
from town.kernel.web import page

FIRST_YEAR = 2020


@feature.for_offline
def where_i_am_expected() -> list[str]:
    """A meadow has no network: when, where, and what to bring."""
    if not visitor().signed_in:
        return []
    rows = db.session.execute(queries.my_coming(visitor().person_id)).all()
    return [url_for("associations.mission", public_id=row.public_id) for row in rows if not row.hidden]


@feature.get("/signups/<public_id>", access=SIGNED_IN)
def signup(public_id: str) -> ResponseReturnValue:
    """To the mission of a signup, for who signed up and who received them."""
    mission = get_or_404(queries.mission_of(visitor().person_id, public_id))
    return redirect(url_for("associations.mission", public_id=mission.public_id), 303)


@feature.get("/mine", access=SIGNED_IN)
def mine() -> ResponseReturnValue:
    person = visitor().person_id
    hours = db.session.execute(queries.my_hours(person)).all()
    certificates: dict[tuple[int, str, str], int] = {}
    for row in hours:
        which = (local(row.starts).year, row.organisation, row.organisation_public_id)
        certificates[which] = certificates.get(which, 0) + row.minutes
    return page(
        "associations/mine.html",
        coming=db.session.execute(queries.my_coming(person)).all(),
        hours=hours,
        certificates=[(*which, paper.said(minutes)) for which, minutes in certificates.items()],
        said=paper.said,
    )


@feature.get("/mine/<public_id>/certificate", access=SIGNED_IN, keep="never")
def certificate(public_id: str) -> ResponseReturnValue:
    """My hours with one association in a year, on paper. Nobody else's can be asked for."""
    asked = request.args.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else today().year
    if not FIRST_YEAR <= year <= today().year:
        abort(404)
    since, until = day_starts(date(year, 1, 1)), day_starts(date(year + 1, 1, 1))
    rows = db.session.execute(queries.hours_with(visitor().person_id, public_id, since, until)).all()
    if not rows:
        abort(404)
    hours = [
        paper.Hours(local(row.starts).date(), f"{row.title}, {row.words}" if row.words else row.title, row.minutes)
        for row in rows
    ]
    pdf = paper.certificate(
        me().full_name, rows[0].organisation, rows[0].registration or "", current_town().name, year, hours, today()
    )
    return as_pdf(pdf, f"attestation-{year}")
