"""Hostile requests: bad bytes in every address, question, field, header and file name of the app never break it."""

import gzip
import random
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from werkzeug.routing import Rule
from wtforms.fields.core import UnboundField

from tests.conftest import Browse
from town.kernel.forms import Form
from town.kernel.web import TownApp

BYTES = [
    "%00",
    "%ff%fe",
    "%C0%AE%C0%AE%2f",
    "..%2f..%2f..%2fetc%2fpasswd",
    "%E2%80%AE%E2%80%8B",
    "%ED%A0%80",  # half of a surrogate pair
    "-1",
    "1e999",
    "9" * 400,
    "NaN",
    "%27%20OR%201=1--",
    "%7B%7B7*7%7D%7D",
    "<script>alert(1)<%2Fscript>",
    "a" * 3000,
]
WORDS = [
    "\x00",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "\u202e\u200b" + "e\u0301" * 400,
    "9" * 400,
    "-1",
    "1e308",
    "NaN",
    "0000-00-00",
    "2027-03-28T02:30",
    "' OR 1=1; DROP TABLE person; --",
    "{{7*7}}",
    "<img src=x onerror=1>",
    "=HYPERLINK(1)",
    "a\r\nSet-Cookie: x=1",
    "/" * 500,
]
FILES = ["../../x.jpg", "CON.jpg", "x" * 300, "\u202egpj.exe", "a\r\nX: y.jpg", "a\x00.jpg", "", "é" * 200]
MARKS = [f"mark-of-{number}-typed-by-somebody" for number in range(15)]
"""What somebody typed, to be looked for in the log."""
GARBAGE = b"\xff\x00%%%=&&&" * 20
ASKED = "q page after before sort next kind quarter from to at state theme week".split()  # noqa: SIM905


def fields(of: type = Form) -> set[str]:
    """The name of every field of every form of the app."""
    own = {name for name, field in vars(of).items() if isinstance(field, UnboundField)}
    return own.union(*(fields(each) for each in of.__subclasses__()))


def addresses(app: TownApp, method: str, chance: random.Random) -> Iterator[str]:
    """Every rule that takes this method, its values replaced by hostile ones."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and method in (rule.methods or ()):
            yield filled(rule, chance)


def filled(rule: Rule, chance: random.Random) -> str:
    parts = [part if not part.startswith("<") else chance.choice(BYTES) for part in rule.rule.split("/")]
    return "/".join(parts)


def question(chance: random.Random) -> str:
    return "&".join(f"{field}={chance.choice(BYTES)}" for field in chance.sample(ASKED, 6))


@pytest.mark.parametrize("name", [None, "jean"])
def test_no_address_breaks_whatever_is_asked(app: TownApp, browse: Browse, name: str | None) -> None:
    chance, browser = random.Random(7), browse(name)
    broken = []
    for address in addresses(app, "GET", chance):
        asked = f"{address}?{question(chance)}"
        status = browser.get(asked).status_code
        if status >= 500:
            broken.append((status, asked[:200]))
    assert not broken


def test_no_form_breaks_whatever_is_typed_nor_tells_the_log(
    app: TownApp, browse: Browse, capfd: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(11)
    names = sorted(fields())
    assert len(names) > 100
    broken = []
    for address in addresses(app, "POST", chance):
        browser = browse("jean")  # one of them signs him out
        typed = {name: chance.choice(WORDS + MARKS) for name in chance.sample(names, 100)}
        files = {"photos": (BytesIO(b"\xff\xd8\xff"), chance.choice(FILES)), "file": (BytesIO(b"PK\x03\x04"), "x.csv")}
        sent: dict[str, Any] = chance.choice([{"data": typed}, {"data": {**typed, **files}}, {"data": GARBAGE}])
        answer = browser.post(address, **sent)
        if answer.status_code >= 500:
            broken.append((answer.status_code, address[:120], str(sent)[:200]))
    assert not broken
    said = capfd.readouterr().err
    assert '"event": "request"' in said
    assert "typed-by-somebody" not in said


def test_bad_headers_are_bad_requests_at_most(browse: Browse) -> None:
    browser = browse()
    for name, value in (
        ("Cookie", "s=" + "\xff" * 200 + "; lang=\x80"),
        ("Cookie", "__Host-s=a; s=b; s=" + "c" * 5000),
        ("Accept-Language", "fr;q=nan, *;q=-1, " + "x-" * 2000),
        ("Accept", "text/html;q=zzz, */*;q=1e999, application/json;;;"),
        ("If-None-Match", '"' + "a" * 5000),
        ("If-Modified-Since", "yesterday"),
        ("Range", "bytes=-999999999999999999999-"),
        ("Idempotency-Key", "\xff" * 500),
        ("HX-Target", "form#" + "a" * 4000),
        ("HX-Request", "\xff"),
        ("X-Forwarded-For", "1.2.3.4, " * 500),
        ("Content-Length", "-5"),
        ("Origin", "null\xff"),
        ("Referer", "http://[::1"),
    ):
        for path in ("/", "/search/?q=a"):
            assert browser.get(path, headers={name: value}).status_code < 500, (name, value[:50])
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "\xff"):
        assert browser.open("/", method=method).status_code < 500, method


def test_packed_bodies_are_not_unpacked(browse: Browse) -> None:
    """A megabyte that would become a gigabyte is a megabyte: nothing here reads Content-Encoding."""
    bomb = zlib.compress(b"a" * 30_000_000)
    for body, coding in ((bomb, "deflate"), (gzip.compress(b"name=" + b"a" * 30_000_000), "gzip")):
        answer = browse().post(
            "/login",
            data=body,
            headers={"Content-Encoding": coding, "Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code < 500, coding
