"""The page of a shop: by whoever runs it, or by the town hall when it lists a new one."""

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from town.blueprints.shops.models import PAYMENTS, Shop
from town.blueprints.shops.trades import OTHER, TRADES
from town.kernel.forms import Form, choices
from town.kernel.media import PictureField
from town.kernel.text import clean, looks_official, one_line

PAID_BY = {
    "cards": _l("Cards"),
    "cash": _l("Cash"),
    "cheques": _l("Cheques"),
    "meal_vouchers": _l("Meal vouchers"),
    "local_money": _l("Local currency"),
}
assert set(PAID_BY) == set(PAYMENTS)

_PHONE = re.compile(r"\+?[0-9](?:[ .-]?[0-9]){2,14}")
_SITE = re.compile(r"https?://[^\s/@]+\.[^\s/@]{2,}(?:/\S*)?", re.IGNORECASE)


def _line(text: str | None) -> str:
    return one_line(text or "")


def _text(text: str | None) -> str:
    return clean(text or "").strip()


def _site(text: str | None) -> str:
    """Whoever types « www.lemoine.fr » means a site."""
    line = one_line(text or "")
    return f"https://{line}" if line and "://" not in line else line


def _digits(text: str | None) -> str | None:
    return re.sub(r"\s", "", text or "") or None


class _Named(Form):
    name = StringField(_l("Name of the shop"), [DataRequired(_l("Say what it is called.")), Length(2, 120)], [_line])
    trade = SelectField(
        _l("Trade"),
        [DataRequired()],
        choices=choices((key, label) for key, (label, _icon) in TRADES.items()),
        default=OTHER,
    )
    where = StringField(_l("Address"), [Optional(), Length(max=200)], [_line])

    def validate_name(self, field: StringField) -> None:
        if looks_official(field.data or ""):
            raise ValidationError(_("This name would pass for the town hall. Choose another one."))


class ShopForm(_Named):
    """All but the hours, which have a page of their own. A name and a trade are enough."""

    description = TextAreaField(_l("In a few words"), [Optional(), Length(max=1000)], [_text])
    photos = PictureField(_l("Photos"), at_most=4)
    phone = StringField(_l("Phone"), [Optional(), Length(max=30)], [_line])
    email = StringField(
        _l("E-mail"), [Optional(), Length(max=254), Email(_l("This is not an e-mail address."))], [_line]
    )
    website = StringField(_l("Website"), [Optional(), Length(max=200)], [_site])
    services = StringField(_l("Services"), [Optional(), Length(max=300)], [_line])
    accessibility = StringField(
        _l("For people who walk, see or hear with difficulty"), [Optional(), Length(max=300)], [_line]
    )
    payments = SelectMultipleField(
        _l("One may pay by"),
        choices=choices(PAID_BY),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, shop: Shop, **kwargs: Any) -> None:
        of = shop.organisation
        said = {
            "name": of.name,
            "trade": shop.trade,
            "where": shop.where,
            "description": shop.description,
            "phone": of.phone,
            "email": of.email,
            "website": of.website,
            "services": shop.services,
            "accessibility": shop.accessibility,
            "payments": shop.payments,
        }
        super().__init__(data=said, **kwargs)

    def validate_phone(self, field: StringField) -> None:
        if field.data and not _PHONE.fullmatch(field.data):
            raise ValidationError(_("This is not a phone number: 02 99 00 00 00."))

    def validate_website(self, field: StringField) -> None:
        if field.data and not _SITE.fullmatch(field.data):
            raise ValidationError(_("This is not the address of a site: https://www.example.fr."))

    def fill(self, shop: Shop) -> None:
        """Write what was typed, photos and address aside: verbs do those."""
        of = shop.organisation
        of.name, of.phone, of.email, of.website = (
            self.name.data or of.name, self.phone.data or "", self.email.data or "", self.website.data or ""
        )  # fmt: skip
        shop.trade, shop.description = self.trade.data, self.description.data or ""
        shop.services, shop.accessibility = self.services.data or "", self.accessibility.data or ""
        shop.payments = [one for one in PAYMENTS if one in (self.payments.data or ())]
