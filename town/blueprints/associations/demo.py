"""The demo town's associations: five, with a call that is nearly full, one for a feast, and a morning that is over."""

from datetime import date, datetime, time, timedelta
from importlib.resources import files
from typing import Final

from sqlalchemy import delete, select

from town.blueprints.associations.models import Association, Mission, Needed, association_of
from town.commons.activity import TELL, happenings
from town.commons.board import publish
from town.commons.bookings.periods import moment_of
from town.commons.people.models import Person
from town.commons.people.organisations import ASSOCIATION, HELPER, MANAGER, Organisation
from town.commons.signups import slots_of
from town.kernel.db import db, now
from town.kernel.jobs import Job
from town.kernel.language import today
from town.kernel.media import attach
from town.kernel.media.pictures import SIZES, Picture
from town.kernel.media.store import store

ASSOCIATIONS: Final = (
    (
        "Les Amis du Verger",
        "W991000101",
        "nature",
        "Nous soignons les 64 pommiers du Puits et partageons la récolte. Débutants bienvenus, outils prêtés.",
        "Le samedi matin, de mars à novembre",
        "Verger du Puits, portail bleu",
        "Adhésion 10 € par an, gratuite avant 18 ans",
    ),
    (
        "Comité des fêtes",
        "W991000217",
        "festive",
        "La fête du tilleul, le loto d’hiver et le marché de Noël : on monte, on sert, on danse, on range.",
        "Réunion le premier mardi du mois à 20 h",
        "Salle des fêtes",
        "Adhésion libre",
    ),
    (
        "Club des Tilleuls",
        "W991000044",
        "elders",
        "Cartes, goûter et sorties pour qui a du temps devant soi. On vient vous chercher si marcher est difficile.",
        "Le jeudi de 14 h à 17 h",
        "Maison commune, rez-de-chaussée",
        "12 € par an, goûter compris",
    ),
    (
        "La Table ouverte",
        "W991000389",
        "solidarity",
        "Un repas partagé chaque mois, avec les surplus du marché. Chacun vient comme il est, personne ne paie.",
        "Le dernier dimanche du mois à midi",
        "Salle des fêtes",
        "",
    ),
    (
        "Judo-club du Bourg",
        "W991000152",
        "sport",
        "Judo dès 5 ans, loisir et compétition, avec deux professeurs diplômés.",
        "Mercredi et vendredi, hors vacances scolaires",
        "Gymnase de l’école",
        "95 € par an, aide de la commune possible",
    ),
)


def fill(cast: dict[str, Person]) -> None:
    """Who runs them, two drawings, three calls, and Lucas who asks for the page of his judo club."""
    orchard, feasts, elders, table, judo = (_open(*words) for words in ASSOCIATIONS)
    orchard.welcome(cast["mathilde"], MANAGER, None, title="Présidente", shown=True)
    orchard.welcome(cast["jeanne"], HELPER, None, title="Trésorière")
    feasts.welcome(cast["karim"], MANAGER, None, title="Président", shown=True)
    feasts.welcome(cast["odile"], HELPER, None, title="Secrétaire", shown=True)
    elders.welcome(cast["yvonne"], MANAGER, None, title="Présidente")
    table.welcome(cast["amadou"], MANAGER, None, title="Trésorier", shown=True)
    elders.phone, orchard.email = "02 99 00 00 44", "verger@saint-loup.example"
    _illustrate(association_of(orchard), "orchard", "#a3c08b")
    _illustrate(association_of(judo), "judo", "#b3b8a4")
    asked = judo.claim(cast["lucas"], "J’en suis le président depuis septembre : le récépissé est en mairie.")
    asked.made_at = now() - timedelta(days=2)
    _wash_house(association_of(orchard), cast)
    _cherries(association_of(orchard), cast)
    _feast(association_of(feasts), cast)


def _open(name: str, number: str, theme: str, purpose: str, schedule: str, where: str, prices: str) -> Organisation:
    organisation = Organisation(sort=ASSOCIATION, name=name, registration=number)
    organisation.entered_at = now() - timedelta(days=40)
    db.session.add(organisation)
    association = association_of(organisation)
    association.theme, association.purpose = theme, purpose
    association.schedule, association.where, association.prices = schedule, where, prices
    organisation.show()
    return organisation


