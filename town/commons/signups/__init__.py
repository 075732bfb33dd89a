"""Signups: places in a slot of any thing, which are never given twice; who comes too late waits in line.

`open_slot(thing, ...)` offers places, `Slot.sign_up()` takes one or waits, `Signup.withdraw()` gives it to the next.
A feature says with `speaks()` how those who signed up are told, and when.
"""

from town.commons.signups import leaving as leaving
from town.commons.signups.models import (
    CAME,
    CANCELLED,
    COMING,
    HOLDING,
    MISSED,
    STANDING,
    WAITING,
    WITHDRAWN,
    AlreadyIn,
    NotOpen,
    NotYet,
    PlacesTaken,
    Signup,
    Slot,
    open_slot,
    slots_of,
)
from town.commons.signups.telling import signed, speaks

__all__ = [
    "CAME",
    "CANCELLED",
    "COMING",
    "HOLDING",
    "MISSED",
    "STANDING",
    "WAITING",
    "WITHDRAWN",
    "AlreadyIn",
    "NotOpen",
    "NotYet",
    "PlacesTaken",
    "Signup",
    "Slot",
    "open_slot",
    "signed",
    "slots_of",
    "speaks",
]
