"""Hats: one person speaks for herself, her shop or her association. The form says which, each time; no session does.

What was done under a hat keeps it (`OnBehalf`); the person stays the one who answers for it.
"""

from dataclasses import dataclass
from typing import Any

from flask import abort, g
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ForeignKey, bindparam
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship
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


class OnBehalf:
    """A trait of what somebody may do in the name of an organisation; of nobody but themselves where it is None."""

    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)

    @declared_attr
    def on_behalf_of(self) -> Mapped[Organisation | None]:
        return relationship()


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


def still_worn(organisation: Organisation | None) -> Organisation | None:
    """The same, if whoever is asking speaks for it today: what is done anew is not done under a hat that was lost."""
    worn = {hat.public_id for hat in my_hats()} if organisation is not None else set()
    return organisation if organisation is not None and organisation.public_id in worn else None


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
        self.kept: Organisation | None = None
        self.flags.required = True

    def keep(self, organisation: Organisation | None) -> None:
        """The name in which it was done so far: it stays until another is chosen, worn still or not."""
        self.kept = organisation
        if organisation is None:
            return
        if organisation.public_id not in {hat.public_id for hat in self.hats}:
            self.choices = [*(self.choices or ()), *choices([(organisation.public_id, organisation.name)])]
        if not self.raw_data:
            self.data = organisation.public_id

    @property
    def asked(self) -> bool:
        """Whether there is anything to choose."""
        return len(self.choices or ()) > 1

    @property
    def organisation(self) -> Organisation | None:
        """The organisation that speaks; None for oneself."""
        if not self.data:
            return None
        if self.kept is not None and self.data == self.kept.public_id:
            return self.kept
        worn = runs(visitor().person_id).where(Organisation.public_id == self.data)
        return db.session.scalar(worn)

    def pre_validate(self, form: Any) -> None:
        if not self.data and not self.alone and len(self.hats) == 1:
            self.data = self.hats[0].public_id
        possible = {hat.public_id for hat in self.hats} | ({self.kept.public_id} if self.kept else set())
        if (self.data or not self.alone) and self.data not in possible:
            if self.alone and not self.asked:
                raise ValidationError(_("You no longer speak for it. Sent once more, this is in your own name."))
            raise ValidationError(_("Choose in whose name you speak."))
