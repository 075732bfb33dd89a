"""The town's own key pair for push (VAPID, RFC 8292): a phone is subscribed with the public half, and only rings for
whoever holds the other. Both lie in the registry, like the town's uid and never in its file."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from py_vapid.utils import b64urlencode

from town.kernel.db import now
from town.kernel.tenancy import current_town, towns


@dataclass(frozen=True, slots=True)
class Pair:
    """Both halves, as phones and RFC 8292 write them: base64url, 87 and 43 letters."""

    public: str
    private: str

    @property
    def signer(self) -> Vapid02:
        return Vapid02.from_raw(self.private.encode())


def _made() -> Pair:
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Pair(b64urlencode(point), b64urlencode(private.private_numbers().private_value.to_bytes(32, "big")))


def pairs() -> list[Pair]:
    """The town's pairs, the one of today first. The first of all is made when it is first asked for."""
    registry, slug = towns().registry, current_town().slug
    kept = registry.push_keys(slug)
    if not kept:
        fresh = _made()
        kept = registry.add_push_key(slug, fresh.public, fresh.private, now(), only_first=True)
    return [Pair(*pair) for pair in kept]


def current() -> Pair:
    """The pair that phones subscribe with today."""
    return pairs()[0]


def is_ours(public: object) -> bool:
    """Whether that is the public half of this town's, today's or a former one."""
    return any(pair.public == public for pair in pairs())


def renew() -> None:
    """Make a new pair. Phones take it with the next push they get; until then they are called with the former one."""
    fresh = _made()
    towns().registry.add_push_key(current_town().slug, fresh.public, fresh.private, now())
