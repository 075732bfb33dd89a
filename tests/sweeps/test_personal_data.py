"""Every column that names a person is answered for, in their own copy and when they are erased (LG-01, T20)."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, event, func, select, text

from tests.cast import CAST, person_named
from town.commons.board import stale_cards
from town.commons.people.leaving import erase
from town.commons.people.models import Person
from town.kernel import jobs
from town.kernel.db import Base, db
from town.kernel.inventory import answered, inventory
from town.kernel.registry import Town

NAMES_A_PERSON = re.compile(
    r"^(?:\w+_)?(?:person|author|owner|actor|reporter|borrower|lender|member|resident|neighbour|sender|recipient|"
    r"assignee|assigned_to|acting_for|decided_by|by|account|voucher|on)_id$|^uploaded_by$|^actor$"
)
HOW_TO_ANSWER = "docs/adding-a-feature.md, « People’s rows », says how to answer"

ERASURE_LEAVES = {
    "audit_entry.actor_id": "numbers without names: an append-only journal, in which the number leads to nobody",
    "audit_entry.on_id": "likewise",
}
"""What an erasure leaves as it is, and why."""


def _leads_to_people(column: Column[Any]) -> bool:
    return any(key.column.table.name in ("person", "account") for key in column.foreign_keys)


def naming_columns() -> Iterator[Column[Any]]:
    """Every column that leads to a person, or is called as if it did; the key of `person` itself too."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            elsewhere = column.foreign_keys and not _leads_to_people(column)  # such as an organisation it acts for
            if not elsewhere and (_leads_to_people(column) or NAMES_A_PERSON.match(column.name)):
                yield column
    yield Base.metadata.tables["person"].c.id


def test_every_column_that_names_a_person_is_in_their_copy_or_says_why_not(town: Town) -> None:
    silent = sorted({str(column) for column in naming_columns()} - answered())
    assert not silent, (
        f"{', '.join(silent)}: say with mine() how a person's own copy shows these rows, "
        f"or with not_mine() why it does not. {HOW_TO_ANSWER}."
    )


def test_a_copy_shows_what_its_lines_promise(town: Town) -> None:
    """For each of the cast, every row of every line can be told, by its declared labels."""
    for part in CAST:
        person = person_named(part.key)
        for line in inventory():
            for row in line.of(person.id):
                assert list(line.say(row)) == list(line.labels), line.name
    db.session.rollback()


def test_erasing_somebody_asks_every_table_that_names_people(town: Town) -> None:
    """What the database does not do by itself (ON DELETE), some statement of an erasure must do, in every feature."""
    person = person_named("karim")
    said: list[str] = []

    engine = db.session.connection().engine

    @event.listens_for(engine, "before_cursor_execute")
    def listen(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(" ".join(statement.split()))

    try:
        erase(person)
    finally:
        event.remove(engine, "before_cursor_execute", listen)
        db.session.rollback()
    silent = []
    for column in naming_columns():
        by_itself = any(key.ondelete in ("CASCADE", "SET NULL") for key in column.foreign_keys)
        asked = re.compile(rf"(?:WHERE|AND|OR|ON|,)\W.*\b{column.table.name}\.{column.name}\b", re.IGNORECASE)
        if by_itself or str(column) in ERASURE_LEAVES or any(asked.search(statement) for statement in said):
            continue
        silent.append(str(column))
    assert not silent, (
        f"erasing a person asks nothing of {', '.join(silent)}: connect person_erased and forget them there. "
        f"{HOW_TO_ANSWER}."
    )


@pytest.mark.parametrize("name", [part.key for part in CAST if "admin" not in part.roles])
def test_whoever_is_erased_is_named_nowhere(town: Town, name: str) -> None:
    """Whatever they did in the demo town: no row leads to them, and every card says what its thing says."""
    number = person_named(name).id
    erase(person_named(name))
    db.session.commit()
    left = {
        str(column): count
        for column in naming_columns()
        if str(column) not in ERASURE_LEAVES
        and (count := db.session.scalar(select(func.count()).where(column.in_(_as_kept(column, number)))))
    }
    assert not left, f"rows still name whoever was erased: {left}. {HOW_TO_ANSWER}."
    assert not list(stale_cards())
    if db.session.connection().dialect.name == "sqlite":
        assert db.session.execute(text("PRAGMA foreign_key_check")).first() is None
    assert db.session.get(Person, number) is None
    db.session.rollback()


def _as_kept(column: Column[Any], number: int) -> list[Any]:
    """Accounts go with their person, so only people's own numbers are looked for, written as the column writes them."""
    if any(key.column.table.name == "account" for key in column.foreign_keys):
        return []
    return [f"person:{number}"] if column.type.python_type is str else [number]


FORGET_OTHERWISE = {
    "forget_old_files": "files, not rows: the table says how long",
    "forget_old_copies": "files, not rows: the table says how long",
    "forget_former_states": "files, not rows: the table says how long",
}
"""Work of the night that forgets and that the table of durations does not run itself."""


def test_whatever_forgets_at_night_stands_in_the_table(town: Town) -> None:
    """LG-02: what the public page of durations does not say, no night may do."""
    tasks = {task.__name__ for task in jobs._nightly if "forget" in task.__name__}
    beside = sorted(tasks - FORGET_OTHERWISE.keys())
    assert not beside, f"{', '.join(beside)}: declare it with @forgets (town/kernel/retention.py). {HOW_TO_ANSWER}."


def test_a_number_is_never_given_twice(town: Town) -> None:
    """The audit keeps the numbers of erased people: the next who joins must not inherit their acts."""
    last = db.session.scalars(select(Person).order_by(Person.id.desc())).first()
    assert last is not None
    number = last.id
    erase(last)
    db.session.commit()
    newcomer = Person(first_name="Inès", last_name="Garnier")
    db.session.add(newcomer)
    db.session.flush()
    assert newcomer.id > number
    db.session.rollback()
