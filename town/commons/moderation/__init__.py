"""Moderation: anybody reports a content, somebody decides with reasons, somebody else judges the appeal.

Words: a report says that a content breaks a rule; all reports of one content make a case; a decision keeps or hides it;
an appeal asks for another decision, by another person. What is hidden is under a hold (`commons.holds`), not destroyed.
"""

from flask import Flask

from town.commons.holds import hold_seen
from town.commons.moderation import keeping
from town.commons.moderation.case import Case
from town.commons.moderation.deciding import APPEAL_WITHIN
from town.commons.moderation.records import Appeal, Decision, Report
from town.commons.moderation.things import reasons_url, report_url

__all__ = ["Appeal", "Case", "Decision", "Report", "init_app", "keeping"]


def init_app(app: Flask) -> None:
    """What the pages of every content ask: is it hidden, why, and where is it reported."""
    told = {
        "appeal_within": APPEAL_WITHIN,
        "hold_seen": hold_seen,
        "reasons_url": reasons_url,
        "report_url": report_url,
    }
    app.jinja_env.globals.update(told)
