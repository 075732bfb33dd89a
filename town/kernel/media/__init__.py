"""Pictures: decoded in a limited process, remade without metadata, stored under random names, shown by permission.

A form has a `PictureField`; the verb calls `attach()` with its data; the feature says with `register_guard()` who sees.
"""

from town.kernel.media.fields import PictureField, receive
from town.kernel.media.models import Media, address, attach, pictures_of
from town.kernel.media.pictures import NotAPicture, Picture, TooLarge, TooManyPixels
from town.kernel.media.store import NoRoomForPictures, PictureGone, Stored
from town.kernel.media.turns import TooManyAtOnce
from town.kernel.media.views import Seen, init_app, register_guard

__all__ = [
    "Media",
    "NoRoomForPictures",
    "NotAPicture",
    "Picture",
    "PictureField",
    "PictureGone",
    "Seen",
    "Stored",
    "TooLarge",
    "TooManyAtOnce",
    "TooManyPixels",
    "address",
    "attach",
    "init_app",
    "pictures_of",
    "receive",
    "register_guard",
]
