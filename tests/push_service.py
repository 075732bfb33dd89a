"""A push service on this machine, as the browsers' makers run them.

It checks what RFC 8030, 8291 and 8292 ask of a town, reads the words as the phone would, and answers what a test tells
it to.
"""

import base64
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MOST_BYTES = 4096
LONGEST_SIGNED = 24 * 3600


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Phone:
    """A browser's subscription: its keys never leave it. vapid: the town's key it was made with, once it is known."""

    endpoint: str
    vapid: str = ""
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    calls: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {
            "endpoint": self.endpoint,
            "expirationTime": None,
            "keys": {"p256dh": b64(public), "auth": b64(self.auth)},
        }

    @property
    def said(self) -> str:
        return json.dumps(self.to_json())

    @property
    def bodies(self) -> list[str]:
        return [message["body"] for message in self.received]


class PushService:
    """`phone()` subscribes one; what towns send to it is then in `phone.received`. `faults`: what a town did wrong."""

    def __init__(self) -> None:
        self.phones: dict[str, Phone] = {}
        self.faults: list[str] = []
        service = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, more = service.take(self.path, dict(self.headers.items()), body)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def phone(self, vapid: str = "") -> Phone:
        path = f"/send/{b64(os.urandom(24))}"
        self.phones[path] = Phone(self.origin + path, vapid)
        return self.phones[path]

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        phone = self.phones.get(path)
        if phone is None:
            return 404, {}
        phone.calls += 1
        try:
            self.check(phone, headers, body)
            words = http_ece.decrypt(body, private_key=phone.private, auth_secret=phone.auth)
        except Exception as wrong:  # whatever is wrong with it is the town's fault
            self.faults.append(f"{type(wrong).__name__}: {wrong}")
            return 403, {}
        status, more = phone.answers.pop(0) if phone.answers else (201, {"Location": f"{self.origin}/message/1"})
        if status == 201:
            phone.received.append(json.loads(words))
            phone.headers.append(headers)
        return status, more

    def check(self, phone: Phone, headers: dict[str, str], body: bytes) -> None:
        assert len(body) <= MOST_BYTES, "too large"
        assert headers["Content-Encoding"] == "aes128gcm"
        assert 0 < int(headers["TTL"]) <= 30 * 24 * 3600
        assert headers["Urgency"] in {"very-low", "low", "normal", "high"}
        assert 0 < len(headers["Topic"]) <= 32
        scheme, _, rest = headers["Authorization"].partition(" ")
        assert scheme == "vapid"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert parts["k"] == phone.vapid, "another key than the phone was subscribed with"
        head, claims, signature = parts["t"].split(".")
        assert json.loads(raw(head))["alg"] == "ES256"
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
        r, s = raw(signature)[:32], raw(signature)[32:]
        der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
        said = json.loads(raw(claims))
        assert said["aud"] == self.origin, said["aud"]
        assert time.time() < said["exp"] <= time.time() + LONGEST_SIGNED
        assert said["sub"].startswith("mailto:")


@contextmanager
def running() -> Iterator[PushService]:
    """A push service. In the end, no town may have sent it anything wrong."""
    service = PushService()
    try:
        yield service
    finally:
        service.server.shutdown()
        service.server.server_close()
    assert service.faults == []
