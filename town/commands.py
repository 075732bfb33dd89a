"""The `town` command: open towns, serve them, look after them."""

import json
import os
import sys
import threading
import webbrowser
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError
from sqlalchemy import select

from town import create_app
from town.commons.audit import audit, first_broken_entry
from town.commons.board import stale_cards
from town.commons.people.cast import CAST, PASSWORD
from town.commons.people.models import ROLES, Account, RoleGrant
from town.commons.people.second_factor import forget_second_factor
from town.commons.places.address_file import AddressFile, by_sentence, read_address_file
from town.commons.places.opening import Laid, lay_out
from town.demo import DEMO_SLUG, open_demo_town
from town.kernel import migrations
from town.kernel.db import db
from town.kernel.jobs import Worker
from town.kernel.media import attach, receive
from town.kernel.refusals import Refused
from town.kernel.registry import RegistryError, Town
from town.kernel.tenancy import Towns, enter
from town.kernel.text import slugify
from town.kernel.towns import make_town, migrate_all, unmake_town
from town.kernel.web import TownApp
from town.settings import Settings


def _app(**settings: Any) -> TownApp:
    """The application, as the settings say. On a machine that says nothing, this command means development."""
    folder = Path(os.environ.get("TOWN_INSTANCE", "instance"))
    if "TOWN_ENV" not in os.environ and not (folder / "settings.toml").exists():
        os.environ["TOWN_ENV"] = "development"
    try:
        return create_app(Settings(**settings))
    except ValidationError as wrong:
        raise click.ClickException("; ".join(str(error["msg"]) for error in wrong.errors())) from wrong


def _towns(app: TownApp) -> Towns:
    found: Towns = app.extensions["towns"]
    return found


def _chosen(app: TownApp, slug: str | None) -> Town:
    """The town that a command is about: the one named, or the only one there is."""
    towns = _towns(app).registry.towns()
    if slug is None and len(towns) == 1:
        return towns[0]
    if slug is None:
        raise click.ClickException(
            "there are several towns here: say which with --town" if towns else "no town is open"
        )
    return _towns(app).registry.town(slug)


class Plain(click.Group):
    """Mistakes that the operator can put right are a sentence, not a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except RegistryError as wrong:
            raise click.ClickException(str(wrong)) from wrong


@click.group(cls=Plain)
def main() -> None:
    """Clocher: the neighbourhood network of small towns."""
    os.umask(0o077)


@main.command("open")
@click.argument("addresses", type=click.Path(path_type=Path))
@click.option("--slug", help="The town's short name; its own name otherwise.")
@click.option("--host", "hosts", multiple=True, help="A host it is reached by; may be given several times.")
def open_town(addresses: Path, slug: str | None, hosts: tuple[str, ...]) -> None:
    """Open a municipality from its official address file, or bring its addresses up to date with a newer one."""
    app = _app()
    towns = _towns(app)
    with app.app_context():
        file = read_address_file(addresses)
        _tell_about(file)
    if not file.usable or file.commune is None:
        raise click.ClickException("nothing was opened: put these lines right and try again")
    commune = file.commune
    slug = slug or slugify(commune.name)
    known = next((town for town in towns.registry.towns() if town.slug == slug), None)
    if known is not None and known.insee != commune.insee:
        raise click.ClickException(f"{slug!r} is {known.name}: choose another short name with --slug")
    if known is None:
        profile = {**asdict(commune), "language": "fr", "hue": 255, "chroma": 0.11}
        make_town(towns, slug, list(hosts) or [f"{slug}.localhost"], profile)
    else:
        for host in set(hosts) - set(towns.registry.hosts(slug)):
            towns.registry.add_host(slug, host)
    try:
        laid = _lay_out(app, slug, file)
    except BaseException:
        if known is None:
            unmake_town(towns, slug)
        raise
    click.echo(
        f"{commune.name}: {laid.added} addresses added, {laid.changed} changed, {laid.kept} as before, "
        f"{laid.retired} retired. Reached by {', '.join(towns.registry.hosts(slug))}."
    )


def _lay_out(app: TownApp, slug: str, file: AddressFile) -> Laid:
    assert file.commune is not None
    with (
        enter(app, slug),
        click.progressbar(length=len(file.rows), label="Addresses", file=sys.stderr) as bar,
    ):
        laid = lay_out(file.rows, file.commune.name, lambda done: bar.update(1))
        db.session.commit()
    return laid


def _tell_about(file: AddressFile) -> None:
    for kind, remarks in (("remark", file.remarks), ("ERROR", file.errors)):
        for sentence, lines in by_sentence(remarks):
            shown = [str(line) for line in lines[:8] if line is not None]
            where = f" (line {', '.join(shown)}{'…' if len(lines) > 8 else ''})" if shown else ""
            click.echo(f"{kind}: {sentence}{where}", err=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the cast as JSON and nothing else.")
def demo(as_json: bool) -> None:
    """Open the demo town, Saint-Loup-des-Tilleuls, if it is not open yet, and print its people's sign-ins."""
    app = _app()
    if DEMO_SLUG not in {town.slug for town in _towns(app).registry.towns()}:
        if not as_json:
            click.echo("Opening the demo town…", err=True)
        open_demo_town(app)
    if as_json:
        cast = [
            {
                "name": f"{part.first_name} {part.last_name}",
                "email": part.email,
                "password": PASSWORD,
                "roles": list(part.roles),
                "certified": part.how is not None,
            }
            for part in CAST
        ]
        click.echo(json.dumps(cast, ensure_ascii=False, indent=2))
        return
    click.echo(f"Saint-Loup-des-Tilleuls. Everybody's password: {PASSWORD}")
    for part in CAST:
        what = ", ".join(part.roles) or ("certified neighbour" if part.how else "address not proved yet")
        click.echo(f"  {part.first_name + ' ' + part.last_name:<18} {part.email:<30} {what}")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option("--default", "default_town", help="The town that localhost shows when there are several.")
