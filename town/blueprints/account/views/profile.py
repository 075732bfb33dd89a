"""My profile: what neighbours see, and my name."""

from flask import request
from flask.typing import ResponseReturnValue

from town.blueprints.account.forms import NameForm, ProfileForm
from town.blueprints.account.views.door import feature
from town.commons.people.access import SIGNED_IN
from town.commons.people.profile import hide_face, introduce, rename, show_face
from town.commons.people.visit import me
from town.kernel.tenancy import current_town
from town.kernel.web import page, see


@feature.get("/account/profile", access=SIGNED_IN)
def profile() -> ResponseReturnValue:
    """Photo, words, the list of neighbours, language."""
    person = me()
    shown = {"bio": person.bio, "listed": person.listed, "language": person.language or current_town().language}
    return page("account/profile.html", form=ProfileForm(data=shown), person=person)


@feature.post("/account/profile", access=SIGNED_IN, shows="account.profile")
def change_profile() -> ResponseReturnValue:
    form = ProfileForm()
    if not form.validate():
        return page("account/profile.html", form=form, person=me(), status=422)
    person = me()
    introduce(person, bio=form.bio.data or "", listed=form.listed.data, language=form.language.data)
    if form.portrait.data:
        show_face(person, form.portrait.data[0])
    elif request.form.get("no_portrait"):
        hide_face(person)
    return see("account.index")


@feature.get("/account/name", access=SIGNED_IN)
def name() -> ResponseReturnValue:
    """My name, which only the town hall changes once it has been compared with a proof."""
    person = me()
    return page("account/name.html", form=NameForm(obj=person), person=person)


@feature.post("/account/name", access=SIGNED_IN, shows="account.name")
def change_name() -> ResponseReturnValue:
    form = NameForm()
    if not form.validate():
        return page("account/name.html", form=form, person=me(), status=422)
    rename(me(), form.first_name.data or "", form.last_name.data or "")
    return see("account.index")
