"""A shop: its page, its hours, and the days that differ."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import JSON, ColumnElement, ForeignKey, Select, String, Text, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.blueprints.shops.refusals import AlreadyListed, ClosedForGood
from town.blueprints.shops.trades import OTHER, trade_on_the_board
from town.commons.board import PUBLIC, CardFields, publish, withdraw
from town.commons.people.models import Person
from town.commons.people.organisations import PRODUCER, SHOP, Membership, Organisation
from town.commons.places.concerns import Concerns
from town.commons.places.hours import Closure, Hours, forget_openings, lay_openings
from town.commons.places.hours.expression import closures_of
from town.commons.places.models import Place
from town.commons.places.spots import spot
from town.kernel.db import Base, Moment, db, flush, now
from town.kernel.media import Media, Stored, attach, pictures_of
from town.kernel.tenancy import current_town

SORTS: Final = (SHOP, PRODUCER)
"""The sorts of organisation that have a page here."""

PAYMENTS: Final = ("cards", "cash", "cheques", "meal_vouchers", "local_money")


class Shop(Base):
    """What a shop, a craftsperson or a producer says of itself. Its name and its address are its organisation's."""

    __tablename__ = "shops_shop"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), unique=True)
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    trade: Mapped[str] = mapped_column(String(20), default=OTHER, index=True)
    description: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[str] = mapped_column(String(300), default="")
    closures: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    hours_said_at: Mapped[Moment | None]
    services: Mapped[str] = mapped_column(String(300), default="")
    accessibility: Mapped[str] = mapped_column(String(300), default="")
    payments: Mapped[list[str]] = mapped_column(JSON, default=list)
    photo: Mapped[str | None] = mapped_column(String(32))  # the name of its first picture
    changed_at: Mapped[Moment] = mapped_column(default=now)

    @classmethod
    def open(
        cls, name: str, *, trade: str, sort: str = SHOP, registration: str | None = None, where: str = ""
    ) -> "Shop":
        """Put it into the directory, where somebody says that it stands. Raises `AlreadyListed`."""
        return cls.enter(name, trade=trade, sort=sort, registration=registration, place=spot(where, None))

    @classmethod
    def enter(
        cls, name: str, *, trade: str, sort: str = SHOP, registration: str | None = None, place: Place | None = None
    ) -> "Shop":
        """Put it into the directory, at a place of its own. Raises `AlreadyListed`."""
        organisation = Organisation(name=name, sort=sort, registration=registration or None, place=place)
        shop = cls(organisation=organisation, trade=trade, closures=[], payments=[])
        db.session.add(shop)
        flush(AlreadyListed)
        publish(shop)
        return shop

    @hybrid_property
    def public_id(self) -> str:
        """Its page is its organisation's."""
        return self.organisation.public_id

    @public_id.inplace.expression
    @classmethod
    def _public_id(cls) -> ColumnElement[str]:
        found = select(Organisation.public_id).where(Organisation.id == cls.organisation_id)
        return found.correlate(cls).scalar_subquery()

    @property
    def name(self) -> str:
        return self.organisation.name

    @property
    def place(self) -> Place | None:
        return self.organisation.place

    @property
    def where(self) -> str:
        """Its address, as it says it."""
        return self.place.words if self.place else ""

    @property
    def closed(self) -> bool:
        return self.organisation.closed_at is not None

    @property
    def timetable(self) -> Hours:
        """When it is open."""
        return Hours(self.hours, current_town().timezone, closures_of(self.closures or ()))

    def card(self) -> CardFields | None:
        if self.closed:
            return None
        trade = trade_on_the_board(self.trade)
        quarter = self.place.quarter_id if self.place else None
        return CardFields(
            kind="shop",
            title=self.name,
            endpoint="shops.show",
            visible_to=PUBLIC,
            concerns=Concerns(quarters=(quarter,) if quarter else ()),
            posted_at=self.organisation.entered_at,
            excerpt=self.description or ", ".join(part for part in (trade, self.where) if part),
            body=f"{trade} {self.description} {self.services} {self.where}",
            photo=self.photo,
            detail=trade,
            news=False,
            language=current_town().language,
        )

    def change(self, photos: Iterable[Stored] = (), drop: Collection[str] = (), by: Person | None = None) -> None:
        """Show it as it is described now, with these photos more and those, by name, less."""
        self._still_here()
        self.changed_at = now()
        flush()
        for picture in db.session.scalars(self.pictures().where(Media.name.in_(drop))):
            picture.remove()
        attach(photos, self.__tablename__, self.id, uploaded_by=by.id if by else None)
        self.photo = db.session.scalar(self.pictures().with_only_columns(Media.name).limit(1))
        publish(self)
        for offer in self.offers_standing():  # search finds them by the name of their shop
            publish(offer)

    def move(self, where: str) -> None:
        """It is there from now on, or nowhere one may come to. A new place: another thing may stand on the old one."""
        if where != self.where:
            self.organisation.place = spot(where, None)
            flush()

    def keep_hours(self, expression: str, closures: Sequence[Closure]) -> None:
        """It is open so from now on. `expression` can be read: see `hours.normal`."""
        self._still_here()
        self.hours, self.closures = expression, [closure.to_json() for closure in closures]
        self.hours_said_at = self.changed_at = now()
        flush()
        self.lay_openings()
        publish(self)

    def lay_openings(self) -> None:
        """Write when it is open in the days to come: when its hours change, and every night."""
        lay_openings(self, self.timetable)

    def close(self, by: Person) -> None:
        """It is no more: its page says so, and what it offered is over."""
        self._still_here()
        self.organisation.close(by)
        self.leave_the_board()

    def leave_the_board(self) -> None:
        """Nothing of it stands in the directory, on home or in search any more."""
        for offer in self.offers_standing():
            offer.withdraw()
        forget_openings(self)
        withdraw(self)

    def offers_standing(self) -> Iterable[Any]:
        from town.blueprints.shops.models.offer import Offer

        return db.session.scalars(select(Offer).where(Offer.shop_id == self.id, Offer.ended_at.is_(None)))

    def parts(self) -> Iterable[Any]:
        """What is hidden with its page, and comes back with it."""
        return self.offers_standing()

    def pictures(self) -> Select[Media]:
        """Its pictures, in the order they were sent."""
        return pictures_of(self.__tablename__, self.id)

    def run_by_somebody(self) -> bool:
        """Whether somebody whom the town hall has made sure of keeps this page."""
        standing = Membership.ended_at.is_(None)
        found = select(Membership.id).where(Membership.organisation_id == self.organisation_id, standing).limit(1)
        return db.session.scalar(found) is not None

    def _still_here(self) -> None:
        if self.closed:
            raise ClosedForGood
