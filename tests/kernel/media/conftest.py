"""A town with an album: one page with a form for photos, and three kinds of things that photos belong to."""

import os
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import g, render_template_string, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import DataRequired

from tests import postgres
from tests.kernel.media import corpus
from town import create_app
from town.kernel import media
from town.kernel.db import db
from town.kernel.features import Feature, register
from town.kernel.forms import Form
from town.kernel.media import Media, PictureField, attach, register_guard, views
from town.kernel.policy import PUBLIC
from town.kernel.refusals import Refused
from town.kernel.registry import Town
from town.kernel.tenancy import enter
from town.kernel.towns import make_town
from town.kernel.web import TownApp, page, see
from town.settings import Settings

FORM = """{% from "components/forms.html" import picture %}
<form method="post" enctype="multipart/form-data">{{ form_keys() }}<p>{{ form.title() }}</p>
{{ picture(form.photos) }}{% for e in form.photos.errors %}<q>{{ e }}</q>{% endfor %}</form>"""


@dataclass(frozen=True)
class Somebody:
    """Whoever asks, as far as pictures care."""

    person_id: int | None = None
    agent_id: int | None = None
    acting: str = ""
    csrf_secret: str = ""
    language: str = "en"

    @property
    def signed_in(self) -> bool:
        return self.person_id is not None

    @property
    def actor_key(self) -> str:
        return f"person:{self.person_id}" if self.signed_in else "visitor"


class PageForm(Form):
    title = StringField("Title", [DataRequired("A title, please.")])
    photos = PictureField("Photos", at_most=3)


class Full(Refused):
    """The album takes no more."""

    sentence = "The album is full."


def album() -> Feature:
    feature = Feature("album", __name__, title="Album", icon="photo")

    def show_form(form: PageForm, status: int = 200) -> ResponseReturnValue:
        return render_template_string(FORM, form=form), g.get("status", status)

    @feature.get("/", access=PUBLIC)
    def show() -> ResponseReturnValue:
        return show_form(PageForm())

    @feature.post("/", access=PUBLIC, shows="album.show")
    def create() -> ResponseReturnValue:
        db.session.scalar(select(Media.id))  # found and authorized, as views do first
        form = PageForm()
        if not form.validate():
            return page("errors/422.html", form=form, status=422) if request.args else show_form(form, 422)
        attach(form.photos.data, "page", 1, uploaded_by=g.viewer.person_id, alts=[form.title.data or ""])
        if form.title.data == "one too many":
            raise Full
        return see("album.show")

    return feature


@pytest.fixture(scope="session")
def album_database(request: pytest.FixtureRequest) -> str | None:
    """The PostgreSQL database of the towns, when the suite runs there."""
    if os.environ.get("TOWN_TEST_ENGINE") != "postgresql":
        return None
    server = request.getfixturevalue("postgres_server")
    postgres.create(server, "album")
    return postgres.url_of(server, "album")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, album_database: str | None) -> Iterator[TownApp]:
    """The application with its album, and two towns that must not see each other's photos."""
    instance = tmp_path_factory.mktemp("album")
    app = create_app(
        Settings(env="development", instance=instance, staff_2fa="off", rate_limits="off", database_url=album_database)
    )

    @app.before_request
    def somebody() -> None:
        number = request.headers.get("X-Person")
        g.viewer = Somebody(int(number) if number else None)

    register(app, album())
    for slug in ("thomery", "dinan"):
        make_town(app.extensions["towns"], slug, [f"{slug}.test"], {"name": slug.title(), "language": "en"})
    yield app
    engines = app.extensions["towns"].engines
    engines.close()
    if engines.server is not None:
        engines.server.dispose()


@pytest.fixture
def thomery(house: TownApp) -> Iterator[Town]:
    """Work inside one of the towns, as a command would; its pictures are gone before the next test."""
    with enter(house, "thomery") as town:
        db.session.execute(db.delete(Media))
        db.session.commit()
        yield town
        db.session.rollback()


@pytest.fixture(autouse=True)
def guards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are public, letters are for neighbour 7, drafts for nobody."""
    monkeypatch.setattr(views, "_guards", {})
    register_guard("page", lambda subject_id: "public")
    register_guard("letter", lambda subject_id: "private" if g.viewer.person_id == 7 else None)
    register_guard("draft", lambda subject_id: None)


class Browser(FlaskClient):
    """The browser of one neighbour, in one town."""

    town = "thomery"

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("base_url", f"http://{self.town}.test")
        # In a context of its own: Flask would lend the request the `g` of the town that the test works in.
        return Context().run(super().open, *args, **kwargs)


@pytest.fixture
def visit(house: TownApp) -> Callable[..., FlaskClient]:
    """`visit(7)` is the browser of neighbour 7, `visit()` anybody's."""

    def open_browser(person: int | None = None, town: str = "thomery") -> FlaskClient:
        browser = Browser(house)
        browser.town = town
        if person is not None:
            browser.environ_base["HTTP_X_PERSON"] = str(person)
        return browser

    return open_browser


@pytest.fixture
def keep() -> Callable[..., Media]:
    """`keep("letter", 3)` puts a photo into the open town, belonging to letter 3."""

    def put(subject_type: str | None = "page", subject_id: int | None = 1, data: bytes | None = None) -> Media:
        picture = media.receive(data or corpus.telling_jpeg())
        (row,) = attach([picture], subject_type, subject_id, uploaded_by=7)
        db.session.commit()
        return row

    return put


def files_in(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


def posted(title: str, *photos: bytes, names: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    """What a browser sends: `data=posted("Title", photo, photo)`."""
    labels = [*names, *(f"IMG_{number}.jpg" for number in range(len(photos)))]
    files = [(BytesIO(photo), label) for photo, label in zip(photos, labels, strict=False)]
    return {"title": title, "photos": files, **more}
