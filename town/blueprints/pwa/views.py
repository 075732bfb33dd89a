"""The manifest, the worker, the icons, the offline page; the town's colours; whose session it is; whether we live."""

import json
from datetime import timedelta

from flask import Response, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from town import __version__
from town.blueprints.pwa import icons, look, manifest, worker
from town.blueprints.pwa.colours import enamel
from town.commons.holds import held_lately
from town.commons.people.access import PUBLIC
from town.commons.people.devices import owner_name
from town.commons.people.sessions import this_session
from town.commons.people.visit import visitor
from town.kernel import health
from town.kernel.assets import FOREVER
from town.kernel.db import db
from town.kernel.features import Feature, link_to, offline_pages
from town.kernel.forgery import csrf_token
from town.kernel.tenancy import current_town
from town.kernel.web import page

MOST_KEPT = 50
"""Fewer than the worker's shelf holds, so that what somebody has opened themselves stays beside it."""

LONGEST_KEPT = timedelta(days=31)
"""A worker shows nothing that it saved more than 30 days ago."""

feature = Feature(
    "pwa",
    __name__,
    title=_l("App"),
    icon="phone",
    url_prefix="",
    short={"/hors-ligne": "offline", "/installer": "install", "/a-envoyer": "outbox"},
    essential=True,
)


def owner() -> str:
    """Names whoever is signed in to their own browser, so that it tells one person's pages from another's.

    An agent who writes for a resident stays the one who is signed in: what waits on their device is sent by them.
    """
    person = visitor().agent_id or visitor().person_id
    return owner_name(person) if person is not None else ""


feature.add_app_template_global(owner, "page_owner")
feature.add_app_template_global(look.style_url)
feature.add_app_template_global(look.town_css_url)
feature.add_app_template_global(look.icon_url)
feature.add_app_template_global(enamel)
feature.add_app_template_global(worker.outbox_url)
feature.add_app_template_global(worker.script_url)


@feature.app_context_processor
def version() -> dict[str, str]:
    return {"app_version": __version__}


@feature.after_app_request
def say_whose(response: Response) -> Response:
    """A page for one person says whose it is: the worker keeps it for them alone."""
    if response.mimetype == "text/html" and visitor().signed_in:
        response.headers["X-Owner"] = owner()
    return response


def _kept(response: Response, how: str) -> Response:
    """The response with its ETag, to be answered with a 304 when it has not changed."""
    response.headers["Cache-Control"] = how
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


@feature.get("/manifest.webmanifest", access=PUBLIC)
def web_manifest() -> ResponseReturnValue:
    response = Response(json.dumps(manifest.manifest(), ensure_ascii=False), mimetype="application/manifest+json")
    response.vary.update(("Cookie", "Accept-Language"))
    return _kept(response, "no-cache")


@feature.get("/sw.js", access=PUBLIC)
def service_worker() -> ResponseReturnValue:
    response = Response(worker.worker(), mimetype="text/javascript")
    response.headers["Service-Worker-Allowed"] = "/"
    return _kept(response, "no-cache")


@feature.get("/icons/<name>.png", access=PUBLIC)
def icon(name: str) -> ResponseReturnValue:
    if name not in icons.SIZES or name == "favicon":
        abort(404)
    return _picture(name, "image/png")


@feature.get("/apple-touch-icon.png", access=PUBLIC)
def apple_touch_icon() -> ResponseReturnValue:
    """Where iPhones look without being told."""
    return _picture("apple-touch-icon", "image/png")


@feature.get("/favicon.ico", access=PUBLIC)
def favicon() -> ResponseReturnValue:
    """Where browsers look without being told."""
    return _picture("favicon", "image/x-icon")


def _picture(name: str, mimetype: str) -> Response:
    town = current_town()
    response = Response(icons.icon(name, town.hue, town.chroma), mimetype=mimetype)
    current = request.args.get("v") == icons.digest(town.hue, town.chroma)
    return _kept(response, FOREVER if current else "public, max-age=86400")


@feature.get("/offline", access=PUBLIC)
def offline() -> ResponseReturnValue:
    """What the worker shows without network for a page that it has not kept."""
    return page("pwa/offline.html")


@feature.get("/outbox", access=PUBLIC)
def outbox() -> ResponseReturnValue:
    """What waits on this device to be sent. The device alone knows: nothing of it is in the page."""
    return page("pwa/outbox.html")


@feature.get("/offline/pages", access=PUBLIC, keep="never")
def pages_to_keep() -> ResponseReturnValue:
    """The addresses that this person's device keeps for days without network. It asks now and then."""
    this_session().touched = False
    return {"pages": offline_pages()[:MOST_KEPT]}


@feature.get("/offline/hidden", access=PUBLIC, keep="never")
def hidden() -> ResponseReturnValue:
    """What moderators have hidden for as long as a device may hold it: its worker forgets it. Ids that say nothing."""
    this_session().touched = False
    return {"hidden": list(db.session.scalars(held_lately(LONGEST_KEPT)))}


@feature.get("/outbox.js", access=PUBLIC)
def outbox_script() -> ResponseReturnValue:
    return _script(worker.outbox(request.args.get("part", "")))


@feature.get("/scripts/<any(page, app):name>.js", access=PUBLIC)
def script(name: str) -> ResponseReturnValue:
    """What every page does, without what only its readers need."""
    return _script(worker.script(name))


def _script(code: str) -> Response:
    current = request.args.get("v") == look.version(code)
    return _kept(Response(code, mimetype="text/javascript"), FOREVER if current else "no-cache")


@feature.get("/install", access=PUBLIC)
def install() -> ResponseReturnValue:
    """How to put the town on one's home screen."""
    return page("pwa/install.html")


@feature.post("/share", access=PUBLIC, csrf=False)
def share() -> ResponseReturnValue:
    """A photo handed over by a phone whose worker is not there yet: nothing is kept, the form is shown."""
    if visitor().signed_in:
        flash(_("Choose the photo here once more: your phone could not hand it over this time."), "warn")
    return redirect(link_to("complaints.new") or "/", 303)


@feature.get("/session", access=PUBLIC, keep="never")
def session() -> ResponseReturnValue:
    """Who is signed in here, as a name that says nothing, and the token for their forms. Notes no visit."""
    this_session().touched = False
    return {"owner": owner() or None, "csrf": csrf_token()}


@feature.get("/style.css", access=PUBLIC)
def style() -> ResponseReturnValue:
    return _sheet(look.style())


@feature.get("/town.css", access=PUBLIC)
def town_css() -> ResponseReturnValue:
    return _sheet(look.town_css())


def _sheet(css: str) -> Response:
    current = request.args.get("v") == look.version(css)
    return _kept(Response(css, mimetype="text/css"), FOREVER if current else "public, max-age=300")


@feature.get("/healthz", access=PUBLIC)
def healthz() -> ResponseReturnValue:
    """Alive, on any host; without detail. 503 only when nothing can be read: a full disk still shows every notice."""
    state = health.state()
    status = 503 if state == "down" else 200
    return Response(f"{state}\n", status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
