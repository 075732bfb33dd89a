"""The addresses of paper: the sheet for everybody, the codes that lead back from it, the desk's choices and rounds."""

from flask_babel import lazy_gettext as _l

from town.kernel.features import DeskPage, Feature

feature = Feature(
    "sheet",
    __name__,
    title=_l("The sheet of the week"),
    icon="print",
    url_prefix="",
    essential=True,  # codes that were printed go on leading somewhere
    short={"/feuille": "index"},
    desk=[
        DeskPage("edition", _l("Print the sheet of the week"), "print"),
        DeskPage("round_", _l("Homes without any channel"), "postcard", daily=False),
    ],
)

from town.blueprints.sheet.views import codes, edition, public, rounds  # noqa: E402  # they hang their routes on the feature

__all__ = ["codes", "edition", "feature", "public", "rounds"]
