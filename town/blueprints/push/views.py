"""A phone learns to ring, says what it rings for, moves to another address, and stops."""

from flask import Response, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.blueprints.push.forms import PLACES, FollowForm, PhoneForm
from town.commons.notices.push import keys
from town.commons.notices.push.models import PushDevice, devices_of, move, phone, phone_at
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.commons.people.models import SessionRow
from town.commons.people.sessions import this_session
from town.commons.people.visit import visitor
from town.commons.places.concerns import TOWN, quarters, streets
from town.commons.places.models import Quarter, Street
from town.kernel.db import db, get_or_404
from town.kernel.features import Feature
from town.kernel.language import language
from town.kernel.limits import Limit, by_network
from town.kernel.web import page, see

TRIES = (Limit("push", "120 per hour", by_network),)
"""Generous: many phones share one address of the network."""

feature = Feature(
    "push",
    __name__,
    title=_l("On this phone"),
    icon="bell",
    short={"/avis-sur-ce-telephone": "index"},
    essential=True,
    personal=True,
)


def _form() -> PhoneForm | FollowForm:
    """What whoever is asking may choose. Everything is ticked until they do."""
    if visitor().signed_in:
        return PhoneForm(data={"official": True, "direct": True})
    form = FollowForm()
    form.offer(db.session.scalars(quarters()).all(), db.session.scalars(streets()).all())
    return form


def _shown(form: PhoneForm | FollowForm, status: int = 200) -> Response:
    phones = db.session.scalars(devices_of(visitor().account_id)).all() if visitor().signed_in else []
    return page("push/index.html", form=form, phones=phones, key=keys.current().public, status=status)


@feature.get("/", access=PUBLIC)
def index() -> ResponseReturnValue:
    """What a phone may ring for, and whether this one does, which only its browser knows."""
    return _shown(_form())


@feature.post("/phones", access=PUBLIC, shows="push.index", limits=TRIES)
def subscribe() -> ResponseReturnValue:
    """This phone rings from now on, or for other things than before."""
    form = _form()
    if not form.validate():
        return _shown(form, 422)
    device = phone(form.subscription.data or "", form.vapid.data or "")
    if isinstance(form, FollowForm):
        device.follow(form.concerns, language())
    else:
        here = get_or_404(select(SessionRow), id=visitor().session_id)
        device.ring_for(here, official=form.official.data, direct=form.direct.data)
        this_session()["rings"] = True
    return see("push.index")


@feature.post("/state", access=PUBLIC, keep="never", csrf=False)
def state() -> ResponseReturnValue:
    """What a phone rings for, asked by its own browser: only that knows its address."""
    device = phone_at(request.form.get("endpoint", ""))
    if device is None or not _is_here(device):
        return {"on": False}
    if device.session is not None:
        return {"on": True, "official": device.official, "direct": device.direct}
    followed = device.followed
    chosen = select(Quarter.public_id).where(Quarter.id.in_(followed.quarters))
    street = db.session.scalars(select(Street.name).where(Street.id.in_(followed.streets))).first()
    return {
        "on": True,
        "scope": TOWN if followed.whole_town else PLACES,
        "quarters": list(db.session.scalars(chosen)),
        "street": street or "",
    }


def _is_here(device: PushDevice) -> bool:
    """Whether it rings for whoever is asking: the person signed in, or nobody in particular."""
    return (device.session.account_id if device.session is not None else None) == visitor().account_id


@feature.post("/moves", access=PUBLIC, keep="never", csrf=False, limits=TRIES)
def moved() -> ResponseReturnValue:
    """The browser's own worker says that its phone has another address, or has taken the town's new key."""
    move(request.form.get("former", ""), request.form.get("subscription", ""), request.form.get("key", ""))
    return "", 204


@feature.post("/silence", access=PUBLIC, keep="never", csrf=False)
def silence() -> ResponseReturnValue:
    """This phone rings no more, says its own browser."""
    device = phone_at(request.form.get("endpoint", ""))
    if device is not None:
        db.session.delete(device)
    return "", 204


@feature.post("/phones/<public_id>/silence", access=SIGNED_IN, shows="push.index")
def silence_one(public_id: str) -> ResponseReturnValue:
    """Another phone of mine rings no more."""
    db.session.delete(get_or_404(devices_of(visitor().account_id), public_id=public_id))
    return see("push.index")
