"""What a town chooses: its features, its colour, its coat of arms."""

import os
from typing import Any

import click

from town.commands.group import app_of_here, chosen, main, towns_of
from town.commons.audit import audit
from town.kernel.db import db
from town.kernel.media import attach, receive
from town.kernel.refusals import Refused
from town.kernel.tenancy import enter


@main.command()
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
@click.option("--town", "slug", help="The town's short name, when there are several.")
def feature(name: str, state: str, slug: str | None) -> None:
    """Switch a feature on or off in a town; its data stays."""
    app = app_of_here()
    known = app.extensions["features"]
    optional = sorted(key for key, value in known.items() if not value.essential)
    if name not in optional:
        raise click.ClickException(f"these can be switched: {', '.join(optional)}")
    town = chosen(app, slug)
    off = set(town.features_off) - {name} | ({name} if state == "off" else set())
    towns_of(app).registry.change(town.slug, features_off=sorted(off))
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
    app = app_of_here()
    wishes: dict[str, Any] = {name: value for name, value in (("hue", hue), ("chroma", chroma)) if value is not None}
    town = chosen(app, slug)
    if arms is not None:
        with enter(app, town.slug):
            try:
                picture = receive(arms.read())
            except Refused as wrong:
                raise click.ClickException(str(wrong)) from wrong
            wishes["arms"] = attach([picture], "arms", 1)[0].name
            db.session.commit()
    town = towns_of(app).registry.change(town.slug, **wishes)
    click.echo(f"{town.name}: hue {town.hue}, chroma {town.chroma}, {'its own arms' if town.arms else 'no arms'}")
