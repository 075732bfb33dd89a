"""Who may use an address: anybody, people signed in, certified neighbours, or holders of a role."""

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from town.commons.people.models import ROLES
from town.commons.people.visit import Visitor, visitor
from town.kernel.features import link_to, route_of
from town.kernel.policy import PUBLIC, Access
from town.kernel.web import wants_fragment, wants_json

__all__ = ["CERTIFIED", "PUBLIC", "SIGNED_IN", "STAFF", "check_access", "role", "sign_in_first"]


def sign_in_first() -> ResponseReturnValue:
    """Show the sign-in page, which leads back here; the outbox waits with a 401."""
    if wants_json():
        return {"error": "Unauthorized", "sentence": _("Please sign in first.")}, 401
    here = request.full_path.rstrip("?") if request.method == "GET" else request.referrer or ""
    if "//" in here:  # a referrer is a whole address: keep its path
        here = "/" + here.partition("//")[2].partition("/")[2]
    address = url_for("account.login", next=here or None)
    if wants_fragment():
        return "", 204, {"HX-Redirect": address}
    return redirect(address, 303)


def _prove_first() -> ResponseReturnValue:
    if not visitor().signed_in:
        return sign_in_first()
    sentence = _("This is for neighbours whose address has been proved. Yours has not been yet.")
    if wants_json():
        return {"error": "Forbidden", "sentence": sentence}, 403
    return render_template("errors/403.html", because=sentence, way_on=link_to("account.certification")), 403


def _not_yours() -> ResponseReturnValue:
    if not visitor().signed_in:
        return sign_in_first()
    abort(403, description=_("This page is for the town hall’s staff."))


def _passed(viewer: Visitor) -> bool:
    """Staff rights need the second factor where the installation asks for one."""
    return viewer.second_factor_passed or current_app.extensions["towns"].settings.staff_2fa == "off"


def _refuse_staff() -> ResponseReturnValue:
    viewer = visitor()
    if viewer.staff and not _passed(viewer) and not wants_json():
        return redirect(url_for("account.second_factor", next=request.full_path.rstrip("?")), 303)
    return _not_yours()


SIGNED_IN = Access("signed in", lambda viewer: bool(viewer.signed_in), sign_in_first)
CERTIFIED = Access("certified", lambda viewer: bool(viewer.certified), _prove_first)


def role(*roles: str) -> Access:
    """Holders of one of these roles of the town hall, with their second factor."""
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise LookupError(f"no such role: {unknown}")
    return Access(" or ".join(roles), lambda viewer: viewer.has_role(*roles) and _passed(viewer), _refuse_staff)


STAFF = role(*ROLES)


def check_access() -> ResponseReturnValue | None:
    """Before the view: what the route declares is asked of whoever asks."""
    route = route_of(request.endpoint)
    if route is None or route.access.allows(visitor()):
        return None
    return route.access.refuse()
