"""What ends an account by itself: its owner asked for it, or has not come for two years and was told three times."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update

from town.blueprints.account import mail
from town.commons.people.leaving import GRACE, erase, erase_again
from town.commons.people.models import Account, Person, RoleGrant, SessionRow
from town.kernel.db import db, flush, now
from town.kernel.jobs import nightly
from town.kernel.retention import Span, forgets, keeps
from town.kernel.tenancy import current_town, towns

WARNINGS: Final = (60, 30, 7)
"""Days before an absent person's account is erased on which they are told."""


MARKS_KEPT: Final = Span(months=13)
"""No copy of a town's file is older when it is restored."""


@nightly
def note_who_was_here() -> None:
    """To the night, and nothing more: sessions end, and a long absence must be told from a sign-out."""
    last = select(func.max(SessionRow.seen_at)).where(SessionRow.account_id == Account.id).scalar_subquery()
    later = last.is_not(None) & or_(Account.seen_at.is_(None), Account.seen_at < last)
    db.session.execute(update(Account).where(later).values(seen_at=last).execution_options(synchronize_session=False))


@nightly
def erase_whoever_a_backup_brought_back() -> None:
    """A restored file knows people who were erased after it was copied."""
    erase_again()
    towns().registry.forget_erased(current_town().slug, MARKS_KEPT.before(now()))


def _each(found: Select[Any], act: Callable[[Person], None]) -> None:
    """Each in a transaction of its own: one who cannot be erased does not keep the others."""
    for number in db.session.scalars(found.with_only_columns(Person.id)).all():
        person = db.session.get(Person, number)
        if person is not None:
            act(person)
            db.session.commit()


@forgets(
    "account.leaving",
    what=_l("Your account and all that is yours, once you have asked for its erasure"),
    why=_l("So that you may change your mind, or that a thief of your phone does not decide for you"),
    then=_l("Everything is erased; what was public stays without your name"),
    lasts=Span(days=GRACE.days),
    since=_l("after you ask, or at once if you wish"),
    rows=lambda: select(Person.id).where(Person.erase_on.is_not(None), Person.left_at.is_not(None)),
    over=lambda _limit: Person.erase_on <= now(),
)
def erase_those_who_left(_limit: datetime) -> None:
    _each(select(Person).where(Person.left_at.is_not(None), Person.erase_on <= now()), erase)


def _reachable() -> Select[Any]:
    """People of the town who sign in and can be written to, the town hall's own apart."""
    staff = select(RoleGrant.person_id)
    people = select(Person.id).join(Account).where(Person.left_at.is_(None), Person.id.not_in(staff))
    return people.where(Account.email.is_not(None))


def _a_step_is_due(limit: datetime) -> ColumnElement[bool]:
    """Absent for so long, and it is time for the next warning; or for the end, a week after the last of them."""
    here = select(SessionRow.id).where(SessionRow.account_id == Account.id, SessionRow.seen_at >= limit)
    absent = (func.coalesce(Account.seen_at, Account.created_at) < limit) & ~here.exists()
    first, second, last = WARNINGS
    return and_(
        absent,
        or_(
            Account.warned.is_(None),
            and_(Account.warned == first, Person.erase_on <= now() + timedelta(days=second)),
            and_(Account.warned == second, Person.erase_on <= now() + timedelta(days=last)),
            and_(
                Account.warned == last, Person.erase_on <= now(), Account.warned_at < now() - timedelta(days=last - 1)
            ),
        ),
    )


@forgets(
    "account.absent",
    what=_l("Your account and all that is yours, if you no longer come"),
    why=_l("To keep nobody’s data whom the town no longer serves"),
    then=_l("Everything is erased; signing in once is enough to keep it"),
    lasts=Span(months=24),
    since=_l("after your last visit, and three e-mails: 60, 30 and 7 days before"),
    rows=_reachable,
    over=_a_step_is_due,
)
def warn_or_erase_the_absent(limit: datetime) -> None:
    _each(_reachable().where(_a_step_is_due(limit)), _next_step)


def _next_step(person: Person) -> None:
    account = person.account
    assert account is not None
    if account.warned == WARNINGS[-1]:
        erase(person)
        return
    days = WARNINGS[0] if account.warned is None else WARNINGS[WARNINGS.index(account.warned) + 1]
    if account.warned is None or person.erase_on is None:
        person.erase_on = now() + timedelta(days=days)
    account.warned, account.warned_at = days, now()
    flush()
    mail.warn_the_absent(account, person.erase_on)


def _unreachable() -> Select[Any]:
    """Whom the desk entered, without an e-mail: nobody can ask them whether they still live here."""
    mailbox = select(Account.person_id).where(Account.email.is_not(None))
    return select(Person.id).where(
        Person.left_at.is_(None), Person.id.not_in(mailbox), Person.id.not_in(select(RoleGrant.person_id))
    )


@forgets(
    "account.without_mailbox",
    what=_l("A resident whom the town hall entered, without an e-mail"),
    why=_l("To act for them at the desk"),
    then=_l("Everything is erased"),
    lasts=Span(months=24),
    since=_l("after the end of their last certification"),
    rows=_unreachable,
    over=lambda limit: func.coalesce(Person.certified_until, Person.joined_at) < limit,
)
def erase_the_unreachable(limit: datetime) -> None:
    _each(_unreachable().where(func.coalesce(Person.certified_until, Person.joined_at) < limit), erase)


keeps(
    "account.marks",
    what=_l("That somebody was erased: a mark from which nobody can be recognised, outside the town’s file"),
    why=_l("So that an older copy of the file, once restored, forgets them again"),
    then=_l("It is erased"),
    lasts=MARKS_KEPT,
)
keeps(
    "account.logs",
    what=_l("The server’s own log: which page answered, when, how fast"),
    why=_l("To find breakdowns"),
    how_long=_l("As its host decides; ask the town hall"),
    then=_l("It holds no name, no address, no word that anybody wrote"),
)
