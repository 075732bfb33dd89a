"""What the town hall chose for a week's sheet, and the rounds of paper that were made."""

from collections.abc import Iterable
from datetime import date, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from town.commons.audit import audit
from town.commons.people.models import Person
from town.kernel.db import Base, Moment, db, flush, now
from town.kernel.language import today
from town.kernel.refusals import Refused

WORD = 200


class AlreadyDelivered(Refused):
    """Somebody marked the same round a moment ago."""

    sentence = _l("This round is marked as done already.")


class ChosenMeanwhile(Refused):
    """Two desks kept their first choices of a week at the same moment."""

    sentence = _l("Somebody else has just chosen for this week. Look at the sheet again.")


def week_of(day: date) -> date:
    """The Monday of the sheet that is printed on this day; at the weekend, that of the week to come."""
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else -day.weekday())


class Edition(Base):
    """A week's sheet. `left_out` holds the public ids of cards that stay off it; it is forgotten with its week."""

    __tablename__ = "sheet_edition"

    week: Mapped[date] = mapped_column(unique=True)
    word: Mapped[str] = mapped_column(String(WORD), default="")
    left_out: Mapped[list[str]] = mapped_column(JSON, default=list)

    @classmethod
    def this_week(cls) -> "Edition":
        """What was chosen for this week; a new one, not kept yet, where nothing was."""
        week = week_of(today())
        return db.session.scalar(select(cls).where(cls.week == week)) or cls(week=week, word="", left_out=[])

    def choose(self, by: Person, word: str, left_out: Iterable[str]) -> None:
        """Keep these choices for the week, whatever was chosen before."""
        self.word, self.left_out = word, sorted(set(left_out))
        db.session.add(self)
        flush(ChosenMeanwhile)
        db.session.execute(delete(Edition).where(Edition.week < self.week))
        audit("sheet:edition:choose", by, week=self.week.isoformat(), left_out=len(self.left_out))


class Round(Base):
    """Paper was brought to the letterboxes that have no other way: one notice, by its public id, or a week's sheet."""

    __tablename__ = "sheet_round"

    about: Mapped[str] = mapped_column(String(30), unique=True)
    boxes: Mapped[int]
    done_at: Mapped[Moment] = mapped_column(default=now)

    @classmethod
    def done(cls, by: Person, about: str, boxes: int) -> "Round":
        """Mark it as done, once."""
        made = cls(about=about, boxes=boxes)
        db.session.add(made)
        flush(AlreadyDelivered)
        audit("sheet:round:done", by, about=about, boxes=boxes)
        return made


def sheet_round(week: date) -> str:
    """What the round of a week's sheet is about."""
    return f"sheet:{week.isoformat()}"
