"""The copy of all that a town holds of one person: a ZIP with a page to read, the same as JSON, and their pictures.

Only their own rows are in it. Other people stand in them as they do on the screen: « Prénom N. ».
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from flask import render_template
from flask_babel import gettext as _

from town.commons.people.models import Person
from town.kernel.db import now
from town.kernel.inventory import Mine, inventory
from town.kernel.language import clock, day, today
from town.kernel.tenancy import current_town

STYLE: Final = """
body { font: 1.1rem/1.6 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2 { line-height: 1.25; } h2 { margin-top: 2.5rem; }
dl { display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: .25rem 1rem; padding: .75rem 0; margin: 0; }
dl + dl { border-top: 1px solid; } dt { font-weight: 600; } dd { margin: 0; white-space: pre-line; }
img { max-width: 100%; height: auto; } @media (max-width: 30rem) { dl { grid-template-columns: 1fr; } }
@media (prefers-color-scheme: dark) { body { background: #16181d; color: #f2f2f2; } a { color: #9ecbff; } }
"""


def copy_of(person: Person) -> IO[bytes]:
    """The ZIP, in a temporary file that is gone when it is closed."""
    file = TemporaryFile()  # noqa: SIM115  # the answer closes it
    with ZipFile(file, "w", ZIP_DEFLATED) as parcel:
        parts = [part for part in (_part(line, person.id, parcel) for line in inventory()) if part["rows"]]
        made_at = now().isoformat(timespec="seconds")
        about = {"town": current_town().name, "made_at": made_at, "person": person.public_id}
        said = {**about, "parts": {part["name"]: {"title": part["title"], "rows": part["rows"]} for part in parts}}
        parcel.writestr("data.json", json.dumps(said, ensure_ascii=False, indent=2, default=_json))
        page = render_template("account/copy.html", person=person, parts=parts, words=_words, made_on=day(today()))
        parcel.writestr("index.html", page)
        parcel.writestr("style.css", STYLE.lstrip())
    file.seek(0)
    return file


def _part(line: Mine, person_id: int, parcel: ZipFile) -> dict[str, Any]:
    rows = list(_rows(line, person_id, parcel))
    return {"name": line.name, "title": str(line.title), "labels": line.labels, "rows": rows}


def _rows(line: Mine, person_id: int, parcel: ZipFile) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(line.of(person_id), start=1):
        said = line.say(row)
        there = line.file(row) if line.file is not None else None
        if there is not None and there.is_file():
            said["file"] = f"{line.name}/{number:03}{there.suffix}"
            parcel.write(there, said["file"], ZIP_STORED)  # pictures are packed already
        yield said


def _json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _words(value: Any) -> str:
    """A value as a page shows it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return f"{day(value)}, {clock(value)}"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, list):
        return "\n".join(_words(part) for part in value)
    if isinstance(value, dict):
        return ", ".join(_words(part) for part in value.values() if part not in (None, ""))
    return str(value)
