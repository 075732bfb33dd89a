"""« Emporter la ville »: asked for, made by a job, taken home within two days; and the public copy, for anybody."""

from typing import Final

from flask import Response, abort, send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.copies.queries import TAKEN, TOO_LONG_AGO
from town.commons.audit import audit
from town.commons.people.access import PUBLIC, role
from town.commons.people.visit import me
from town.commons.takeaway.making import Copy, ask_for, awaited, failed, offered, weight_of_everything
from town.kernel.db import db, now, set_writing
from town.kernel.features import DeskPage, Feature
from town.kernel.language import local
from town.kernel.limits import Limit, by_network
from town.kernel.refusals import Refused
from town.kernel.tenancy import current_town, towns
from town.kernel.web import page, see

feature = Feature(
    "copies",
    __name__,
    title=_l("Take the town home"),
    icon="download",
    short={"/copie": "public"},
    desk=[DeskPage("index", _l("Take the town home"), "download", daily=False)],
)
ADMIN: Final = role("admin", step_up=True)
ASKED: Final = Limit("copies.public", "6 per hour; 20 per day", by_network)


class NotReady(Refused):
    """The copy was not made yet, or is over."""

    sentence = _l("This copy is no longer here. Ask for a new one: it is ready within minutes.")


class NotFromHere(Refused):
    """The town does not live in a file of its own."""

    sentence = _l("This town lives in a database server: whoever runs it makes its copies.")


@feature.get("/", access=ADMIN, keep="never")
def index() -> ResponseReturnValue:
    town = current_town()
    upkeep = towns().registry.upkeep(town.slug)
    drill = upkeep.get("drill", (None, {}))[0]
    in_a_file = towns().engines.server is None
    return page(
        "copies/index.html",
        "state",
        copy=offered("whole"),
        awaited=awaited("whole"),
        failed=failed("whole"),
        weight=weight_of_everything() if in_a_file else 0,
        in_a_file=in_a_file,
        backup=upkeep.get("backup", (None, {}))[0],
        drill=drill,
        drill_is_old=drill is None or now() - drill > TOO_LONG_AGO,
    )


@feature.post("/", access=ADMIN, keep="never", shows="copies.index")
def create() -> ResponseReturnValue:
    """Ask for the copy of everything."""
    if towns().engines.server is not None:
        raise NotFromHere
    audit("export:town:make", actor=me())
    ask_for("whole")
    return see("copies.index")


@feature.post("/file", access=ADMIN, keep="never", shows="copies.index")
def take() -> ResponseReturnValue:
    """The copy of everything, for whoever typed their password within this sitting. It is noted who took it."""
    copy = offered("whole")
    if copy is None:
        raise NotReady
    audit(TAKEN, actor=me())
    db.session.commit()
    return _sent(copy, "")


@feature.get("/public", access=PUBLIC)
def public() -> ResponseReturnValue:
    """What anybody may read of the town, as a file."""
    return page(
        "copies/public.html", "state", copy=offered("public"), awaited=awaited("public"), failed=failed("public")
    )


@feature.post("/public", access=PUBLIC, shows="copies.public", limits=(ASKED,))
def ask_public() -> ResponseReturnValue:
    """Anybody may ask; it is made once for all who ask meanwhile, and not again while it is still true."""
    if offered("public") is None:
        ask_for("public")
    return see("copies.public")


@feature.get("/public.zip", access=PUBLIC)
def public_file() -> ResponseReturnValue:
    copy = offered("public")
    if copy is None:
        abort(404)
    return _sent(copy, "-public")


def _sent(copy: Copy, sort: str) -> Response:
    set_writing(False)
    name = f"{current_town().slug}{sort}-{local(copy.made_at).date().isoformat()}.zip"
    answer = send_file(copy.file, mimetype="application/zip", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
