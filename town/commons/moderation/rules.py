"""The rules of the town's pages, which decisions cite, and the reasons for which something is reported."""

from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as everybody reads it."""

    title: LazyString
    words: LazyString
    icon: str


RULES: Final = {
    "privacy": Rule(
        _l("Respect privacy"),
        _l("No address, telephone, face or number plate of somebody who has not agreed to it."),
        "lock",
    ),
    "respect": Rule(
        _l("Speak with respect"),
        _l("No insult, no threat, no hatred. One may criticise an idea or a decision, never attack a person."),
        "neighbours",
    ),
    "honesty": Rule(
        _l("Be honest"),
        _l("No scam, no lie about what one offers, no advertisement that hides."),
        "check",
    ),
    "safety": Rule(
        _l("Put nobody in danger"),
        _l("Nothing that may hurt somebody: a dangerous thing or piece of advice, a call to violence."),
        "alert",
    ),
    "law": Rule(
        _l("Respect the law"),
        _l("Nothing that the law forbids. The decision then names the law."),
        "document",
    ),
    "place": Rule(
        _l("Everything in its place"),
        _l("What is written here is true, and of use to people who live here."),
        "town",
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody reports a content. `rule`: the one that it mostly breaks."""

    label: LazyString
    note: LazyString
    icon: str
    rule: str


PRIVACY, CHILD = "privacy", "child"

REASONS: Final = {
    PRIVACY: Reason(
        _l("Somebody’s privacy"), _l("An address, a telephone, a face, a number plate…"), "lock", "privacy"
    ),
    "hate": Reason(_l("Insult, threat or hatred"), _l("Against a person or a group"), "neighbours", "respect"),
    "scam": Reason(_l("Scam or false offer"), _l("Money asked for, a thing that does not exist…"), "euro", "honesty"),
    "danger": Reason(_l("It is dangerous"), _l("A thing or a piece of advice that may hurt"), "alert", "safety"),
    CHILD: Reason(_l("A child is in danger"), _l("Violence or abuse. You may stay anonymous."), "heart", "law"),
    "illegal": Reason(_l("It is against the law"), _l("Say which law, if you know it"), "document", "law"),
    "place": Reason(_l("Wrong, or out of place"), _l("False, off topic, posted again and again"), "question", "place"),
}


def reason_label(name: str) -> str:
    return str(REASONS[name].label) if name in REASONS else name


def rule_title(name: str) -> str:
    return str(RULES[name].title) if name in RULES else ""
