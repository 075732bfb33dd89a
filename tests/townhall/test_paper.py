"""A notice on one page of A4, whatever it says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import person_named
from tests.conftest import Browse
from tests.sheet.reading import no_word_is_cut, nothing_runs_off, pages_of
from town.blueprints.townhall.models import INFO, Notice
from town.blueprints.townhall.paper import MARGIN, Poster, draw_poster
from town.commons.places.concerns import Concerns
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.paper import Paper, printable
from town.kernel.tenancy import enter
from town.kernel.web import TownApp

line = st.lists(st.text("aeiounrstlméèœ’-.,!?«»0123", min_size=1, max_size=13), min_size=1, max_size=80).map(" ".join)


@settings(max_examples=20, deadline=None)
@given(title=line.map(lambda text: text[:80]), paragraphs=st.lists(line, max_size=40), places=line)
def test_a_notice_is_one_page_and_no_word_of_it_is_cut(title: str, paragraphs: list[str], places: str) -> None:
    poster = Poster(
        town="Saint-Loup-des-Tilleuls",
        sort="Avis de la mairie",
        title=title,
        paragraphs=tuple(paragraphs)[:24],
        facts=("Vendredi 19 juin", places[:160], "Signé : Mme Claire Vasseur"),
        how="Pour lire la suite, visez le carré avec votre téléphone ou tapez saint-loup.example/f/K7M2P.",
        code="K7M2P",
        address="HTTPS://SAINT-LOUP.EXAMPLE/F/K7M2P",
        arms=None,
    )
    paper = draw_poster(poster)
    assert len(pages_of(paper.file())) == 1
    nothing_runs_off(paper, MARGIN)
    letters = Paper("").letters
    said = (poster.town, poster.sort, poster.title, *poster.paragraphs, *poster.facts, poster.how, poster.code)
    no_word_is_cut(paper, [printable(text, letters) or "" for text in said])


def test_anybody_prints_a_published_notice_and_nobody_a_draft(app: TownApp, browse: Browse) -> None:
    with enter(app, DEMO_SLUG):
        notice = Notice.drafted(
            person_named("claire"),
            title="Coupure d’électricité jeudi",
            words="Jeudi, de 9 h à 11 h.\n\nPensez aux congélateurs.",
            kind=INFO,
            starts_on=None,
            ends_on=None,
            concerns=Concerns(),
            signature="Mme Claire Vasseur",
        )
        db.session.commit()
        public_id = notice.public_id
    address = f"/town-hall/notices/{public_id}/sheet.pdf"
    assert browse().get(address).status_code == 404
    assert browse("claire").get(address).status_code == 404
    assert browse("claire").post(f"/town-hall/notices/{public_id}/publication").status_code == 303
    answer = browse().get(address)
    assert answer.mimetype == "application/pdf"
    (page,) = pages_of(answer.data)
    page = page.replace("\u00a0", " ").replace("\u202f", " ")
    for words in (
        "Coupure d’électricité jeudi",
        "Jeudi, de 9 h à 11 h.",
        "Pensez aux congélateurs.",
        "Signé : Mme Claire",
    ):
        assert words in page
    assert "02 99 00 00 00" in page
    assert "saint-loup.localhost/f/" in page


def test_a_long_notice_is_shortened_and_says_where_it_goes_on(app: TownApp) -> None:
    words = "Le conseil se réunit pour parler du budget, des arbres et de l’école. "
    poster = Poster("Saint-Loup", "Avis", "Long", (words * 60,), ("Signé",), "Tapez x/f/K7M2P", "K7M2P", "X", None)
    (page,) = pages_of(draw_poster(poster).file())
    assert "…" in page
    assert "x/f/K7M2P" in page
