"""The figures of the header: what somebody has not read yet, and how many neighbours are certified.

At most one statement a page, and mostly none for a visitor: the certified are counted once a minute.
"""

import time
from collections.abc import MutableMapping
from functools import cached_property, partial
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask, g
from sqlalchemy import Engine, Select, bindparam, func, select

from town.commons.holds import about_nothing_held
from town.commons.notices.models import InboxNotice
from town.commons.people.models import Person
from town.commons.people.visit import visitor
from town.kernel.db import now
from town.kernel.questions import Question
from town.kernel.signals import address_certified, certification_revoked, person_left

MINUTE = 60.0
_certified: MutableMapping[Engine, tuple[float, int]] = WeakKeyDictionary()


class Counters:
    """`counters.notices` and `counters.certified` in templates. Asked for once, when first read."""

    @cached_property
    def _figures(self) -> tuple[int, int]:
        """Unread notices, and certified people."""
        kept = _certified.get(g.engine)
        fresh = kept is not None and time.monotonic() - kept[0] < MINUTE
        question = _QUESTIONS.get((visitor().signed_in, not fresh))
        figures = list(question.ask(me=visitor().person_id, at=now())[0]) if question is not None else []
        if not fresh:
            kept = _certified[g.engine] = (time.monotonic(), figures.pop())
        return figures[0] if figures else 0, kept[1] if kept else 0

    @property
    def notices(self) -> int:
        return self._figures[0]

    @property
    def certified(self) -> int:
        return self._figures[1]


def _asked(unread_too: bool, certified_too: bool) -> Select[Any]:
    at = bindparam("at", type_=Person.certified_until.type)
    unread = select(func.count()).select_from(InboxNotice)
    unread = unread.where(
        InboxNotice.person_id == bindparam("me", type_=InboxNotice.person_id.type),
        InboxNotice.read_at.is_(None),
        about_nothing_held(InboxNotice.subject_id),
    )
    living = select(func.count()).select_from(Person).where(Person.certified_until > at, Person.left_at.is_(None))
    return select(*([unread.scalar_subquery()] * unread_too), *([living.scalar_subquery()] * certified_too))


_QUESTIONS = {
    (unread, certified): Question(partial(_asked, unread, certified))
    for unread, certified in ((True, False), (False, True), (True, True))
}


def count_again(_person: object = None, **_more: object) -> None:
    """Somebody was certified, revoked, or left: the figure of this town is counted anew."""
    _certified.pop(g.engine, None)


def _for_templates() -> dict[str, Any]:
    if g.get("engine") is None or g.get("viewer") is None:
        return {}
    if "counters" not in g:
        g.counters = Counters()
    return {"counters": g.counters}


def init_app(app: Flask) -> None:
    app.context_processor(_for_templates)
    for signal in (address_certified, certification_revoked, person_left):
        signal.connect(count_again)
