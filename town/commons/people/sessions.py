"""Sessions are rows of the town's file, so that they can be listed and revoked; the cookie holds a random token."""

import hashlib
import hmac
import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, Update, delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import CallbackDict

from town.commons.people.models import Account, OneUseCode, Pin, SessionRow
from town.commons.people.seen import note
from town.kernel.db import db, flush, now, set_writing, writing
from town.kernel.forgery import SAFE_METHODS
from town.kernel.retention import Span, forgets
from town.kernel.tenancy import current_town, towns

IDLE = timedelta(days=30)
STAFF_IDLE = timedelta(minutes=30)
STAFF_LIMIT = timedelta(hours=12)
SEEN_EVERY = timedelta(hours=1)
"""How often a visit is noted: each note is a write. Short for staff, whose half hour must be told apart."""
STAFF_SEEN_EVERY = timedelta(minutes=1)


class RowSession(CallbackDict[str, Any], SessionMixin):
    """The session of a request. Loaded when the town is known, stored when something changed."""

    def __init__(self) -> None:
        super().__init__(on_update=self._changed)
        self.modified = False
        self.row_id: int | None = None
        self.token: str | None = None
        self.begun_at: datetime | None = None
        self.stale = False
        self.touched = False

    def _changed(self, _: object) -> None:
        self.modified = True

    def load(self, row_id: int, token: str, begun_at: datetime, data: str) -> None:
        """Take over what the row holds, which is no change."""
        self.row_id, self.token, self.begun_at = row_id, token, begun_at
        dict.update(self, json.loads(data))

    def start_again(self) -> None:
        """A new token, at sign-in, second factor, role and password changes. The row stays while the visit goes on."""
        self.stale = True
        self.modified = True


class Sessions(SessionInterface):
    """Flask's session, kept in the town's own file."""

    def open_session(self, app: Flask, request: Request) -> RowSession:
        return RowSession()  # the town is not known yet: `identify` loads it

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if g.get("engine") is None or not isinstance(session, RowSession) or response.status_code >= 500:
            return
        if session.modified and (session or session.row_id is not None):
            self._keep(session, response)
        elif session.touched:
            self._note_the_visit(session, response)

    def _keep(self, session: RowSession, response: Response) -> None:
        """Store what changed: with the verb when that succeeded, else alone, since nothing else of a refusal stays."""
        with_the_verb = writing() and (response.status_code < 300 or response.status_code == 303)
        if not with_the_verb:
            db.session.rollback()
            set_writing(True)
        try:
            token = _store(session)
            if not with_the_verb:
                db.session.commit()
        except DBAPIError:
            if request.method not in SAFE_METHODS:
                raise
            db.session.rollback()  # a full disk, most likely: the page is read, and what was to be noted is not
            return
        if token:
            _give(response, token)
        elif not session:
            response.delete_cookie(cookie_name(), path="/", secure=secure(), httponly=True, samesite="Lax")

    def _note_the_visit(self, session: RowSession, response: Response) -> None:
        """This person was here. No page is refused because that cannot be written, and no verb waits for it."""
        if writing() or session.row_id is None or session.token is None:
            return
        note(session.row_id, session["account_id"], IDLE, alone=bool(g.viewer.roles))
        _give(response, session.token)


def _give(response: Response, token: str) -> None:
    response.set_cookie(cookie_name(), token, max_age=IDLE, path="/", secure=secure(), httponly=True, samesite="Lax")


def cookie_name() -> str:
    return "__Host-s" if secure() else "s"


def secure() -> bool:
    return request.is_secure or not towns().settings.development


def token_hash(token: str) -> str:
    """What the file keeps of a token. The town's uid is in the registry, never in the file."""
    return _hash(token, towns().settings.key())


def token_hashes(token: str) -> list[str]:
    """The token as it may have been kept: under the secret key, or a former one that still stands in the settings."""
    former = [key.get_secret_value() for key in towns().settings.secret_key_fallbacks]
    return [_hash(token, key) for key in (towns().settings.key(), *former)]


def _hash(token: str, secret: str) -> str:
    return hmac.new(f"{secret}:{current_town().uid}".encode(), token.encode(), hashlib.sha256).hexdigest()


