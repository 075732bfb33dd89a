"""Bookings: a thing is somebody's for a while, and the database promises that it is nobody else's meanwhile.

`book(thing, period)` takes the time, `Booking.release()` gives it back. A buffer after the end belongs to the booking
too: the time to dry a tent, or to bring a trailer home.
"""

from town.commons.bookings.calendar import Day, Month, month_asked, month_of
from town.commons.bookings.models import AlreadyBooked, Booking, blocking, book
from town.commons.bookings.periods import UNITS, NotAPeriod, Period, day_starts, period_of, words

__all__ = [
    "UNITS",
    "AlreadyBooked",
    "Booking",
    "Day",
    "Month",
    "NotAPeriod",
    "Period",
    "blocking",
    "book",
    "day_starts",
    "month_asked",
    "month_of",
    "period_of",
    "words",
]
