"""Opening hours, day by day, and the days that differ. What a week cannot say is typed as OpenStreetMap writes it."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    SelectField,
    StringField,
    TimeField,
)
from wtforms.validators import Length, Optional

from town.commons.places.hours import Closure, Span, Unclear, Week, explain, normal, suggest
from town.commons.places.hours.expression import LONGEST
from town.commons.places.hours.spans import in_order
from town.kernel.forms import Form, Part, choices
from town.kernel.language import today
from town.kernel.text import one_line

OPEN, CLOSED, SAME = "open", "closed", "same"
WEEKDAYS: Final = (
    _l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday")
)  # fmt: skip
ROWS: Final = 3
"""Closures that the form asks for at once; those that are over leave room by themselves."""

CLOSURES_AT_MOST: Final = 30


def _line(text: str | None) -> str:
    return one_line(text or "")


class SpansForm(Part):
    """A morning and an afternoon, or one span without a break."""

    opens = TimeField(_l("Opens at"), [Optional()])
    closes = TimeField(_l("Closes at"), [Optional()])
    opens_again = TimeField(_l("Opens again at"), [Optional()])
    closes_again = TimeField(_l("Closes again at"), [Optional()])

    def show(self, spans: tuple[Span, ...]) -> None:
        for span, (opens, closes) in zip(spans, self._pairs(), strict=False):
            opens.data, closes.data = _clock(span.start), _clock(span.end)

    def spans(self) -> tuple[Span, ...] | None:
        """What was typed, or None after saying what is wrong with it."""
        found: list[Span] = []
        for opens, closes in self._pairs():
            if opens.data is None and closes.data is None:
                continue
            if opens.data is None or closes.data is None:
                lacking = opens if opens.data is None else closes
                lacking.errors = [*lacking.errors, _("Say when it opens and when it closes.")]
                return None
            found.append(Span.of(_minutes(opens.data), _minutes(closes.data)))
        if not in_order(found):
            self.opens_again.errors = [
                *self.opens_again.errors,
                _("The afternoon begins after the morning has ended."),
            ]
            return None
        return tuple(found)

    def _pairs(self) -> tuple[tuple[TimeField, TimeField], tuple[TimeField, TimeField]]:
        return (self.opens, self.closes), (self.opens_again, self.closes_again)


class DayForm(SpansForm):
    """One day of the week."""

    how = SelectField(
        _l("This day"),
        choices=choices(
            {
                OPEN: _l("Open"),
                CLOSED: _l("Closed"),
                SAME: _l("As the day before"),
            }
        ),
        default=CLOSED,
    )


class ClosureForm(SpansForm):
    """Some days that differ: closed, or open at other times."""

    first = DateField(_l("From this day"), [Optional()])
    last = DateField(_l("To this day, included"), [Optional()])
    words = StringField(_l("Why"), [Optional(), Length(max=60)], [_line])

    def show_closure(self, closure: Closure) -> None:
        self.first.data, self.last.data, self.words.data = closure.first, closure.last, closure.words
        self.show(closure.spans)

    @property
    def empty(self) -> bool:
        return self.first.data is None and self.last.data is None and not self.words.data

    def closure(self) -> Closure | None:
        """What was typed, or None after saying what is wrong with it."""
        first, last = self.first.data or self.last.data, self.last.data or self.first.data
        spans = self.spans()
        if first is None or last is None:
            self.first.errors = [*self.first.errors, _("Choose a day.")]
            return None
        if last < first or last - first > timedelta(days=366):
            self.last.errors = [
                *self.last.errors,
                _("The last day comes after the first, within a year."),
            ]
            return None
        return None if spans is None else Closure(first, last, spans, self.words.data or "")


class HoursForm(Form):
    """The week by days, or the expression itself. What was meant is in `expression` and `closed_days`."""

    days = FieldList(FormField(DayForm), min_entries=7, max_entries=7)
    holidays = BooleanField(_l("Open on public holidays as on other days"))
    closures = FieldList(FormField(ClosureForm), max_entries=CLOSURES_AT_MOST)
    by_words = BooleanField(_l("My hours do not fit in there"))
    words = StringField(_l("Your hours in words"), [Optional(), Length(max=LONGEST)])

    def __init__(self, known: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known = known
        self.expression = ""
        self.closed_days: list[Closure] = []
        self.suggestion = ""

    def show(self, expression: str, closures: tuple[Closure, ...]) -> None:
        """Fill it with what a shop says now."""
        week = Week.of(expression) if expression else None
        if week is not None and week.fits_the_form:
            self.holidays.data = week.holidays
            for number, (row, spans) in enumerate(zip(self.days, week.days, strict=True)):
                same = number and spans and spans == week.days[number - 1]
                row.form.how.data = SAME if same else OPEN if spans else CLOSED
                row.form.show(() if same else spans)
        elif expression:
            self.by_words.data, self.words.data = True, expression
        for closure in closures:
            if closure.last >= today():
                self.closures.append_entry()
                self.closures[-1].form.show_closure(closure)
        self.offer_rows()

    def offer_rows(self) -> None:
        """Room for some closures more."""
        while sum(row.form.empty for row in self.closures) < ROWS and len(self.closures) < CLOSURES_AT_MOST:
            self.closures.append_entry()

    def validate(self, extra_validators: Any = None) -> bool:
        ok = super().validate(extra_validators)
        expression = self._written() if self.by_words.data else None if self._two_weeks() else self._by_days()
        closures = [row.form.closure() for row in self.closures if not row.form.empty]
        if not ok or expression is None or None in closures:
            self.offer_rows()
            return False
        self.expression, self.closed_days = expression, [closure for closure in closures if closure is not None]
        return True

    def _two_weeks(self) -> bool:
        """Words beside the days, without a word on which count: it is asked. Those that the shop had are no news."""
        if (self.words.data or "").strip() in ("", self.known):
            return False
        sentence = _("Which hours count? Tick “Use these words instead of the days above”, or empty this field.")
        self.words.errors = [*self.words.errors, sentence]
        return True

    def _by_days(self) -> str | None:
        days: list[tuple[Span, ...]] = []
        wrong = False
        for row in self.days:
            how = row.form.how.data
            spans: tuple[Span, ...] | None = ()
            if how == SAME:
                spans = days[-1] if days else ()
            elif how == OPEN:
                spans = row.form.spans()
                if spans == ():
                    row.form.opens.errors = [
                        *row.form.opens.errors,
                        _("Say when it opens and when it closes."),
                    ]
                    spans = None
            wrong = wrong or spans is None
            days.append(spans or ())
        return None if wrong else Week(tuple(days), bool(self.holidays.data)).osm

    def _written(self) -> str | None:
        typed = self.words.data or ""
        self.suggestion = suggest(typed)
        wrong = explain(typed)
        if wrong is None:
            try:
                return normal(typed)
            except Unclear:
                pass
        self.words.errors = [*self.words.errors, str(wrong or "")]
        return None

    def take(self, suggestion: str) -> None:
        """« Oui, c'est cela »: the suggestion stands for what was typed."""
        self.words.data = suggestion

    @property
    def wrong(self) -> Iterator[tuple[str, str]]:
        """What is left to put right, each with the id of its field: forms within a form hide theirs."""
        for row in (*self.days, *self.closures):
            for field in row.form:
                for error in field.errors:
                    yield field.id, str(error)
        if self.words.errors:
            yield self.words.id, str(self.words.label.text)


def _clock(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