def _store(session: RowSession) -> str | None:
    """Write the row and return the cookie's token, or None when the session has ended, here or meanwhile elsewhere."""
    if not session:
        db.session.execute(delete(SessionRow).where(SessionRow.id == session.row_id))
        return None
    kept = dict(session)
    values: dict[str, Any] = {
        "data": json.dumps(kept, default=str),
        "account_id": kept.get("account_id"),
        "seen_at": now(),
        "expires_at": now() + IDLE,
    }
    if session.row_id is not None and (not session.stale or session.begun_at is not None):
        # The row may be gone or have another token: another request ended or renewed it. Its cookie is not undone.
        token = secrets.token_urlsafe(32) if session.stale else session.token
        assert token is not None  # it came with the row
        changed = _row_of(session).values(token_hash=token_hash(token), **values).returning(SessionRow.id)
        if db.session.execute(changed).first() is None:
            return None
        session.token, session.stale = token, False
        return token
    if session.row_id is not None:
        db.session.execute(delete(SessionRow).where(SessionRow.id == session.row_id))
    session.token = secrets.token_urlsafe(32)
    begun = session.begun_at or now()
    values |= {"token_hash": token_hash(session.token), "device": device(), "created_at": begun}
    session.row_id = db.session.execute(insert(SessionRow).values(**values).returning(SessionRow.id)).scalar_one()
    session.begun_at, session.stale = begun, False
    return session.token


def _row_of(session: RowSession) -> Update:
    """A change to the row of this visit, while it has the token that came with the request."""
    held = SessionRow.token_hash.in_(token_hashes(session.token or ""))
    return update(SessionRow).where(SessionRow.id == session.row_id, held)


SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrome|CriOS", "Chrome"),
    ("Safari", "Safari"),
)


def device() -> str:
    """« Firefox, Android »: enough for somebody to know their own devices again."""
    sent = request.user_agent.string or ""
    words = [next((name for mark, name in names if re.search(mark, sent)), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(word for word in words if word)


def this_session() -> RowSession:
    """The session of this request, as the object behind Flask's proxy."""
    visit = session._get_current_object()  # type: ignore[attr-defined]  # a LocalProxy
    assert isinstance(visit, RowSession)
    return visit


def begin(account: Account, *, proved: bool = True) -> None:
    """Sign this account in on this device, with a new token: one that was there before is worthless.

    proved: by what opens everything; what asks for the password again does so at once otherwise.
    """
    visit = this_session()
    visit.clear()
    visit["account_id"] = account.id
    if proved:
        visit["confirmed_at"] = int(now().timestamp())
    visit.begun_at = None
    visit.start_again()


def end() -> None:
    """Sign out here."""
    this_session().clear()


def end_there(row: SessionRow) -> None:
    """End this session, and what would let its device come back without the password."""
    if pin := json.loads(row.data).get("pin"):
        db.session.execute(delete(Pin).where(Pin.public_id == pin, Pin.account_id == row.account_id))
    db.session.delete(row)
    flush()


def end_everywhere(account: Account, *, but: int | None = None) -> None:
    """End the account's sessions on every device, this one's excepted if `but` names it, and its PINs on all."""
    db.session.execute(delete(Pin).where(Pin.account_id == account.id))
    found = delete(SessionRow).where(SessionRow.account_id == account.id)
    db.session.execute(found.where(SessionRow.id != but) if but is not None else found)


def renew() -> None:
    """A new token for this visit, after a second factor or a password change. It lasts no longer for that."""
    this_session().start_again()


def sessions_of(account_id: int | None) -> Select[SessionRow]:
    """Where this account is signed in, last used first."""
    living = select(SessionRow).where(SessionRow.account_id == account_id, SessionRow.expires_at > now())
    return living.order_by(SessionRow.seen_at.desc(), SessionRow.id)


@forgets(
    "people.sessions",
    what=_l("Where you are signed in: a device, such as “Firefox, Android”, and since when"),
    why=_l("To stay signed in, and to sign a lost phone out"),
    then=_l("It is erased"),
    lasts=Span(days=IDLE.days),
    since=_l("after your last visit from that device, or when you sign out"),
    rows=lambda: select(SessionRow.id),
    over=lambda limit: SessionRow.expires_at < limit + IDLE,
    guarded=False,
)
def forget_what_ran_out(limit: datetime) -> None:
    db.session.execute(delete(SessionRow).where(SessionRow.expires_at < limit + IDLE))


@forgets(
    "people.codes",
    what=_l("Codes sent by e-mail, and what they confirm: your name and address while you join"),
    why=_l("To check that the mailbox is yours"),
    then=_l("They are erased: whoever never confirmed leaves no trace"),
    lasts=Span(days=1),
    since=_l("after the code has run out"),
    rows=lambda: select(OneUseCode.id),
    over=lambda limit: OneUseCode.expires_at < limit,
    guarded=False,
)
def forget_codes(limit: datetime) -> None:
    db.session.execute(delete(OneUseCode).where(OneUseCode.expires_at < limit))


def init_app(app: Flask) -> None:
    from town.commons.people.identity import identify

    app.session_interface = Sessions()
    app.before_request(identify)
