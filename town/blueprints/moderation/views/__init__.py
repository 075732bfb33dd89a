"""The addresses of moderation: reporting and following for all, the statement for authors, the moderators' queue."""

from flask_babel import lazy_gettext as _l

from town.kernel.features import DeskPage, Feature

feature = Feature(
    "moderation",
    __name__,
    title=_l("Moderation"),
    icon="flag",
    short={"/regles": "rules"},
    desk=[DeskPage("queue", _l("Abuses reported"), "flag")],
    essential=True,
)

from town.blueprints.moderation.views import concerned, desk, public  # noqa: E402  # they hang their routes on the feature

__all__ = ["concerned", "desk", "feature", "public"]
