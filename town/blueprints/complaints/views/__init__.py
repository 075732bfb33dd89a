"""The addresses of reports: for residents under /complaints, for the town hall under /desk/complaints."""

from flask_babel import lazy_gettext as _l

from town.kernel.features import DeskPage, Feature

feature = Feature(
    "complaints",
    __name__,
    title=_l("Reports"),
    icon="complaint",
    url_prefix="",
    short={"/signaler": "new", "/signalements": "index"},
    desk=[DeskPage("board", _l("Reports"), "complaint")],
)

from town.blueprints.complaints.views import board, desk, public  # noqa: E402  # they hang their routes on the feature

__all__ = ["board", "desk", "feature", "public"]
