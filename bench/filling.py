"""A town of any size in seconds: residents with a phone each, and so many things, written by SQL alone.

Six things in ten are lent, three are reports, one is a notice of the town hall. Cards, reach and words of search are as
the verbs would leave them, but nothing here calls a verb: a million calls would take hours.
"""

import hashlib
import hmac
import random
import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from town import create_app
from town.commons.people.sessions import token_hash
from town.demo import DEMO_SLUG, open_demo_town
from town.kernel.db import new_public_id
from town.kernel.tenancy import enter
from town.kernel.text import fold, stems
from town.kernel.web import TownApp
from town.settings import Settings

RESIDENTS = 5000
NOUNS = (
    "Échelle", "Perceuse", "Tondeuse", "Remorque", "Brouette", "Lampadaire", "Trottoir", "Banc", "Fontaine", "Lavoir",
    "Vélo", "Poussette", "Table", "Barnum", "Scie", "Bâche", "Arbre", "Chemin", "Passage", "Panneau",
)  # fmt: skip
QUALITIES = (
    "solide", "légère", "en bon état", "près de l’église", "devant l’école", "à réparer", "presque neuve", "abîmé",
    "du jardin", "de la place", "rue du Four", "au Bourg", "pour l’été", "familiale", "pliante", "municipale",
)  # fmt: skip
SENTENCE = "À prendre chez moi le soir, ou sur rendez-vous. Merci d’en prendre soin et de prévenir en cas de souci."
WORD_OF_ALL = "rendez"
"""A word that every thing holds: what is hardest to search for."""


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody signed in on a phone of their own."""

    cookie: str
    csrf: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "Accept-Language": "fr"}


@dataclass(frozen=True, slots=True)
class Filled:
    """A town that was filled: where it lies, and who lives there."""

    instance: Path
    file: Path
    residents: list[Resident]


def application(instance: Path) -> TownApp:
    return create_app(Settings(env="development", instance=instance, staff_2fa="off", rate_limits="off"))


def fill(instance: Path, things: int, residents: int = RESIDENTS, *, content: bool = False) -> Filled:
    """The demo town's streets and cast, with so many things and residents more. content: and its living content."""
    app = application(instance)
    open_demo_town(app, content=content)
    file = app.extensions["towns"].file(DEMO_SLUG)
    with enter(app, DEMO_SLUG):
        tokens = [secrets.token_urlsafe(32) for _ in range(residents)]
        hashes = [token_hash(token) for token in tokens]
    app.extensions["towns"].engines.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as town:
        for quick in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            town.execute(f"PRAGMA {quick}")
        town.execute("BEGIN")
        _move_in(town, hashes)
        if things:
            _put_up(town, things)
        town.execute("COMMIT")
        town.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    key = app.extensions["towns"].settings.key().encode()
    return Filled(instance, file, [Resident(f"s={token}", _csrf(key, token)) for token in tokens])


def _csrf(key: bytes, token: str) -> str:
    secret = hashlib.sha256(token.encode()).hexdigest()
    return hmac.new(key, f"csrf:{secret}".encode(), hashlib.sha256).hexdigest()


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _move_in(town: sqlite3.Connection, hashes: list[str]) -> None:
    """Residents, each certified, at doors all over the town, with an account and an open session."""
    dice = random.Random(1)
    doors = [row[0] for row in town.execute("SELECT id FROM address WHERE retired_at IS NULL")]
    at, until = _stamp(datetime.now(UTC) - timedelta(hours=3)), _stamp(datetime.now(UTC) + timedelta(days=300))
    start = town.execute("SELECT max(id) FROM person").fetchone()[0] + 1
    town.executemany(
        "INSERT INTO person (id, public_id, first_name, last_name, folded, bio, address_words, listed, address_id,"
        " joined_at, certified_at, certified_until, certified_how) VALUES (?,?,?,?,?,'','',1,?,?,?,?,'postcard')",
        (
            (start + n, new_public_id(), f"Voisin{n}", "Untel", f"voisin{n} untel", dice.choice(doors), at, at, until)
            for n in range(len(hashes))
        ),
    )
    town.executemany(
        "INSERT INTO account (id, person_id, email, active, fs_uniquifier, created_at) VALUES (?,?,?,1,?,?)",
        ((start + n, start + n, f"v{n}@saint-loup.example", secrets.token_hex(16), at) for n in range(len(hashes))),
    )
    town.executemany(
        "INSERT INTO session (public_id, token_hash, account_id, data, device, created_at, seen_at, expires_at)"
        " VALUES (?,?,?,?,'',?,?,?)",
        (
            (new_public_id(), token, start + n, f'{{"account_id": {start + n}}}', at, at, until)
            for n, token in enumerate(hashes)
        ),
    )


