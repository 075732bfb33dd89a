"""Backups as an operator types them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from town.commands import main

ADDRESSES = Path(__file__).parents[1] / "data" / "addresses" / "bal1.3_54084_mont-bonvillers.csv"
Run = Callable[..., Result]


def test_from_a_key_to_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AD-08 — key, backup, verify, drill, restore: each one command, each refusal a sentence."""
    monkeypatch.setenv("TOWN_ENV", "development")
    monkeypatch.setenv("TOWN_INSTANCE", str(tmp_path / "here"))

    def run(*words: object) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])

    key, usb = tmp_path / "key.txt", tmp_path / "usb"
    assert run("open", ADDRESSES, "--slug", "mb").exit_code == 0
    made = run("backup", "key", key)
    assert key.stat().st_mode & 0o077 == 0
    assert "never written over" in run("backup", "key", key).output
    monkeypatch.setenv("TOWN_BACKUP_RECIPIENTS", made.output.splitlines()[-1].partition('"')[2].strip('"]'))

    done = run("backup", "--all", "--to", usb)
    assert done.exit_code == 0, done.output
    assert "verified" in done.output
    file = max(usb.glob("mb/*.age"))
    assert "as it was written" in run("backup", "verify", file).output
    assert "all there and sound" in run("backup", "verify", file, "--identity", key).output
    drilled = run("drill", "mb", "--from", usb, "--identity", key)
    assert "can be put back" in drilled.output, drilled.output
    listed = run("backup", "list", "--from", usb).output
    assert file.name in listed
    assert "never" not in listed
    assert "is open here" in run("restore", file, "--identity", key).output

    monkeypatch.setenv("TOWN_INSTANCE", str(tmp_path / "there"))
    refused = run("restore", file)
    assert refused.exit_code == 1
    assert "--identity" in refused.output
    assert "Traceback" not in refused.output
    restored = run("restore", file, "--identity", key, "--host", "mont-bonvillers.example")
    assert restored.exit_code == 0, restored.output
    assert "mont-bonvillers.example" in run("list").output
    assert "mb: all well" in run("check").output
    file.write_bytes(file.read_bytes()[:-1])
    assert "changed or is damaged" in run("backup", "verify", file).output
