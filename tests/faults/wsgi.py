"""A town to be broken: the trial feature, and a bell whose every stroke must be counted once."""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader
from sqlalchemy import select

from tests.trial import TEMPLATE, trial_feature
from town import create_app
from town.commons.people.access import PUBLIC
from town.kernel import disk, jobs
from town.kernel.db import db, flush, now
from town.kernel.features import register
from town.kernel.jobs import enqueue, job
from town.kernel.web import TownApp, see
from town.settings import Settings

STROKE = "faults.stroke"


@job(STROKE)
def stroke(payload: dict[str, Any]) -> None:
    """Delivered when a line stands in the file outside the town that stands for a mailbox."""
    mailbox = os.open(os.environ["FAULTS_MAILBOX"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(mailbox, f"{payload['name']}\n".encode())
    os.close(mailbox)


def breakable_app(instance: Path) -> TownApp:
    settings = Settings(env="development", instance=instance, staff_2fa="off", rate_limits="off")
    app = create_app(settings)
    trial = trial_feature()

    @trial.post("/strokes", access=PUBLIC)
    def strike() -> ResponseReturnValue:
        """A thing that nothing but its receipt keeps from being made twice."""
        enqueue(STROKE, {"name": request.form["name"]}, at=now() + timedelta(days=300))
        flush()
        return see("trial.index", name=request.form["name"])

    @trial.get("/strokes", access=PUBLIC)
    def strokes() -> ResponseReturnValue:
        names = db.session.scalars(select(jobs.Job.payload["name"].as_string()).where(jobs.Job.name == STROKE))
        return "\n".join(names), 200, {"Content-Type": "text/plain"}

    @trial.get("/slowly", access=PUBLIC)
    def slowly() -> ResponseReturnValue:
        time.sleep(2)
        return "at last"

    trial.jinja_loader = DictLoader({"trial.html": TEMPLATE})  # type: ignore[misc]  # a cached property
    register(app, trial)
    return app


if "FAULTS_INSTANCE" in os.environ:
    if "FAULTS_NO_GUARD" in os.environ:  # to see what lies behind it
        disk.LEAST_FOR_PHOTOS = disk.LEAST_FOR_WORDS = disk.LEAST_FOR_JOBS = 0
    app = breakable_app(Path(os.environ["FAULTS_INSTANCE"]))
