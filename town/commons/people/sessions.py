"""Sessions are rows of the town's file, so that they can be listed and revoked; the cookie holds only a random token."""

import hashlib
import hmac
import json
import secrets
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, func, insert, select, update
from werkzeug.datastructures import CallbackDict

from town.commons.people.models import Account, Person, RoleGrant, SessionRow
from town.commons.people.visit import ANYBODY, Visitor
from town.commons.places.models import Address, Quarter
from town.kernel.db import db, now, set_writing, writing
from town.kernel.tenancy import current_town, towns

IDLE = timedelta(days=30)
STAFF_IDLE = timedelta(minutes=30)
STAFF_LIMIT = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=10)


class RowSession(CallbackDict[str, Any], SessionMixin):
    """The session of a request. Loaded when the town is known, stored when something changed."""

    def __init__(self) -> None:
        super().__init__(on_update=self._changed)
        self.modified = False
        self.row_id: int | None = None
        self.token: str | None = None
        self.stale = False

    def _changed(self, _: object) -> None:
        self.modified = True

    def start_again(self) -> None:
        """A new token for the same visit: at sign-in, second factor, role and password changes."""
        self.stale = True
        self.modified = True


class Sessions(SessionInterface):
    """Flask's session, kept in the town's own file."""

    def open_session(self, app: Flask, request: Request) -> RowSession:
        return RowSession()  # the town is not known yet: `identify` loads it

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if g.get("engine") is None or not isinstance(session, RowSession) or not session.modified:
            return
        if not session and session.row_id is None:
            return
        if response.status_code >= 500:
            return
        was_writing = writing()
        if not was_writing:  # a GET that showed a flash: the session alone is written
            db.session.rollback()
            set_writing(True)
        token = _store(session)
        if not was_writing:
            db.session.commit()
        elif response.status_code >= 300 and response.status_code != 303:
            db.session.rollback()  # nothing of a refusal stays, but the session does
            token = _store(session)
            db.session.commit()
        if token is None:
            response.delete_cookie(cookie_name(), path="/", secure=_secure(), httponly=True, samesite="Lax")
        else:
            response.set_cookie(
                cookie_name(), token, max_age=IDLE, path="/", secure=_secure(), httponly=True, samesite="Lax"
            )


def cookie_name() -> str:
    return "__Host-s" if _secure() else "s"


def _secure() -> bool:
    return request.is_secure or not towns().settings.development


def token_hash(token: str) -> str:
    """What the file keeps of a token. The town's uid is in the registry, never in the file."""
    key = f"{towns().settings.key()}:{current_town().uid}".encode()
    return hmac.new(key, token.encode(), hashlib.sha256).hexdigest()


def _store(session: RowSession) -> str | None:
    """Write the row and return the cookie's token, or None when the session has ended."""
    if not session:
        db.session.execute(delete(SessionRow).where(SessionRow.id == session.row_id))
        return None
    kept = dict(session)
    account_id = kept.get("account_id")
    values: dict[str, Any] = {"data": json.dumps(kept, default=str), "account_id": account_id, "seen_at": now()}
    if session.row_id is not None and not session.stale and session.token:
        db.session.execute(update(SessionRow).where(SessionRow.id == session.row_id).values(**values))
        return session.token
    if session.row_id is not None:
        db.session.execute(delete(SessionRow).where(SessionRow.id == session.row_id))
    token = secrets.token_urlsafe(32)
    device = (request.user_agent.string or "")[:80]
    values |= {"token_hash": token_hash(token), "device": device, "created_at": now(), "expires_at": now() + IDLE}
    db.session.execute(insert(SessionRow).values(**values))
    return token


