"""Web push itself: words that one phone alone can read (RFC 8291), signed by the town (RFC 8292), brought to the push
service that the phone's browser has named (RFC 8030)."""

import base64
import binascii
import hashlib
import json
import os
import time
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, Protocol
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from town.commons.notices.push.keys import Pair
from town.kernel.outbound import Answer, NotAllowed, Reach, post
from town.kernel.tenancy import towns

HOSTS = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""The push services of Chrome, Firefox, Safari and Edge. Nobody else is ever called for a phone."""

LASTS = 24 * 3600
"""Seconds that a push service keeps a message for a phone that is switched off."""
SIGNED_FOR = 12 * 3600
MOST_BYTES = 3072
"""Of words. A push service takes 4096 bytes, of which encryption uses about a hundred."""


class Phone(Protocol):
    """What is needed to reach one: see `PushDevice`."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message ready to leave: no database is needed any more."""

    url: str
    body: bytes
    headers: dict[str, str]
    reach: Reach

    def leave(self) -> Answer:
        """Bring it to the push service. Raises `NotAllowed`, or `NoAnswer`. Holds no lock and needs no town."""
        return post(self.url, self.body, self.headers, self.reach)


def _reach() -> Reach:
    return Reach(HOSTS, own=(towns().settings.push_service or "").rstrip("/"))


def is_a_push_service(endpoint: object) -> bool:
    """Whether that is an address at one of the known push services."""
    try:
        return isinstance(endpoint, str) and bool(_reach().parts(endpoint))
    except NotAllowed:
        return False


def is_a_secret_for_phones(p256dh: object, auth: object) -> bool:
    """Whether these are a point of the curve and a secret of sixteen bytes, as browsers make them."""
    try:
        _point(p256dh)
        return len(_bytes(auth)) == 16
    except ValueError:
        return False


def _bytes(text: object) -> bytes:
    if not isinstance(text, str) or len(text) > 90:
        raise ValueError("not base64url")
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), b"-_", validate=True)
    except (binascii.Error, UnicodeError) as odd:
        raise ValueError("not base64url") from odd


def _point(text: object) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(text))


def packed(phone: Phone, said: dict[str, Any], pair: Pair, *, tag: str, urgent: bool) -> Parcel:
    """`said` as one message for this phone. What waits there under the same tag is replaced."""
    words = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    if len(words) > MOST_BYTES:
        raise ValueError("too long for a phone")
    own = ec.generate_private_key(ec.SECP256R1())
    body = http_ece.encrypt(
        words, os.urandom(16), private_key=own, dh=_point(phone.p256dh), auth_secret=_bytes(phone.auth)
    )
    parts = urlsplit(phone.endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + SIGNED_FOR,
        "sub": f"mailto:{parseaddr(towns().settings.mail_from)[1]}",
    }
    headers = {
        **pair.signer.sign(claims),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LASTS),
        "Urgency": "high" if urgent else "normal",
        "Topic": base64.urlsafe_b64encode(hashlib.sha256(tag.encode()).digest()[:24]).decode(),
    }
    return Parcel(phone.endpoint, body, headers, _reach())
