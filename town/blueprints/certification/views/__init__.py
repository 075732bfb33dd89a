"""The screens of proofs: one's own, the letterbox card, and at the desk the letters, the launches and the counter."""

from town.blueprints.certification.views import desk, door, launches, letterbox, letters, proof
from town.blueprints.certification.views.door import feature

__all__ = ["desk", "door", "feature", "launches", "letterbox", "letters", "proof"]
