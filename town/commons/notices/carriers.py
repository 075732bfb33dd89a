"""Who carries e-mails away: a mail server, or in development files that anybody can read."""

import smtplib
import ssl
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

from town.kernel.db import guard_slow
from town.kernel.tenancy import current_town, towns

TIMEOUT = 15
KEPT_OPEN = 10
REST = 30


class Mail(Protocol):
    """Takes an e-mail away, or raises: `Undeliverable` when trying again is useless, anything else when it may help."""

    def send(self, message: EmailMessage) -> None: ...


class Undeliverable(Exception):
    """The mail server will never take this message: there is no such mailbox, or it finds the words unfit."""


class MailServerDown(OSError):
    """It did not answer a moment ago. A whole queue must not wait for it message by message."""


class FileMail:
    """Development's mail: `instance/towns/<slug>/mail/*.eml`, oldest first by name. A resend replaces its file."""

    def send(self, message: EmailMessage) -> None:
        folder = towns().folder(current_town().slug) / "mail"
        folder.mkdir(mode=0o700, exist_ok=True)
        sent_at = message["Date"].datetime
        name = f"{sent_at:%Y%m%dT%H%M%S}-{message['Message-ID'].strip('<>').partition('@')[0]}"
        part = folder / f".{name}.part"
        part.touch(mode=0o600)
        part.write_bytes(message.as_bytes(policy=SMTP))
        part.replace(folder / f"{name}.eml")

    def forget(self, words: Sequence[str]) -> None:
        """Delete the files that hold one of these words: this folder stands in for everybody's mailboxes.

        What a mail server has carried away lies with whoever received it, and cannot be called back.
        """
        for file in (towns().folder(current_town().slug) / "mail").glob("*.eml"):
            message = message_from_bytes(file.read_bytes(), policy=default)
            body = message.get_body(("plain",))
            said = f"{message['To']} {message['Subject']} {body.get_content() if body is not None else ''}"
            if any(word in said for word in words):
                file.unlink(missing_ok=True)

    def forget_before(self, moment: datetime) -> None:
        """Delete the files written before that moment."""
        for file in (towns().folder(current_town().slug) / "mail").glob("*.eml"):
            if datetime.fromtimestamp(file.stat().st_mtime, UTC) < moment:
                file.unlink(missing_ok=True)


class SmtpMail:
    """A mail server, from `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`.

    A password never travels in clear, except to this very machine. The connection is kept for a few seconds, so that a
    notice to a whole town is not five thousand handshakes.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("TOWN_SMTP_URL must read smtp://user:password@host:587 or smtps://user:password@host")
        self.encrypted = parts.scheme == "smtps"
        self.host = parts.hostname
        self.port = parts.port or (465 if self.encrypted else 587)
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self._mine = threading.local()
        self._rests_until = 0.0

    def send(self, message: EmailMessage) -> None:
        guard_slow("send an e-mail")
        server = self._server()
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            if all(code >= 500 for code, _ in refused.recipients.values()):
                raise Undeliverable from None
            raise
        except smtplib.SMTPDataError as refused:
            if refused.smtp_code >= 500:
                raise Undeliverable from None
            raise
        except smtplib.SMTPNotSupportedError:  # letters in the mailbox's name that this server cannot write
            raise Undeliverable from None
        except OSError:
            self._hang_up()
            raise
        self._mine.used_at = time.monotonic()

    def _server(self) -> smtplib.SMTP:
        kept: smtplib.SMTP | None = getattr(self._mine, "server", None)
        if kept is not None and time.monotonic() - self._mine.used_at < KEPT_OPEN and _still_there(kept):
            return kept
        self._hang_up()
        if time.monotonic() < self._rests_until:
            raise MailServerDown("the mail server did not answer a moment ago")
        try:
            server = self._call()
        except OSError:
            self._rests_until = time.monotonic() + REST
            raise
        self._mine.server, self._mine.used_at = server, time.monotonic()
        return server

    def _call(self) -> smtplib.SMTP:
        trusted = ssl.create_default_context()
        if self.encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=trusted)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            server.ehlo()
            if not self.encrypted and server.has_extn("starttls"):
                server.starttls(context=trusted)
                server.ehlo()
            elif not self.encrypted and self.user and not _is_this_machine(self.host):
                raise smtplib.SMTPNotSupportedError("without STARTTLS a password would travel in clear")
            if self.user:
                server.login(self.user, self.password)
        except OSError:
            server.close()
            raise
        return server

    def _hang_up(self) -> None:
        kept: smtplib.SMTP | None = getattr(self._mine, "server", None)
        self._mine.server = None
        if kept is not None:
            kept.close()


def _still_there(server: smtplib.SMTP) -> bool:
    try:
        return server.noop()[0] == 250
    except OSError:
        return False


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