def identify() -> None:
    """Who is asking: session, person, quarter and roles in one query, in a read transaction of its own."""
    g.viewer = ANYBODY
    if g.get("engine") is None:
        return
    set_writing(False)
    token = request.cookies.get(cookie_name())
    if not token or len(token) > 100 or request.endpoint == "static":
        return
    roles = (
        select(func.group_concat(RoleGrant.role) if _sqlite() else func.string_agg(RoleGrant.role, ","))
        .where(RoleGrant.person_id == Person.id)
        .scalar_subquery()
    )
    found = db.session.execute(
        select(
            SessionRow.id.label("session_id"),
            SessionRow.data,
            SessionRow.created_at,
            SessionRow.seen_at,
            Account.id.label("account_id"),
            Account.email,
            Account.email_confirmed_at,
            Account.active,
            Account.tf_totp_secret,
            Person.id.label("person_id"),
            Person.public_id,
            Person.first_name,
            Person.last_name,
            Person.portrait,
            Person.language,
            Person.address_id,
            Person.certified_until,
            Person.left_at,
            Address.street_id,
            Address.quarter_id,
            Quarter.name.label("quarter_name"),
            roles.label("roles"),
        )
        .select_from(SessionRow)
        .outerjoin(Account, Account.id == SessionRow.account_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(Address, Address.id == Person.address_id)
        .outerjoin(Quarter, Quarter.id == Address.quarter_id)
        .where(SessionRow.token_hash == token_hash(token), SessionRow.expires_at > now())
    ).first()
    db.session.rollback()
    if found is None or _ended(found):
        return
    visit = _request_session()
    visit.row_id, visit.token = found.session_id, token
    dict.update(visit, json.loads(found.data))
    secret = hashlib.sha256(token.encode()).hexdigest()
    if found.person_id is None:
        g.viewer = Visitor(session_id=found.session_id, csrf_secret=secret)
        return
    if now() - found.seen_at > SEEN_EVERY:
        visit.modified = True
    g.viewer = Visitor(
        session_id=found.session_id,
        csrf_secret=secret,
        account_id=found.account_id,
        person_id=found.person_id,
        public_id=found.public_id,
        first_name=found.first_name,
        last_name=found.last_name,
        email=found.email or "",
        email_confirmed=found.email_confirmed_at is not None,
        portrait=found.portrait,
        language=found.language,
        address_id=found.address_id,
        street_id=found.street_id,
        quarter_id=found.quarter_id,
        quarter_name=found.quarter_name or "",
        certified_until=found.certified_until,
        roles=frozenset(found.roles.split(",")) if found.roles else frozenset(),
        second_factor_set=found.tf_totp_secret is not None,
        second_factor_passed="second_factor" in visit,
    )


def _ended(found: Any) -> bool:
    idle = STAFF_IDLE if found.roles else IDLE
    if now() - found.seen_at > max(idle, SEEN_EVERY):
        return True
    if found.roles and now() - found.created_at > STAFF_LIMIT:
        return True
    return found.account_id is not None and (not found.active or found.left_at is not None)


def _sqlite() -> bool:
    return bool(g.engine.dialect.name == "sqlite")


def _request_session() -> RowSession:
    visit = session._get_current_object()  # type: ignore[attr-defined]  # a LocalProxy
    assert isinstance(visit, RowSession)
    return visit


def begin(account: Account) -> None:
    """Sign this account in on this device, with a new token: one that was there before is worthless."""
    visit = _request_session()
    language = visit.get("lang")
    visit.clear()
    visit["account_id"] = account.id
    if language:
        visit["lang"] = language
    visit.start_again()


def end() -> None:
    """Sign out here."""
    _request_session().clear()


def end_everywhere(account: Account, *, but: int | None = None) -> None:
    """End the account's sessions on every device, this one's excepted if `but` names it."""
    found = delete(SessionRow).where(SessionRow.account_id == account.id)
    db.session.execute(found.where(SessionRow.id != but) if but is not None else found)


def renew() -> None:
    """A new token for this visit, after a second factor or a password change."""
    _request_session().start_again()


def init_app(app: Flask) -> None:
    app.session_interface = Sessions()
    app.before_request(identify)
