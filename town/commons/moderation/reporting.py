"""Reporting a content: what somebody says, the content as it was, and hiding at once what cannot wait."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped

from town.commons.activity import record
from town.commons.audit import audit
from town.commons.board import Card, CardFields
from town.commons.holds import PENDING, hold_on
from town.commons.moderation import activity
from town.commons.moderation.records import Report
from town.commons.moderation.refusals import AdminDecides, NoLongerThere, YourOwnContent
from town.commons.moderation.rules import PRIVACY
from town.commons.moderation.things import (
    fields_of,
    fingerprint,
    hide,
    keep_pictures,
    snapshot,
    speaking,
    thing_named,
    whose,
)
from town.commons.notices.mail import post_mail
from town.commons.people.models import Person
from town.kernel.db import Moment, db, flush, new_public_id, now
from town.kernel.features import address_of
from town.kernel.jobs import cancel, enqueue

MAY_HIDE_AT_ONCE: Final = ("agent", "moderator", "admin")
ENOUGH: Final = 2
"""How many certified neighbours hide at once what shows somebody's privacy (SECURITY T6)."""
READ_WITHIN: Final = timedelta(hours=24)
REJECTED: Final = 5
WITHIN: Final = timedelta(days=30)
"""So many rejected reports in so long, and the next ones help to hide nothing by themselves."""
OVERDUE: Final = "moderation.overdue"


class Reporting:
    """The reporters' verbs, a trait of `Case`."""

    if TYPE_CHECKING:  # columns that stand in `Case`
        waiting_since: Mapped[Moment | None]
        due_at: Mapped[Moment | None]

        def __getattr__(self, name: str) -> Any: ...

    @classmethod
    def report(
        cls,
        card: Card,
        reporter: Person | None,
        reason: str,
        words: str,
        *,
        quote: str = "",
        name: str = "",
        email: str = "",
        by_staff: bool = False,
        at_once: bool = False,
    ) -> Report:
        """Somebody reports the content of this card; the same person twice, before an answer, is one report.

        by_staff: who reports works for the town hall; at_once: and hides it until somebody has read it. name, email: of
        who has no account. Raises `YourOwnContent`, `AdminDecides`.
        """
        thing = thing_named(card.thing, card.public_id)
        fields = fields_of(thing) if thing is not None else None
        if fields is None:
            raise NoLongerThere
        case = cls._about(card, thing, fields)
        if reporter is not None:
            if reporter.id == case.author_id:
                raise YourOwnContent
            before: Report | None = next(
                (r for r in case.reports if r.reporter_id == reporter.id and r.decision_id is None), None
            )
            if before is not None:
                same: Report = case._more(before, thing, reason, words, quote, at_once)
                return same
        said = snapshot(thing, fields)
        print_ = fingerprint(thing, said)
        seen_before = any(earlier.fingerprint == print_ and earlier.said for earlier in case.reports)
        sent = Report(
            case=case,
            reporter=reporter,
            by_link=reporter is None,
            name=name,
            email=email,
            reason=reason,
            words=words,
            quote=quote,
            at_once=at_once,
            by_staff=by_staff,
            counts=_counts(reporter, by_staff),
            said=said,
            fingerprint=print_,
        )
        db.session.add(sent)
        case.waiting_since = case.waiting_since or now()
        flush()
        if not seen_before:
            keep_pictures(thing, sent.id)
        if sent.mailed:
            link = address_of(activity.RECEIPT, public_id=sent.public_id)
            subject = _l("Your report no. %(number)s", number=sent.shown_number)
            post_mail(to=email, subject=subject, template="moderation/mail/received.txt", link=link)
        hidden = case._hide_what_cannot_wait(thing, sent)
        if not hidden and len([one for one in case.reports if one.decision_id is None]) == 1:
            record(activity.REPORTED, case, None)
        return sent

    def _more(self, sent: Report, thing: Any, reason: str, words: str, quote: str, at_once: bool) -> Report:
        """The same person again: nothing of what they say is lost, and they still count once."""
        if words not in sent.words:
            sent.words = f"{sent.words}\n\n{words}"
        sent.reason, sent.quote, sent.at_once = reason, quote or sent.quote, sent.at_once or at_once
        flush()
        self._hide_what_cannot_wait(thing, sent)
        return sent

    def _hide_what_cannot_wait(self, thing: Any, sent: Report) -> bool:
        """At once, in this transaction: at the town hall's word, or when enough neighbours say that it harms."""
        if sent.at_once and self.official and not (sent.reporter and "admin" in sent.reporter.roles):
            raise AdminDecides
        urgent = sent.at_once or (not self.official and self._harms_somebody(sent))
        if not urgent or hold_on(thing) is not None:
            return False
        hide(thing, PENDING)
        self.due_at = now() + READ_WITHIN
        audit(
            "content:hide",
            sent.reporter if sent.at_once else None,
            self.author,
            case=self.public_id,
            until="read",
            reason=sent.reason,
        )
        record(activity.HELD, self, None)
        record(activity.TO_READ_TODAY, self, None)
        enqueue(OVERDUE, {"case": self.id}, at=self.due_at, key=f"{OVERDUE}:{self.id}")
        return True

    def _harms_somebody(self, sent: Report) -> bool:
        """Privacy, said by two certified neighbours or by one of the town hall, of words that nobody has judged yet."""
        if sent.reason != PRIVACY or not sent.counts:
            return False
        if any(one.fingerprint == sent.fingerprint for one in self.reports if one.rejected_at):
            return False  # a moderator has read these very words and kept them
        say_so = [one for one in self.reports if one.decision_id is None and one.reason == PRIVACY and one.counts]
        return any(one.by_staff for one in say_so) or len({one.reporter_id for one in say_so}) >= ENOUGH

    @classmethod
    def _about(cls, card: Card, thing: Any, fields: CardFields) -> Any:
        """The one case of that content, held until the transaction ends: two reports at once count each other."""
        model: Any = cls
        author, organisation = whose(thing, fields), speaking(thing, fields)
        row = {
            "public_id": new_public_id(),
            "thing": card.thing,
            "thing_public_id": card.public_id,
            "endpoint": card.endpoint,
            "kind": card.kind,
            "title": card.title,
            "official": card.official,
            "author_id": author.id if author else None,
            "organisation_id": organisation.id if organisation else None,
            "about_id": getattr(thing, "about_id", None),
            "opened_at": now(),
        }
        insert = postgres_insert if db.session.get_bind().dialect.name == "postgresql" else sqlite_insert
        new = insert(model).values(**row).on_conflict_do_nothing(index_elements=["thing", "thing_public_id"])
        db.session.execute(new)
        found = select(model).where(model.thing == card.thing, model.thing_public_id == card.public_id)
        return db.session.scalars(found.with_for_update(of=model).execution_options(populate_existing=True)).one()

    def nobody_waits_any_more(self) -> None:
        """It has been read: no reminder."""
        self.due_at = None
        cancel(f"{OVERDUE}:{self.id}")


def _counts(reporter: Person | None, by_staff: bool) -> bool:
    """Whether this report may help to hide something at once."""
    if reporter is None:
        return False
    if by_staff:
        return True
    rejected = select(func.count()).where(Report.reporter_id == reporter.id, Report.rejected_at > now() - WITHIN)
    return reporter.certified and (db.session.scalar(rejected) or 0) < REJECTED
