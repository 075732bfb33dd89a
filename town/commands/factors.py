"""The factors with which a town counts what sharing produces."""

import os

import click

from town.commands.group import app_of_here, chosen, main
from town.commons.impact.changes import change, decimal, in_force, publish_again
from town.kernel.db import db
from town.kernel.refusals import Refused
from town.kernel.tenancy import enter
from town.kernel.text import fold


@main.group()
def factors() -> None:
    """The factors with which a town counts what sharing produces."""


@factors.command("list")
@click.argument("word", default="")
@click.option("--town", "slug", help="The town's short name, when there are several.")
def list_factors(word: str, slug: str | None) -> None:
    """List factors whose name contains WORD: id, value, range, source. The town's own values have a star."""
    app = app_of_here()
    with enter(app, chosen(app, slug).slug):
        for factor in in_force().values():
            if fold(word) in fold(f"{factor.label} {factor.id}"):
                spread = f" ({factor.low:f} to {factor.high:f})" if factor.low != factor.high else ""
                mark = "*" if factor.own else " "
                click.echo(f"{mark} {factor.id:<28} {factor.value:f}{spread} {factor.unit}  {factor.label}")
                click.echo(f"    {factor.source}")


@factors.command("set")
@click.argument("factor_id")
@click.argument("value", required=False)
@click.option("--low", help="The lowest it may be; the value itself otherwise.")
@click.option("--high", help="The highest it may be; the value itself otherwise.")
@click.option("--source", default="", help="Where the value comes from, and its date.")
@click.option("--town", "slug", help="The town's short name, when there are several.")
def set_factor(
    factor_id: str, value: str | None, low: str | None, high: str | None, source: str, slug: str | None
) -> None:
    """Count with the town's own VALUE from now on; without one, with the published value again."""
    app = app_of_here()
    with enter(app, chosen(app, slug).slug):
        factor = in_force().get(factor_id)
        if factor is None:
            raise click.ClickException(f"no factor is called {factor_id}")
        by = f"cli:{os.getuid()}"
        try:
            if value is None:
                publish_again(factor, by=by)
            else:
                change(factor, decimal(value), decimal(low or value), decimal(high or value), source, by=by)
        except Refused as wrong:
            raise click.ClickException(str(wrong)) from wrong
        db.session.commit()
        click.echo(f"{factor_id}: {in_force()[factor_id].value:f} instead of {factor.value:f}")
