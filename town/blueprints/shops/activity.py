"""What happens in shops. Nobody is told: home and the shop's page show it."""

from flask_babel import lazy_gettext as _l

from town.commons.activity import Kind

OFFERED = Kind("shops.offered", sentence=_l("{actor} has an offer: {subject}"), endpoint="shops.offer")
ENDED = Kind("shops.offer_ended", sentence=_l("{actor} has ended an offer: {subject}"), endpoint="shops.offer")
