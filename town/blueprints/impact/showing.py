"""How amounts, months and factors are said."""

from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from flask_babel import get_locale
from flask_babel import gettext as _

from town.commons.impact.amounts import Amount, Carbon, Euros
from town.commons.impact.factors import Factor, Perimeter
from town.commons.impact.things import things
from town.commons.worth import CARBON, EUR, LINK
from town.kernel.language import language, today

COUNTERS = {"euros": EUR, "carbon": CARBON, "links": LINK}
"""The pages, by the word in their address, and the unit each is about."""


def words(amount: Amount, *, exact: bool = False) -> str:
    """« 62,40 € », « 33 kg » (« 32,9 kg » to the gram when exact), « 9 »."""
    return _said(amount, amount.value, exact)


def spread(amount: Amount, *, exact: bool = False) -> str:
    """« entre 16 et 66 kg », or nothing where low and high are the same."""
    if amount.low == amount.high:
        return ""
    return _(
        "between %(low)s and %(high)s", low=_said(amount, amount.low, exact), high=_said(amount, amount.high, exact)
    )


def _said(amount: Amount, value: int, exact: bool) -> str:
    if isinstance(amount, Euros):
        return format_currency(Decimal(value) / 100, "EUR", locale=get_locale())
    if isinstance(amount, Carbon):
        kilos = Decimal(value) / 1000
        places = "0.0##" if exact else "0" if kilos >= 100 else "0.0"
        return f"{format_decimal(kilos, f'#,##{places}', locale=get_locale())}\u00a0kg"
    return format_decimal(value, locale=get_locale())


def number(value: Decimal) -> str:
    """A factor's value as its source gives it: « 16,8 »."""
    return format_decimal(value, "#,##0.######", locale=get_locale())


def share(value: Decimal) -> str:
    """« 20 % »."""
    return f"{number(value * 100)}\u202f%" if language() == "fr" else f"{number(value * 100)}%"


def value_of(factor: Factor, value: Decimal | str | None = None) -> str:
    """A factor's value with its unit, or another value of it."""
    said = factor.value if value is None else Decimal(value)
    return share(said) if factor.is_share else f"{number(said)}\u00a0{unit_of(factor)}"


def unit_of(factor: Factor) -> str:
    if factor.unit.endswith("passenger.km"):
        return _("kg a passenger and km")
    return "kg"


def expired(factor: Factor) -> bool:
    """Whether the month until which the source holds it valid is over."""
    return bool(factor.valid_until) and factor.valid_until < f"{today():%Y-%m}"


def name_of(factor: Factor) -> str:
    """In everyday words where the list of things has them, else as the source calls it."""
    return next((thing.name(language()) for thing in things() if thing.factor == factor.id), factor.label)


def perimeter_words(perimeter: Perimeter | None) -> str:
    return {
        None: _("Shares"),
        Perimeter.MANUFACTURE: _("Making and delivering"),
        Perimeter.LIFE_CYCLE: _("A whole life"),
        Perimeter.JOURNEY: _("A kilometre travelled"),
    }[perimeter]


def category_words(category: str) -> str:
    """The source's own drawers, the last two at most: « Textile et habillement, Coton »."""
    return ", ".join(category.split(" > ")[1:][-2:]) or category


def month(key: str) -> str:
    """« juin 2026 », of 2026-06."""
    return format_date(date.fromisoformat(f"{key}-01"), "LLLL y", locale=get_locale())


def months(first: str, last: str) -> str:
    """« avril – juin 2026 »: months that are told together."""
    if first == last:
        return month(first)
    begins = format_date(date.fromisoformat(f"{first}-01"), "LLLL", locale=get_locale())
    return f"{begins if first[:4] == last[:4] else month(first)} – {month(last)}"
