"""What the operator does for people: roles of the town hall, and a lost phone."""

import os

import click
from sqlalchemy import select

from town.commands.group import app_of_here, chosen, main
from town.commons.audit import audit
from town.commons.people.models import ROLES, Account, RoleGrant
from town.commons.people.second_factor import forget_second_factor
from town.kernel.db import db
from town.kernel.tenancy import enter


@main.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--town", "slug", help="The town's short name, when there are several.")
@click.option("--remove", is_flag=True, help="Take the role away instead.")
def role(email: str, role: str, slug: str | None, remove: bool) -> None:
    """Give somebody a role of the town hall, or take it away."""
    app = app_of_here()
    with enter(app, chosen(app, slug).slug):
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
    app = app_of_here()
    with enter(app, chosen(app, slug).slug):
        account = db.session.scalar(select(Account).where(Account.email == email.strip().lower()))
        if account is None or account.tf_totp_secret is None:
            raise click.ClickException(f"nobody here has a second factor and signs in as {email}")
        forget_second_factor(account, by=f"cli:{os.getuid()}")
        db.session.commit()
        click.echo(f"{account.person.full_name}: no second factor, and signed out everywhere")


def _another_admin(person_id: int) -> bool:
    other = select(RoleGrant.id).where(RoleGrant.role == "admin", RoleGrant.person_id != person_id).limit(1)
    return db.session.scalar(other) is not None
