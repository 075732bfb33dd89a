"""Changes of factors: a town puts its own value in the place of a published one, and every change is noted."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, String, select, union
from sqlalchemy.orm import Mapped, mapped_column

from town.commons.audit import audit
from town.commons.impact.factors import Factor, published
from town.commons.people.models import Person
from town.commons.worth import Figure
from town.kernel.db import Base, Moment, db, flush, now
from town.kernel.jobs import nightly
from town.kernel.refusals import Refused

BY_TOWN, BY_UPDATE = "town", "update"
DECIMALS = 6


class NotAFactor(Refused):
    """A value that no factor can have."""

    sentence = _l("Give a value between the lowest and the highest, none of them below zero.")


class NotAShare(Refused):
    """A share of more than everything."""

    sentence = _l("A share lies between 0 and 1.")


class NeedsASource(Refused):
    """A figure without a source is an opinion."""

    sentence = _l("Say where this value comes from.")


class FactorChange(Base):
    """A value that began to count at some moment, and the one that it took the place of.

    value, low, high: decimal numbers; without them the published value counts again. origin: the town, or an update of
    the software (whose values are noted when they first count and when they change).
    """

    __tablename__ = "impact_factor_change"
    __table_args__ = (
        Index("ix_impact_factor_change_factor", "factor", "id"),
        CheckConstraint(f"origin IN ('{BY_TOWN}', '{BY_UPDATE}')", name="known_origin"),
    )

    factor: Mapped[str] = mapped_column(String(60))
    origin: Mapped[str] = mapped_column(String(10))
    value: Mapped[str | None] = mapped_column(String(24))
    low: Mapped[str | None] = mapped_column(String(24))
    high: Mapped[str | None] = mapped_column(String(24))
    before: Mapped[str] = mapped_column(String(24), default="")
    source: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[Moment] = mapped_column(default=now)

    @property
    def changes(self) -> bool:
        """Whether figures moved with it: the first note of a published value moves none."""
        return bool(self.before)


def noted(factor: str = "") -> list[FactorChange]:
    """What was noted, of one factor or of all, oldest first."""
    found = select(FactorChange).order_by(FactorChange.id)
    return list(db.session.scalars(found.where(FactorChange.factor == factor) if factor else found))


def in_force(notes: Iterable[FactorChange] | None = None) -> Mapping[str, Factor]:
    """Every factor as it counts in this town today, by id. One query, or none with the notes at hand."""
    found = dict(published())
    for note in noted() if notes is None else notes:
        known = published().get(note.factor)
        if known is not None and note.origin == BY_TOWN:
            found[note.factor] = _as_noted(known, note)
    return found


def _as_noted(known: Factor, note: FactorChange) -> Factor:
    if note.value is None:
        return known
    value, low, high = (Decimal(number or note.value) for number in (note.value, note.low, note.high))
    return replace(known, value=value, low=low, high=high, source=note.source, valid_until="", own=True)


def decimal(words: str) -> Decimal:
    """« 16,8 » or 16.8, rounded to six decimals. Raises `NotAFactor`."""
    try:
        number = Decimal(words.strip().replace(",", ".").replace("\u202f", "").replace("\u00a0", ""))
    except InvalidOperation:
        raise NotAFactor from None
    if not number.is_finite() or not 0 <= number < 10**9:
        raise NotAFactor
    return _rounded(number)


def _rounded(number: Decimal) -> Decimal:
    return round(number, DECIMALS).normalize() + 0


def change(
    factor: Factor, value: Decimal, low: Decimal, high: Decimal, source: str, actor: Person | None = None, by: str = ""
) -> FactorChange:
    """The town's own value counts from now on, in every figure. `factor`: as it counts until now.

    Raises `NotAFactor`, `NotAShare`, `NeedsASource`.
    """
    value, low, high = (_rounded(number) for number in (value, low, high))
    if not 0 <= low <= value <= high:
        raise NotAFactor
    if factor.is_share and high > 1:
        raise NotAShare
    if not source.strip():
        raise NeedsASource
    return _note(factor, value, low, high, source.strip()[:300], actor, by)


def publish_again(factor: Factor, actor: Person | None = None, by: str = "") -> FactorChange | None:
    """The published value counts again; nothing happens where it does already."""
    if not factor.own:
        return None
    return _note(factor, None, None, None, "", actor, by)


def _note(
    factor: Factor,
    value: Decimal | None,
    low: Decimal | None,
    high: Decimal | None,
    source: str,
    actor: Person | None,
    by: str,
) -> FactorChange:
    value_, low_, high_ = (None if number is None else f"{number:f}" for number in (value, low, high))
    note = FactorChange(factor=factor.id, origin=BY_TOWN, value=value_, low=low_, high=high_, source=source)
    note.before = f"{factor.value:f}"
    db.session.add(note)
    said: dict[str, Any] = {"factor": factor.id, "before": note.before, "value": value_, "low": low_, "high": high_}
    said |= {"source": source} | ({"by": by} if by else {})
    audit(f"factor:{BY_TOWN}:{'change' if value_ else 'publish'}", actor, **said)
    flush()
    return note


@nightly
def note_updates() -> None:
    """An update of the software may bring newer factors: the town reads which of those that it uses have changed."""
    used = set(db.session.scalars(union(select(Figure.factor), select(Figure.share))))
    notes = noted()
    last = {note.factor: note for note in notes if note.origin == BY_UPDATE}
    counting = in_force(notes)
    for name in sorted(used & published().keys()):
        factor, before = published()[name], last.get(name)
        value, low, high = (f"{number:f}" for number in (factor.value, factor.low, factor.high))
        if before is not None and (before.value, before.low, before.high) == (value, low, high):
            continue
        note = FactorChange(factor=name, origin=BY_UPDATE, value=value, low=low, high=high, source=factor.source[:300])
        db.session.add(note)
        if before is not None and not counting[name].own:
            note.before = before.value or ""
            audit(f"factor:{BY_UPDATE}:change", factor=name, before=note.before, value=value)
    flush()


def last_changes(notes: Iterable[FactorChange]) -> dict[str, FactorChange]:
    """The last note by which each factor's figures moved."""
    return {note.factor: note for note in notes if note.changes}
