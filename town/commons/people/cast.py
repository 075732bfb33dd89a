"""The people of the demo town, who are also the people of the tests. Nobody of that name was asked; none exists."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from town.commons.people.models import Account, Person, RoleGrant
from town.commons.places.models import Address, Street
from town.kernel.db import db, new_public_id, now
from town.kernel.text import fold

PASSWORD = "tilleul-fontaine-27"
"""Everybody's in the demo town, printed by `town demo`. Production has no demo town."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the cast: who they are, where they live, how their address was proved, what they do."""

    first_name: str
    last_name: str
    street: str
    number: int
    how: str | None = "postcard"
    roles: tuple[str, ...] = ()
    bio: str = ""

    @property
    def key(self) -> str:
        return fold(self.first_name)

    @property
    def email(self) -> str:
        return f"{self.key}@saint-loup.example"


CAST = (
    Part(
        "Odile",
        "Marchetti",
        "Rue des Tanneries",
        12,
        bio="Bibliothécaire à la retraite. Je prête livres et outils de jardin.",
    ),
    Part("Karim", "Benali", "Avenue de Bel-Air", 5, bio="Électricien. Mon échelle est à vous, mes conseils aussi."),
    Part("Yvonne", "Le Goff", "Place du Tilleul", 3, how="desk", bio="Au Bourg depuis 1974."),
    Part("Théo", "Lambert", "Rue des Tanneries", 21, bio="Étudiant, souvent à vélo."),
    Part("Mathilde", "Roux", "Chemin du Puits", 8, bio="Maraîchère et maman de trois enfants."),
    Part("Amadou", "Diallo", "Avenue de la Gare", 14, bio="Menuisier. J’aime réparer plutôt que jeter."),
    Part("Jeanne", "Petit", "Rue des Tanneries", 30, how="desk"),
    Part("Lucas", "Moreau", "Impasse des Lilas", 2),
    Part("Nadia", "Cherif", "Rue de l’Église", 9, how=None, bio="J’arrive de Nantes, ma carte postale est en route."),
    Part("Claire", "Vasseur", "Rue de l’Église", 4, how="desk", roles=("councillor",), bio="Adjointe au cadre de vie."),
    Part(
        "Jean",
        "Fabre",
        "Rue du Four",
        6,
        how="desk",
        roles=("agent", "certifier", "moderator"),
        bio="Secrétaire de mairie.",
    ),
    Part(
        "Hélène",
        "Bodin",
        "Place du Tilleul",
        11,
        how="desk",
        roles=("admin", "agent", "certifier"),
        bio="Maire de Saint-Loup-des-Tilleuls.",
    ),
)


def move_in(hashed_password: str) -> dict[str, Person]:
    """Put the cast into the current town, each at their door, and return them by first name. `trust` certifies them.

    hashed_password: made beforehand, since hashing is slow and this writes.
    """
    people: dict[str, Person] = {}
    for part in CAST:
        person = Person(first_name=part.first_name, last_name=part.last_name, bio=part.bio, address=_door(part))
        person.joined_at = now() - timedelta(days=90)
        person.grants = [RoleGrant(role=role) for role in part.roles]
        person.account = Account(
            email=part.email, email_confirmed_at=now(), password=hashed_password, fs_uniquifier=new_public_id()
        )
        db.session.add(person)
        people[part.key] = person
    db.session.flush()
    return people


def _door(part: Part) -> Address:
    at = select(Address).join(Street).where(Street.name == part.street).order_by(Address.number)
    exact = db.session.scalar(at.where(Address.number == part.number).limit(1))
    door = exact or db.session.scalar(at.limit(1))
    if door is None:
        raise LookupError(f"the demo town's address file has no {part.street}")
    return door
