"""Both neighbours of an exchange write at the same moment, each in a transaction of their own."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from threading import Barrier

from tests.cast import person_named
from tests.reviews.conftest import GOOD, lend
from town.commons.reviews import Exchange, exchange_about
from town.commons.reviews.refusals import AlreadyReviewed
from town.demo import DEMO_SLUG
from town.kernel.db import db
from town.kernel.tenancy import enter
from town.kernel.web import TownApp


def an_exchange(app: TownApp) -> int:
    with enter(app, DEMO_SLUG):
        found = exchange_about(lend(person_named("karim"), person_named("odile")))
        assert found is not None
        db.session.commit()
        return found.id


def write_at_once(app: TownApp, number: int, *names: str) -> list[str]:
    """What became of each one's review."""
    start = Barrier(len(names))

    def write(name: str) -> str:
        with enter(app, DEMO_SLUG):
            start.wait(30)
            exchange, writer = db.session.get(Exchange, number), person_named(name)
            assert exchange is not None
            try:
                exchange.write(writer, GOOD, name)
                db.session.commit()
            except AlreadyReviewed:
                db.session.rollback()
                return "refused"
            return "written"

    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(lambda name: Context().run(write, name), names))


def test_whoever_comes_second_opens_both(app: TownApp) -> None:
    """Neither may think to be the first and stay hidden for a fortnight."""
    number = an_exchange(app)
    assert write_at_once(app, number, "karim", "odile") == ["written", "written"]
    with enter(app, DEMO_SLUG):
        exchange = db.session.get(Exchange, number)
        assert exchange is not None
        assert [review.readable for review in exchange.reviews] == [True, True]


def test_a_double_tap_is_one_review(app: TownApp) -> None:
    number = an_exchange(app)
    assert sorted(write_at_once(app, number, "odile", "odile", "odile")) == ["refused", "refused", "written"]
    with enter(app, DEMO_SLUG):
        exchange = db.session.get(Exchange, number)
        assert exchange is not None
        assert len(exchange.reviews) == 1