def _illustrate(association: Association, name: str, colour: str) -> None:
    """Drawn in every size already, so that opening the demo town decodes nothing."""
    folder = files("town") / "data" / "demo" / "pictures"
    sizes = {size: (folder / f"{name}-{size}.webp").read_bytes() for size in SIZES}
    attach([store().put(Picture(1280, 720, colour, "", sizes))], association.__tablename__, association.id)
    association.change()


def _needed(day: date, start: float, end: float, seats: int, words: str) -> Needed:
    hours = [time(int(hour), int(hour % 1 * 60)) for hour in (start, end)]
    starts, ends = (moment_of(day, hour, "start_at") for hour in hours)
    return Needed(starts, ends, seats, words)


def _saturday(weeks: int) -> date:
    """A Saturday at least a week ahead."""
    return today() + timedelta(days=(5 - today().weekday()) % 7 + 7 * weeks)


def _cherries(association: Association, cast: dict[str, Person]) -> None:
    on = _saturday(1)
    mission = Mission(
        association=association,
        title="Récolte des cerises",
        task="On cueille, on trie, on remplit les paniers. Chacun repart avec le sien. Les échelles sont sur place.",
        meeting_point="Verger du Puits, au portail bleu",
        skills="Un chapeau et de l’eau ; monter à l’échelle n’est pas obligé.",
        access="Terrain en herbe, stationnement chemin du Puits.",
    )
    mission.call(
        cast["mathilde"],
        [
            _needed(on, 9, 11, 8, "Cueillette"),
            _needed(on, 11, 13, 6, "Tri et paniers"),
            _needed(on, 13, 14, 4, "Repas partagé"),
        ],
    )
    picking, sorting, meal = mission.slots
    _sign_up(mission, cast, picking.public_id, "karim", "odile", "theo", "amadou", "jeanne", "lucas")
    _sign_up(mission, cast, sorting.public_id, "odile", "claire", "helene")
    _sign_up(mission, cast, meal.public_id, "karim", "jeanne", "amadou", "claire", "odile")
    _since(mission, 3)


def _feast(association: Association, cast: dict[str, Person]) -> None:
    on = _saturday(3)
    mission = Mission(
        association=association,
        title="Monter les tables de la fête du tilleul",
        task="Quarante tables, deux barnums, et du café pour tout le monde.",
        meeting_point="Place du Tilleul, devant la salle des fêtes",
        skills="Des gants si vous en avez.",
        youngest=18,
    )
    mission.call(cast["karim"], [_needed(on, 8, 10.5, 12, "Monter"), _needed(on, 22, 23.5, 10, "Ranger")])
    _sign_up(mission, cast, mission.slots[0].public_id, "lucas", "theo")
    _since(mission, 1)


def _wash_house(association: Association, cast: dict[str, Person]) -> None:
    """Three weeks ago: done by the verbs, then put back in time; its hours are validated."""
    mission = Mission(
        association=association,
        title="Nettoyage du lavoir",
        task="On brosse, on débroussaille, on pique-nique.",
        meeting_point="Lavoir, rue des Tanneries",
    )
    mission.call(cast["mathilde"], [_needed(_saturday(1), 9, 12, 6, "")])
    _sign_up(mission, cast, mission.slots[0].public_id, "odile", "karim", "jeanne", "lucas")
    slot = db.session.scalars(slots_of(mission)).one()
    back = timedelta(days=28)
    slot.starts, slot.ends, mission.ends_at = slot.starts - back, slot.ends - back, mission.ends_at - back
    mission.read_again()
    for signup, came in zip(mission.slots[0].signups, (True, True, True, False), strict=True):
        mission.confirm(signup, came, None, cast["mathilde"])
        signup.confirmed_at = slot.ends
    _since(mission, 35)
    _told_long_ago(mission, slot.ends)


def _sign_up(mission: Mission, cast: dict[str, Person], slot: str, *names: str) -> None:
    for name in names:
        found = next(one for one in mission.slots if one.public_id == slot)
        mission.sign_up(cast[name], found)


def _since(mission: Mission, days: int) -> None:
    mission.created_at = now() - timedelta(days=days, hours=2)
    publish(mission)


def _told_long_ago(mission: Mission, at: datetime) -> None:
    """Nobody is told today of what is long known."""
    told = {happened.id for happened in happenings(mission)}
    for happened in happenings(mission):
        happened.at = at
    promised = select(Job).where(Job.name == TELL)
    known = [job.id for job in db.session.scalars(promised) if job.payload["activity"] in told]
    db.session.execute(delete(Job).where(Job.id.in_(known)))
