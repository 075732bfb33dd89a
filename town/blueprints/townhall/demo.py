"""The demo town's notices: what a village says in an ordinary month."""

from datetime import date, timedelta

from sqlalchemy import select

from town.blueprints.townhall.models import ALERT, INFO, LIFE, WORKS, Notice
from town.commons import board
from town.commons.activity import TELL, happenings
from town.commons.notices.models import mark_read
from town.commons.notices.telling import MAIL, tell_those_concerned
from town.commons.people.models import Person
from town.commons.places.concerns import Concerns
from town.commons.places.models import Quarter, Street
from town.kernel.db import db, now
from town.kernel.jobs import Job
from town.kernel.language import day, today

CLAIRE, HELENE = "Mme Claire Vasseur, adjointe au cadre de vie", "Mme Hélène Bodin, maire"


def fill(cast: dict[str, Person]) -> None:
    """Seven notices, the oldest ten days old; the water of rue des Tanneries is cut tomorrow."""
    tanneries = Concerns(streets=(_street("Rue des Tanneries"),))
    bourg = Concerns(quarters=(_quarter("Le Bourg"),))
    tomorrow = today() + timedelta(days=1)
    saturday = _next(5)
    claire, helene = cast["claire"], cast["helene"]
    _tell(
        claire,
        10,
        "Saint-Loup a son application",
        "Prêter une échelle, signaler un lampadaire, lire les avis de la mairie : tout est ici, sans publicité.\n\n"
        "Une question ? Passez en mairie, nous vous aidons à vous inscrire.",
        INFO,
        Concerns(),
        signature=HELENE,
    )
    _tell(
        claire,
        8,
        "La piscine ouvre samedi à 10 h",
        "Gratuite pour les moins de 16 ans de la commune. Pensez au maillot et à la carte de voisin.",
        LIFE,
        Concerns(),
    )
    _tell(
        helene,
        6,
        "Conseil municipal jeudi à 20 h",
        "Salle du conseil, ouvert à tous. À l’ordre du jour : le préau de l’école, les arbres de l’automne, le budget "
        "participatif. Le compte rendu sera affiché sous huit jours.",
        LIFE,
        Concerns(),
        signature=HELENE,
        last=_next(3),
    )
    works = _tell(
        claire,
        4,
        "Grande Rue en sens unique",
        "De l’église à la place du Tilleul, pour la pose de la nouvelle conduite d’eau. Déviation par la rue Basse. "
        "Les commerces restent ouverts.",
        WORKS,
        bourg,
        first=today() - timedelta(days=1),
        last=today() + timedelta(days=12),
    )
    works.correct(
        claire,
        important=False,
        title=works.title,
        words=works.words.replace("la rue Basse", "la rue Basse et la rue du Four"),
        kind=works.kind,
        starts_on=works.starts_on,
        ends_on=works.ends_on,
        concerns=bourg,
        signature=works.signature,
    )
    works.corrections[0].at = now() - timedelta(days=2, hours=4)
    _tell(
        claire,
        3,
        "Le marché s’installe place de la Gare",
        "Ce samedi seulement, de 8 h à 13 h : la place du Tilleul reçoit la brocante de l’école.",
        LIFE,
        Concerns(),
        last=saturday,
    )
    _tell(
        helene,
        2,
        "Le bulletin de l’été est arrivé",
        "Il est dans vos boîtes aux lettres, et en mairie en gros caractères. Merci aux six voisins qui le portent.",
        INFO,
        Concerns(),
        signature=HELENE,
    )
    _tell(
        claire,
        0,
        "Eau coupée demain, rue des Tanneries",
        f"{day(tomorrow).capitalize()}, de 9 h à 12 h, numéros 2 à 38. Réparation d’une fuite. "
        "Pensez à remplir une carafe ce soir.",
        ALERT,
        tanneries,
        first=tomorrow,
        last=tomorrow,
    )
    Notice.drafted(
        claire,
        title="Coupe des arbres de l’avenue de la Gare",
        words="Dates à confirmer avec l’entreprise.",
        kind=WORKS,
        starts_on=None,
        ends_on=None,
        concerns=Concerns(streets=(_street("Avenue de la Gare"),)),
        signature=CLAIRE,
    )


def _tell(
    by: Person,
    days_ago: int,
    title: str,
    words: str,
    kind: str,
    concerns: Concerns,
    first: date | None = None,
    last: date | None = None,
    signature: str = CLAIRE,
) -> Notice:
    notice = Notice.drafted(
        by,
        title=title,
        words=words,
        kind=kind,
        starts_on=first,
        ends_on=last,
        concerns=concerns,
        signature=signature,
    )
    notice.publish(by)
    notice.published_at = notice.created_at = now() - timedelta(days_ago, hours=1 + days_ago % 3)
    board.publish(notice)
    happened = {one.id: one for one in happenings(notice)}
    for number, one in happened.items():
        one.at = notice.published_at
        db.session.flush()
        tell_those_concerned({"activity": number})
    for promise in db.session.scalars(select(Job).where(Job.name.in_((TELL, MAIL)))):
        if promise.name == MAIL or promise.payload["activity"] in happened:
            db.session.delete(promise)  # told already, and a demonstration writes to nobody
    if days_ago > 2:
        for person_id in db.session.scalars(select(Person.id)):
            mark_read(person_id, subject=notice)
    return notice


def _next(weekday: int) -> date:
    """The next day of that weekday, Monday being 0; today does not count."""
    return today() + timedelta(days=(weekday - today().weekday() - 1) % 7 + 1)


def _street(name: str) -> int:
    return db.session.scalars(select(Street.id).where(Street.name == name)).one()


def _quarter(name: str) -> int:
    return db.session.scalars(select(Quarter.id).where(Quarter.name == name)).one()
