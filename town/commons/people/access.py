"""Who may use an address: anybody, people signed in, certified neighbours, or holders of a role."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.commons.people.models import ROLES
from town.commons.people.visit import Visitor, visitor
from town.kernel.db import now
from town.kernel.features import link_to, route_of
from town.kernel.forgery import SAFE_METHODS
from town.kernel.policy import PUBLIC, Access
from town.kernel.web import page, typed_fields, wants_fragment, wants_json

__all__ = [
    "CERTIFIED",
    "CONFIRMED",
    "PUBLIC",
    "SIGNED_IN",
    "STAFF",
    "check_access",
    "recently_confirmed",
    "role",
    "sign_in_first",
]

SITTING = timedelta(minutes=5)
"""A step-up counts for a whole sitting at a queue: so much idleness ends it."""


def sign_in_first() -> ResponseReturnValue:
    """Show the sign-in page, which leads back here; the outbox waits with a 401. What was written is shown again."""
    sentence = _("Please sign in first.")
    if wants_json():
        return {"error": "Unauthorized", "sentence": sentence}, 401
    return do_first("account.login", sentence, _("Sign in"))


def do_first(endpoint: str, sentence: str, words: str) -> ResponseReturnValue:
    """Something has to be done before this, on the page `endpoint`, which leads back here."""
    here = request.full_path.rstrip("?")
    if request.method not in SAFE_METHODS:
        came_from = urlsplit(request.referrer or "")
        here = came_from.path + (f"?{came_from.query}" if came_from.query else "")
    address = url_for(endpoint, next=here or None)
    if request.method not in SAFE_METHODS:
        way = {"because": sentence, "way_on": address, "way_words": words}
        return page("errors/403.html", status=403, fields=typed_fields(), **way)
    if wants_fragment():
        return "", 204, {"HX-Redirect": address}
    return redirect(address, 303)


def _prove_first() -> ResponseReturnValue:
    if not visitor().signed_in:
        return sign_in_first()
    sentence = _("This is for neighbours whose address has been proved. Yours has not been yet.")
    if wants_json():
        return {"error": "Forbidden", "sentence": sentence}, 403
    way = {"because": sentence, "way_on": link_to("certification.index"), "way_words": _("Prove my address")}
    return page("errors/403.html", status=403, fields=typed_fields(), **way)


def _not_yours() -> ResponseReturnValue:
    if not visitor().signed_in:
        return sign_in_first()
    abort(403, description=_("This page is for the town hall's staff."))


SIGNED_IN = Access("signed in", lambda viewer: bool(viewer.signed_in), sign_in_first)
CERTIFIED = Access("certified", lambda viewer: bool(viewer.certified), _prove_first)


def role(*roles: str, step_up: bool = False) -> Access:
    """Holders of one of these roles of the town hall, with their second factor.

    step_up: and their password typed within this sitting, since a cookie alone could be stolen.
    """
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise LookupError(f"no such role: {unknown}")

    def allows(viewer: Visitor) -> bool:
        return viewer.has_role(*roles) and (not step_up or recently_confirmed())

    def refuse() -> ResponseReturnValue:
        viewer = visitor()
        if wants_json() or not (viewer.roles | viewer.waiting_roles) & set(roles):
            return _not_yours()
        if not viewer.has_role(*roles):
            return do_first("account.second_factor", _("First enter the code of your phone."), _("Enter the code"))
        return _confirm_first()

    name = " or ".join(roles) + (", confirmed" if step_up else "")
    return Access(name, allows, refuse, holds=lambda viewer: bool(viewer.has_role(*roles)), staff=True)


def _confirm_first() -> ResponseReturnValue:
    if not visitor().signed_in:
        return sign_in_first()
    sentence = _("First type your password again.")
    if wants_json():
        return {"error": "Forbidden", "sentence": sentence}, 403
    return do_first("account.confirm", sentence, _("Type my password"))


STAFF = role(*ROLES)
CONFIRMED = Access(
    "signed in, confirmed",
    lambda viewer: viewer.signed_in and recently_confirmed(),
    _confirm_first,
    holds=lambda viewer: bool(viewer.signed_in),
    alone=True,
)
"""Whoever is signed in and typed their password within this sitting: for what a stolen cookie must not do."""


def recently_confirmed() -> bool:
    """Whether whoever sits here proved it is them within this sitting. Each use keeps it alive."""
    if current_app.extensions["towns"].settings.staff_2fa == "off":
        return True
    moment = int(now().timestamp())
    idle = moment - int(session.get("confirmed_at", 0))
    if not 0 <= idle < SITTING.total_seconds():
        return False
    if idle > SITTING.total_seconds() / 5:
        session["confirmed_at"] = moment
    return True


def check_access() -> ResponseReturnValue | None:
    """Before the view: what the route declares is asked of whoever asks."""
    route = route_of(request.endpoint)
    if route is None or route.access.allows(visitor()):
        return None
    return route.access.refuse()