@click.option("--worker/--no-worker", default=True, show_default=True, help="Look after jobs in this process too.")
@click.option("--open", "show", is_flag=True, help="Show it in a browser.")
def serve(host: str, port: int, default_town: str | None, worker: bool, show: bool) -> None:
    """Serve every town of this installation."""
    import waitress

    os.environ.setdefault("TOWN_PORT", str(port))
    app = _app(**({"default_town": default_town} if default_town else {}))
    towns = _towns(app)
    if default_town:
        towns.registry.town(default_town)
    _migrate(app, quiet=True)
    if worker:
        threading.Thread(target=Worker(app).run, name="worker", daemon=True).start()
    settings = towns.settings
    open_here = towns.registry.towns()
    if not open_here:
        click.echo("No town is open yet: `town demo` opens the demo town, `town open FILE.csv` your own.")
    for town in open_here:
        names = towns.registry.hosts(town.slug)
        if settings.development and (len(open_here) == 1 or town.slug == settings.default_town):
            names = ["localhost", *names]
        click.echo(f"{town.name}: " + "  ".join(f"{settings.scheme}://{name}:{port}/" for name in names))
    if show:
        with suppress(webbrowser.Error):
            webbrowser.open(f"http://localhost:{port}/")
    click.echo(f"Serving in {settings.env} on {host}:{port}. Ctrl+C ends it.")
    waitress.serve(app, host=host, port=port, threads=8, connection_limit=1000, asyncore_use_poll=True, ident="Clocher")


@main.command()
def worker() -> None:
    """Look after the jobs of every town: e-mails, reminders, the night's tidying."""
    Worker(_app()).run()


@main.command("list")
def list_towns() -> None:
    """List the towns of this installation and their hosts."""
    towns = _towns(_app())
    for town in towns.registry.towns():
        click.echo(f"{town.slug:<30} {town.name:<30} {', '.join(towns.registry.hosts(town.slug))}")


@main.command()
def migrate() -> None:
    """Bring every town's tables to this version of the software, one by one."""
    if not _migrate(_app(), quiet=False):
        raise click.ClickException("some towns were not migrated; the others were")


def _migrate(app: TownApp, *, quiet: bool) -> bool:
    def tell(town: Town, result: str) -> None:
        if not quiet or result != "up to date":
            click.echo(f"{town.slug}: {result}", err=quiet)

    return migrate_all(_towns(app), tell)


@main.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--town", "slug", help="The town's short name, when there are several.")
@click.option("--remove", is_flag=True, help="Take the role away instead.")
def role(email: str, role: str, slug: str | None, remove: bool) -> None:
    """Give somebody a role of the town hall, or take it away."""
    app = _app()
    with enter(app, _chosen(app, slug).slug):
        account = db.session.scalar(select(Account).where(Account.email == email.strip().lower()))
        if account is None:
            raise click.ClickException(f"nobody here signs in as {email}")
        person = account.person
        held = next((grant for grant in person.grants if grant.role == role), None)
        if remove and held is not None:
            if role == "admin" and not _another_admin(person.id):
                raise click.ClickException("the last admin cannot be removed")
            person.grants.remove(held)
        elif not remove and held is None:
            person.grants.append(RoleGrant(role=role))
        else:
            raise click.ClickException(f"{person.full_name} {'does not hold' if remove else 'holds'} that role")
        audit(f"role:{role}:{'remove' if remove else 'add'}", on=person, by=f"cli:{os.getuid()}")
        db.session.commit()
        click.echo(f"{person.full_name}: {', '.join(sorted(person.roles)) or 'no role'}")


