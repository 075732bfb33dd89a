"""A batch: one file of a register, looked at, then taken in one transaction, and undone where nobody touched it."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Select, String, insert, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from town.commons.audit import audit
from town.commons.directory.lines import Line
from town.commons.directory.matching import HERE, NEW, VERDICTS, Known, Spots, street_said
from town.commons.directory.reading import Reading
from town.commons.directory.takers import Taker, takers
from town.commons.directory.touching import named, referring_to
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.commons.places.models import Place
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.refusals import Refused

LOOKED_AT: Final = timedelta(days=3)
"""How long a file that was only looked at is kept: it names people who trade alone."""

UNDONE_WITHIN: Final = timedelta(days=30)
"""How long a batch may be undone. Then its lines are forgotten too."""


class NoTaker(Refused):
    sentence = _l("This town does not list such pages: the feature for them is off.")


class NoAssociations(NoTaker):
    sentence = _l("This is the register of associations (RNA). This town has no pages of associations yet.")


class TakenAlready(Refused):
    sentence = _l("This file has been imported already.")


class NothingChosen(Refused):
    sentence = _l("Tick at least one line.")


class NothingToUndo(Refused):
    sentence = _l("There is nothing to undo here.")


class Batch(PublicId, Base):
    """One file. counts: lines left out, by reason. problems: lines that could not be read, `[line, sentence]`."""

    __tablename__ = "directory_batch"

    register: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(120), default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    made_by: Mapped[Person | None] = relationship()
    made_at: Mapped[Moment] = mapped_column(default=now)
    taken_at: Mapped[Moment | None]
    undone_at: Mapped[Moment | None]
    brought: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    problems: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)

    lines: Mapped[list["BatchLine"]] = relationship(
        back_populates="batch", order_by="BatchLine.number", cascade="all, delete-orphan", passive_deletes=True
    )

    @classmethod
    def look(cls, reading: Reading, file_name: str, by: Person) -> "Batch":
        """Keep what a usable file holds, beside what the town knows. Nothing is listed yet. Raises `NoTaker`."""
        assert reading.register is not None
        taker = _taker(reading.register.name)
        batch = cls(register=reading.register.name, file_name=file_name[:120], made_by=by)
        batch.counts = dict(reading.counts)
        batch.problems = [[remark.line, str(remark.sentence)] for remark in reading.problems]
        db.session.add(batch)
        flush()
        known, spots, kept = Known(), Spots(), []
        for line in reading.lines:
            here, sorted_as = known.find(line), taker.sort(line)
            perhaps = here or known.namesake(line)
            kept.append(
                {
                    "batch_id": batch.id,
                    "number": line.number,
                    "said": replace(line, where=spots.words(line.where)).to_json(),
                    "verdict": HERE if here else NEW,
                    "organisation_id": perhaps.id if perhaps else None,
                    "words": sorted_as.words[:60],
                    "proposed": sorted_as.proposed and perhaps is None,
                }
            )
        if kept:
            db.session.execute(insert(BatchLine), kept)
        return batch

    @property
    def waits(self) -> bool:
        """Whether it was only looked at so far."""
        return self.taken_at is None

    @property
    def undoable(self) -> bool:
        return self.taken_at is not None and self.undone_at is None and self.taken_at > now() - UNDONE_WITHIN

    @property
    def undone_until(self) -> Any:
        """The moment after which it stays."""
        return self.taken_at + UNDONE_WITHIN if self.taken_at else None

    def take(self, chosen: Collection[int], by: Person) -> None:
        """List the chosen lines, all or none of them. What the town came to know since the look stays as it is.

        Raises `TakenAlready`, `NothingChosen`, `NoTaker`.
        """
        self._hold()
        if not self.waits:
            raise TakenAlready
        taker = _taker(self.register)
        wanted = [line for line in self.lines if line.id in chosen and line.verdict == NEW]
        if not wanted:
            raise NothingChosen
        known, spots = Known(), Spots()
        for line in wanted:
            said = Line.from_json(line.said)
            line.organisation = known.find(said)
            if line.organisation is None:
                line.organisation, line.taken = taker.add(said, spots.place(said.where)), True
                known.learn(line.organisation, street_said(said.where))
        flush()
        taken = [line for line in self.lines if line.taken]
        states = taker.states([line.organisation_id for line in taken if line.organisation_id])
        for line in taken:
            line.after = states[line.organisation_id or 0]
        self.lines[:] = taken  # what was left out is of no use any more
        self.taken_at, self.brought = now(), len(taken)
        flush()
        audit("directory:batch:take", actor=by, batch=self.public_id, lines=len(taken))

    def undo(self, by: Person) -> None:
        """Take its pages back. Those that somebody has asked for, runs or has changed since stay, and their lines too.

        Raises `NothingToUndo`, `NoTaker`.
        """
        self._hold()
        if not self.undoable:
            raise NothingToUndo
        taker = _taker(self.register)
        touched = self._touched(taker)
        going = [line for line in self.lines if line.organisation and line.organisation_id not in touched]
        places = [line.organisation.place for line in going if line.organisation and line.organisation.place]
        for line in going:
            organisation, line.organisation = line.organisation, None
            assert organisation is not None  # chosen for it
            taker.remove(organisation)
            db.session.delete(organisation)
        self.lines[:] = [line for line in self.lines if line.organisation_id in touched]
        flush()
        _forget_places(places)
        self.undone_at, self.removed = now(), len(going)
        flush()
        audit("directory:batch:undo", actor=by, batch=self.public_id, lines=len(going), kept=len(self.lines))

    def _touched(self, taker: Taker) -> set[int]:
        """Those of its organisations that are not as the import left them."""
        ids = [line.organisation_id for line in self.lines if line.organisation_id]
        states = taker.states(ids)
        own = named("organisation", ids) | referring_to("organisation", ids, but=[taker.table])
        rows = {int(state["id"]): organisation_id for organisation_id, state in states.items()}
        pages = named(taker.table, rows) | referring_to(taker.table, rows)
        changed = {line.organisation_id for line in self.lines if states.get(line.organisation_id or 0) != line.after}
        return own | {rows[row] for row in pages} | {one for one in changed if one}

    def throw_away(self) -> None:
        """A file that was only looked at is forgotten. Raises `TakenAlready`."""
        self._hold()
        if not self.waits:
            raise TakenAlready
        db.session.delete(self)
        flush()

    def _hold(self) -> None:
        """Read it again, and let nobody else change it until this is done."""
        db.session.refresh(self, ["taken_at", "undone_at"], with_for_update={"of": Batch})


class BatchLine(Base):
    """One line of a file about this town. after: what its page said when it had just been listed.

    organisation: the page that it is or made; until then, for a new line, the one that bears the same name elsewhere.
    """

    __tablename__ = "directory_line"
    __table_args__ = (
        Index("ix_directory_line_batch", "batch_id", "number"),
        CheckConstraint(f"verdict IN {VERDICTS}", name="known_verdict"),
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("directory_batch.id", ondelete="CASCADE"))
    batch: Mapped[Batch] = relationship(back_populates="lines")
    number: Mapped[int]
    said: Mapped[dict[str, Any]] = mapped_column(JSON)
    verdict: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(60), default="")
    proposed: Mapped[bool] = mapped_column(default=False)
    taken: Mapped[bool] = mapped_column(default=False)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"), index=True)
    organisation: Mapped[Organisation | None] = relationship()
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def name(self) -> str:
        return str(self.said["name"])

    @property
    def where(self) -> str:
        return str(self.said["where"])

    @property
    def registration(self) -> str:
        return str(self.said["registration"])


def batches() -> Select[Batch]:
    """The files, the latest first, with who sent them."""
    return select(Batch).order_by(Batch.id.desc()).options(joinedload(Batch.made_by))


def lines_of(batch: Batch) -> Select[BatchLine]:
    """Its lines in the order of the file, each with the page that it made or was found to be."""
    found = select(BatchLine).where(BatchLine.batch_id == batch.id).order_by(BatchLine.number)
    return found.options(joinedload(BatchLine.organisation).joinedload(Organisation.place))


def _taker(register: str) -> Taker:
    taker = takers().get(register)
    if taker is None:
        raise NoAssociations if register == "rna" else NoTaker
    return taker


def _forget_places(places: Collection[Place]) -> None:
    """Places that only these pages knew."""
    used = referring_to("place", [place.id for place in places])
    for place in places:
        if place.id not in used:
            db.session.delete(place)
