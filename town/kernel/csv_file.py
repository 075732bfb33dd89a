"""CSV files that people open in a spreadsheet: semicolons and a byte-order mark, and no cell that it could run."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response, make_response

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(cell: object) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front. Numbers stay numbers."""
    if isinstance(cell, str) and cell.lstrip(" \ufeff\u00a0").startswith(_RUN):
        return f"'{cell}"
    return "" if cell is None else cell


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The answer: `name`.csv, its columns named by `head`."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    response = make_response(text.getvalue().encode("utf-8-sig"))
    response.mimetype = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
