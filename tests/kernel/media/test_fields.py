"""Sending photos with a form: what is said of bad ones, and that good ones are never lost."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.kernel.media import corpus
from tests.kernel.media.conftest import posted
from tests.kernel.media.test_store import age
from town.kernel.db import db, now
from town.kernel.media import Media, fields, pictures_of
from town.kernel.media.store import NoRoomForPictures, store
from town.kernel.media.turns import TooManyAtOnce
from town.kernel.registry import Town
from town.kernel.web import TownApp

Visit = Callable[..., FlaskClient]
JPEG = corpus.telling_jpeg()


def shown(town: Town) -> list[Media]:
    found = list(db.session.scalars(pictures_of("page", 1)))
    db.session.expunge_all()
    db.session.rollback()  # or the lock would be held until the end of the test
    return found


def tokens(answer: TestResponse) -> list[str]:
    return [unescape(one) for one in re.findall(r'name="photos-kept" value="([^"]+)"', answer.text)]


def previews(answer: TestResponse) -> list[str]:
    return [unescape(one) for one in re.findall(r'<img src="([^"]+)"', answer.text)]


def errors(answer: TestResponse) -> list[str]:
    return [unescape(one) for one in re.findall(r"<q>(.*?)</q>", answer.text)]


def send(browser: FlaskClient, *args: Any, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
    return browser.post("/album/", data=posted(*args, **more), content_type="multipart/form-data", headers=headers)


def test_photos_sent_with_a_form_are_shown_in_the_order_chosen(thomery: Town, visit: Visit) -> None:
    wide, tall = corpus.saved(corpus.flag((300, 100)), "PNG"), corpus.saved(corpus.flag((100, 300)), "PNG")
    assert send(visit(7), "Our street", wide, tall).status_code == 303
    found = shown(thomery)
    assert [(one.width, one.height) for one in found] == [(300, 100), (100, 300)]
    assert found[0].uploaded_by == 7
    assert found[0].alt == "Our street"


def test_a_form_without_a_photo_goes_through(thomery: Town, visit: Visit) -> None:
    assert send(visit(7), "No photo").status_code == 303
    empty = visit(7).post("/album/", data=posted("No photo", b"", names=("",)))
    assert empty.status_code == 303
    assert shown(thomery) == []


def test_photos_are_not_lost_when_something_else_is_missing(thomery: Town, visit: Visit) -> None:
    browser = visit(7)
    refused = send(browser, "", JPEG, JPEG)
    assert refused.status_code == 422
    assert shown(thomery) == []
    kept = tokens(refused)
    assert len(kept) == len(previews(refused)) == 2
    assert "2 photos are kept." in refused.text
    preview = browser.get(previews(refused)[0])
    assert preview.status_code == 200
    assert preview.headers["Cache-Control"] == "private, no-store"
    again = send(browser, "A title", **{"photos-kept": kept})
    assert again.status_code == 303
    assert len(shown(thomery)) == 2
    for picture in shown(thomery):
        assert browser.get(f"/media/{picture.name}/large.webp").status_code == 200


def test_photos_survive_two_mistakes_and_meet_a_third_one_added_later(thomery: Town, visit: Visit) -> None:
    browser = visit()
    once = send(browser, "", JPEG)
    twice = send(browser, "", JPEG, **{"photos-kept": tokens(once)})
    assert len(tokens(twice)) == 2
    assert tokens(twice)[0] == tokens(once)[0]
    assert send(browser, "A title", JPEG, **{"photos-kept": tokens(twice)}).status_code == 303
    assert len(shown(thomery)) == 3


def test_a_photo_can_be_taken_off_before_sending_again(thomery: Town, visit: Visit) -> None:
    browser = visit(7)
    kept = tokens(send(browser, "", JPEG, corpus.saved(corpus.flag((90, 30)), "PNG")))
    send(browser, "A title", **{"photos-kept": kept, "photos-drop": kept[:1]})
    assert [one.width for one in shown(thomery)] == [90]


def test_a_verb_that_is_refused_keeps_the_photos_and_decodes_them_once(
    thomery: Town, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = []
    real = fields.receive
    monkeypatch.setattr(fields, "receive", lambda data: decoded.append(1) or real(data))
    refused = send(visit(7), "one too many", JPEG)
    assert refused.status_code == 409
    assert decoded == [1]
    assert len(tokens(refused)) == 1
    assert shown(thomery) == []
    assert send(visit(7), "A title", **{"photos-kept": tokens(refused)}).status_code == 303
    assert len(shown(thomery)) == 1


def test_a_waiting_photo_is_for_its_sender_in_its_town(thomery: Town, visit: Visit) -> None:
    refused = send(visit(7), "", JPEG)
    (token,), (preview,) = tokens(refused), previews(refused)
    for thief in (visit(8), visit(), visit(7, town="dinan")):
        assert thief.get(preview).status_code == 404
        stolen = send(thief, "Mine now", **{"photos-kept": [token]})
        assert stolen.status_code == 422
        assert errors(stolen) == ["The photo is no longer here. Please choose it again."]
    assert shown(thomery) == []


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token + "x", lambda token: "", str.upper])
def test_a_forged_token_claims_nothing(change: Callable[[str], str], thomery: Town, visit: Visit) -> None:
    (token,) = tokens(send(visit(7), "", JPEG))
    assert send(visit(7), "A title", **{"photos-kept": [change(token)]}).status_code == 422
    assert shown(thomery) == []


def test_a_photo_that_waited_a_day_must_be_chosen_again(thomery: Town, visit: Visit) -> None:
    refused = send(visit(7), "", JPEG)
    for name in store().waiting_since(now() + timedelta(minutes=1)):
        age(store().folder / name[:2] / name, 23.5)
    late = send(visit(7), "A title", **{"photos-kept": tokens(refused)})
    assert late.status_code == 422
    assert errors(late) == ["The photo is no longer here. Please choose it again."]
    assert tokens(late) == []


def test_back_and_send_again_gives_the_second_thing_its_own_photo(thomery: Town, visit: Visit) -> None:
    browser = visit(7)
    kept = tokens(send(browser, "", JPEG))
    send(browser, "First", **{"photos-kept": kept})
    send(browser, "Second", **{"photos-kept": kept})
    first, second = shown(thomery)
    assert first.name != second.name
    store().delete(first.name)
    assert browser.get(f"/media/{second.name}/large.webp").status_code == 200


REFUSED = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "zero": b"",
    "truncated": JPEG[:2000],
    "bomb": corpus.png_of_claims(65500, 65500),
    "heavy": b"\xff\xd8\xff" + bytes(11 * 1024 * 1024 - 3),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_is_no_photo_is_named_with_a_way_out(what: str, thomery: Town, visit: Visit) -> None:
    refused = send(visit(7), "A title", REFUSED[what])
    assert refused.status_code == 422
    (sentence,) = errors(refused)
    assert "without a photo" in sentence
    assert tokens(refused) == []
    assert shown(thomery) == []
    assert ("11 MB" in sentence) == (what == "heavy")


def test_the_good_photos_beside_a_bad_one_are_kept_and_the_bad_one_is_named(thomery: Town, visit: Visit) -> None:
    refused = send(visit(7), "A title", JPEG, b"no photo", names=("good.jpg", "letter.pdf"))
    assert refused.status_code == 422
    assert len(tokens(refused)) == 1
    assert errors(refused)[0].startswith("letter.pdf: ")


@pytest.mark.parametrize(
    "name",
    [
        "../../x",
        "CON.jpg",
        "x" * 300 + ".jpg",
        "a\u202egpj.exe",
        "a%0D%0AX-Evil: y.jpg",
        "C:\\fotos\\moi.jpg",
        "<b>.jpg",
        "…",
    ],
)
def test_the_name_a_file_had_leads_nowhere(name: str, thomery: Town, visit: Visit) -> None:
    accepted = send(visit(7), "A title", JPEG, names=(name,))
    assert accepted.status_code == 303
    assert "X-Evil" not in accepted.headers
    assert re.fullmatch(r"[0-9a-f]{32}", shown(thomery)[0].name)
    refused = send(visit(7), "A title", b"no photo", JPEG, names=(name, "b.jpg"))
    (sentence,) = re.findall(r"<q>(.*?)</q>", refused.text, re.DOTALL)
    label = unescape(sentence).removesuffix(str(fields.NotAPicture.sentence))
    assert len(label) <= 44
    assert not set("\r\n/\\\u202e") & set(label)
    assert "<" not in sentence


def test_a_line_break_in_the_name_of_a_file_adds_no_header_and_breaks_nothing(thomery: Town, visit: Visit) -> None:
    answer = send(visit(7), "A title", JPEG, names=("a\r\nX-Evil: y.jpg",))
    assert answer.status_code in {303, 422}
    assert "X-Evil" not in answer.headers


def test_more_photos_than_fit_are_refused_and_the_first_ones_kept(thomery: Town, visit: Visit) -> None:
    refused = send(visit(7), "A title", JPEG, JPEG, JPEG, JPEG)
    assert refused.status_code == 422
    assert errors(refused) == ["3 photos at most."]
    assert len(tokens(refused)) == 3
    too_many = send(visit(7), "A title", JPEG, **{"photos-kept": tokens(refused)})
    assert errors(too_many) == ["3 photos at most."]
    assert len(tokens(too_many)) == 3


def test_a_busy_or_full_house_says_so_and_the_outbox_may_try_again(
    thomery: Town, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for refusal, status in ((TooManyAtOnce, 503), (NoRoomForPictures, 507)):

        def fail(data: bytes, refusal: type[Exception] = refusal) -> None:
            raise refusal

        monkeypatch.setattr(fields, "receive", fail)
        on_paper = send(visit(7), "A title", JPEG)
        assert on_paper.status_code == status
        assert 'value="A title"' in on_paper.text
        outbox = send(visit(7), "A title", JPEG, headers={"Accept": "application/json"})
        assert outbox.status_code == status
        assert outbox.json is not None
        assert outbox.json["sentence"] == str(refusal.sentence)


def test_the_page_shown_afresh_asks_for_new_photos_only(thomery: Town, visit: Visit) -> None:
    page = visit(7).get("/album/").text
    assert 'type="file"' in page
    assert "multiple" in page
    assert "image/heic" in page
    assert "photos-kept" not in page


def test_nobody_floods_the_town_with_photos_and_what_was_sent_is_kept(
    thomery: Town, visit: Visit, house: TownApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.extensions["towns"].settings, "rate_limits", "on")
    monkeypatch.setattr(fields, "PHOTOS", replace(fields.PHOTOS, rates="2 per 30 minutes"))
    refused = send(visit(31), "A title", JPEG, JPEG, JPEG)
    assert refused.status_code == 429
    assert len(tokens(refused)) == 2
    assert shown(thomery) == []
    assert send(visit(31), "A title", **{"photos-kept": tokens(refused)}).status_code == 303
    assert send(visit(31), "Another", JPEG).status_code == 429
    assert send(visit(32), "A neighbour's", JPEG).status_code == 303
