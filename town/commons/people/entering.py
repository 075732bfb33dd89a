"""What an agent types for a resident, and what that forbids: nobody is on both sides of the counter.

A row that somebody of the town hall answers later keeps who typed it (`Entered`), and is answered by a colleague. A
verb between two neighbours says who they are (`not_with_oneself`): an agent who is one of them writes nothing for the
other.
"""

from typing import Any, Final

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from town.commons.people.visit import visitor
from town.kernel.refusals import Refused

WHY_NOT_MINE: Final = "an agent typed it for a resident, in whose copy it is; the journal of acts is in the agent's own"


class YouAreTheOther(Refused):
    """An agent would write to themselves, in a resident's name."""

    sentence = _l("You take part in this yourself: a colleague has to write it for this resident.")


class EnteredByYou(Refused):
    """An agent would answer what they typed for a resident."""

    sentence = _l("You typed this yourself, for a resident: a colleague has to answer it.")


def _agent(_context: Any = None) -> int | None:
    """Whoever writes for a resident in this request, if somebody does."""
    return visitor().agent_id


class Entered:
    """A trait of rows that residents send and the town hall answers. entered_by: the agent who typed it, if one did."""

    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=_agent)

    def entered_by(self, person_id: int | None) -> bool:
        return person_id is not None and person_id == self.entered_by_id


def not_with_oneself(*parties: int | None) -> None:
    """The verb that calls this is between these people. Raises `YouAreTheOther` when the agent who types is another
    of them than the resident in whose name it is done."""
    agent = _agent()
    if agent is not None and agent in parties:
        raise YouAreTheOther
