"""Deciding, appealing, and judging the appeal: never on oneself, on one's own report or on one's own decision."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped

from town.commons.activity import record
from town.commons.audit import audit
from town.commons.holds import DECIDED
from town.commons.moderation import activity
from town.commons.moderation.records import HIDE, Appeal, Decision, Report
from town.commons.moderation.refusals import (
    AboutYou,
    AdminDecides,
    DecidedMeanwhile,
    NothingToAppeal,
    ReasonsNeeded,
    YourOwnContent,
    YourOwnDecision,
    YourOwnReport,
)
from town.commons.moderation.things import hide, show, thing_named
from town.commons.notices.mail import post_mail
from town.commons.people.entering import Entered, EnteredByYou
from town.commons.people.models import Person
from town.commons.people.organisations import duty_in
from town.kernel.db import Moment, db, flush, now
from town.kernel.features import address_of
from town.kernel.refusals import Refused

APPEAL_WITHIN: Final = timedelta(days=183)
"""Six months (Digital Services Act, article 20)."""


class Deciding:
    """The deciders' and the appellants' verbs, a trait of `Case`."""

    if TYPE_CHECKING:  # columns that stand in `Case`
        waiting_since: Mapped[Moment | None]
        author: Any

        def __getattr__(self, name: str) -> Any: ...

    @property
    def last(self) -> Decision | None:
        """The decision that stands."""
        return self.decisions[-1] if self.decisions else None

    @property
    def open_appeals(self) -> list[Appeal]:
        return [appeal for appeal in self.appeals if appeal.answer_id is None]

    @property
    def open_reports(self) -> list[Report]:
        return [report for report in self.reports if report.decision_id is None]

    @property
    def closed_by_itself(self) -> bool:
        """Whether nobody decided, and nothing is left to decide about."""
        return self.waiting_since is None and bool(self.open_reports or self.open_appeals)

    def close_by_itself(self) -> None:
        """Its author was erased and the content with them: nobody waits for a decision any more."""
        self.waiting_since = None
        self.nobody_waits_any_more()
        audit("report:close", case=self.public_id)
        flush()

    def is_theirs(self, person_id: int | None) -> bool:
        """Whether this person answers for it, or runs or helps to run the organisation that does."""
        if person_id is None:
            return False
        runs = self.organisation_id is not None and duty_in(self.organisation_id, person_id) != ""
        return runs or bool(person_id == self.author_id)

    def obstacle(self, person_id: int | None, roles: frozenset[str]) -> type[Refused] | None:
        """Why this person may not decide what waits here, or None."""
        if self.is_theirs(person_id):
            return YourOwnContent
        if person_id is not None and person_id == self.about_id:
            return AboutYou
        appeals = self.open_appeals
        if any(report.reporter_id == person_id for report in self.open_reports) or any(
            appeal.report and appeal.report.reporter_id == person_id for appeal in appeals
        ):
            return YourOwnReport
        waiting: list[Entered] = [*self.open_reports, *appeals]
        if any(sent.entered_by(person_id) for sent in waiting):
            return EnteredByYou
        if any(appeal.decision.by_id == person_id for appeal in appeals):
            return YourOwnDecision
        if self.official and "admin" not in roles:
            return AdminDecides
        return None

    def decide(
        self, by: Person, verdict: str, *, rule: str = "", facts: str = "", words: str = "", seen: int | None = None
    ) -> Decision:
        """Keep it or hide it, with reasons, and tell whoever waits. Answers every report and appeal that waits.

        seen: how many decisions the page showed. Raises what `obstacle` says, `DecidedMeanwhile`, `ReasonsNeeded`.
        """
        self._hold(seen)
        if (refusal := self.obstacle(by.id, by.roles)) is not None:
            raise refusal
        if verdict == HIDE and not (rule and facts and words):
            raise ReasonsNeeded
        appeals, reports = self.open_appeals, self.open_reports
        reviewed = appeals[0].decision if appeals else None
        decision = Decision(
            case=self,
            verdict=verdict,
            rule=rule,
            facts=facts,
            words=words,
            by=by,
            author_id=self.author_id,
            reviews_id=reviewed.id if reviewed else None,
            reviewed_by_id=reviewed.by_id if reviewed else None,
        )
        db.session.add(decision)
        flush(YourOwnDecision)
        for report in reports:
            report.decision_id = decision.id
        for appeal in appeals:
            appeal.answer = decision
        for report in self.reports:
            report.rejected_at = None if decision.hides else report.rejected_at or now()
        self.waiting_since = None
        self.nobody_waits_any_more()
        audit("report:decide", by, self.author, case=self.public_id, decision=decision.public_id, verdict=verdict)
        changed = self._carry_out(decision, by)
        self._tell(decision, changed, appeals, reports)
        flush()
        return decision

    def _hold(self, seen: int | None) -> None:
        """Read it again, and let nobody else decide until this is done."""
        flush()
        db.session.refresh(self, with_for_update=True)
        for rows in ("reports", "decisions", "appeals"):
            db.session.refresh(self, [rows])
        if self.waiting_since is None or (seen is not None and seen != len(self.decisions)):
            raise DecidedMeanwhile

    def _carry_out(self, decision: Decision, by: Person) -> bool:
        """Hide it everywhere, or put it back where it was. Whether that changed what people see."""
        thing = thing_named(self.thing, self.thing_public_id)
        if thing is None:
            return False
        changed = hide(thing, DECIDED) if decision.hides else show(thing)
        if decision.hides or changed:
            event = "content:hide" if decision.hides else "content:restore"
            audit(event, by, self.author, case=self.public_id, decision=decision.public_id)
        return changed

    def _tell(self, decision: Decision, changed: bool, appeals: list[Appeal], reports: list[Report]) -> None:
        appealed = any(appeal.report_id is None for appeal in appeals)
        if decision.hides:
            record(activity.STAYS_HIDDEN if appealed else activity.HIDDEN, self, None)
        elif changed:
            record(activity.RESTORED, self, None)
        for report in {*reports, *(appeal.report for appeal in appeals if appeal.report)}:
            record(activity.ANSWERED, report, None)
            if report.mailed:
                link = address_of(activity.RECEIPT, public_id=report.public_id)
                subject = _l("An answer to your report no. %(number)s", number=report.shown_number)
                post_mail(to=report.email, subject=subject, template="moderation/mail/answered.txt", link=link)

    def may_be_appealed(self, report: Report | None = None) -> bool:
        """Whether its author, or who sent this report, may ask for another decision: once, of the one that stands."""
        last = self.last
        if last is None or now() - last.at > APPEAL_WITHIN:
            return False
        if report is None:
            own = [appeal for appeal in self.appeals if appeal.report_id is None]
            return last.hides and not any(last.id in (appeal.decision_id, appeal.answer_id) for appeal in own)
        appealed = any(appeal.report_id == report.id for appeal in self.appeals)
        return not last.hides and report.decision_id is not None and not appealed

    def appeal(self, words: str, report: Report | None = None) -> Appeal:
        """Its author, or who sent `report`, does not agree: somebody else shall judge. Raises `NothingToAppeal`."""
        flush()
        db.session.refresh(self, with_for_update=True)
        for rows in ("decisions", "appeals"):
            db.session.refresh(self, [rows])
        if not self.may_be_appealed(report):
            raise NothingToAppeal
        sent = Appeal(case=self, decision=self.last, report=report, words=words)
        db.session.add(sent)
        self.waiting_since = self.waiting_since or now()
        flush(NothingToAppeal)
        audit("report:appeal", report.reporter if report else self.author, self.author, case=self.public_id)
        record(activity.APPEALED, self, None)
        return sent
