"""An offer from the counter: what it is, until when, and if one likes a price, a photo, how many there are."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    StringField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from town.blueprints.shops.models import Offer, Shop
from town.blueprints.shops.models.offer import LONGEST, price_words, until_words
from town.commons.places.hours import Hours, Span
from town.kernel.db import now
from town.kernel.forms import Form, choices
from town.kernel.language import clock, local, today
from town.kernel.media import PictureField, address
from town.kernel.tenancy import current_town
from town.kernel.text import one_line

TONIGHT, TOMORROW, SUNDAY, GONE, DATE = "tonight", "tomorrow", "sunday", "gone", "date"
UNTIL: Final = {
    TONIGHT: _l("Tonight"),
    TOMORROW: _l("Tomorrow"),
    SUNDAY: _l("On Sunday"),
    GONE: _l("While stocks last"),
    DATE: _l("Another day"),
}
UNTIL_GONE: Final = timedelta(days=30)
MOST: Final = 10_000_000  # cents
_FIGURES: Final = frozenset("0123456789.")


def _line(text: str | None) -> str:
    return one_line(text or "")


class OfferForm(Form):
    """Three fields are enough: the first two, and one tap."""

    title = StringField(
        _l("What do you offer?"), [DataRequired(_l("Say what you offer, in a few words.")), Length(max=80)], [_line]
    )
    price = StringField(_l("Price (€)"), [Optional(), Length(max=20)], [_line])
    until = RadioField(
        _l("Until when?"),
        [DataRequired()],
        choices=choices(UNTIL),
        default=TONIGHT,
    )
    until_on = DateField(_l("Last day"), [Optional()])
    stock = StringField(_l("How many are there?"), [Optional(), Length(max=60)], [_line])
    photos = PictureField(_l("Photo"), at_most=1)
    again = HiddenField()

    def __init__(self, shop: Shop, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hours = shop.timetable
        if self.until.data != SUNDAY and _day_of(SUNDAY) == _day_of(TOMORROW):
            self.until.choices = choices((value, words) for value, words in UNTIL.items() if value != SUNDAY)

    def repeat(self, former: Offer) -> None:
        """Offer again what was offered before: only the day is new."""
        self.title.data, self.stock.data, self.again.data = former.title, former.stock, former.public_id
        if former.price is not None:
            self.price.data = f"{former.price / 100:.2f}".replace(".", ",").removesuffix(",00")

    def validate_price(self, field: StringField) -> None:
        if field.data and self.cents is None:
            raise ValidationError(_("Write the price in figures: 2,40."))

    def validate(self, extra_validators: Any = None) -> bool:
        ok = super().validate(extra_validators)
        if self.until.data != DATE or self.until_on.errors or self.moment is not None:
            return ok
        wrong = _("From today on, and within two months.") if self.until_on.data else _("Choose a day.")
        self.until_on.errors = [*self.until_on.errors, wrong]
        return False

    @property
    def cents(self) -> int | None:
        """The price in cents; None where there is none, or none that can be read."""
        typed = (self.price.data or "").replace("€", "").replace(" ", "").replace(",", ".")
        if not set(typed) <= _FIGURES:
            return None  # « 1e999999 » is a number too
        try:
            price = Decimal(typed)
        except InvalidOperation:
            return None
        cents = int(price.scaleb(2))
        return cents if 0 <= cents <= MOST and cents == price.scaleb(2) else None

    @property
    def moment(self) -> datetime | None:
        """When it leaves the window."""
        chosen, asked = self.until.data, self.until_on.data
        if chosen == GONE:
            return evening_of(today() + UNTIL_GONE, Hours("", current_town().timezone))
        if chosen == DATE:
            inside = asked is not None and today() <= asked <= today() + LONGEST
            return evening_of(asked, self.hours) if asked is not None and inside else None
        return evening_of(_day_of(chosen), self.hours)

    def notes(self) -> dict[str, str]:
        """Until what hour each of the first choices goes."""
        found: dict[str, str] = {}
        for choice in (TONIGHT, TOMORROW, SUNDAY):
            until = local(evening_of(_day_of(choice), self.hours))
            found[choice] = "" if until.time() == time() else clock(until)
        return found

    def sample(self, shop: Shop, former: Offer | None = None) -> dict[str, Any]:
        """The card that this offer would be."""
        moment, kept = self.moment, self.photos.kept
        details = (
            price_words(self.cents) if self.price.data else "",
            self.stock.data or "",
            until_words(moment, plain=True) if moment else "",  # as the card says it, tomorrow too
        )
        return {
            "kind": "offer",
            "title": self.title.data or "…",
            "note": " · ".join(part for part in details if part),
            "author_name": shop.name,
            "author_sort": shop.organisation.sort,
            "photo": kept[0].preview if kept else address(former.photo) if former and former.photo else "",
        }


def _day_of(choice: str | None) -> date:
    if choice == TOMORROW:
        return today() + timedelta(days=1)
    if choice == SUNDAY:
        return today() + timedelta(days=6 - today().weekday() or 7)  # on a Sunday, the next one
    return today()


def evening_of(day: date, hours: Hours) -> datetime:
    """When the shop closes on that day; midnight where it does not say, is closed, or has closed already."""
    zone = ZoneInfo(current_town().timezone)
    spans: tuple[Span, ...] = hours.on(day)
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    if not spans:
        return midnight
    end = datetime.combine(day, time(), zone).replace(tzinfo=None) + timedelta(minutes=spans[-1].end)
    closing = end.replace(tzinfo=zone)
    return closing if closing > now() else midnight
