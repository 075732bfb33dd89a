"""A trial feature on the real machinery: quarters of the town, which anybody may add and nobody twice."""

from pathlib import Path

from flask import request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import InputRequired

from town import create_app
from town.commons.people.access import CERTIFIED, PUBLIC, SIGNED_IN, role
from town.commons.places.models import Quarter
from town.kernel.db import db, flush, get_or_404, guard_slow
from town.kernel.features import Feature, register
from town.kernel.forms import Form
from town.kernel.refusals import Refused
from town.kernel.towns import make_town
from town.kernel.web import TownApp, page, see
from town.settings import Settings


class QuarterForm(Form):
    name = StringField(validators=[InputRequired()])


class NameTaken(Refused):
    sentence = "Another quarter bears that name."


def trial_feature() -> Feature:
    """`/trial/`: shows quarters, adds one, and misbehaves on request."""
    trial = Feature("trial", "tests.kernel.trial", title="Trial", icon="town")

    @trial.get("/<public_id>", access=PUBLIC)
    def show(public_id: str) -> ResponseReturnValue:
        quarter = get_or_404(select(Quarter), public_id=public_id)
        return page("trial.html", "quarter", quarter=quarter, form=QuarterForm())

    @trial.get("/", access=PUBLIC)
    def index() -> ResponseReturnValue:
        return page("trial.html", "quarter", quarter=None, form=QuarterForm())

    @trial.post("/", access=PUBLIC, shows="trial.index")
    def create() -> ResponseReturnValue:
        form = QuarterForm()
        if not form.validate():
            return page("trial.html", "quarter", quarter=None, form=form, status=422)
        quarter = Quarter(name=form.name.data)
        db.session.add(quarter)
        flush(NameTaken)
        if request.form.get("then") == "break":
            raise ZeroDivisionError
        return see("trial.show", public_id=quarter.public_id)

    @trial.get("/careless", access=PUBLIC)
    def careless() -> ResponseReturnValue:
        db.session.add(Quarter(name="Nowhere"))
        db.session.flush()
        return "written"

    @trial.post("/slow", access=PUBLIC)
    def slow() -> ResponseReturnValue:
        db.session.scalar(select(Quarter.id).limit(1))
        guard_slow("bake a cake")
        return "baked"

    @trial.get("/members", access=CERTIFIED)
    def members() -> ResponseReturnValue:
        return "members"

    @trial.get("/mine", access=SIGNED_IN)
    def mine() -> ResponseReturnValue:
        return "mine"

    @trial.get("/office", access=role("agent"))
    def office() -> ResponseReturnValue:
        return "office"

    return trial


TEMPLATE = """{% extends "base.html" %}{% block title %}Trial{% endblock %}{% block main %}<h1>Trial</h1>
{% block quarter %}<section id="quarter">{{ quarter.name if quarter }}
<form method="post" action="/trial/">{{ form_keys(form) }}<input name="name" value="{{ form.name.data or '' }}"></form>
</section>{% endblock %}{% endblock %}"""


def trial_app(instance: Path, database_url: str | None = None) -> TownApp:
    settings = Settings(
        env="development", instance=instance, staff_2fa="off", rate_limits="off", database_url=database_url
    )
    app = create_app(settings)
    feature = trial_feature()
    feature.jinja_loader = DictLoader({"trial.html": TEMPLATE})  # type: ignore[misc]  # a cached property
    register(app, feature)
    return app


def open_two(app: TownApp) -> None:
    for slug in ("a", "b"):
        make_town(app.extensions["towns"], slug, [f"{slug}.localhost"], {"name": slug.upper()})
