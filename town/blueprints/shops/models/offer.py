"""An offer: what a shop puts in its window until tonight, until Sunday, or until there is no more."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from babel.numbers import format_currency
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, String, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.blueprints.shops import activity
from town.blueprints.shops.models.shop import Shop
from town.blueprints.shops.refusals import ClosedForGood, EnoughOffers, OverAlready
from town.commons.activity import record
from town.commons.board import PUBLIC, CardFields, publish, withdraw
from town.commons.holds import not_held
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.language import clock, dated, language, local, today
from town.kernel.media import Media, Stored, attach, pictures_of
from town.kernel.retention import Span
from town.kernel.tenancy import current_town

WINDOW: Final = 10
LONGEST: Final = timedelta(days=60)
KEPT: Final = Span(months=12)
"""An offer that is over may be repeated for a year; then it is forgotten."""

_STANDING = text("ended_at IS NULL")


class Offer(PublicId, Base):
    """It is seen until its hour, and not after: `until` is asked at every reading. Sold out, it ends before."""

    __tablename__ = "shops_offer"
    __table_args__ = (
        Index("ix_shops_offer_window", "shop_id", "until", sqlite_where=_STANDING, postgresql_where=_STANDING),
        Index("ix_shops_offer_shop", "shop_id", "id"),
        CheckConstraint("price IS NULL OR price >= 0", name="no_negative_price"),
    )

    shop_id: Mapped[int] = mapped_column(ForeignKey("shops_shop.id"))
    shop: Mapped[Shop] = relationship(lazy="joined", innerjoin=True)
    title: Mapped[str] = mapped_column(String(80))
    price: Mapped[int | None]  # cents
    stock: Mapped[str] = mapped_column(String(60), default="")
    photo: Mapped[str | None] = mapped_column(String(32))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    made_at: Mapped[Moment] = mapped_column(default=now)
    until: Mapped[Moment]
    ended_at: Mapped[Moment | None]

    @classmethod
    def make(
        cls,
        shop: Shop,
        by: Person,
        title: str,
        until: datetime,
        *,
        price: int | None = None,
        stock: str = "",
        photos: Iterable[Stored] = (),
        again: "Offer | None" = None,
    ) -> "Offer":
        """Put it in the window, in the shop's name. again: a former one, whose photo it keeps if it brings none.

        Raises `ClosedForGood`, `EnoughOffers`.
        """
        if shop.closed:
            raise ClosedForGood
        db.session.scalar(select(Shop.id).where(Shop.id == shop.id).with_for_update())  # counted one by one
        standing = offers_now().where(Offer.shop_id == shop.id).with_only_columns(func.count()).order_by(None)
        if (db.session.scalar(standing) or 0) >= WINDOW:
            raise EnoughOffers
        offer = cls(shop=shop, title=title, until=until, price=price, stock=stock, made_by_id=by.id)
        db.session.add(offer)
        flush()
        shown = list(photos) or ([*again.photos()] if again else [])
        attach(shown, cls.__tablename__, offer.id, uploaded_by=by.id)
        offer.photo = db.session.scalar(offer.pictures().with_only_columns(Media.name).limit(1))
        publish(offer)
        record(activity.OFFERED, offer, by, on_behalf_of=shop.organisation)
        return offer

    @property
    def standing(self) -> bool:
        """Whether it is in the window now."""
        return self.ended_at is None and self.until > now()

    @property
    def price_words(self) -> str:
        """« 2,40 € », « gratuit »; nothing where no price was said."""
        return price_words(self.price)

    @property
    def until_words(self) -> str:
        """« jusqu’à ce soir », « jusqu’à demain, 19 h 30 »."""
        return until_words(self.until)

    @property
    def part_of(self) -> Shop:
        """Whoever may not see the shop does not see what it offers."""
        return self.shop

    def card(self) -> CardFields | None:
        if self.ended_at is not None:
            return None
        with force_locale(current_town().language):
            details = (self.price_words, self.stock, until_words(self.until, plain=True))
        return CardFields(
            kind="offer",
            title=self.title,
            endpoint="shops.offer",
            visible_to=PUBLIC,
            concerns=Concerns(),
            posted_at=self.made_at,
            body=f"{self.title} {self.stock} {self.shop.name}",
            on_behalf_of=self.shop.organisation,
            photo=self.photo,
            photo_alt=self.title if self.photo else "",
            detail=" · ".join(part for part in details if part),
            language=current_town().language,
            expires_at=self.until,
        )

    def end(self, by: Person) -> None:
        """Sold out, or a mistake: it leaves the window at once. Raises `OverAlready`."""
        db.session.refresh(self, ["ended_at"], with_for_update={"of": Offer})
        if not self.standing:
            raise OverAlready
        self.withdraw()
        record(activity.ENDED, self, by, on_behalf_of=self.shop.organisation)

    def withdraw(self) -> None:
        """It leaves the window, whoever took it out."""
        self.ended_at = now()
        withdraw(self)

    def pictures(self) -> Select[Media]:
        return pictures_of(self.__tablename__, self.id)

    def photos(self) -> list[Stored]:
        """As files: another offer that shows the same is given its own."""
        return [
            Stored(kept.name, kept.width, kept.height, kept.colour, kept.bytes, kept.sha256)
            for kept in db.session.scalars(self.pictures())
        ]

    def forget(self) -> None:
        """After its year: the offer, its card and its pictures."""
        withdraw(self)
        for picture in db.session.scalars(self.pictures()):
            picture.remove()
        db.session.delete(self)
        flush()


def offers_now() -> Select[Offer]:
    """What is in the windows of the town, what ends first on top."""
    found = select(Offer).where(Offer.ended_at.is_(None), Offer.until > now(), not_held(Offer))
    return found.order_by(Offer.until, Offer.id)


def price_words(price: int | None) -> str:
    """« 2,40 € », « 4 € », « gratuit »; nothing where none was said."""
    if price is None:
        return ""
    if price == 0:
        return _("free")
    if price % 100:
        return format_currency(price / 100, "EUR", locale=language())
    pattern = "#,##0\u00a0¤" if language() == "fr" else "¤#,##0"
    return format_currency(price / 100, "EUR", pattern, locale=language(), currency_digits=False)


def until_words(until: datetime, plain: bool = False) -> str:
    """« jusqu’à ce soir, 19 h 30 »; plain: by its date, for what is written once and read on another day."""
    last = local(until - timedelta(seconds=1))
    midnight = (last.hour, last.minute) == (23, 59)
    ahead = (last.date() - today()).days
    if ahead == 0 and not plain:
        return _("until tonight") if midnight else _("until %(hour)s today", hour=clock(until))
    if ahead == 1 and not plain:
        return _("until tomorrow evening") if midnight else _("until tomorrow, %(hour)s", hour=clock(until))
    pattern = "EEEE d MMMM" if ahead < 7 and not plain else "d MMMM"
    when = dated(last.date(), pattern)
    return _("until %(day)s", day=when) if midnight else _("until %(day)s, %(hour)s", day=when, hour=clock(until))
