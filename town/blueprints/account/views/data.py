"""My data: a copy to take away, and the way out, with a way back for thirty days."""

from datetime import timedelta
from typing import Final

from flask import Response, abort, request, send_file, session
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from town.blueprints.account import mail
from town.blueprints.account.forms import EraseForm
from town.blueprints.account.limits import EXPORT
from town.blueprints.account.views.door import feature
from town.commons.audit import audit
from town.commons.people import sessions
from town.commons.people.access import CONFIRMED, PUBLIC
from town.commons.people.accounts import sign_in
from town.commons.people.copying import copy_of
from town.commons.people.devices import owner_name
from town.commons.people.leaving import GRACE, come_back, hurry, leave, leaving
from town.commons.people.models import Account, Person
from town.commons.people.visit import me
from town.kernel.db import db, now, set_writing
from town.kernel.inventory import inventory
from town.kernel.language import today
from town.kernel.tenancy import current_town
from town.kernel.web import page, see

BACK: Final = "coming_back"
"""In an anonymous session: which account proved to be its owner's, and when."""
MAKES_UP_ONES_MIND: Final = timedelta(minutes=15)


@feature.get("/account/data", access=CONFIRMED, keep="never")
def data() -> ResponseReturnValue:
    """What the town holds of me, and what I may do with it."""
    return page("account/data.html", parts=inventory())


@feature.post("/account/data/copy", access=CONFIRMED, keep="never", limits=EXPORT)
def take_a_copy() -> ResponseReturnValue:
    """All my rows and pictures, in one file, at once."""
    person = me()
    audit("account:export:make", actor=person, on=person)
    db.session.commit()
    set_writing(False)  # reading it all must not keep the town's writers waiting
    name = f"{current_town().slug}-{today().isoformat()}.zip"
    answer = send_file(copy_of(me()), mimetype="application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@feature.get("/account/erase", access=CONFIRMED, keep="never")
def erasing() -> ResponseReturnValue:
    """What goes, what stays, and when."""
    return page("account/erase.html", form=EraseForm(formdata=None), parts=inventory())


@feature.post("/account/erase", access=CONFIRMED, keep="never", shows="account.erasing")
def go_away() -> ResponseReturnValue:
    """Gone for everybody from this moment on."""
    form = EraseForm()
    if not form.validate():
        return page("account/erase.html", form=form, parts=inventory(), status=422)
    person, at_once = me(), form.when.data == "now"
    account = person.account
    leave(person, at_once=at_once)
    assert account is not None
    assert person.erase_on is not None
    mail.tell_leaving(account, person.erase_on, at_once=at_once)
    return _farewell(person, at_once=at_once)


def _farewell(person: Person, *, at_once: bool) -> ResponseReturnValue:
    """The last page is told by what name this device knew them: what they had not sent leaves it."""
    left = owner_name(person.id)
    sessions.end()
    response = see("account.gone", at_once=1 if at_once else None, left=left)
    if isinstance(response, Response):
        response.headers["Clear-Site-Data"] = '"cache"'
    return response


@feature.get("/account/gone", access=PUBLIC, keep="never")
def gone() -> ResponseReturnValue:
    """What happens now, to whoever is nobody here any more."""
    left = request.args.get("left", "")
    return page("account/gone.html", at_once="at_once" in request.args, days=GRACE.days, left=left)


def offer_the_way_back(account: Account) -> ResponseReturnValue:
    """The password or code was right, and the account is leaving: they say what they want before they are signed in."""
    visit = sessions.this_session()
    visit.clear()
    visit[BACK] = [account.id, int(now().timestamp())]
    visit.start_again()
    return see("account.back")


def _whoever_proved_it() -> Account:
    number, moment = session.get(BACK) or (None, 0)
    account = db.session.scalar(select(Account).where(Account.id == number)) if number is not None else None
    in_time = now().timestamp() - moment < MAKES_UP_ONES_MIND.total_seconds()
    if account is None or not in_time or not leaving(account.person):
        abort(404)
    return account


@feature.get("/account/back", access=PUBLIC, keep="never")
def back() -> ResponseReturnValue:
    """Come back, or not."""
    return page("account/back.html", person=_whoever_proved_it().person)


@feature.post("/account/back", access=PUBLIC, keep="never", shows="account.back")
def i_am_back() -> ResponseReturnValue:
    """As if nothing had been asked, but for what was taken off the board."""
    account = _whoever_proved_it()
    come_back(account.person)
    sign_in(account)
    return see("account.index")


@feature.post("/account/back/never", access=PUBLIC, keep="never", shows="account.back")
def go_at_once() -> ResponseReturnValue:
    """Do not wait for the end of the thirty days."""
    person = _whoever_proved_it().person
    hurry(person)
    return _farewell(person, at_once=True)
