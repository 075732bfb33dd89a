"""Photos that wait while their form is put right: a signed token says which they are, and only their sender holds it.

A refused form leaves no row behind. The files are there already, so the page shown again carries tokens instead of
asking a phone for five megabytes once more.
"""

from dataclasses import astuple
from datetime import timedelta

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from town.kernel.db import now
from town.kernel.media.store import WAITS_FOR_A_ROW, Stored, store
from town.kernel.policy import viewer
from town.kernel.tenancy import current_town

CLAIMED_WITHIN = WAITS_FOR_A_ROW - timedelta(hours=1)
"""A picture is not claimed in the hour before its files may be swept away."""


def _signer() -> URLSafeSerializer:
    keys = [*current_app.config.get("SECRET_KEY_FALLBACKS", ()), current_app.config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt=f"waiting picture {current_town().uid} {viewer().actor_key}")


def token_for(picture: Stored) -> str:
    """A token with which this viewer, in this town, may claim the picture for a day."""
    return str(_signer().dumps(astuple(picture)))


def claimed(token: str) -> Stored | None:
    """The picture of that token, or None: forged, somebody else's, too old, or gone."""
    try:
        picture = Stored(*_signer().loads(token))
    except (BadData, TypeError):
        return None
    written = store().written(picture.name)
    return picture if written is not None and written > now() - CLAIMED_WITHIN else None
