"""Room on the disk: whoever writes when there is none left reads why, before anything is done half-way."""

from flask import request
from flask_babel import lazy_gettext as _l

from town.kernel import disk
from town.kernel.forgery import SAFE_METHODS
from town.kernel.media.store import NoRoomForPictures
from town.kernel.refusals import Refused
from town.kernel.tenancy import towns


class NoRoom(Refused):
    """The disk is full: the town can be read and not written."""

    sentence = _l(
        "The town’s disk is full, and nothing was recorded. Keep what you wrote and try again later. "
        "Everything can still be read."
    )
    status = 503


def check_room() -> None:
    """Before the view of whatever writes: refuse in a sentence what the disk would refuse half-way."""
    from town.kernel.features import route_of

    route = route_of(request.endpoint)
    if request.method in SAFE_METHODS and not (route is not None and route.writes):
        return
    left = disk.free(towns().instance)
    if left >= disk.LEAST_FOR_PHOTOS:
        return
    if left < disk.LEAST_FOR_WORDS and towns().engines.server is None:
        raise NoRoom
    if any(file.filename for file in request.files.values()):
        raise NoRoomForPictures
