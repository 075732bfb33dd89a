"""Phones that ring: new keys for the town, when its own may be in other hands."""

import click

from town.commands.group import app_of_here, chosen, main
from town.commons.notices.push import keys
from town.kernel.tenancy import enter


@main.command("push-key")
@click.option("--town", "slug", help="The town's short name, when there are several.")
def push_key(slug: str | None) -> None:
    """Make a new pair of keys for push. Phones take it with the next notice they get, and keep ringing meanwhile."""
    app = app_of_here()
    with enter(app, chosen(app, slug).slug) as town:
        keys.renew()
        click.echo(f"{town.slug}: a new key; phones take it with their next notice")
