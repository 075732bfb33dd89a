"""The files of deploy/: nginx as the documentation sets it up, tried for real, with a certificate of our own making."""

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.faults.clients import TownServe
from tests.faults.server import ROOT, free_port, two_towns

DEPLOY = ROOT / "deploy"
NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
NAME = "a.localhost"

needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that nobody has signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    begins = datetime.now(UTC) - timedelta(hours=1)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(begins).not_valid_after(begins + timedelta(days=2))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    signed = made.sign(key, hashes.SHA256())
    files = folder / "fullchain.pem", folder / "privkey.pem"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pkcs8 = serialization.PrivateFormat.PKCS8
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
    return files


def configuration(folder: Path, example: str, http: int, https: int, app: int) -> Path:
    """The example as it stands, with this test's ports, names and paths in the place of a town's."""
    public, private = certificate(folder)
    text = (DEPLOY / "nginx" / example).read_text()
    for ours, theirs in (
        (r"listen \[::\]:\d+[^;]*;", ""),
        (r"listen 80;", f"listen 127.0.0.1:{http};"),
        (r"listen 443 ", f"listen 127.0.0.1:{https} "),
        (r"server_name my-town\.fr;", f"server_name {NAME} b.localhost;"),
        (r"127\.0\.0\.1:800\d;", f"127.0.0.1:{app};"),
        (r"/etc/letsencrypt\S+fullchain\.pem", str(public)),
        (r"/etc/letsencrypt\S+privkey\.pem", str(private)),
        (r"/var/log/nginx/clocher\.log", str(folder / "access.log")),
    ):
        text, found = re.subn(ours, theirs, text)
        assert found, ours
    file = folder / "nginx.conf"
    temp = "".join(
        f"{kind}_temp_path {folder / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    file.write_text(
        f"daemon off;\npid {folder / 'pid'};\nerror_log {folder / 'error.log'};\n"
        f"events {{}}\nhttp {{\n{temp}{text}\n}}\n"
    )
    return file


@needs_nginx
@pytest.mark.parametrize("example", ["clocher.conf", "many-towns.conf"])
def test_nginx_understands_the_examples(tmp_path: Path, example: str) -> None:
    done = subprocess.run(
        [str(NGINX), "-t", "-c", configuration(tmp_path, example, 80, 443, 8000)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


class Proxied:
    """`town serve` in production behind nginx."""

    def __init__(self, https: int, http: int, folder: Path) -> None:
        self.https, self.http, self.folder = https, http, folder
        self.trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))

    def ask(self, path: str, method: str = "GET", host: str = NAME, **headers: str) -> tuple[int, dict[str, str], str]:
        connection = HTTPSConnection(NAME, self.https, timeout=20, context=self.trust)
        connection.sock = self.trust.wrap_socket(
            socket.create_connection(("127.0.0.1", self.https), timeout=20), server_hostname=NAME
        )
        connection.request(method, path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        connection.close()
        return found


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    instance, folder = tmp_path_factory.mktemp("proxied"), tmp_path_factory.mktemp("nginx")
    two_towns(instance)
    (instance / "settings.toml").write_text(f'secret_key = "{"k" * 40}"\ntrusted_proxies = 1\n')
    http, https = free_port(), free_port()
    with TownServe(instance, TOWN_ENV="production") as server:
        file = configuration(folder, "clocher.conf", http, https, server.port)
        nginx = subprocess.Popen([str(NGINX), "-c", file], stderr=subprocess.DEVNULL)
        for _ in range(100):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", https), timeout=1).close()
                break
            time.sleep(0.1)
        yield Proxied(https, http, folder)
        nginx.terminate()
        nginx.wait()


@needs_nginx
def test_a_town_is_reached_through_nginx_by_tls_alone(proxied: Proxied) -> None:
    status, headers, page = proxied.ask("/help")
    assert status == 200
    assert "<!doctype html>" in page
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["x-content-type-options"] == "nosniff"
    with socket.create_connection(("127.0.0.1", proxied.http), timeout=10) as plain:
        plain.sendall(f"GET /help?q=1 HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
        said = plain.recv(4096).decode()
    assert "301" in said.splitlines()[0]
    assert f"Location: https://{NAME}/help?q=1" in said


@needs_nginx
def test_the_name_of_the_town_passes_and_lies_about_it_do_not(proxied: Proxied) -> None:
    assert proxied.ask("/help", host="b.localhost")[0] == 200
    assert proxied.ask("/help", host="evil.example")[0] == 421
    assert proxied.ask("/help", **{"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "6.6.6.6"})[0] == 200
    # a form of our own page: the origin that the browser says is https, as the app must believe itself to be
    status, _headers, _page = proxied.ask("/language/fr", "POST", Origin=f"https://{NAME}")
    assert status in (303, 400)
    assert proxied.ask("/language/fr", "POST", Origin="https://evil.example")[0] == 403


@needs_nginx
def test_slow_and_heavy_visitors_stop_at_nginx(proxied: Proxied) -> None:
    slow = [socket.create_connection(("127.0.0.1", proxied.https)) for _ in range(60)]
    begun = time.monotonic()
    assert proxied.ask("/help")[0] == 200
    assert time.monotonic() - begun < 5
    for door in slow:
        door.close()
    assert proxied.ask("/", "POST", **{"Content-Length": str(70 << 20)})[0] == 413
    assert proxied.ask("/", **{"X-Long": "a" * 40_000})[0] in (400, 431)


@needs_nginx
def test_the_log_of_nginx_holds_no_address_of_a_visitor_and_none_of_a_page(proxied: Proxied) -> None:
    proxied.ask("/search/?q=secret-words", Referer=f"https://{NAME}/secret-page")
    log = (proxied.folder / "access.log").read_text()
    assert "127.0.0.0 [" in log
    assert "127.0.0.1" not in log
    assert "secret" not in log


@pytest.mark.parametrize(
    "unit", ["clocher.service", "clocher-worker.service", "clocher-backup.service", "clocher@.service"]
)
def test_units_keep_the_server_in_a_small_room(unit: str) -> None:
    text = (DEPLOY / "systemd" / unit).read_text()
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "UMask=0077", "StateDirectoryMode=0700"):
        assert line in text, line
    assert int(re.findall(r"LimitNOFILE=(\d+)", text)[0]) >= 16_000
    assert "MemoryMax=" in text
    assert "/town " in text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").glob("clocher*.*"):
        name = unit.name.replace("@", "@8001")
        text = unit.read_text().replace("/opt/clocher/.venv/bin/town", "/bin/true")
        (tmp_path / name).write_text(text.replace("/opt/clocher", "/"))
    done = subprocess.run(["systemd-analyze", "verify", *tmp_path.iterdir()], capture_output=True, text=True)
    about_ours = [line for line in done.stderr.splitlines() if "clocher" in line]
    assert not about_ours


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")
def test_caddy_understands_the_example(tmp_path: Path) -> None:
    command = ["caddy", "adapt", "--config", str(DEPLOY / "caddy/Caddyfile"), "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin"})
    assert done.returncode == 0, done.stderr
