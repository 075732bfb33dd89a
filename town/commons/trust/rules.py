"""The rules by which facts about neighbours are counted: written where they are counted, shown to everybody."""

from dataclasses import dataclass
from typing import Final

from flask_babel.speaklater import LazyString

from town.kernel.features import is_on, link_to

PAGE: Final = "trust.rules"


@dataclass(frozen=True, slots=True)
class Rule:
    """How a figure comes about, in plain words: what counts, what does not, over how long. `name` is its anchor."""

    name: str
    title: LazyString
    words: LazyString
    feature: str = ""

    def __post_init__(self) -> None:
        if self.name in _rules:
            raise ValueError(f"the rule {self.name} is declared twice")
        _rules[self.name] = self

    @property
    def url(self) -> str:
        return link_to(PAGE, _anchor=self.name)


_rules: dict[str, Rule] = {}


def rules() -> list[Rule]:
    """Those of this town: a feature that is off counts nothing."""
    return [rule for rule in _rules.values() if not rule.feature or is_on(rule.feature)]
