"""Items: what neighbours lend, on a shelf that the certified can see."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.blueprints.lending import activity
from town.commons.activity import record
from town.commons.board import CERTIFIED, CardFields, publish, withdraw
from town.commons.impact.things import factor_of
from town.commons.people.hats import OnBehalf
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.commons.places.concerns import Concerns
from town.commons.places.models import Quarter
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.media import Media, Stored, attach, pictures_of
from town.kernel.tenancy import current_town

if TYPE_CHECKING:
    from town.blueprints.lending.models.loan import Loan

_ON_THE_SHELF = text("withdrawn_at IS NULL")


def _shelf_index(name: str, *columns: str) -> Index:
    return Index(f"ix_lending_item_{name}", *columns, sqlite_where=_ON_THE_SHELF, postgresql_where=_ON_THE_SHELF)


class Item(OnBehalf, PublicId, Base):
    """A thing that a neighbour lends. Where it is, is said by quarter, never by address.

    Lent in the name of an organisation, it shows that name; its owner stays whoever put it on the shelf, who answers.
    """

    __tablename__ = "lending_item"
    __table_args__ = (
        _shelf_index("shelf", "id"),
        _shelf_index("category", "category", "id"),
        _shelf_index("quarter", "quarter_id", "id"),
        CheckConstraint("longest_days BETWEEN 1 AND 60", name="some_days"),
        CheckConstraint("buffer_minutes >= 0", name="buffer_after"),
    )

    title: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(20), default="other")
    condition: Mapped[str] = mapped_column(String(20), default="")
    rules: Mapped[str] = mapped_column(String(300), default="")
    unit: Mapped[str] = mapped_column(String(10), default="days")
    longest_days: Mapped[int] = mapped_column(default=7)
    buffer_minutes: Mapped[int] = mapped_column(default=0)
    factor: Mapped[str | None] = mapped_column(String(60))  # chosen by the owner; things.NONE where none fits
    price_cents: Mapped[int | None]  # of a new one, about: for impact, shown to the owner alone
    photo: Mapped[str | None] = mapped_column(String(32))  # the name of its first picture
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    owner: Mapped[Person | None] = relationship()
    quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"))
    quarter: Mapped[Quarter | None] = relationship()
    created_at: Mapped[Moment] = mapped_column(default=now)
    withdrawn_at: Mapped[Moment | None]

    loans: Mapped[list["Loan"]] = relationship(back_populates="item")

    @property
    def factor_id(self) -> str | None:
        """What making one emits: the owner's choice, else a guess from the name, else nothing."""
        return factor_of(self.factor, self.title)

    def card(self) -> CardFields | None:
        if self.withdrawn_at is not None:
            return None
        return CardFields(
            kind="lend",
            title=self.title,
            endpoint="lending.item",
            visible_to=CERTIFIED,
            concerns=Concerns(quarters=(self.quarter_id,) if self.quarter_id else ()),
            posted_at=self.created_at,
            excerpt=self.description,
            body=f"{self.description} {self.rules}",
            author=self.owner,
            on_behalf_of=self.on_behalf_of,
            photo=self.photo,
            photo_alt=self.title,
            language=current_town().language,
        )

    def lend_for(self, organisation: Organisation | None) -> None:
        """It is lent in this name from now on, or in its owner's own. A name taken is noted: others answer for it."""
        taken = organisation is not None and organisation.id != self.on_behalf_of_id
        self.on_behalf_of = organisation
        db.session.add(self)
        flush()
        if taken:
            record(activity.LENT_FOR, self, actor=self.owner, on_behalf_of=organisation)

    def offer(self, photos: Iterable[Stored] = ()) -> None:
        """Put it on the shelf, where every certified neighbour finds it."""
        self.withdrawn_at = None
        db.session.add(self)
        self.change(photos)

    def change(self, photos: Iterable[Stored] = (), drop: Collection[str] = ()) -> None:
        """Show it as it is described now, with these photos more and those, by name, less."""
        flush()
        for picture in db.session.scalars(self.pictures().where(Media.name.in_(drop))):
            picture.remove()
        attach(photos, self.__tablename__, self.id, uploaded_by=self.owner_id)
        self.photo = db.session.scalar(self.pictures().with_only_columns(Media.name).limit(1))
        publish(self)

    def withdraw(self) -> None:
        """Take it off the shelf. Who waits for an answer gets one; what is agreed stays agreed."""
        self.withdrawn_at = now()
        for loan in self.loans:
            if loan.waits:
                loan.refuse()
        withdraw(self)

    def pictures(self) -> Select[Media]:
        """Its pictures, in the order they were sent."""
        return pictures_of(self.__tablename__, self.id)
