"""The demo town's reports, as on day ten: some answered, some waiting, one passed on, one declined with its reason."""

from datetime import timedelta

from sqlalchemy import select

from town.blueprints.complaints.models import Complaint, ComplaintStep
from town.commons.activity import happenings
from town.commons.board import publish
from town.commons.people.models import Person
from town.commons.places.spots import spot
from town.kernel.db import db
from town.kernel.language import today


def fill(cast: dict[str, Person]) -> None:
    """Ten reports told by the cast, read and answered by Jean, Claire and Hélène."""
    jean, claire, helene = cast["jean"], cast["claire"], cast["helene"]

    lamp = _report(
        cast["odile"],
        "lighting",
        "Lampadaire éteint, rue des Tanneries. C’est depuis dimanche. On ne voit plus la marche devant le lavoir.",
        "devant le 14 rue des Tanneries",
    )
    _passes(lamp, hours=12)
    lamp.acknowledge(
        claire, to_all=True, words="Merci. J’ai prévenu le syndicat d’électricité. Réponse attendue mercredi."
    )
    lamp.assign(claire, claire)
    _passes(lamp, days=2)
    for neighbour in ("jeanne", "karim", "mathilde"):
        lamp.follow(cast[neighbour])
    lamp.start(claire, "Le câble est coupé. Une équipe vient. En attendant, une barrière signale la marche.")
    _passes(lamp, days=1)

    same = _report(
        cast["theo"], "lighting", "Plus de lumière près du lavoir le soir, on trébuche.", "rue des Tanneries"
    )
    same.acknowledge(jean, to_all=True)
    same.merge_into(jean, lamp, "Bien reçu : votre voisine l’a signalé aussi. Vous suivez maintenant le même dossier.")
    _passes(same, days=1)

    leak = _report(
        cast["yvonne"],
        "water",
        "La fontaine fuit. L’eau coule jour et nuit sur les pavés, ça glisse le matin.",
        "place du Tilleul",
    )
    _passes(leak, hours=20)
    leak.acknowledge(jean, to_all=True)
    _passes(leak, days=2)
    leak.follow(cast["odile"])
    leak.resolve(jean, "Le joint du robinet est changé. Merci de l’avoir vu : c’était 200 litres par jour.")
    _passes(leak, days=4)

    crossing = _report(
        cast["karim"],
        "roads",
        "Passage piéton effacé. On ne le voit plus du tout quand il pleut, juste avant le virage.",
        "rue du Moulin-à-Vent",
    )
    _passes(crossing, days=1)
    crossing.acknowledge(claire, to_all=True)
    crossing.plan(
        claire, today() + timedelta(days=9), "La peinture demande deux jours secs. Nous avons retenu une date."
    )
    crossing.assign(claire, jean)
    _passes(crossing, days=3)

    bins = _report(
        cast["lucas"],
        "cleanliness",
        "Le bac de tri déborde place de la Gare. Les sacs restent par terre depuis lundi.",
        "place de la Gare",
    )
    _passes(bins, hours=14)
    bins.acknowledge(jean, to_all=True)
    bins.forward(
        jean, "la communauté de communes", "Le tri est de leur ressort. Ils passent deux fois plus cette semaine."
    )
    for neighbour in ("amadou", "karim"):
        bins.follow(cast[neighbour])
    _passes(bins, days=3)

    bench = _report(
        cast["amadou"],
        "idea",
        "Un banc à l’arrêt de car. Ma mère attend debout, et elle n’est pas la seule.",
        "avenue de la Gare",
    )
    _passes(bench, days=2)
    bench.acknowledge(helene, to_all=True)
    bench.decline(
        helene,
        "Le trottoir fait 1,20 m : avec un banc, un fauteuil roulant ne passerait plus. Nous posons un siège "
        "rabattable sous l’abri l’an prochain, au budget de la voirie.",
        "not_planned",
    )
    _passes(bench, days=3)

    branch = _report(
        cast["mathilde"],
        "green",
        "Branche basse chemin du Puits, à hauteur de visage pour un cycliste.",
        "chemin du Puits",
    )
    _passes(branch, days=1)
    branch.acknowledge(jean, to_all=True)
    branch.assign(jean, jean)
    branch.note(jean, "Voir avec l’élagueur s’il passe avant la fin du mois.")
    _passes(branch, days=2)

    noise = _report(
        cast["nadia"],
        "noise",
        "La pompe à chaleur de la maison d’en face s’entend toute la nuit, fenêtres fermées.",
        "rue de l’Église",
        to_all=False,
    )
    noise.acknowledge(
        helene,
        to_all=False,
        words="Je vous appelle cette semaine. Le conciliateur de justice peut aussi venir, c’est gratuit.",
    )
    _passes(noise, days=2)

    thanks = _report(cast["jeanne"], "thanks", "Merci aux agents pour le lavoir : il n’a jamais été aussi propre.", "")
    thanks.acknowledge(jean, to_all=True, words="Nous leur avons lu votre message. Ils vous remercient.")
    _passes(thanks, days=1)

    hole = _report(
        cast["lucas"],
        "roads",
        "Nid-de-poule devant l’école, au bord du passage piéton. Les enfants à vélo font un écart.",
        "rue de l’École",
    )
    _passes(hole, hours=15)


def _report(who: Person, category: str, words: str, where: str, *, to_all: bool = True) -> Complaint:
    return Complaint.report(who, category, words, spot(where, None), to_all=to_all)


def _passes(report: Complaint, *, days: int = 0, hours: int = 0) -> None:
    """Time passes: everything that has happened to the report until now lies that much further back."""
    passed = timedelta(days=days, hours=hours)
    db.session.flush()
    for name in ("received_at", "read_at", "published_at", "answered_at", "closed_at"):
        if getattr(report, name) is not None:
            setattr(report, name, getattr(report, name) - passed)
    for step in db.session.scalars(select(ComplaintStep).where(ComplaintStep.complaint_id == report.id)):
        step.at -= passed
    for happened in happenings(report):
        happened.at -= passed
    publish(report)
