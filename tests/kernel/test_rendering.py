"""Templates are translated once a language, and addresses are made from patterns: what comes out is as before."""

from datetime import date

import pytest
from flask import g, url_for
from markupsafe import Markup
from werkzeug.routing import BuildError

from town.demo import DEMO_SLUG
from town.kernel.features import link_to, path_to
from town.kernel.language import today
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def say(app: TownApp, language: str, template: str, **words: object) -> str:
    with enter(app, DEMO_SLUG):
        g.language = language
        return app.jinja_env.from_string(template).render(**words)


def test_each_language_reads_its_own_sentences(app: TownApp) -> None:
    template = '{{ _("Hello %(name)s", name=who) }}, {{ _("Help") }}, {{ pgettext("problem reported", "Received") }}'
    for _ in range(2):  # in turn, as visitors come
        assert say(app, "fr", template, who="Odile") == "Bonjour Odile, Aide, Reçu"
        assert say(app, "en", template, who="Odile") == "Hello Odile, Help, Received"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Karim", "de Karim"),
        ("Amadou D.", "d’Amadou D."),
        ("Élodie", "d’Élodie"),
        ("Yvonne", "d’Yvonne"),
        ("Yann", "de Yann"),
        ("Hélène", "d’Hélène"),
        ("Hassan", "de Hassan"),
    ],
)
def test_names_and_first_days_are_said_as_people_say_them(app: TownApp, name: str, said: str) -> None:
    template = "{{ of_name(who) }}, {{ first|day('short') }}, {{ (first.replace(day=11))|day('short') }}"
    first = date(today_there(app).year, 12, 1)
    assert say(app, "fr", template, who=name, first=first) == f"{said}, 1er décembre, 11 décembre"
    assert say(app, "en", template, who=name, first=first) == f"of {name}, 1 December, 11 December"


def today_there(app: TownApp) -> date:
    with enter(app, DEMO_SLUG):
        return today()


def test_what_people_write_is_still_escaped_in_a_sentence(app: TownApp) -> None:
    template = '{{ _("Hello %(name)s", name=who) }}'
    assert say(app, "fr", template, who="<b>Théo</b> 100 %(x)s") == "Bonjour &lt;b&gt;Théo&lt;/b&gt; 100 %(x)s"
    assert say(app, "fr", template, who=Markup("<b>Théo</b>")) == "Bonjour <b>Théo</b>"


def test_a_sentence_that_the_template_does_not_hold_is_looked_up(app: TownApp) -> None:
    assert say(app, "fr", "{{ _(word) }}", word="Help") == "Aide"
    assert say(app, "fr", '{{ ngettext("%(num)s new", "%(num)s new", 2) if false else _("Help") }}') == "Aide"


VALUES = (
    {},
    {"public_id": "4f9_-Zx"},
    {"public_id": "a b/é?&{}"},
    {"public_id": "x", "q": "deux mots"},
    {"page": 3},
    {"name": "page", "v": "1"},
)


@pytest.mark.parametrize("values", VALUES)
def test_addresses_are_those_that_flask_makes(app: TownApp, values: dict[str, object]) -> None:
    with app.test_request_context("/"):
        towns = app.extensions["towns"]
        towns.open(towns.registry.town(DEMO_SLUG))
        for rule in app.url_map.iter_rules():
            try:
                wanted = url_for(rule.endpoint, **values)  # type: ignore[arg-type]  # any value may come
            except BuildError:
                with pytest.raises(BuildError):
                    path_to(rule.endpoint, **values)
            else:
                assert path_to(rule.endpoint, **values) == wanted
        assert link_to("nowhere.index") == ""
