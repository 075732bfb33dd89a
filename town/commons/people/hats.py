"""Hats: one person speaks for herself, her shop or her association. The form says which, each time; no session does."""

from dataclasses import dataclass
from typing import Any

from flask import abort, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import bindparam
from wtforms import RadioField
from wtforms.validators import ValidationError

from town.commons.people.access import sign_in_first
from town.commons.people.organisations import Organisation, runs
from town.commons.people.visit import Visitor, visitor
from town.kernel.db import db
from town.kernel.forms import choices
from town.kernel.policy import Access
from town.kernel.questions import Question

MYSELF = ""


@dataclass(frozen=True, slots=True)
class Hat:
    """An organisation in whose name somebody may speak."""

    id: int
    public_id: str
    name: str
    sort: str


def hats_of(person_id: int | None, *sorts: str) -> list[Hat]:
    """The hats of a person, by name; of these sorts only, where some are named. One query."""
    worn = [Hat(row.id, row.public_id, row.name, row.sort) for row in _WORN.ask(me=person_id)]
    return [hat for hat in worn if not sorts or hat.sort in sorts]


_COLUMNS = (Organisation.id, Organisation.public_id, Organisation.name, Organisation.sort)
_WORN = Question(lambda: runs(bindparam("me", type_=Organisation.id.type)).with_only_columns(*_COLUMNS))


def my_hats(*sorts: str) -> list[Hat]:
    """The hats of whoever is asking, of these sorts: one query a request, none for a visitor."""
    viewer = visitor()
    if not viewer.signed_in:
        return []
    known = g.setdefault("hats", {})
    if viewer.person_id not in known:
        known[viewer.person_id] = hats_of(viewer.person_id)
    return [hat for hat in known[viewer.person_id] if not sorts or hat.sort in sorts]


def wears(*sorts: str) -> Access:
    """Who speaks for an organisation of one of these sorts."""

    def allows(viewer: Visitor) -> bool:
        return viewer.signed_in and bool(my_hats(*sorts))

    def refuse() -> ResponseReturnValue:
        if not visitor().signed_in:
            return sign_in_first()
        abort(403, description=_("This is for those who run the page of an organisation. Ask for its page first."))

    return Access("speaks for " + " or ".join(sorts), allows, refuse)


class HatField(RadioField):
    """In whose name. Shown where there is a choice; what is sent is read again, since a duty may have ended meanwhile.

    sorts: the sorts of organisation that may do this. alone: whether one may do it in one's own name too.
    """

    def __init__(
        self, label: str | None = None, *, sorts: tuple[str, ...] = (), alone: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(label or _("In whose name?"), validate_choice=False, default=MYSELF, **kwargs)
        viewer = visitor()
        self.hats = hats_of(viewer.person_id, *sorts) if viewer.signed_in else []
        mine = [(MYSELF, viewer.name)] if alone else []
        self.choices = choices([*mine, *((hat.public_id, hat.name) for hat in self.hats)])
        self.alone = alone
        self.flags.required = True

    @property
    def asked(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.choices or ()) > 1

    @property
    def organisation(self) -> Organisation | None:
        """The organisation that speaks; None for oneself."""
        if not self.data:
            return None
        worn = runs(visitor().person_id).where(Organisation.public_id == self.data)
        return db.session.scalar(worn)

    def pre_validate(self, form: Any) -> None:
        if not self.data and not self.alone and len(self.hats) == 1:
            self.data = self.hats[0].public_id
        if (self.data or not self.alone) and self.data not in {hat.public_id for hat in self.hats}:
            raise ValidationError(_("Choose in whose name you speak."))
