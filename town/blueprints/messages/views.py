"""The inbox, reading, and the choice of e-mails."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from town.blueprints.messages.forms import MailForm
from town.commons.activity import Activity, Kind, sentence
from town.commons.notices.letters import who_stops
from town.commons.notices.models import (
    DIRECT,
    OFFICIAL,
    PAGE,
    InboxNotice,
    choose_mail,
    inbox,
    mail_stops,
    mark_read,
)
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.commons.people.models import short_name
from town.commons.people.visit import visitor
from town.kernel.db import db
from town.kernel.features import Feature, features, link_to
from town.kernel.web import page, see

feature = Feature("messages", __name__, title=_l("Messages"), icon="message", essential=True, personal=True)


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in the inbox, in the reader's language."""

    public_id: str
    words: str
    at: datetime
    unread: bool
    official: bool
    icon: str

    @classmethod
    def of(cls, row: Any) -> "Line":
        feature_of = features().get(row.kind.partition(".")[0])
        return cls(
            public_id=row.public_id,
            words=sentence(row.kind, row.title, row.details, _speaker(row)),
            at=row.created_at,
            unread=row.read_at is None,
            official=row.official,
            icon="notice" if row.official or feature_of is None else feature_of.icon,
        )


def _speaker(row: Any) -> str | None:
    """The organisation that speaks, else the person."""
    return row.organisation or (short_name(row.first_name, row.last_name or "") if row.first_name else None)


@feature.for_offline
def my_inbox() -> list[str]:
    return [url_for("messages.inbox")] if visitor().signed_in else []


@feature.get("/", access=SIGNED_IN, endpoint="inbox")
def show_inbox() -> ResponseReturnValue:
    """What is new first, then what was read: one walk through both, newest first in each."""
    person = visitor().person_id
    before, only_read = _place()
    fresh = [] if only_read else db.session.execute(inbox(person, read=False, before=before)).all()
    read: list[Any] = []
    if len(fresh) <= PAGE:
        read = list(db.session.execute(inbox(person, read=True, before=before if only_read else None)))
    rows = [*fresh, *read][:PAGE]
    older = ""
    if len(fresh) + len(read) > PAGE:
        last = rows[-1]
        older = url_for(".inbox", before=last.id, read=1 if last.read_at is not None else None)
    lines = [Line.of(row) for row in rows]
    return page(
        "messages/inbox.html",
        "inbox",
        "older",
        fresh=[line for line in lines if line.unread],
        read=[line for line in lines if not line.unread],
        older_url=older,
    )


def _place() -> tuple[int | None, bool]:
    """Where the page before ended, and whether that was among the read ones."""
    number = request.args.get("before", "")
    known = number.isascii() and number.isdigit() and len(number) < 18
    return (int(number) if known else None), known and "read" in request.args


@feature.get("/<public_id>", access=SIGNED_IN, writes=True, keep="never", endpoint="open")
def open_notice(public_id: str) -> ResponseReturnValue:
    """Go where a notice leads. Following it is reading it, so this GET writes."""
    found = select(InboxNotice.subject_id, Activity.kind).join(Activity, Activity.id == InboxNotice.activity_id)
    mine = InboxNotice.person_id == visitor().person_id
    row = db.session.execute(found.where(mine, InboxNotice.public_id == public_id)).first()
    if row is None:
        raise NotFound
    if request.method == "GET":
        mark_read(visitor().person_id, public_id)
    kind = Kind.registry.get(row.kind)
    address = link_to(kind.endpoint, public_id=row.subject_id) if kind and kind.endpoint else ""
    if not address:
        flash(_("There is nothing more to see behind that notice."), "warn")
    return redirect(address or url_for(".inbox"), 303)


@feature.post("/<public_id>/reading", access=SIGNED_IN, shows="messages.inbox")
def read_one(public_id: str) -> ResponseReturnValue:
    mark_read(visitor().person_id, public_id)
    return see("messages.inbox")


@feature.post("/reading", access=SIGNED_IN)
def read_all() -> ResponseReturnValue:
    mark_read(visitor().person_id)
    return see("messages.inbox")


# E-mails


@feature.get("/preferences", access=SIGNED_IN)
def preferences() -> ResponseReturnValue:
    form = MailForm()
    stopped = mail_stops(visitor().person_id)
    form.official.data, form.direct.data = OFFICIAL not in stopped, DIRECT not in stopped
    return page("messages/preferences.html", "choice", form=form)


@feature.post("/preferences", access=SIGNED_IN)
def choose() -> ResponseReturnValue:
    form = MailForm()
    wanted = {OFFICIAL: form.official.data, DIRECT: form.direct.data}
    if "none" in request.form:
        wanted = dict.fromkeys(wanted, False)
    choose_mail(_me(), wanted)
    flash(_("Your choice is kept."), "ok")
    return see("messages.preferences")


def _me() -> int:
    number = visitor().person_id
    assert number is not None  # SIGNED_IN
    return number


@feature.get("/stop/<token>", access=PUBLIC, keep="never")
def stop(token: str) -> ResponseReturnValue:
    """The page behind an e-mail's « stop »: a GET changes nothing, since mail scanners follow every link."""
    found = who_stops(token)
    if found is None:
        raise NotFound
    return page("messages/stop.html", sort=found[1], token=token, stopped=found[1] in mail_stops(found[0]))


@feature.post("/stop/<token>", access=PUBLIC, keep="never", csrf=False, endpoint="stopped")
def stop_now(token: str) -> ResponseReturnValue:
    """Stop that sort of e-mail, from the page or by the mailbox itself in one click, without session (RFC 8058)."""
    found = who_stops(token)
    if found is None:
        raise NotFound
    person_id, sort = found
    choose_mail(person_id, {sort: False})
    return see("messages.stop", token=token)
