"""Answers: one view serves htmx, plain browsers and the outbox, and nothing is acknowledged before it is committed."""

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, cast

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    get_flashed_messages,
    has_app_context,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from jinja2_fragments.flask import render_block
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES
from wtforms.form import BaseForm

from town.kernel import receipts
from town.kernel.db import db, holding_the_lock, set_query_seconds, set_writing, writing
from town.kernel.forgery import SAFE_METHODS
from town.kernel.frames import Frame
from town.kernel.receipts import earlier, keep
from town.kernel.rendering import Spoken, Templates
from town.kernel.tenancy import current_town, towns
from town.kernel.troubles import kind_of

_TICKED = re.compile(r"y|(?=.*[0-9]|.+[A-Z])[\w-]{22}", re.ASCII)
"""A box that was ticked, or the public id of the thing that a button named: nothing that somebody wrote."""

LONGEST_QUERY = 0.25
LONGEST_STEP_OF_A_VERB = 5.0
"""Seconds that one query may work: while looking, and while something is done, such as taking in a register."""


def wants_json() -> bool:
    """Whether the outbox (or a script) asks, rather than somebody's browser."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and request.accept_mimetypes[best] > request.accept_mimetypes["text/html"]


def said_once() -> list[tuple[str, str]]:
    """What the last gesture led to, for whoever looks at this page: not for a device that fetches pages for later."""
    fetched = request.headers.get("Sec-Fetch-Dest") == "empty" and "HX-Request" not in request.headers
    return [] if fetched else cast(list[tuple[str, str]], get_flashed_messages(with_categories=True))


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page. Its history restores and boosted visits want whole pages."""
    return (
        bool(request.htmx)  # type: ignore[attr-defined]  # htmx-flask puts it there
        and request.headers.get("HX-History-Restore-Request") != "true"
        and request.headers.get("HX-Request-Type") != "full"
        and request.headers.get("HX-Boosted") != "true"
    )


def page(template: str, *fragments: str, status: int = 200, **context: Any) -> Response:
    """Answer with the fragment htmx aims at, if it is one of `fragments`, or with the whole page.

    The outbox gets the fields' errors instead of a page when `status` is 422 and a form of the context has some.
    """
    status = g.get("status", status) if status == 200 else status
    if status == 422 and wants_json() and (errors := _errors(context)):
        return make_response({"errors": errors}, 422)
    target = request.headers.get("HX-Target", "").rpartition("#")[2]  # htmx 4 sends tag#id
    if wants_fragment() and target in fragments:
        body = render_block(template, target, **context) + render_block("base.html", "flash", **context)
        response = make_response(body, status)
        response.headers["X-Fragment"] = "1"
    else:
        response = make_response(render_template(template, **context), status)
        if wants_fragment():
            # Nobody listed that target: show the whole page instead of a piece in the wrong place.
            response.headers["HX-Retarget"] = "body"
    return response


def _errors(context: dict[str, Any]) -> dict[str, list[str]]:
    """What is to be put right in the forms that a page shows, by field; pages with several name them as they like."""
    wrong = [form.errors for form in context.values() if isinstance(form, BaseForm) and form.errors]
    return {name or "": [str(words) for words in found] for errors in wrong for name, found in errors.items()}


def local_path(wish: str | None) -> str:
    """Where somebody wished to go on to, if that is a path of this town; else nothing.

    Browsers read a backslash as a slash and drop tabs and line breaks.
    """
    if not wish or not wish.startswith("/") or wish.startswith("//") or "\\" in wish or not wish.isprintable():
        return ""
    return wish


def before_it_is_kept(app: Flask, also: Callable[[str, dict[str, Any]], None]) -> None:
    """Whatever verb succeeds, this is done in its transaction: `also(endpoint, values)` of the page that shows it."""
    app.extensions.setdefault("before_it_is_kept", []).append(also)


def see(endpoint: str, **values: Any) -> ResponseReturnValue:
    """After a change: commit it, then show its result.

    htmx gets it in place, the outbox a 201 with the address, everybody else is sent there with a 303.
    """
    for also in current_app.extensions.get("before_it_is_kept", ()):
        also(endpoint, values)
    if not keep(endpoint, values):  # PostgreSQL: the same key won in another transaction
        db.session.rollback()
        return replay()
    commit()
    g.verb_done = True
    address = url_for(endpoint, **values)
    if wants_json():
        return {"location": address}, 201, {"Location": address}
    if wants_fragment():
        set_writing(False)
        response = make_response(current_app.ensure_sync(current_app.view_functions[endpoint])(**values))
        response.headers["HX-Push-Url"] = address
        return response
    return redirect(address, 303)


def commit() -> None:
    """On the disk, or an exception. What had been wrong with the town's file, and let this pass, is over."""
    wrote = db.session().in_transaction()
    db.session.commit()
    if wrote:
        towns().engines.troubles.wrote(current_town().slug)


def replay() -> ResponseReturnValue:
    """The answer to a key that has been used: where the first request led."""
    found = earlier()
    assert found is not None  # only called once a receipt was met
    receipt, same = found
    address = url_for(receipt.endpoint, **receipt.values)
    if wants_json():
        if not same:
            return {"error": "key-reuse", "location": address}, 422
        return {"location": address}, 200, {"Location": address, "Idempotency-Replayed": "true"}
    if not same:
        return make_response(render_template("errors/sent_before.html", address=address, fields=typed_fields()), 409)
    return redirect(address, 303)


