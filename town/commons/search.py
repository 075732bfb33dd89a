"""Search: full text over cards, FTS5 in SQLite and tsvector in PostgreSQL behind the same three functions.

Text is folded in Python first (ligatures, accents, apostrophes) and stemmed, so both engines find the same. The index
is written with the card: triggers fail under `trusted_schema=OFF`. Newest first: ranking a common word cost 1.9 s at
a million cards.
"""

from typing import Any

from sqlalchemy import ColumnElement, String, bindparam, column, select, table, text
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import Integer

from town.kernel.db import db, now
from town.kernel.jobs import enqueue, job
from town.kernel.signals import person_erased
from town.kernel.text import fold, stems

TERMS = 8
PREFIX_FROM = 3
NEWEST = 5000
"""Cards that a question looks at, at most: of a word that all hold, the last ones, by when they were first put up."""

_fts = table("card_words", column("rowid", Integer), column("words", String))
_tsv = table("card_words", column("card_id", Integer), column("words", String))


def _words(words: str, language: str) -> str:
    """Both the folded words and their stems: one finds what is typed half-way, the other plurals."""
    folded = fold(words)
    return f"{folded} {' '.join(stems(words, language))}"


def _postgres() -> bool:
    return bool(db.session.get_bind().dialect.name == "postgresql")


def index(card_id: int, title: str, body: str, language: str = "fr") -> None:
    """Write the words of a card, in this transaction."""
    forget(card_id)
    words = _words(f"{title} {body}", language)
    if _postgres():
        sql = "INSERT INTO card_words (card_id, words) VALUES (:id, to_tsvector('simple', :words))"
    else:
        sql = "INSERT INTO card_words (rowid, words) VALUES (:id, :words)"
    db.session.execute(text(sql), {"id": card_id, "words": words})


def forget(card_id: int) -> None:
    """Take the words of a card out of the index, in this transaction."""
    key = "card_id" if _postgres() else "rowid"
    db.session.execute(text(f"DELETE FROM card_words WHERE {key} = :id"), {"id": card_id})


def terms(question: str, language: str = "fr") -> list[tuple[str, str]]:
    """The words of a question with their stems, at most eight; none for a question without letters or digits."""
    found = [(word, (stems(word, language) or [""])[0]) for word in fold(question).split()[:TERMS]]
    telling = [(word, stem) for word, stem in found if stem]
    return telling or [(word, word) for word, _ in found]


def matching(question: str, card_id: InstrumentedAttribute[int], language: str = "fr") -> ColumnElement[bool] | None:
    """The condition that a card answers the question, or None when the question holds no word.

    Every word must be there, as written, as the beginning of a word (from three letters on), or by its stem.
    """
    asked = terms(question, language)
    if not asked:
        return None
    if _postgres():
        parts = [
            "(" + " | ".join(sorted({f"'{word}'" + (":*" if len(word) >= PREFIX_FROM else ""), f"'{stem}'"})) + ")"
            for word, stem in asked
        ]
        query = bindparam("fts", " & ".join(parts), type_=String)
        found = select(_tsv.c.card_id).where(text("words @@ to_tsquery('simple', :fts)").bindparams(query))
        found = found.order_by(_tsv.c.card_id.desc())
    else:
        parts = [
            "(" + " OR ".join(sorted({f'"{word}"' + ("*" if len(word) >= PREFIX_FROM else ""), f'"{stem}"'})) + ")"
            for word, stem in asked
        ]
        query = bindparam("fts", " AND ".join(parts), type_=String)
        found = select(_fts.c.rowid).where(text("card_words MATCH :fts").bindparams(query))
        found = found.order_by(_fts.c.rowid.desc())
    return card_id.in_(found.limit(NEWEST))


TIDY = "search.tidy"


@job(TIDY)
def tidy(_payload: dict[str, Any]) -> None:
    """FTS5 only marks words as deleted until it merges its segments: merge them, and they are gone."""
    if not _postgres():
        db.session.execute(text("INSERT INTO card_words (card_words) VALUES ('optimize')"))


@person_erased.connect
def tidy_up(_person: Any, **_: Any) -> None:
    enqueue(TIDY, {}, at=now(), key=TIDY)
