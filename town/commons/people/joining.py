"""Joining: what somebody says of themselves waits with the code, and becomes a resident when the e-mail is confirmed.

Until then there is no person and no account: nobody keeps a stranger's e-mail occupied, or an account ready for them.
"""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from town.commons.audit import audit
from town.commons.people.codes import use
from town.commons.people.models import Account, OneUseCode, Person
from town.commons.places.models import Address
from town.kernel.db import db, flush, new_public_id, now
from town.kernel.refusals import Refused


class AlreadyHere(Refused):
    """Somebody with that e-mail joined in the meantime."""

    sentence = _l("There is an account with this e-mail already. Sign in, or ask for a code by e-mail.")


def said(
    *, first_name: str, last_name: str, address: Address | None, address_words: str, password: str, language: str
) -> dict[str, Any]:
    """What waits with the code. `password`: hashed, or nothing for whoever signs in with codes."""
    return {
        "first_name": first_name,
        "last_name": last_name,
        "address": address.id if address else None,
        "address_words": "" if address else address_words,
        "password": password,
        "language": language,
        "charter": now().isoformat(),
    }


def join(code: OneUseCode) -> Account:
    """The e-mail is confirmed: somebody lives here. Raises `CodeSpent`, `AlreadyHere`."""
    use(code)
    told = code.details
    if db.session.scalar(select(Account.id).where(Account.email == code.email)) is not None:
        raise AlreadyHere
    person = Person(
        first_name=told["first_name"],
        last_name=told["last_name"],
        address=db.session.get(Address, told["address"]) if told["address"] else None,
        address_words=told["address_words"],
        language=told["language"],
    )
    person.account = Account(
        email=code.email,
        email_confirmed_at=now(),
        password=told["password"] or None,
        charter_accepted_at=datetime.fromisoformat(told["charter"]),
        fs_uniquifier=new_public_id(),
    )
    db.session.add(person)
    code.details = {}
    flush(AlreadyHere)
    code.account_id = person.account.id  # a code tells of a mailbox: it goes when its owner does
    audit("account:account:create", actor=person)
    return person.account
