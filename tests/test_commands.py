"""The `town` command, as an operator types it."""

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from tests.cast import CAST
from tests.client import browser_of
from town import create_app
from town.commands import main

DATA = Path(__file__).parent / "data" / "addresses"
MONT_BONVILLERS = DATA / "bal1.3_54084_mont-bonvillers.csv"

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("open", "file.csv")` in an installation of its own."""
    monkeypatch.setenv("TOWN_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("TOWN_ENV", "development")
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words])


def test_a_real_town_opens_from_its_official_file(run: Run, tmp_path: Path) -> None:
    done = run("open", MONT_BONVILLERS)
    assert done.exit_code == 0, done.output
    assert "Mont-Bonvillers: 486 addresses added" in done.output
    assert "mont-bonvillers.localhost" in run("list").output
    with sqlite3.connect(tmp_path / "instance/towns/mont-bonvillers/town.sqlite") as file:
        assert file.execute("SELECT count(*) FROM address").fetchone() == (486,)
        streets = {name for (name,) in file.execute("SELECT name FROM street")}
    assert len(streets) > 15
    assert run("check").exit_code == 0


def test_a_newer_file_keeps_everybodys_door(run: Run, tmp_path: Path) -> None:
    run("open", MONT_BONVILLERS)
    database = tmp_path / "instance/towns/mont-bonvillers/town.sqlite"
    with sqlite3.connect(database) as file:
        before = dict(file.execute("SELECT key, id FROM address"))
    newer = tmp_path / "newer.csv"
    lines = MONT_BONVILLERS.read_bytes().decode("utf-8-sig").splitlines()
    newer.write_text("\n".join(line for line in lines[:-1]))  # one door is gone
    done = run("open", newer)
    assert "0 addresses added, 0 changed, 485 as before, 1 retired" in done.output
    with sqlite3.connect(database) as file:
        assert dict(file.execute("SELECT key, id FROM address")) == before
        assert file.execute("SELECT count(*) FROM address WHERE retired_at IS NOT NULL").fetchone() == (1,)


def test_a_renamed_street_stays_the_same_street(run: Run, tmp_path: Path) -> None:
    run("open", MONT_BONVILLERS)
    database = tmp_path / "instance/towns/mont-bonvillers/town.sqlite"
    with sqlite3.connect(database) as file:
        number, name = file.execute("SELECT id, name FROM street ORDER BY id LIMIT 1").fetchone()
    newer = tmp_path / "newer.csv"
    newer.write_text(MONT_BONVILLERS.read_bytes().decode("utf-8-sig").replace(f";{name};", ";Rue de la Liberté;"))
    assert run("open", newer).exit_code == 0
    with sqlite3.connect(database) as file:
        assert file.execute("SELECT name FROM street WHERE id = ?", (number,)).fetchone() == ("Rue de la Liberté",)


@pytest.mark.parametrize("name", ["vb_junk.ascii.csv", "vb_sample.ansi.csv", "vb_without_row.csv", "nowhere.csv"])
def test_a_refused_file_opens_nothing_and_says_why(run: Run, tmp_path: Path, name: str) -> None:
    file = next(DATA.rglob(name), DATA / name)
    done = run("open", file)
    assert done.exit_code == 1
    assert "ERROR" in done.output
    assert "Traceback" not in done.output
    assert run("list").output == ""
    assert not list((tmp_path / "instance").glob("towns/*"))


@pytest.mark.parametrize("name", ["mb_1.3-not-valid.csv", "vb_1.5-numero-zero.csv"])
def test_an_odd_file_is_remarked_upon_and_opens(run: Run, name: str) -> None:
    done = run("open", next(DATA.rglob(name)))
    assert done.exit_code == 0, done.output
    assert "remark" in done.output


def test_a_town_is_not_opened_under_the_name_of_another(run: Run) -> None:
    run("open", MONT_BONVILLERS, "--slug", "here")
    done = run("open", next(DATA.rglob("mini_bal1.5-valid.csv")), "--slug", "here")
    assert done.exit_code == 1
    assert "here" in done.output


def test_the_demo_town_opens_once_and_says_who_lives_there(run: Run) -> None:
    done = run("demo", "--json")
    assert done.exit_code == 0, done.output
    cast = json.loads(done.stdout)
    assert {person["email"] for person in cast} == {part.email for part in CAST}
    assert all(set(person) == {"name", "email", "password", "roles", "certified"} for person in cast)
    assert run("demo").exit_code == 0
    assert run("check").exit_code == 0


def test_roles_and_features_are_given_and_taken(run: Run, filled_instance: Path, tmp_path: Path) -> None:
    shutil.copytree(filled_instance, tmp_path / "instance")
    assert "agent" in run("role", "odile@saint-loup.example", "agent").output
    assert run("role", "odile@saint-loup.example", "agent").exit_code == 1
    assert "no role" in run("role", "odile@saint-loup.example", "agent", "--remove").output
    assert run("role", "nobody@saint-loup.example", "agent").exit_code == 1
    assert "last admin" in run("role", "helene@saint-loup.example", "admin", "--remove").output
    assert "is off" in run("feature", "lending", "off").output
    assert run("feature", "home", "off").exit_code == 1
    assert "is on" in run("feature", "lending", "on").output


def test_production_does_not_start_without_a_key(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOWN_ENV", "production")
    done = run("list")
    assert done.exit_code == 1
    assert "TOWN_SECRET_KEY" in done.output
    monkeypatch.setenv("TOWN_SECRET_KEY", "x" * 40)
    assert run("list").exit_code == 0
    monkeypatch.setenv("TOWN_STAFF_2FA", "off")
    assert "TOWN_STAFF_2FA" in run("list").output


def test_every_command_explains_itself_in_a_sentence(run: Run) -> None:
    for command in main.commands:
        assert run(command, "--help").exit_code == 0
        assert (main.commands[command].help or "").strip().endswith(".")


def test_a_town_chooses_its_colour_and_its_arms(run: Run, tmp_path: Path) -> None:
    run("open", MONT_BONVILLERS)
    picture = tmp_path / "arms.png"
    Image.new("RGB", (64, 76), "red").save(picture)
    done = run("look", "--hue", 150, "--chroma", 0.09, "--arms", picture)
    assert "hue 150, chroma 0.09, its own arms" in done.output
    browser = browser_of(create_app())
    assert "--th:150;--tc:0.09" in browser.get("/town.css").text
    source = re.findall(r'<img class="arms" src="([^"]+)"', browser.get("/").text)[0]
    assert browser.get(source).mimetype == "image/webp"
    assert run("look", "--hue", 999).exit_code == 2
    picture.write_text("not a picture")
    assert run("look", "--arms", picture).exit_code == 1


def test_an_operator_puts_the_towns_own_factor_and_goes_back(run: Run, tmp_path: Path) -> None:
    """IP-08: `town factors`."""
    run("open", MONT_BONVILLERS)
    assert "bc-28317" in run("factors", "list", "perceuse").output
    done = run("factors", "set", "bc-28317", "20,5", "--high", "30", "--source", "Étude du syndicat, 2026")
    assert "bc-28317: 20.5 instead of 23.5" in done.output
    assert "* bc-28317                     20.5 (20.5 to 30)" in run("factors", "list", "perceuse").output

    for wrong in (["bc-0", "1"], ["bc-28317", "vingt", "--source", "x"], ["bc-28317", "20"], ["share-loan", "2"]):
        refused = run("factors", "set", *wrong)
        assert refused.exit_code == 1, wrong
        assert "Traceback" not in refused.output
    assert "23.5 instead of 20.5" in run("factors", "set", "bc-28317").output
    with sqlite3.connect(tmp_path / "instance/towns/mont-bonvillers/town.sqlite") as file:
        said = [event for (event,) in file.execute("SELECT event FROM audit_entry WHERE event LIKE 'factor:%'")]
    assert said == ["factor:town:change", "factor:town:publish"]


def test_an_operator_sees_how_the_installation_is(run: Run, tmp_path: Path) -> None:
    run("open", MONT_BONVILLERS)
    done = run("status")
    assert done.exit_code == 0, done.output
    assert re.search(
        r"mont-bonvillers: file [\d.]+ MiB, log [\d.]+ MiB, tables \d{4}, \d+ jobs waiting, 0 given up", done.output
    )
    file = tmp_path / "instance/towns/mont-bonvillers/town.sqlite"
    with sqlite3.connect(file) as plain:
        job = "INSERT INTO job (name, payload, run_at, attempts, failed_at) VALUES (?, '{}', '2026-01-01', 0, ?)"
        plain.execute(job, ("notices.mail", None))
        plain.execute(job, ("notices.mail", "2026-01-01"))
    done = run("status")
    assert done.exit_code == 1
    assert "is the worker running?" in done.output
    assert "could not be delivered" in done.output
    file.rename(file.with_name("elsewhere"))
    found = json.loads(run("status", "--json").stdout)
    assert found["disk_free"] > 0
    assert found["towns"][0]["trouble"] == "its file is missing or empty: restore it"
    assert not file.exists()


def test_the_ballast_is_put_and_freed(run: Run, tmp_path: Path) -> None:
    assert run("ballast", "put").exit_code == 0
    assert (tmp_path / "instance/ballast").stat().st_size == 64 * 1024 * 1024
    assert "ballast kept aside" in run("status").output
    assert run("ballast", "free").exit_code == 0
    assert run("ballast", "free").exit_code == 1


def test_a_new_key_comes_with_the_former_one(run: Run, tmp_path: Path) -> None:
    done = run("new-key")
    key, fallbacks = done.stdout.splitlines()
    assert re.fullmatch(r"TOWN_SECRET_KEY=[\w-]{64}", key)
    former = (tmp_path / "instance/development.key").read_text()
    assert fallbacks == f"TOWN_SECRET_KEY_FALLBACKS='[\"{former}\"]'"