def typed_fields() -> list[tuple[str, str]]:
    """What somebody wrote, to be shown again so that nothing is lost. What they ticked or tapped is no word."""
    try:
        written = list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return []  # the answer to that very mistake
    return [
        (name, value)
        for name, value in written
        if not name.startswith("_")
        and "password" not in name
        and "code" not in name
        and value.strip()
        and not _TICKED.fullmatch(value)
    ]


def answer_replays() -> ResponseReturnValue | None:
    """Before the view of a changing request that carries a key: the second time is answered with the first result.

    This look takes no lock; when two of the same arrive at once, `see()` or `refused()` finds the other's receipt.
    """
    if request.method in SAFE_METHODS or receipts.request_key() is None:
        return None
    g.body_hash = receipts.body_hash()
    return replay() if earlier() is not None else None


def refused(refusal: Any) -> ResponseReturnValue:
    """A verb could not be done: nothing of it stays, and the same page is shown with the sentence."""
    db.session.rollback()
    set_writing(False)
    if hasattr(g, "body_hash") and earlier() is not None:
        return replay()  # refused only because the same gesture has just been done
    answer = make_response(_say(refusal, str(refusal.sentence)))
    return _rest(answer) if answer.status_code == 503 else answer


def _say(refusal: Any, sentence: str) -> ResponseReturnValue:
    from town.kernel.features import route_of

    if wants_json():
        return {"error": type(refusal).__name__, "sentence": sentence}, refusal.status
    route = route_of(request.endpoint)
    if route is not None and route.shows:
        flash(sentence, "refused")
        g.status = refusal.status
        return cast(ResponseReturnValue, current_app.view_functions[route.shows](**(request.view_args or {})))
    kept = render_template("errors/409.html", sentence=sentence, fields=typed_fields(), code=refusal.status)
    return make_response(kept, refusal.status)


class TownApp(Flask):
    """Flask, but an answer leaves only after what it acknowledges is on the disk, and templates speak one language."""

    jinja_environment = Templates
    jinja_options: dict[str, Any] = {"extensions": [Frame]}  # as Flask declares it

    @cached_property
    def _spoken(self) -> Spoken:
        return Spoken(cast(Templates, self.create_jinja_environment()))

    @property
    def jinja_env(self) -> Templates:
        """That of the language of this answer, where Flask has one environment."""
        return self._spoken.now() if has_app_context() and "engine" in g else self._spoken.common

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No function here is a coroutine; Flask looks again at each of twenty, at each request."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        """Flask would write the address, which may hold somebody's words."""
        self.logger.error("broken: %s", request.endpoint, exc_info=exc_info)

    def process_response(self, response: Response) -> Response:
        if g.get("engine") is None:
            return super().process_response(response)
        try:
            response = super().process_response(response)  # stores the session
            if writing() and (response.status_code < 300 or response.status_code == 303):
                commit()
            else:
                db.session.rollback()
        except DBAPIError as broken:
            db.session.rollback()
            return super().process_response(troubled(broken))
        return response


def troubled(error: DBAPIError) -> Response:
    """The town's file could not do its work: a sentence, by what it said. Nothing is tried again by itself."""
    kind = kind_of(error.orig)
    current_app.logger.error("the database answered: %s", kind or type(error.orig).__name__, exc_info=error)
    if kind == "too long":
        return _plain_or_json("errors/narrow.html", 422, _("That was too much to look through. Add a word or two."))
    if kind == "damaged":
        return under_repair()
    return unavailable()


def unavailable() -> Response:
    """503: the disk is full, the file is busy or broken. Whoever wrote something keeps it and tries again."""
    return _rest(_plain_or_json("errors/503.html", 503, _("The service is busy and nothing was recorded.")))


def under_repair() -> Response:
    """503: this town's file is gone, damaged, or of another version."""
    return _rest(_plain_or_json("errors/repair.html", 503, _("The town is being repaired and nothing was recorded.")))


def _plain_or_json(template: str, status: int, sentence: str) -> Response:
    """A page that stands by itself, since the town may not be there to be asked anything."""
    if wants_json():
        return make_response({"error": HTTP_STATUS_CODES[status], "sentence": sentence}, status)
    return make_response(render_template(template), status)


def _rest(response: Response) -> Response:
    response.headers["Retry-After"] = "30"
    return response


def limit_the_body() -> None:
    """Before anything is read: only what may carry photos may weigh. werkzeug itself limits no urlencoded form."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def begin_request() -> None:
    """Before the view: a changing request takes the write lock with its next query, a GET never does."""
    from town.kernel.features import route_of

    if holding_the_lock() or db.session().in_transaction():
        db.session.rollback()  # identity was read in a transaction of its own
    route = route_of(request.endpoint)
    set_writing(request.method not in SAFE_METHODS or (route is not None and route.writes and request.method == "GET"))


def limit_queries() -> None:
    """Before the first query."""
    set_query_seconds(LONGEST_QUERY if request.method in SAFE_METHODS else LONGEST_STEP_OF_A_VERB)


def end_request(_error: BaseException | None = None) -> None:
    """The thread goes back to what commands and jobs expect; the next request chooses for itself."""
    set_writing(True)
    set_query_seconds(None)
