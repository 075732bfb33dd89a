"""Language, dates and typography: French by hand, English as the source, the town's own clock."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from town.kernel.db import now
from town.kernel.tenancy import current_town
from town.kernel.text import fold

LANGUAGES = {"fr": "Français", "en": "English"}
TRANSLATIONS = Path(__file__).parents[1] / "translations"


def compile_catalogs() -> list[str]:
    """Compile the catalogues that changed and return their domains. A wheel brings them compiled."""
    domains: set[str] = set()
    for source in sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        domains.add(source.stem)
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as text:
                catalog = read_po(text, locale=source.parents[1].name)
            # A name of its own: a server and its worker may start at the same moment.
            with NamedTemporaryFile(dir=compiled.parent, suffix=".part", delete=False) as binary:
                write_mo(binary, catalog)
            Path(binary.name).replace(compiled)
    return sorted(domains) or ["messages"]


def choose_language() -> str:
    """The person's own choice, else the town's language, else the browser's."""
    if not has_request_context():
        return str(g.get("language") or (current_town().language if "town" in g else "") or "fr")
    viewer = g.get("viewer")
    wishes = [getattr(viewer, "language", None), request.cookies.get("lang")]
    if "town" in g:
        wishes.append(current_town().language)
    for wish in wishes:
        if wish in LANGUAGES:
            return str(wish)
    return request.accept_languages.best_match(list(LANGUAGES)) or "fr"


def init_app(app: Flask) -> None:
    domains = compile_catalogs()
    Babel(
        app,
        default_locale="en",
        default_domain=";".join(domains),
        default_translation_directories=";".join([str(TRANSLATIONS)] * len(domains)),
        locale_selector=choose_language,
    )
    app.jinja_env.filters.update(
        fr=typography, ago=ago, day=day, full_date=full_date, month=month, clock=clock, local=local, numberformat=number
    )
    app.jinja_env.globals.update(LANGUAGES=LANGUAGES, of_name=of_name, today_words=lambda: day(today()).capitalize())


def language() -> str:
    """The language of this answer: `fr` or `en`."""
    locale = get_locale()
    return locale.language if locale else "fr"


def _locale() -> Locale:
    return get_locale() or Locale("fr")


def local(moment: datetime) -> datetime:
    """A stored moment on the town hall's clock."""
    return moment.astimezone(ZoneInfo(current_town().timezone))


def today() -> date:
    """The date on the town hall's calendar."""
    return local(now()).date()


def clock(moment: datetime) -> str:
    """« 9 h », « 19 h 30 »; in English, 9:00."""
    there = local(moment)
    if language() != "fr":
        return format_time(there, "H:mm", locale=_locale())
    return f"{there.hour} h" + (f" {there.minute:02}" if there.minute else "")


def dated(when: date, pattern: str) -> str:
    """A date by one of Babel's patterns, as people say it: the first of a month is « 1er » in French."""
    said = str(format_date(when, pattern, locale=_locale()))
    return re.sub(r"\b1\b", "1er", said, count=1) if when.day == 1 and language() == "fr" else said


def of_name(name: str) -> str:
    """« de Karim », « d’Odile »; in English, "of Odile"."""
    if language() != "fr":
        return f"of {name}"
    return f"d’{name}" if _ELIDED.match(fold(name)) else f"de {name}"


def day(when: date | datetime, style: str = "full") -> str:
    """« vendredi 19 juin », with the year when it is not this one. style="short" gives « 19 juin »."""
    there = local(when).date() if isinstance(when, datetime) else when
    pattern = "EEEE d MMMM" if style == "full" else "d MMMM"
    if there.year != today().year:
        pattern += " y"
    return dated(there, pattern)


def full_date(moment: datetime) -> str:
    """« 19 juin 2026 », for what is read in other years."""
    return dated(local(moment).date(), "d MMMM y")


def month(moment: datetime) -> str:
    """« novembre 2026 », for what need not be known to the day."""
    return format_date(local(moment).date(), "LLLL y", locale=_locale())


def ago(moment: datetime) -> str:
    """« il y a 20 minutes », « hier, 17 h », « lundi 15 juin »."""
    passed = now() - moment
    days = (today() - local(moment).date()).days
    if days == 0 and passed.total_seconds() < 3600:
        return str(
            format_timedelta(
                -max(passed, passed.resolution), granularity="minute", add_direction=True, locale=_locale()
            )
        )
    if days == 0:
        return str(_l("today, %(hour)s", hour=clock(moment)))
    if days == 1:
        return str(_l("yesterday, %(hour)s", hour=clock(moment)))
    return day(moment)


_ELIDED = re.compile(r"[aeiou]|y[^aeiouy]|h(?:el|en|er|il|ip|on|or|ub|ug|ya|yp)")
"""Names, folded, before which « de » loses its vowel; Yann and Hassan keep it, Yvonne and Hélène do not."""
_NOTHING_TO_SPACE = re.compile(r"[^?!;«»:\d]*")
_BEFORE_DOUBLE_SIGNS = re.compile(r"[ \u00a0\u202f]+([?!;»])")
_AFTER_QUOTE = re.compile(r"«[ \u00a0\u202f]+")
_BEFORE_COLON = re.compile(r"[ \u00a0\u202f]+:(?=\s|$)")
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d))")
_UNITS = re.compile(r"(?<=\d) (?=(?:h|min|km|kg|m|€|%|Mo|ans|euros)\b|€|%)")


def typography(text: object) -> str:
    """French spacing, ours to put and not the author's: narrow no-break spaces before ? ! ; and in thousands."""
    if language() != "fr":
        return str(text) if not isinstance(text, Markup) else text
    result = str(text)
    if _NOTHING_TO_SPACE.fullmatch(result):
        return text if isinstance(text, Markup) else result
    result = _BEFORE_DOUBLE_SIGNS.sub("\u202f\\1", result)
    result = _AFTER_QUOTE.sub("«\u00a0", result)
    result = _BEFORE_COLON.sub("\u00a0:", result)
    result = _THOUSANDS.sub("\u202f", result)
    result = _UNITS.sub("\u00a0", result)
    return Markup(result) if isinstance(text, Markup) else result  # only spaces were changed


def number(value: float) -> str:
    """« 1 284 », with the language's own separators."""
    return format_decimal(value, locale=_locale())


def utc(moment: datetime) -> str:
    """For `time[datetime]`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
