"""A town that comes back from an archive: nobody is signed in, and whoever was erased since stays erased."""

import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask
from sqlalchemy import delete

from town.commons.audit import audit
from town.commons.people.leaving import erase_again
from town.commons.people.models import OneUseCode, Pin, SessionRow
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.tenancy import enter_copy

PHONES = "push_device"
"""Of the notices, which know people and are not known here."""


def make_fit_to_live(app: Flask, town: Town, file: Path, uid: str, marks: set[str], *, by: str) -> None:
    """Before the file becomes the town's. `marks` are those of erased people, made with `uid`."""
    with enter_copy(app, town, file):
        db.session.execute(delete(SessionRow))
        db.session.execute(delete(OneUseCode))
        audit("backup:town:restore", by=by)
        db.session.commit()
        erase_again(uid, marks)


def without_keys(file: Path) -> None:
    """Take out of a copy what opens doors or rings at somebody's: it is not for whoever holds the copy.

    Four figures are soon guessed from what is kept of them, and people use the same elsewhere.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute("PRAGMA foreign_keys=ON")  # what hangs on them goes with them
        for table in (*(model.__tablename__ for model in (SessionRow, OneUseCode, Pin)), PHONES):
            copy.execute(f"DELETE FROM {table}")
        copy.execute("VACUUM")
