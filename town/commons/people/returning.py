"""A town that comes back from an archive: nobody is signed in, and whoever was erased since stays erased."""

import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask
from sqlalchemy import delete

from town.commons.audit import audit
from town.commons.people.leaving import erase_again
from town.commons.people.models import OneUseCode, SessionRow
from town.kernel.db import db
from town.kernel.registry import Town
from town.kernel.tenancy import enter_copy


def make_fit_to_live(app: Flask, town: Town, file: Path, uid: str, marks: set[str], *, by: str) -> None:
    """Before the file becomes the town's. `marks` are those of erased people, made with `uid`."""
    with enter_copy(app, town, file):
        db.session.execute(delete(SessionRow))
        db.session.execute(delete(OneUseCode))
        audit("backup:town:restore", by=by)
        db.session.commit()
        erase_again(uid, marks)


def without_keys(file: Path) -> None:
    """Take out of a copy what opens doors for some minutes or days: it is not for whoever holds the copy."""
    with closing(sqlite3.connect(file, isolation_level=None)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute("PRAGMA foreign_keys=ON")  # what hangs on a sign-in goes with it: phones that ring
        for model in (SessionRow, OneUseCode):
            copy.execute(f"DELETE FROM {model.__tablename__}")
        copy.execute("VACUUM")
