"""Reports, the steps of their timelines, and the neighbours who notice the same."""

from town.blueprints.complaints.models import leaving
from town.blueprints.complaints.models.answering import ENDED, LEADS_TO, OPEN, STATES, WHY
from town.blueprints.complaints.models.complaint import Complaint, after_the_title
from town.blueprints.complaints.models.records import (
    PHOTOS,
    PHOTOS_KEPT,
    ComplaintCounter,
    ComplaintFollower,
    ComplaintStep,
    following,
)

__all__ = [
    "ENDED",
    "LEADS_TO",
    "OPEN",
    "PHOTOS",
    "PHOTOS_KEPT",
    "STATES",
    "WHY",
    "Complaint",
    "ComplaintCounter",
    "ComplaintFollower",
    "ComplaintStep",
    "after_the_title",
    "following",
    "leaving",
]
