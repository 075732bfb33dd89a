"""Asking the outside world: the one door through which this program calls an address that somebody else has given.

Only https on its own port, only hosts that the caller names, the address looked up once and called as it was found,
never one of this machine or of a private network, no redirect followed, little read, little waited.
"""

import ipaddress
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from town.kernel.db import guard_slow

TIMEOUT = 5
MOST_READ = 64 * 1024
LONGEST_ADDRESS = 1000
NAT64 = ipaddress.ip_network("64:ff9b::/96")


class NotAllowed(ValueError):
    """That address is none that this program calls."""


class NoAnswer(OSError):
    """Nobody answered there, or not in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said: the status, and in how many seconds to come back, if that was said."""

    status: int
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom the caller may call. `hosts`: names, or `*.name` for what lies below one. own: a whole origin of the
    operator's, such as `http://127.0.0.1:9000`, which no rule stops."""

    hosts: Sequence[str]
    own: str = ""

    def parts(self, url: str) -> SplitResult:
        """The parts of that address. Raises `NotAllowed`."""
        if len(url) > LONGEST_ADDRESS or not re.fullmatch(r"[!-~]+", url) or "\\" in url:
            raise NotAllowed
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as odd:
            raise NotAllowed from odd
        if self.own and f"{parts.scheme}://{parts.netloc}" == self.own:
            return parts
        host = parts.netloc  # as it is written: with no user, no port, no capital and no final dot there is one way
        if parts.scheme != "https" or port is not None or not any(_matches(host, known) for known in self.hosts):
            raise NotAllowed
        return parts


def _matches(host: str, known: str) -> bool:
    if not known.startswith("*."):
        return host == known
    below = host.removesuffix(known[1:])
    return below != host and "xn--" not in below and re.fullmatch(r"[a-z0-9]+(?:[.-]+[a-z0-9]+)*", below) is not None


def public_address(host: str, port: int = 443) -> str:
    """The number of that host, looked up once. Raises `NotAllowed` when one of its numbers is not for everybody."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as unknown:
        raise NoAnswer(f"{host} is not known") from unknown
    numbers = [str(entry[4][0]) for entry in found]
    if not numbers or not all(_for_everybody(number) for number in numbers):
        raise NotAllowed
    return numbers[0]


def _for_everybody(number: str) -> bool:
    address = ipaddress.ip_address(number)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address in NAT64:
            return False
    return address.is_global and not address.is_multicast


class _Pinned(HTTPSConnection):
    """A connection to the number that was looked up, which must prove to be the name that was asked for."""

    def __init__(self, host: str, number: str) -> None:
        self._trusted = ssl.create_default_context()
        super().__init__(host, timeout=TIMEOUT, context=self._trusted)
        self._number = number

    def connect(self) -> None:
        line = socket.create_connection((self._number, self.port), TIMEOUT)
        self.sock = self._trusted.wrap_socket(line, server_hostname=self.host)


def post(url: str, body: bytes, headers: Mapping[str, str], reach: Reach) -> Answer:
    """Bring `body` there and say what was answered. Raises `NotAllowed` or `NoAnswer`."""
    guard_slow("call the outside world")
    parts = reach.parts(url)
    if parts.scheme == "http":
        line: HTTPConnection = HTTPConnection(parts.netloc, timeout=TIMEOUT)
    else:
        line = _Pinned(parts.netloc, public_address(parts.netloc))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        line.request("POST", path, body, dict(headers))
        answer = line.getresponse()
        answer.read(MOST_READ)
        wait = answer.headers.get("Retry-After", "")
        return Answer(answer.status, int(wait) if re.fullmatch(r"[0-9]{1,6}", wait) else None)
    except (OSError, HTTPException) as silence:
        raise NoAnswer(type(silence).__name__) from silence
    finally:
        line.close()
