"""Quarters hold streets, streets hold addresses; a place is a point of the town that people speak of."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from town.kernel.db import Base, Moment, PublicId, now


class Quarter(PublicId, Base):
    """A part of the town: a lieu-dit, else a former municipality, else the whole town. Staff may regroup streets."""

    __tablename__ = "quarter"

    name: Mapped[str] = mapped_column(String(120), unique=True)


class Street(PublicId, Base):
    """A street, or a hamlet whose houses have no street of their own."""

    __tablename__ = "street"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    folded: Mapped[str] = mapped_column(String(200), index=True)
    quarter_id: Mapped[int] = mapped_column(ForeignKey("quarter.id"), index=True)
    quarter: Mapped[Quarter] = relationship()


class Address(PublicId, Base):
    """A door. `key` is `id_ban_adresse`, else `cle_interop`; one that leaves the file is retired, never deleted."""

    __tablename__ = "address"
    __table_args__ = (
        Index(
            "ix_address_living",
            "street_id",
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    key: Mapped[str] = mapped_column(String(80), unique=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id"), index=True)
    street: Mapped[Street] = relationship()
    quarter_id: Mapped[int] = mapped_column(ForeignKey("quarter.id"), index=True)
    quarter: Mapped[Quarter] = relationship()
    number: Mapped[int | None]
    suffix: Mapped[str] = mapped_column(String(20), default="")
    postcode: Mapped[str] = mapped_column(String(10), default="")
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    folded: Mapped[str] = mapped_column(String(240), index=True)
    retired_at: Mapped[Moment | None]

    @property
    def line(self) -> str:
        """« 12 bis rue des Tanneries »."""
        number = f"{'' if self.number is None else self.number} {self.suffix}".strip()
        return f"{number} {self.street.name}".strip()


class Place(PublicId, Base):
    """A pick-up point, a bus stop, a pothole: a point or a street that something is about."""

    __tablename__ = "place"
    __table_args__ = (CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="whole_point"),)

    words: Mapped[str] = mapped_column(String(200), default="")
    street_id: Mapped[int | None] = mapped_column(ForeignKey("street.id"), index=True)
    street: Mapped[Street | None] = relationship()
    address_id: Mapped[int | None] = mapped_column(ForeignKey("address.id"), index=True)
    address: Mapped[Address | None] = relationship()
    quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"), index=True)
    quarter: Mapped[Quarter | None] = relationship()
    lon: Mapped[float | None]
    lat: Mapped[float | None]
    created_at: Mapped[Moment] = mapped_column(default=now)
