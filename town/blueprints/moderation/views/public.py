"""Reporting an abuse, with an account or without, and the rules."""

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.moderation.forms import AbuseForm
from town.blueprints.moderation.views import feature
from town.commons.board import Card
from town.commons.holds import SEE_HELD
from town.commons.moderation import Case
from town.commons.moderation.refusals import YourOwnContent
from town.commons.moderation.reporting import MAY_HIDE_AT_ONCE
from town.commons.moderation.rules import REASONS, RULES
from town.commons.moderation.things import find_card
from town.commons.people.access import PUBLIC
from town.commons.people.visit import me, visitor
from town.kernel.features import link_to
from town.kernel.limits import Limit, by_network, by_person, give_back
from town.kernel.web import page, see


def by_person_or_network() -> str:
    """Whoever is signed in, or everybody who comes the same way."""
    return by_person() or by_network()


REPORTS = Limit(
    "moderation.report",
    "20 per day",
    by_person_or_network,
    _l("That is twenty reports today. Call the town hall for what cannot wait."),
    closed=False,
)


@feature.get("/rules", access=PUBLIC)
def rules() -> ResponseReturnValue:
    """What nobody may write here, and how that is judged."""
    return page("moderation/rules.html", rules=RULES)


@feature.get("/report/<public_id>", access=PUBLIC)
def new(public_id: str) -> ResponseReturnValue:
    card = find_card(visitor(), public_id)
    return _ask(card, AbuseForm(official=card.official))


@feature.post("/report/<public_id>", access=PUBLIC, shows="moderation.new", limits=(REPORTS,))
def create(public_id: str) -> ResponseReturnValue:
    card = find_card(visitor(), public_id, though_held=True)
    form = AbuseForm(official=card.official)
    if not form.validate():
        give_back(REPORTS)
        return _ask(card, form, 422)
    sent = Case.report(
        card,
        me() if visitor().signed_in else None,
        form.reason.data,
        form.words.data or "",
        quote=form.quote.data or "",
        name=form.name.data or "" if "name" in form else "",
        email=form.email.data or "" if "email" in form else "",
        by_staff=visitor().has_role(*MAY_HIDE_AT_ONCE),
        at_once="at_once" in form and bool(form.at_once.data),
    )
    return see("moderation.receipt", public_id=sent.public_id)


def _ask(card: Card, form: AbuseForm, status: int = 200) -> ResponseReturnValue:
    if visitor().is_person(card.owner_id):
        return page("errors/403.html", because=YourOwnContent.sentence, status=403)
    told = card.hidden_at is None or visitor().has_role(*SEE_HELD)
    url = link_to(card.endpoint, public_id=card.public_id) if told else link_to("home.index")
    shown = {"card": card, "told": told, "url": url, "form": form, "reasons": REASONS}
    return page("moderation/new.html", "report", **shown, status=status)
