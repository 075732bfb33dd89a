"""The page of the rules, and my reading keys to show elsewhere."""

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from town.blueprints.trust.showing import GOOD_FOR, shown_by, token_for
from town.commons.people import me, visitor
from town.commons.people.access import PUBLIC, SIGNED_IN
from town.commons.trust.keys import reading_keys
from town.commons.trust.rules import rules as all_rules
from town.kernel.features import Feature, address_of
from town.kernel.language import today
from town.kernel.text import slugify
from town.kernel.web import page

feature = Feature("trust", __name__, title=_l("Trust"), icon="certified", short={"/confiance": "rules"}, essential=True)


@feature.get("/rules", access=PUBLIC)
def rules() -> ResponseReturnValue:
    """How each fact about a neighbour is found, from the declarations that count it."""
    return page("trust/rules.html", rules=all_rules())


@feature.get("/mine", access=SIGNED_IN)
def mine() -> ResponseReturnValue:
    """What I may show to somebody who does not live here: the facts, an address that proves them, a page to keep."""
    person = me()
    return page(
        "trust/mine.html",
        person=person,
        keys=reading_keys(person.id)[person.id],
        address=address_of("trust.verify", token=token_for(person.public_id)),
        until=today() + GOOD_FOR,
    )


@feature.get("/mine/page", access=SIGNED_IN, keep="never")
def my_page() -> ResponseReturnValue:
    """One file that stands alone, without pictures or scripts, to be sent or printed."""
    person = me()
    text = render_template(
        "trust/page.html",
        person=person,
        keys=reading_keys(person.id)[person.id],
        address=address_of("trust.verify", token=token_for(person.public_id)),
        rules=address_of("trust.rules"),
        until=today() + GOOD_FOR,
    )
    answer = make_response(text)
    answer.headers["Content-Disposition"] = f'attachment; filename="{slugify(visitor().first_name)}.html"'
    return answer


@feature.get("/verify/<token>", access=PUBLIC, keep="never")
def verify(token: str) -> ResponseReturnValue:
    """Whoever was given the address reads the facts as they are now, which a page on paper cannot promise."""
    shown = shown_by(token)
    if shown is None:
        return page("trust/over.html", status=404)
    person, until = shown
    return page("trust/shown.html", person=person, keys=reading_keys(person.id)[person.id], until=until)
