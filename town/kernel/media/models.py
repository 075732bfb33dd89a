"""Rows of pictures: which there are, what each belongs to, and when its files go."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Select, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from town.kernel.db import Base, Moment, db, flush, now
from town.kernel.inventory import mine
from town.kernel.jobs import enqueue, job, nightly
from town.kernel.media.pictures import SIZES
from town.kernel.media.store import WAITS_FOR_A_ROW, PictureGone, Stored, store
from town.kernel.refusals import Refused
from town.kernel.retention import Span, forgets
from town.kernel.signals import person_erased

SWEPT_IN_ONE_NIGHT = 500
"""A clock that jumps, or a town restored half-way, must not cost all pictures at once."""


class AlreadyShown(Refused):
    """The same photo was sent with something else in the same moment."""

    sentence = _l("This photo has just been sent. Please choose it again.")


class Media(Base):
    """A picture. It belongs to the thing `subject_type` and `subject_id` name, which says who may see it."""

    __tablename__ = "media"
    __table_args__ = (
        Index("ix_media_subject", "subject_type", "subject_id"),
        CheckConstraint("(subject_type IS NULL) = (subject_id IS NULL)", name="whole_subject"),
    )

    name: Mapped[str] = mapped_column(String(32), unique=True)
    width: Mapped[int]
    height: Mapped[int]
    colour: Mapped[str] = mapped_column(String(7))
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))  # of the file as it was received
    alt: Mapped[str] = mapped_column(String(300), default="")
    subject_type: Mapped[str | None] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    uploaded_by: Mapped[int | None] = mapped_column(index=True)  # no foreign key: the kernel knows no people
    created_at: Mapped[Moment] = mapped_column(default=now)
    deleted_at: Mapped[Moment | None]

    def address(self, size: str = "card") -> str:
        """Where it is shown. Unguessable, and asked for permission all the same."""
        return address(self.name, size)

    def measures(self, size: str = "card") -> tuple[int, int]:
        """Width and height of one size, for the attributes that keep a page from jumping."""
        longest = SIZES[size][0]
        scale = min(1.0, longest / max(self.width, self.height))
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))

    @property
    def srcset(self) -> str:
        return ", ".join(f"{self.address(size)} {self.measures(size)[0]}w" for size in SIZES)

    def remove(self) -> None:
        """Take the picture away. Its files follow as soon as this is committed."""
        if self.deleted_at is None:
            self.deleted_at = now()
            self.alt = ""
            enqueue("media.delete", {"name": self.name})
            flush()


def address(name: str, size: str = "card") -> str:
    """Where the picture of that name is shown, for those who hold only the name: cards, portraits."""
    return url_for("media.show", name=name, size=size)


def attach(
    pictures: Iterable[Stored],
    subject_type: str | None = None,
    subject_id: int | None = None,
    *,
    uploaded_by: int | None = None,
    alts: Sequence[str] = (),
) -> list[Media]:
    """Give stored pictures their rows, in the order given. A verb of the thing they belong to calls it.

    A form sent twice with the same waiting photo gives the second thing a picture of its own. Raises `PictureGone`.
    """
    rows = []
    for number, picture in enumerate(pictures):
        name = picture.name
        if db.session.scalar(select(Media.id).where(Media.name == name)) is not None:
            name = store().again(name)
        elif store().file(name, "small") is None:
            raise PictureGone
        rows.append(
            Media(
                name=name,
                width=picture.width,
                height=picture.height,
                colour=picture.colour,
                bytes=picture.bytes,
                sha256=picture.sha256,
                alt=alts[number] if number < len(alts) else "",
                subject_type=subject_type,
                subject_id=subject_id,
                uploaded_by=uploaded_by,
            )
        )
    db.session.add_all(rows)
    flush(AlreadyShown)
    return rows


def pictures_of(subject_type: str, *subject_ids: int) -> Select[Media]:
    """The pictures of one thing, or of several of its kind, in the order they were sent."""
    return (
        select(Media)
        .where(Media.subject_type == subject_type, Media.subject_id.in_(subject_ids), Media.deleted_at.is_(None))
        .order_by(Media.subject_id, Media.id)
    )


@job("media.delete")
def delete_files(payload: dict[str, Any]) -> None:
    """The files of a removed picture, now that its removal is certain."""
    store().delete(payload["name"])


@nightly
def sweep() -> None:
    """Delete the files that no row has spoken for within a day."""
    here = store()
    here.sweep_unfinished()
    waiting = sorted(here.waiting_since(now() - WAITS_FOR_A_ROW))
    orphans: list[str] = []
    for start in range(0, len(waiting), 500):
        some = waiting[start : start + 500]
        shown = set(db.session.scalars(select(Media.name).where(Media.name.in_(some), Media.deleted_at.is_(None))))
        orphans += [name for name in some if name not in shown]
    db.session.commit()  # the lock is not held while files are deleted
    for name in orphans[:SWEPT_IN_ONE_NIGHT]:
        here.delete(name)


@forgets(
    "kernel.pictures",
    what=_l("That there was a photo, once it is taken away; the photo itself goes at once"),
    why=_l("So that a page that still shows it does not break"),
    then=_l("It is erased"),
    lasts=Span(days=30),
    rows=lambda: select(Media.id).where(Media.deleted_at.is_not(None)),
    over=lambda limit: Media.deleted_at < limit,
    guarded=False,
)
def forget_removed(limit: datetime) -> None:
    db.session.execute(delete(Media).where(Media.deleted_at < limit))


@person_erased.connect
def forget_who_sent(person: Any, **_: Any) -> None:
    """A picture of the town may stay when its sender leaves; that he sent it does not."""
    db.session.execute(update(Media).where(Media.uploaded_by == person.id).values(uploaded_by=None))


mine(
    Media,
    "uploaded_by",
    title=_l("My photos"),
    rows=lambda person_id: select(Media).where(Media.uploaded_by == person_id, Media.deleted_at.is_(None)),
    shows={"alt": _l("What it shows"), "created_at": _l("Sent")},
    file=lambda picture: store().file(picture.name, "large"),
)
