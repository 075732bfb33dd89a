"""The directory of associations, and the page of each."""

from typing import Literal

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town.blueprints.associations import queries
from town.blueprints.associations.forms import AssociationForm
from town.blueprints.associations.models import Association
from town.blueprints.associations.themes import THEMES
from town.blueprints.associations.views.door import feature
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.commons.people.organisations import team
from town.commons.people.visit import me, visitor
from town.commons.takeaway.facts import tells
from town.kernel.db import db, get_or_404
from town.kernel.media import register_guard
from town.kernel.policy import authorize
from town.kernel.web import page, see

NOT_YOURS = _l("Only those who run it change its page.")


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    theme = request.args.get("theme", "") if request.args.get("theme") in THEMES else ""
    after = request.args.get("after", "").replace("\x00", "")
    rows = db.session.execute(queries.directory(theme, after)).all()
    shown = rows[: queries.PAGE]
    older = url_for(".index", theme=theme or None, after=shown[-1].public_id) if len(rows) > queries.PAGE else ""
    present = set(db.session.scalars(queries.themes_present()))
    return page(
        "associations/index.html",
        "older",
        associations=shown,
        older=older,
        theme=theme,
        themes={key: words for key, words in THEMES.items() if key in present},
        missions=[] if theme or after else db.session.execute(queries.open_missions().limit(3)).all(),
    )


@feature.get("/<public_id>", access=PUBLIC)
def show(public_id: str) -> ResponseReturnValue:
    association = get_or_404(queries.associations_for(visitor()), public_id=public_id)
    duties = db.session.scalars(team(association.organisation_id)).all()
    held, minutes = queries.kept_missions(association.id)
    return page(
        "associations/association.html",
        association=association,
        organisation=association.organisation,
        pictures=db.session.scalars(association.pictures()).all(),
        theme=THEMES.get(association.theme, THEMES["other"]),
        officers=[duty for duty in duties if duty.shown],
        run=bool(duties),
        runs=any(visitor().is_person(duty.person_id) for duty in duties),
        missions=db.session.execute(queries.open_missions(association.id)).all(),
        held=held,
        minutes=minutes,
    )


def _mine(public_id: str) -> Association:
    association = get_or_404(queries.associations_for(visitor()), public_id=public_id)
    authorize("edit", association, NOT_YOURS)
    return association


@feature.get("/<public_id>/edit", access=SIGNED_IN)
def edit(public_id: str) -> ResponseReturnValue:
    association = _mine(public_id)
    return _show_edit(association, AssociationForm(obj=association, data=_of_the_organisation(association)))


def _of_the_organisation(association: Association) -> dict[str, str]:
    own = ("purpose", "theme", "schedule", "where", "prices", "accounts")
    of = association.organisation
    return {
        **{name: getattr(association, name) for name in own},
        **{name: getattr(of, name) for name in ("name", "phone", "email", "website")},
    }


def _show_edit(association: Association, form: AssociationForm, status: int = 200) -> ResponseReturnValue:
    pictures = db.session.scalars(association.pictures()).all()
    return page("associations/edit.html", association=association, form=form, pictures=pictures, status=status)


@feature.post("/<public_id>", access=SIGNED_IN, shows="associations.edit")
def update(public_id: str) -> ResponseReturnValue:
    form = AssociationForm()  # first: photos are decoded before anything is read that the verb decides on
    association = _mine(public_id)
    if not form.validate():
        return _show_edit(association, form, status=422)
    form.fill(association)
    drop = request.form.getlist("drop")
    if form.photos.data:
        drop = [picture.name for picture in db.session.scalars(association.pictures())]
    association.change(form.photos.data, drop=drop, by=me())
    return see("associations.show", public_id=public_id)


def _who_sees_pictures(association_id: int) -> Literal["public", "private"] | None:
    """Photos of a page are for those who may open it: everybody, unless it is held."""
    anybody = queries.associations_for(visitor()).with_only_columns(Association.id)
    found = db.session.scalar(anybody.where(Association.id == association_id))
    return None if found is None else "public"


register_guard(Association.__tablename__, _who_sees_pictures)


def _told(association: Association) -> list[tuple[str, str]]:
    """What its page says, for whoever reads a copy of the town; not who runs it."""
    of = association.organisation
    return [
        (_("When?"), association.schedule),
        (_("Prices"), association.prices),
        (_("Telephone"), of.phone),
        (_("E-mail"), of.email),
        (_("Website"), of.website),
    ]


tells(Association, _told)
