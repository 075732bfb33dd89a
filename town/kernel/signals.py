"""Signals of lives, not of features: the few moments that every part of the house must hear of."""

from blinker import Namespace

_lives = Namespace()

person_left = _lives.signal("person-left", doc="sender: the Person who leaves the town; what is theirs is withdrawn.")
person_back = _lives.signal(
    "person-back", doc="sender: the Person who had left and changed their mind within the thirty days."
)
person_erased = _lives.signal(
    "person-erased", doc="sender: the Person to forget; every feature answers for the tables that name people."
)
address_certified = _lives.signal(
    "address-certified", doc="sender: the Person whose address was proved; method=: how, in one word."
)
organisation_closed = _lives.signal(
    "organisation-closed", doc="sender: the Organisation that acts no more; what people did in its name is theirs."
)
certification_revoked = _lives.signal("certification-revoked", doc="sender: the Person whose proof fell; at once.")
