"""Answers: one view serves htmx, plain browsers and the outbox, and nothing is acknowledged before it is committed."""

from typing import Any, cast

from flask import Flask, Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_block
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import RequestEntityTooLarge

from town.kernel import receipts
from town.kernel.db import db, holding_the_lock, set_writing, writing
from town.kernel.forgery import SAFE_METHODS
from town.kernel.receipts import earlier, keep


def wants_json() -> bool:
    """Whether the outbox (or a script) asks, rather than somebody's browser."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and request.accept_mimetypes[best] > request.accept_mimetypes["text/html"]


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

    The outbox gets the fields' errors instead of a page when `status` is 422 and the context holds the `form`.
    """
    status = g.get("status", status) if status == 200 else status
    if status == 422 and wants_json() and "form" in context:
        return make_response(
            {"errors": {name: [str(e) for e in es] for name, es in context["form"].errors.items()}}, 422
        )
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


def local_path(wish: str | None) -> str:
    """Where somebody wished to go on to, if that is a path of this town; else nothing.

    Browsers read a backslash as a slash and drop tabs and line breaks.
    """
    if not wish or not wish.startswith("/") or wish.startswith("//") or "\\" in wish or not wish.isprintable():
        return ""
    return wish


def see(endpoint: str, **values: Any) -> ResponseReturnValue:
    """After a change: commit it, then show its result.

    htmx gets it in place, the outbox a 201 with the address, everybody else is sent there with a 303.
    """
    if not keep(endpoint, values):  # PostgreSQL: the same key won in another transaction
        db.session.rollback()
        return replay()
    db.session.commit()
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
    """What somebody wrote, to be shown again so that nothing is lost."""
    try:
        written = list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return []  # the answer to that very mistake
    return [
        (name, value)
        for name, value in written
        if not name.startswith("_") and "password" not in name and "code" not in name and value.strip()
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
    from town.kernel.features import route_of

    db.session.rollback()
    set_writing(False)
    if hasattr(g, "body_hash") and earlier() is not None:
        return replay()  # refused only because the same gesture has just been done
    sentence = str(refusal.sentence)
    if wants_json():
        return {"error": type(refusal).__name__, "sentence": sentence}, refusal.status
    route = route_of(request.endpoint)
    if route is not None and route.shows:
        flash(sentence, "refused")
        g.status = refusal.status
        return cast(ResponseReturnValue, current_app.view_functions[route.shows](**(request.view_args or {})))
    return make_response(render_template("errors/409.html", sentence=sentence, fields=typed_fields()), refusal.status)


class TownApp(Flask):
    """Flask, but an answer leaves only after what it acknowledges is on the disk."""

    def process_response(self, response: Response) -> Response:
        if g.get("engine") is None:
            return super().process_response(response)
        try:
            response = super().process_response(response)  # stores the session
            if writing() and (response.status_code < 300 or response.status_code == 303):
                db.session.commit()
            else:
                db.session.rollback()
        except DBAPIError:
            current_app.logger.exception("the answer could not be committed")
            db.session.rollback()
            return super().process_response(unavailable())
        return response


def unavailable() -> Response:
    """503: the disk is full, the file is busy or broken. Whoever wrote something keeps it and tries again."""
    response = make_response(render_template("errors/503.html"), 503)
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


def end_request(_error: BaseException | None = None) -> None:
    """The thread goes back to what commands and jobs expect; the next request chooses for itself."""
    set_writing(True)
