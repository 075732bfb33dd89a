"""My account at a glance, my address, and where I am signed in."""

from flask import abort, request
from flask.typing import ResponseReturnValue

from town.blueprints.account import queries
from town.blueprints.account.forms import LONGEST_WORDS
from town.blueprints.account.views.door import feature
from town.blueprints.account.views.join import matches
from town.commons.people import sessions
from town.commons.people.access import SIGNED_IN
from town.commons.people.models import Person
from town.commons.people.pins import pins_here, pins_of
from town.commons.people.visit import me, visitor
from town.commons.trust.moves import moved
from town.kernel.db import db, flush, get_or_404
from town.kernel.text import one_line
from town.kernel.web import page, see


@feature.get("/account/", access=SIGNED_IN)
def index() -> ResponseReturnValue:
    """Everything of mine, and how much of my profile is there."""
    person = me()
    home = db.session.scalar(queries.home(person.id))
    shared = db.session.scalar(pins_here().limit(1)) is not None
    return page("account/index.html", person=person, home=home, complete=completeness(person), shared=shared)


def completeness(person: Person) -> dict[str, bool]:
    """What makes a profile that neighbours trust, and whether it is there."""
    return {
        "address": person.address_id is not None,
        "proof": person.certified,
        "photo": bool(person.portrait),
        "bio": bool(person.bio),
    }


@feature.get("/account/address", access=SIGNED_IN)
def address() -> ResponseReturnValue:
    """Another address: found as when joining."""
    return page(
        "account/address.html", "matches", home=db.session.scalar(queries.home(visitor().person_id)), **matches()
    )


@feature.post("/account/address", access=SIGNED_IN, shows="account.address")
def move() -> ResponseReturnValue:
    """I live elsewhere in the town now: what proved the former address proves nothing any more."""
    person = me()
    door = db.session.scalar(queries.door(request.form.get("address", "")[:22]))
    words = one_line(request.form.get("words", ""), LONGEST_WORDS)
    if door is None and not words:
        abort(400)
    if door is None or door.id != person.address_id:
        moved(person)
        person.address, person.address_words = door, "" if door else words
        flush()
    return see("account.index")


@feature.get("/account/sessions", access=SIGNED_IN, keep="never")
def my_sessions() -> ResponseReturnValue:
    """Where I am signed in."""
    rows = list(db.session.scalars(sessions.sessions_of(visitor().account_id)))
    pins = list(db.session.scalars(pins_of(visitor().account_id)))
    return page("account/sessions.html", rows=rows, pins=pins, here=visitor().session_id)


@feature.post("/account/sessions/<public_id>/end", access=SIGNED_IN, shows="account.my_sessions")
def end_session(public_id: str) -> ResponseReturnValue:
    """Sign out there."""
    row = get_or_404(sessions.sessions_of(visitor().account_id), public_id=public_id)
    if row.id != visitor().session_id:
        sessions.end_there(row)
    return see("account.my_sessions")


@feature.post("/account/sessions/end", access=SIGNED_IN)
def end_sessions() -> ResponseReturnValue:
    """Sign out everywhere else."""
    account = get_or_404(queries.account(visitor().person_id))
    sessions.end_everywhere(account, but=visitor().session_id)
    return see("account.my_sessions")
