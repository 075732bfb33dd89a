"""Frames: what stands the same on many pages, such as the menu, is drawn once for all who see it alike.

`{% frame tab, unread %}…{% endframe %}` in a template. What is inside follows from the facts named there, from the town
and the language, and from nothing else: no name, no token, no clock. `tests/kernel/test_frames.py` has neighbours read
pages one after the other and compares.
"""

from collections.abc import Callable
from typing import Any

from flask import current_app, g
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup

from town.kernel.language import language

MOST = 5000
"""Frames kept by a process, of some two kilobytes each; then it begins afresh."""

_kept: dict[tuple[Any, ...], str] = {}


class Frame(Extension):
    """The tag of the templates."""

    tags = {"frame"}

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        facts: list[nodes.Expr] = []
        while parser.stream.current.type != "block_end":
            facts.append(parser.parse_expression())
            parser.stream.skip_if("comma")
        body = parser.parse_statements(("name:endframe",), drop_needle=True)
        place = nodes.Const((parser.name, line))
        drawn = self.call_method("_drawn", [place, nodes.Tuple(facts, "load")])
        return nodes.CallBlock(drawn, [], [], body, lineno=line)

    def _drawn(self, place: tuple[str | None, int], facts: tuple[Any, ...], caller: Callable[[], str]) -> str:
        in_a_name = getattr(g.get("viewer"), "acting", "")  # its addresses say so
        if place[0] is None or "town" not in g or in_a_name or current_app.debug:
            return caller()
        key = (place, language(), g.town, facts)
        found = _kept.get(key)
        if found is None:
            if len(_kept) >= MOST:
                _kept.clear()
            found = _kept[key] = Markup(caller())
        return found
