"""Refusals: a verb that cannot be done raises one, and the person reads its sentence."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


class Refused(Exception):
    """Something that cannot be done now. Subclasses are named after what happened.

    The kernel rolls back and answers `status` with the same page and the sentence.
    """

    sentence: str | LazyString = _l("That cannot be done right now.")
    status = 409

    def __init__(self, sentence: str | LazyString | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        super().__init__(type(self).__name__)

    def __str__(self) -> str:
        return str(self.sentence)
