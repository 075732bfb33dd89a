"""Hours as people write them: « lundi-vendredi 9h-12h, sam. 9-12 ». What is wrong with them, and what they mean.

A suggestion is only ever offered: it is shown as a week, and the person says yes.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from town.commons.places.hours.expression import LONGEST, Unclear, read
from town.commons.places.hours.spans import DAY, Span, in_order
from town.commons.places.hours.week import DAYS, Week
from town.kernel.text import clean, fold

_DAY_WORDS: Final = {
    word: number
    for number, words in enumerate(
        (
            "lundi lundis lun lu monday mon mo",
            "mardi mardis mar ma tuesday tue tu",
            "mercredi mercredis mer me wednesday wed we",
            "jeudi jeudis jeu je thursday thu th",
            "vendredi vendredis ven ve friday fri fr",
            "samedi samedis sam sa saturday sat",
            "dimanche dimanches dim di sunday sun su",
        )
    )
    for word in words.split()
}
_EVERY_DAY: Final = re.compile(r"\b(?:tous les jours|7 ?j(?:ours)? ?(?:/|sur) ?7|every day|daily)\b")
_ALWAYS: Final = re.compile(r"\b24 ?h? ?(?:/|sur) ?24(?: ?h)?\b|\b24 ?/ ?7\b")
_HOLIDAYS: Final = re.compile(r"\b(?:(?:les )?jours? feries?|feries?|ph)\b")
_TOKEN: Final = re.compile(
    r"(?P<time>\d{1,2} ?(?:h(?:eures?)?|:|\.) ?\d{2}|\d{1,2} ?h(?:eures?)?|\d{1,2}(?!\d)|midi|minuit|noon|midnight)"
    r"|(?P<to>-|\bau?\b|\bto\b|\bjusqu\w*\b)"
    r"|(?P<closed>\bfermee?s?\b|\bfermetures?\b|\bclosed\b|\boff\b)"
    r"|(?P<but>\bsauf\b|\bexcept\b)"
    r"|(?P<word>[a-z]+)"
    r"|(?P<other>\S)"
)
_SIGNS: Final = frozenset(",/&+|.:'()")
_NOT_THEN: Final = re.compile(r"\b(?:sauf|except|fermee?s?|fermetures?|closed|off)\b")
_NAMED_TIMES: Final = {"midi": 12 * 60, "noon": 12 * 60, "minuit": DAY, "midnight": DAY}
_FILLER_WORDS: Final = """
du de des le la les et puis ouvert ouverte ouverts ouverture open from and of h heures horaires matin midi soir apres en
continu non stop toute journee
"""
_FILLERS: Final = frozenset(_FILLER_WORDS.split())
_SLASH: Final = re.compile(r"\d\s*/\s*\d")
_FRENCH: Final = re.compile(r"\b(?:lun|mar|mer|jeu|ven|sam|dim)[a-z]*\b|\d ?h\b|\d ?h ?\d")


def suggest(text: str) -> str:
    """The expression that these words mean, or nothing where they mean none for sure."""
    if len(text) > LONGEST:
        return ""
    week = _Reader(_plain(text)).week()
    found = week.osm if week is not None else ""
    return found if found and found != " ".join(text.split()) else ""


def explain(text: str) -> LazyString | None:
    """What is wrong with an expression, in one sentence for whoever typed it; None when nothing is."""
    written = " ".join(clean(text).split())
    if not written:
        return None
    try:
        read(written, "UTC")
    except Unclear as unclear:
        return _reason(written, unclear.at)
    if re.search(r"\b00:00-00:00\b", written):
        return _l("00:00-00:00 means open all day long. For a day off, write “off”.")
    return None


def _reason(written: str, at: int | None) -> LazyString:
    if len(written) > LONGEST:
        return _l("These hours are too long to be read: %(most)s characters at most.", most=LONGEST)
    if _SLASH.search(written):
        return _l("Between two times of the same day, write a comma, not a slash: 09:00-12:00,14:00-19:00.")
    if _FRENCH.search(fold(written)):
        return _l("Days are written Mo, Tu, We, Th, Fr, Sa, Su here, and times 09:00.")
    if re.search(r"\bSH\b", written):
        return _l("School holidays (SH) are not known here. Say these days as closures, by date.")
    if re.search(r"(?<![-\d:])\d{1,2}:\d{2}(?![-\d:+])", written):
        return _l("A time stands alone: say from when to when, such as 09:00-12:00.")
    if at is not None and 0 < at < len(written):
        return _l(
            "This is not understood from “%(words)s” on. An example: Mo-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00.",
            words=written[at : at + 30],
        )
    return _l("These hours are not understood. An example: Mo-Fr 09:00-12:00,14:00-18:00; Sa 09:00-12:00.")


def _plain(text: str) -> str:
    """Without accents and capitals, dashes and arrows alike; times and separators as they were written."""
    text = clean(text).replace("\n", ";")
    text = re.sub(r"[–—−→>]", "-", text)
    return "".join(fold(letter) or letter for letter in text).casefold()


@dataclass(slots=True)
class _Reader:
    """Reads words from left to right: some days, then their times or « fermé », then other days."""

    text: str
    days: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    holidays: bool = True
    named: list[int] = field(default_factory=list)
    without: list[int] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    closed: bool = False

    def week(self) -> Week | None:
        """Raises nothing: what is not understood is no week."""
        if _ALWAYS.search(self.text):
            rest = _HOLIDAYS.sub("", _EVERY_DAY.sub("", _ALWAYS.sub("", self.text)))
            return None if re.search("[a-z0-9]", rest) else Week(((Span(0, DAY),),) * len(DAYS), holidays=True)
        try:
            for part in _EVERY_DAY.sub(" lu - di ", self.text).split(";"):
                self._rule(part)
        except _NotUnderstood:
            return None
        return Week(tuple(self.days.get(number, ()) for number in range(len(DAYS))), self.holidays)

    def _rule(self, part: str) -> None:
        if _HOLIDAYS.search(part):
            part = _HOLIDAYS.sub(" ", part)
            if not _NOT_THEN.search(part):
                raise _NotUnderstood  # open on holidays at times of their own: a week cannot say it
            self.holidays = False
            part = re.sub(r"\b(?:sauf|except)\W*$", "", part)
            if all(kind in ("closed", "other") or word in _FILLERS for kind, word in _tokens(part)):
                return
        tokens = _tokens(part)
        at, ranged, excluding = 0, False, False
        while at < len(tokens):
            kind, word = tokens[at]
            at += 1
            if kind == "time":
                at = self._time(tokens, at - 1)
            elif kind == "word" and word in _DAY_WORDS:
                if not excluding and (self.spans or (self.closed and self.named)):
                    self._keep()
                self._day(_DAY_WORDS[word], ranged, self.without if excluding else self.named)
                ranged = False
            elif kind == "closed":
                if self.spans:
                    self._keep()
                self.closed, excluding = True, False
            elif kind == "but":
                excluding = True
            elif kind == "to":
                ranged = bool(self.without if excluding else self.named) and not self.spans
            elif word not in _FILLERS and word not in _SIGNS:
                raise _NotUnderstood
        if tokens:
            self._keep()

    def _day(self, number: int, ranged: bool, named: list[int]) -> None:
        if not ranged:
            named.append(number)
            return
        if not named:
            raise _NotUnderstood  # « du lundi au, fermé le lundi »: what it began with has been kept since
        first = named[-1]
        named += range(first + 1, number + 1) if first < number else [*range(first + 1, 7), *range(number + 1)]

    def _time(self, tokens: list[tuple[str, str]], at: int) -> int:
        """Reads « 9h à 12h » from its first time on, and returns what follows it."""
        ahead = at + 1
        while ahead < len(tokens) and tokens[ahead][1] in _FILLERS:
            ahead += 1
        if not (ahead + 1 < len(tokens) and tokens[ahead][0] == "to"):
            raise _NotUnderstood
        ahead += 1
        while ahead < len(tokens) and tokens[ahead][1] in _FILLERS:
            ahead += 1
        if ahead == len(tokens) or tokens[ahead][0] != "time":
            raise _NotUnderstood
        start, end = _minutes(tokens[at][1]), _minutes(tokens[ahead][1])
        if start == end == 0:
            self.closed = True
        elif start >= DAY:
            raise _NotUnderstood
        else:
            self.spans.append(Span.of(start, end))
        return ahead + 1

    def _keep(self) -> None:
        """One rule is over: its days have these spans. Days nobody named are all those not said yet."""
        if not self.spans and not self.closed:
            raise _NotUnderstood
        if not self.named and self.days:
            raise _NotUnderstood
        if not in_order(self.spans) or (self.spans and self.closed):
            raise _NotUnderstood
        for number in self.named or range(len(DAYS)):
            self.days[number] = tuple(self.spans)
        for number in self.without:
            self.days[number] = ()
        self.named, self.without, self.spans, self.closed = [], [], [], False


class _NotUnderstood(Exception):
    """These words are not hours, or not surely."""


def _tokens(text: str) -> list[tuple[str, str]]:
    return [(found.lastgroup or "", found[0].strip()) for found in _TOKEN.finditer(text)]


def _minutes(word: str) -> int:
    """« 9h30 » is 570. Raises `_NotUnderstood` for 9h75 and 25h."""
    if word in _NAMED_TIMES:
        return _NAMED_TIMES[word]
    hour, *rest = re.findall(r"\d+", word)
    minutes = int(hour) * 60 + int(rest[0] if rest else 0)
    if minutes > DAY or int(rest[0] if rest else 0) > 59:
        raise _NotUnderstood
    return minutes
