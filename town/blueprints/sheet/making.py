"""From the town and its cards to the matter of a sheet, in the town's own language and typography."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from town.blueprints.sheet.choosing import OUT, SECTIONS, SHARING, SHOPS, TOWN_HALL, is_urgent
from town.blueprints.sheet.composing import Item, Matter
from town.blueprints.sheet.models import Edition
from town.commons.emergencies import NUMBERS
from town.commons.feed import CardRow
from town.commons.short import short_of
from town.kernel.features import address_of
from town.kernel.language import dated, typography
from town.kernel.media.store import store
from town.kernel.tenancy import current_town
from town.kernel.text import one_line


def matter_of(rows: Sequence[CardRow], edition: Edition, large: bool = False) -> Matter:
    """What this week's sheet may say: these cards, in their order, but those that were left out."""
    town = current_town()
    with force_locale(town.language):
        return Matter(
            town=town.name,
            week=_week(edition.week),
            items=tuple(item_of(row) for row in _kept(rows, edition.left_out)),
            sections=(
                (TOWN_HALL, _("The town hall"), "townhall"),
                (OUT, _("Going out"), "calendar"),
                (SHARING, _("Helping each other"), "sharing"),
                (SHOPS, _("At our shops"), "shop"),
            ),
            word_title=_("A word from the town hall"),
            word=typography(edition.word),
            nothing=_("Nothing new this week."),
            ways=_ways(town.settings.get("practical", {})),
            how=typography(_how()),
            arms=store().file(town.arms, "small") if town.arms else None,
            large=large,
        )


def _kept(rows: Sequence[CardRow], left_out: Collection[str]) -> list[CardRow]:
    return [row for row in rows if row.public_id not in left_out]


def item_of(row: CardRow) -> Item:
    """A card as paper shows it. Nobody's own name is printed: paper stays longer than a name may want to."""
    section, short = SECTIONS[row.kind][0], short_of(row.public_id)
    title = typography(one_line(row.title))
    if section == SHARING:
        title = typography(_("%(sort)s: %(title)s", sort=_sort(row.kind), title=title))
    behind = (row.author_name if row.author_sort else "", "" if row.official else row.detail)
    return Item(
        key=row.public_id,
        section=section,
        title=title,
        detail=typography(", ".join(one_line(part) for part in behind if part)),
        excerpt=typography(one_line(row.excerpt)),
        code=short.code,
        address=short.scanned,
        urgent=is_urgent(row),
    )


def _sort(kind: str) -> str:
    sorts = {
        "lend": _("To lend"),
        "give": _("Giving"),
        "seek": _("Seeking"),
        "help": _("Helping hand"),
        "carpool": _("Carpool"),
        "groupbuy": _("Group buy"),
        "volunteers": _("Volunteer call"),
    }
    return sorts[kind]


def _week(monday: date) -> str:
    sunday = monday + timedelta(days=6)
    first, last = (dated(day, "d MMMM y") for day in (monday, sunday))
    for pattern, same in (("d", sunday.month == monday.month), ("d MMMM", sunday.year == monday.year)):
        if same:
            first = dated(monday, pattern)
            break
    return _("The sheet of the week, from %(first)s to %(last)s", first=first, last=last)


def _how() -> str:
    address = address_of("sheet.type_code").partition("://")[2].rstrip("/")
    return _(
        "To read on: point your phone at the square, or open %(address)s and type the code. Without a screen, say the "
        "code at the town hall.",
        address=address,
    )


def _ways(practical: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """What whoever has no screen needs: the town hall's door and telephone, and the numbers of France."""
    town = current_town()
    phone = town.phone.replace(" ", "\u00a0")
    said = (practical.get("address"), practical.get("hours"), _("telephone %(phone)s", phone=phone) if phone else "")
    door = ", ".join(str(part) for part in said if part)
    ask = _("Ask for anything at the town hall.")
    if door:
        ask = _("Ask for anything at the town hall: %(door)s.", door=door)
    numbers = [(str(name), str(number).replace(" ", "\u00a0")) for name, number in practical.get("numbers", [])]
    numbers += [(str(one.name), one.number) for one in NUMBERS if one.on_paper]
    useful = ", ".join(f"{name}\u00a0{number}" for name, number in numbers)
    return ((typography(_("No Internet?")), typography(ask)), (_("Useful numbers"), typography(f"{useful}.")))
