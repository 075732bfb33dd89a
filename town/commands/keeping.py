"""What is kept and what is forgotten: the table of durations, what would go, and somebody who asked in writing."""

import os

import click
from flask_babel import force_locale
from sqlalchemy import select

from town.commands.group import app_of_here, chosen, main, towns_of
from town.commons.audit import audit
from town.commons.people.leaving import erase, refuse_the_last_admin
from town.commons.people.models import Account, Person
from town.kernel import retention
from town.kernel.db import db
from town.kernel.refusals import Refused
from town.kernel.tenancy import enter


@main.command("retention")
@click.option("--dry-run", is_flag=True, help="Only say how many rows would be forgotten.")
@click.option("--force", is_flag=True, help="Forget even after a jump of the clock, and however many rows there are.")
@click.option("--town", "slug", help="One town only.")
def forget(dry_run: bool, force: bool, slug: str | None) -> None:
    """Forget what has been kept long enough, as each night does; --dry-run only says how much that is.

    A night holds back when the clock jumped, or when more than a fifth of something would go at once. Look at the
    clock and at the figures of --dry-run, then use --force.
    """
    app = app_of_here()
    for town in [chosen(app, slug)] if slug else towns_of(app).registry.towns():
        with enter(app, town.slug), force_locale("en"):
            click.echo(f"{town.slug}:")
            if dry_run:
                _say_what_would_go()
                continue
            night = retention.forget_what_is_over(force=force)
            for name, count in night.forgotten.items():
                click.echo(f"  {name}: {count} forgotten")
            for problem in retention.problems():
                click.echo(f"  held back, {problem}")


def _say_what_would_go() -> None:
    for line in retention.table():
        if line.rows is None:
            continue
        due, total = line.due(), line.total()
        held = " (too many for one night)" if line.too_many(due) else ""
        click.echo(f"  {line.name:<28} {due:>6} of {total:<7} {line.how_long}{held}")
    db.session.rollback()


@main.command("erase")
@click.argument("who")
@click.option("--town", "slug", help="The town's short name, when there are several.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_somebody(who: str, slug: str | None, yes: bool) -> None:
    """Erase somebody who asked the town hall for it. WHO is their e-mail, or the id in the address of their page."""
    app = app_of_here()
    with enter(app, chosen(app, slug).slug):
        by_email = select(Person).join(Account).where(Account.email == who.strip().lower())
        person = db.session.scalar(by_email) or db.session.scalar(select(Person).where(Person.public_id == who.strip()))
        if person is None:
            raise click.ClickException(f"nobody here goes by {who}")
        if not yes:
            db.session.rollback()  # the lock is not held while somebody thinks
            click.confirm(f"Erase {person.full_name}? Nothing can be brought back", abort=True)
        try:
            refuse_the_last_admin(person)
        except Refused as refused:
            raise click.ClickException(str(refused)) from refused
        audit("account:account:erase_asked", on=person, by=f"cli:{os.getuid()}")
        erase(person)
        db.session.commit()
        click.echo("erased; the worker deletes the files in a few minutes")