THINGS = """
CREATE TEMP TABLE thing AS
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :things)
SELECT i, printf('bench%017d', i) AS public_id,
  CASE WHEN i % 10 < 6 THEN 'lend' WHEN i % 10 < 9 THEN 'complaint' ELSE 'notice' END AS kind,
  title.title, title.folded, person.id AS owner, address.street_id AS street, address.quarter_id AS quarter,
  strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || ((:things - i) * 240.0 / :things) || ' days',
    '-' || (i % 7) || ' minutes') AS at
FROM n
JOIN temp.title ON title.k = (i * 7919) % :titles
JOIN person ON person.id = :first + (i * 104729) % :people
JOIN address ON address.id = person.address_id
"""
LENT = """
INSERT INTO lending_item (public_id, title, description, category, condition, rules, unit, longest_days, buffer_minutes,
  owner_id, quarter_id, created_at)
SELECT public_id, title, :sentence, 'tools', 'good', '', 'days', 7, 0, owner, quarter, at FROM thing WHERE kind = 'lend'
ORDER BY i
"""
REPORTED = """
INSERT INTO complaint (public_id, number, category, state, words, title, shown_words, shown_place, wanted_public,
  version, me_too, forwarded_to, reporter_id, street_id, quarter_id, received_at, read_at, published_at, closed_at)
SELECT public_id, i, 'roads', state, title || '. ' || :sentence, title, title || '. ' || :sentence, 'Rue du Four', 1, 1,
  i % 9, '', owner, street, quarter, at, iif(state = 'received', NULL, at), iif(state = 'received', NULL, at),
  iif(state = 'resolved', at, NULL)
FROM (SELECT *, CASE i % 20 WHEN 6 THEN 'received' WHEN 7 THEN 'planned' WHEN 8 THEN 'in_progress' ELSE 'resolved' END
  AS state FROM thing WHERE kind = 'complaint') ORDER BY i
"""
NOTED = """
INSERT INTO townhall_notice (public_id, title, words, kind, concerned, places, signature, language, state, created_at,
  published_at)
SELECT public_id, title, :sentence, 'info', '{"quarters": [], "streets": []}', '', 'La mairie', 'fr', 'published', at,
  at FROM thing WHERE kind = 'notice' ORDER BY i
"""
CARDS = """
INSERT INTO card (id, thing, thing_id, public_id, code, feature, endpoint, kind, title, excerpt, body, language,
  photo_alt, state, detail, author_id, owner_id, official, visible_to, concerns, posted_at, updated_at)
SELECT :last + thing.i, :table, made.id, thing.public_id, printf('%05d', thing.i % 100000), :feature, :endpoint,
  thing.kind, thing.title, :sentence, '', 'fr', '', {state}, '', {author}, {author}, :official, {visible}, '{{}}',
  thing.at, thing.at
FROM thing JOIN {table} made ON made.public_id = thing.public_id ORDER BY thing.i
"""
REACH = (
    "INSERT INTO card_reach SELECT 'town', at, :last + i FROM thing ORDER BY 2, 3",
    "INSERT INTO card_reach SELECT 'quarter:' || quarter, at, :last + i FROM thing WHERE kind <> 'notice'",
    "INSERT INTO card_reach SELECT 'street:' || street, at, :last + i FROM thing WHERE kind = 'complaint'",
    "INSERT INTO card_words (rowid, words) SELECT :last + i, folded || :words FROM thing ORDER BY i",
    "INSERT OR REPLACE INTO complaint_counter (id, last) SELECT 1, max(number) FROM complaint",
)


def _put_up(town: sqlite3.Connection, things: int) -> None:
    """The things, their cards, under what home finds those, and their words."""
    titles = [f"{noun} {quality}" for noun in NOUNS for quality in QUALITIES]
    town.execute("CREATE TEMP TABLE title (k INTEGER PRIMARY KEY, title TEXT, folded TEXT)")
    town.executemany("INSERT INTO temp.title VALUES (?, ?, ?)", ((k, t, _words(t)) for k, t in enumerate(titles)))
    people, first = town.execute("SELECT count(*), min(id) FROM person WHERE last_name = 'Untel'").fetchone()
    last = town.execute("SELECT coalesce(max(id), 0) FROM card").fetchone()[0]
    said = {"things": things, "titles": len(titles), "people": people, "first": first, "last": last}
    said |= {"sentence": SENTENCE, "words": " " + _words(SENTENCE)}
    for statement in (THINGS, LENT, REPORTED, NOTED):
        town.execute(statement, said)
    for table, endpoint, state, author, visible, official in (
        ("lending_item", "lending.item", "''", "thing.owner", "'certified'", 0),
        ("complaint", "complaints.complaint", "made.state", "NULL", "iif(made.read_at IS NULL, 'staff', 'public')", 0),
        ("townhall_notice", "townhall.notice", "''", "NULL", "'public'", 1),
    ):
        sql = CARDS.format(table=table, state=state, author=author, visible=visible)
        feature = endpoint.partition(".")[0]
        town.execute(sql, {**said, "table": table, "endpoint": endpoint, "feature": feature, "official": official})
    for statement in REACH:
        town.execute(statement, said)


def _words(text: str) -> str:
    return f"{fold(text)} {' '.join(stems(text))}"
