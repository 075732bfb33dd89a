"""Templates are translated once a language, and addresses are made from patterns: what comes out is as before."""

import pytest
from flask import g, url_for
from markupsafe import Markup
from werkzeug.routing import BuildError

from town.demo import DEMO_SLUG
from town.kernel.features import link_to, path_to
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
