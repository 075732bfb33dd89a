"""Sealing: archives are encrypted with age to the operator's public key, whose secret half lives elsewhere.

age is a small format that other programs read too: `age -d -i key.txt FILE` opens what is written here.
"""

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pyrage

from town.kernel.backup.manifest import BackupError

MARK: Final = b"age-encryption.org/v1"
Recipient = Any
Identity = Any


class _Measure:
    """A place to write to that keeps the fingerprint alone."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def write(self, block: bytes) -> int:
        self.digest.update(block)
        return len(block)

    def flush(self) -> None:
        """There is nothing to wait for."""


def recipients_of(said: list[str]) -> list[Recipient]:
    """Public keys, as settings hold them. Raises `BackupError`, above all for a secret key in their place."""
    found = []
    for text in said:
        if text.strip().upper().startswith("AGE-SECRET-KEY"):
            raise BackupError("TOWN_BACKUP_RECIPIENTS holds a secret key: put the public one there (age1…)")
        try:
            found.append(pyrage.x25519.Recipient.from_str(text.strip()))
        except pyrage.RecipientError as odd:
            raise BackupError(
                f"{text.strip()[:12]!r}… is no public key of age (age1…): see TOWN_BACKUP_RECIPIENTS"
            ) from odd
    return found


def identities_in(file: Path) -> list[Identity]:
    """The secret keys of a key file, as `town backup key` and `age-keygen` write them."""
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError) as odd:
        raise BackupError(f"the key file {file} cannot be read") from odd
    except pyrage.IdentityError as odd:
        raise BackupError(f"{file} holds no secret key of age (AGE-SECRET-KEY-1…)") from odd
    if not found:
        raise BackupError(f"{file} holds no secret key of age (AGE-SECRET-KEY-1…)")
    return found


def new_key(file: Path) -> str:
    """Write a new pair of keys to a file that was not there, and return the public one."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as there:
        raise BackupError(f"{file} is there already: a key is never written over") from there
    except OSError as odd:
        raise BackupError(f"{file} cannot be written: {odd.strerror}") from odd
    with os.fdopen(handle, "w") as out:
        out.write(f"# created: {datetime.now(UTC).isoformat(timespec='seconds')}\n# public key: {public}\n{identity}\n")
    return public


def is_sealed(file: Path) -> bool:
    with file.open("rb") as start:
        return start.read(len(MARK)) == MARK


def seal(plain: Path, to: Path, recipients: list[Recipient]) -> None:
    """Encrypt, then read it back from the disk and compare. Raises `BackupError` when the two differ.

    The secret keys are not here to read it back with: a second key that lives as long as this call can open it too.
    """
    passing = pyrage.x25519.Identity.generate()
    with plain.open("rb") as source, to.open("wb") as out:
        pyrage.encrypt_io(source, out, [*recipients, passing.to_public()])
        out.flush()
        os.fsync(out.fileno())
    again = _Measure()
    try:
        with to.open("rb") as sealed:
            pyrage.decrypt_io(sealed, again, [passing])
    except (OSError, pyrage.DecryptError) as odd:
        raise BackupError("what was written cannot be opened again: is the disk sound?") from odd
    if again.digest.hexdigest() != fingerprint(plain):
        raise BackupError("what was written is not what was meant: is the disk sound?")


def unseal(sealed: Path, to: Path, identities: list[Identity]) -> None:
    """Decrypt. Raises `BackupError` for the wrong key, and for a file that is cut short or was changed."""
    try:
        with sealed.open("rb") as source, to.open("wb") as out:
            pyrage.decrypt_io(source, out, identities)
    except pyrage.DecryptError as odd:
        why = "it is not sealed to this key" if "matching" in str(odd) else "it is cut short or was changed"
        raise BackupError(f"{sealed.name} cannot be opened: {why}") from odd
    except OSError as odd:
        why = odd.strerror or "it is cut short or was changed"
        raise BackupError(f"{sealed.name} cannot be opened: {why}") from odd


def fingerprint(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
