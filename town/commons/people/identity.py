"""Who is asking: session, person, quarter and roles, in one query before every request."""

import hashlib
from datetime import timedelta
from typing import Any

from flask import g, request
from sqlalchemy import Select, bindparam, func, select

from town.commons.people.models import Account, Person, RoleGrant, SessionRow
from town.commons.people.sessions import (
    IDLE,
    SEEN_EVERY,
    STAFF_IDLE,
    STAFF_LIMIT,
    STAFF_SEEN_EVERY,
    cookie_name,
    this_session,
    token_hashes,
)
from town.commons.people.visit import ANYBODY, Visitor
from town.commons.places.models import Address, Quarter
from town.kernel.changes import ChangeCount
from town.kernel.db import db, now, set_writing
from town.kernel.questions import Question
from town.kernel.tenancy import towns

LONGEST_TOKEN = 100
A_CLOCK_SET_RIGHT = timedelta(minutes=2)
"""Clocks are put back that far without meaning anything."""


def identify() -> None:
    """Put a `Visitor` into `g.viewer`, read in a transaction of its own."""
    g.viewer = ANYBODY
    if g.get("engine") is None:
        return
    set_writing(False)
    token = request.cookies.get(cookie_name())
    if not token or len(token) > LONGEST_TOKEN or request.endpoint == "static":
        return
    found = _find(token)
    if found is None or _ended(found):
        return
    g.change_number = found.change_number
    visit = this_session()
    visit.load(found.session_id, token, found.created_at, found.data)
    if found.person_id is None or visit.get("account_id") != found.account_id:
        g.viewer = Visitor(session_id=found.session_id, csrf_secret=_secret(token))
        return
    passed = now() - found.seen_at
    visit.touched = not -A_CLOCK_SET_RIGHT < passed < (STAFF_SEEN_EVERY if found.roles else SEEN_EVERY)
    g.viewer = _visitor(found, token, visit)


def _find(token: str) -> Any:
    question = _ASKED[g.engine.dialect.name]
    found = next((rows[0] for mark in token_hashes(token) if (rows := question.ask(mark=mark, at=now()))), None)
    db.session.rollback()
    return found


def _asked(join_roles: Any) -> Select[*tuple[Any, ...]]:
    roles = select(join_roles(RoleGrant.role, ",")).where(RoleGrant.person_id == Person.id).scalar_subquery()
    asked: Select[*tuple[Any, ...]] = (
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
            select(ChangeCount.number).scalar_subquery().label("change_number"),
        )
        .select_from(SessionRow)
        .outerjoin(Account, Account.id == SessionRow.account_id)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(Address, Address.id == Person.address_id)
        .outerjoin(Quarter, Quarter.id == Address.quarter_id)
        .where(
            SessionRow.token_hash == bindparam("mark"),
            SessionRow.expires_at > bindparam("at", type_=SessionRow.expires_at.type),
        )
    )
    return asked


_ASKED = {
    "sqlite": Question(lambda: _asked(func.group_concat)),
    "postgresql": Question(lambda: _asked(func.string_agg)),
}


def _ended(found: Any) -> bool:
    if now() - found.seen_at > (STAFF_IDLE if found.roles else IDLE):
        return True
    if found.roles and not -A_CLOCK_SET_RIGHT < now() - found.created_at < STAFF_LIMIT:
        return True  # begun too long ago, or by a clock that ran ahead: then nobody knows how long ago
    return found.account_id is not None and (not found.active or found.left_at is not None)


def _secret(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _visitor(found: Any, token: str, visit: dict[str, Any]) -> Visitor:
    roles = frozenset(found.roles.split(",")) if found.roles else frozenset()
    passed = "second_factor" in visit
    awake = passed or towns().settings.staff_2fa == "off"
    return Visitor(
        session_id=found.session_id,
        csrf_secret=_secret(token),
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
        roles=roles if awake else frozenset(),
        waiting_roles=frozenset() if awake else roles,
        second_factor_set=found.tf_totp_secret is not None,
        second_factor_passed=passed,
    )