@main.command("lost-phone")
@click.argument("email")
@click.option("--town", "slug", help="The town's short name, when there are several.")
def lost_phone(email: str, slug: str | None) -> None:
    """Take away the second factor of somebody whose phone is lost; they set it up again at their next sign-in."""
    app = _app()
    with enter(app, _chosen(app, slug).slug):
        account = db.session.scalar(select(Account).where(Account.email == email.strip().lower()))
        if account is None or account.tf_totp_secret is None:
            raise click.ClickException(f"nobody here has a second factor and signs in as {email}")
        forget_second_factor(account, by=f"cli:{os.getuid()}")
        db.session.commit()
        click.echo(f"{account.person.full_name}: no second factor, and signed out everywhere")


def _another_admin(person_id: int) -> bool:
    other = select(RoleGrant.id).where(RoleGrant.role == "admin", RoleGrant.person_id != person_id).limit(1)
    return db.session.scalar(other) is not None


@main.command()
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
@click.option("--town", "slug", help="The town's short name, when there are several.")
def feature(name: str, state: str, slug: str | None) -> None:
    """Switch a feature on or off in a town; its data stays."""
    app = _app()
    known = app.extensions["features"]
    optional = sorted(key for key, value in known.items() if not value.essential)
    if name not in optional:
        raise click.ClickException(f"these can be switched: {', '.join(optional)}")
    town = _chosen(app, slug)
    off = set(town.features_off) - {name} | ({name} if state == "off" else set())
    _towns(app).registry.change(town.slug, features_off=sorted(off))
    with enter(app, town.slug):
        audit(f"feature:{name}:{state}", by=f"cli:{os.getuid()}")
        db.session.commit()
    click.echo(f"{town.name}: {name} is {state}")


@main.command()
@click.option("--hue", type=click.IntRange(0, 360), help="The town's hue, in degrees of the OKLCH circle.")
@click.option(
    "--chroma", type=click.FloatRange(0, 0.13), help="How vivid: 0 is grey, 0.13 the most that stays legible."
)
@click.option("--arms", type=click.File("rb"), help="The coat of arms, a PNG, JPEG or WebP picture.")
@click.option("--town", "slug", help="The town's short name, when there are several.")
def look(hue: int | None, chroma: float | None, arms: Any, slug: str | None) -> None:
    """Choose a town's colour and coat of arms; contrast never depends on it."""
    app = _app()
    chosen: dict[str, Any] = {name: value for name, value in (("hue", hue), ("chroma", chroma)) if value is not None}
    town = _chosen(app, slug)
    if arms is not None:
        with enter(app, town.slug):
            try:
                picture = receive(arms.read())
            except Refused as wrong:
                raise click.ClickException(str(wrong)) from wrong
            chosen["arms"] = attach([picture], "arms", 1)[0].name
            db.session.commit()
    town = _towns(app).registry.change(town.slug, **chosen)
    click.echo(f"{town.name}: hue {town.hue}, chroma {town.chroma}, {'its own arms' if town.arms else 'no arms'}")


@main.command()
@click.option("--town", "slug", help="One town only.")
def check(slug: str | None) -> None:
    """Check every town: its file, its tables, its cards, its audit."""
    app = _app()
    towns = _towns(app).registry.towns() if slug is None else [_towns(app).registry.town(slug)]
    wrong = 0
    for town in towns:
        try:
            problems = _problems(app, town)
        except Exception as broken:  # a broken file must not hide the state of the others
            problems = [f"cannot be read: {broken}"]
        wrong += len(problems)
        click.echo(f"{town.slug}: {'all well' if not problems else ''}")
        for problem in problems:
            click.echo(f"  {problem}")
    if wrong:
        raise click.ClickException(f"{wrong} problems")


def _problems(app: TownApp, town: Town) -> list[str]:
    found: list[str] = []
    with enter(app, town.slug):
        connection = db.session.connection()
        if connection.dialect.name == "sqlite":
            if (state := connection.exec_driver_sql("PRAGMA quick_check").scalar()) != "ok":
                found.append(f"the file is damaged: {state}")
            for row in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(5):
                found.append(f"a row of {row[0]} points to nothing in {row[2]}")
        if migrations.revision(connection) != migrations.head():
            found.append("its tables are not of this version: run `town migrate`")
            return found
        for difference in stale_cards():
            found.append(f"stale card of {difference.thing} {difference.thing_id}: {', '.join(difference.columns)}")
        if (broken := first_broken_entry()) is not None:
            found.append(f"the audit was tampered with at entry {broken}")
        db.session.rollback()
    return found
