"""An association's page: what it is for, when and where, and whom to ask."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ForeignKey, Select, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.blueprints.associations.themes import LABELS, OTHER
from town.commons.board import PUBLIC, CardFields
from town.commons.people.models import Person
from town.commons.people.organisations import Organisation
from town.commons.places.concerns import Concerns
from town.kernel.db import Base, Moment, PublicId, db, flush, now
from town.kernel.media import Media, Stored, attach, pictures_of
from town.kernel.tenancy import current_town


class Association(PublicId, Base):
    """What an association says of itself. Its name, number, contact and public id are its organisation's."""

    __tablename__ = "associations_association"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), unique=True)
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    theme: Mapped[str] = mapped_column(String(20), default=OTHER, index=True)
    purpose: Mapped[str] = mapped_column(Text, default="")
    schedule: Mapped[str] = mapped_column(String(300), default="")
    prices: Mapped[str] = mapped_column(String(300), default="")
    where: Mapped[str] = mapped_column(String(200), default="")
    accounts: Mapped[str] = mapped_column(String(200), default="")  # where its accounts can be read, if it says so
    photo: Mapped[str | None] = mapped_column(String(32))  # the name of its first picture
    changed_at: Mapped[Moment] = mapped_column(default=now)

    @property
    def name(self) -> str:
        return self.organisation.name

    def card(self) -> CardFields | None:
        if self.organisation.closed_at is not None:
            return None
        theme = str(LABELS.get(self.theme, LABELS[OTHER]))
        return CardFields(
            kind="association",
            title=self.name,
            endpoint="associations.show",
            visible_to=PUBLIC,
            concerns=Concerns(),
            posted_at=self.organisation.entered_at,
            excerpt=self.purpose,
            body=f"{self.purpose} {self.schedule} {self.where} {theme}",
            photo=self.photo,
            photo_alt=self.name,
            news=False,
            language=current_town().language,
        )

    def change(self, photos: Iterable[Stored] = (), drop: Collection[str] = (), by: Person | None = None) -> None:
        """Show it as it is described now, with these photos more and those, by name, less."""
        self.changed_at = now()
        flush()
        for picture in db.session.scalars(self.pictures().where(Media.name.in_(drop))):
            picture.remove()
        attach(photos, self.__tablename__, self.id, uploaded_by=by.id if by else None)
        self.photo = db.session.scalar(self.pictures().with_only_columns(Media.name).limit(1))
        self.organisation.show()

    def parts(self) -> Iterable[Any]:
        """What is hidden with its page, and comes back with it: its calls, those that are over too."""
        from town.blueprints.associations.models.mission import Mission

        return db.session.scalars(select(Mission).where(Mission.association_id == self.id, Mission.closed_at.is_(None)))

    def pictures(self) -> Select[Media]:
        """Its pictures, in the order they were sent."""
        return pictures_of(self.__tablename__, self.id)


def association_of(organisation: Organisation) -> Association:
    """The page of that organisation; a new one where it has none yet."""
    flush()
    found = db.session.scalar(select(Association).where(Association.organisation_id == organisation.id))
    if found is None:
        found = Association(organisation=organisation, public_id=organisation.public_id)
        db.session.add(found)
        flush()
    return found
