"""Opening hours: OpenStreetMap's `opening_hours`, as a simple week for people, and as intervals that SQL can filter.

Words: a span is a time of one day during which a place is open; a week gives each day its spans; a closure is a day or
some days on which others hold.
"""

from town.commons.places.hours.expression import Closure, Hours, Unclear, normal
from town.commons.places.hours.openings import Opening, forget_openings, lay_openings
from town.commons.places.hours.said import explain, suggest
from town.commons.places.hours.spans import Span, spans_of
from town.commons.places.hours.week import Week
from town.commons.places.hours.words import days_of_week, spans_words, state_words

__all__ = [
    "Closure",
    "Hours",
    "Opening",
    "Span",
    "Unclear",
    "Week",
    "days_of_week",
    "explain",
    "forget_openings",
    "lay_openings",
    "normal",
    "spans_of",
    "spans_words",
    "state_words",
    "suggest",
]
