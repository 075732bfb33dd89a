"""Who sees a photo, and what the browser is told about it."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from town.kernel.db import db
from town.kernel.media import Media
from town.kernel.media.store import store
from town.kernel.registry import Town

Keep = Callable[..., Media]
Visit = Callable[..., FlaskClient]


def at(picture: Media, size: str = "card") -> str:
    address = f"/media/{picture.name}/{size}.webp"
    db.session.rollback()  # looking the name up must not hold the lock while a browser asks
    return address


@pytest.mark.parametrize("size", ["small", "card", "large"])
def test_anybody_sees_the_photo_of_a_public_page(thomery: Town, keep: Keep, visit: Visit, size: str) -> None:
    answer = visit().get(at(keep(), size))
    assert answer.status_code == 200
    assert answer.mimetype == "image/webp"
    assert answer.data[8:12] == b"WEBP"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_photo_can_do_nothing_but_be_looked_at(thomery: Town, keep: Keep, visit: Visit) -> None:
    headers = visit().get(at(keep())).headers
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Content-Disposition"] == "inline"
    assert "Set-Cookie" not in headers
    assert "Last-Modified" not in headers, "it would tell when somebody took the photo home"


def test_the_photo_of_a_letter_is_for_whom_the_letter_is(thomery: Town, keep: Keep, visit: Visit) -> None:
    letter = keep("letter", 1)
    answer = visit(7).get(at(letter))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert answer.headers["X-Offline"] == "private"
    assert "Cookie" in answer.headers["Vary"]
    assert visit(8).get(at(letter)).status_code == 404
    assert visit().get(at(letter)).status_code == 404


def test_a_stranger_who_knows_the_photo_learns_no_more_than_who_does_not(
    thomery: Town, keep: Keep, visit: Visit
) -> None:
    letter = keep("letter", 1)
    tag = visit(7).get(at(letter)).headers["ETag"]
    refused = visit(8).get(at(letter), headers={"If-None-Match": tag})
    absent = visit(8).get(f"/media/{'0' * 32}/card.webp")
    assert refused.status_code == absent.status_code == 404
    assert refused.data == absent.data
    assert "ETag" not in refused.headers


@pytest.mark.parametrize("subject", [("draft", 1), ("nobody answers for this", 1), (None, None)])
def test_a_photo_that_nobody_answers_for_is_not_shown(
    thomery: Town, keep: Keep, visit: Visit, subject: tuple[str | None, int | None]
) -> None:
    assert visit(7).get(at(keep(*subject))).status_code == 404


def test_a_browser_that_has_the_photo_is_told_so(thomery: Town, keep: Keep, visit: Visit) -> None:
    picture = keep()
    first = visit().get(at(picture))
    again = visit().get(at(picture), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["Cache-Control"] == "no-cache"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert visit().get(at(picture, "small")).headers["ETag"] != first.headers["ETag"]
    assert visit().head(at(picture)).status_code == 200


def test_a_removed_photo_is_gone_at_once(thomery: Town, keep: Keep, visit: Visit) -> None:
    picture = keep()
    tag = visit().get(at(picture)).headers["ETag"]
    picture.remove()
    db.session.commit()
    assert visit().get(at(picture), headers={"If-None-Match": tag}).status_code == 404


def test_a_row_whose_file_was_lost_is_a_missing_photo_and_no_breakdown(thomery: Town, keep: Keep, visit: Visit) -> None:
    picture = keep()
    store().delete(picture.name)
    assert visit().get(at(picture)).status_code == 404


def test_a_photo_of_one_town_is_nothing_in_the_next(thomery: Town, keep: Keep, visit: Visit) -> None:
    assert visit(town="dinan").get(at(keep())).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/media/{name}/huge.webp",
        "/media/{name}/card.jpg",
        "/media/{name}/.webp",
        "/media/{name}/",
        "/media/{upper}/card.webp",
        "/media/{name}/../{name}/card.webp/x",
        "/media/../town.sqlite",
        "/media/..%2f..%2ftown.sqlite/card.webp",
        "/media/%2e%2e/town.webp",
        "/media/{name}/..%2f..%2f..%2ftown.webp",
        "/media/{name}%00/card.webp",
        "/media/{short}/card.webp",
        "/media/waiting/{name}/card.webp",
        "/media/",
    ],
)
def test_addresses_that_we_did_not_give_lead_nowhere(path: str, thomery: Town, keep: Keep, visit: Visit) -> None:
    name = keep().name
    db.session.rollback()
    answer = visit(7).get(path.format(name=name, upper=name.upper(), short=name[:8]))
    assert answer.status_code == 404


def test_pictures_cannot_be_posted_to(thomery: Town, keep: Keep, visit: Visit) -> None:
    assert visit(7).post(at(keep())).status_code == 405
