"""What every `town` command stands on: the application, the town it is about, mistakes said in a sentence."""

import os
from pathlib import Path
from typing import Any

import click
from pydantic import ValidationError

from town import create_app
from town.kernel.backup.manifest import BackupError
from town.kernel.registry import RegistryError, Town
from town.kernel.tenancy import Towns
from town.kernel.web import TownApp
from town.settings import Settings


def app_of_here(**settings: Any) -> TownApp:
    """The application, as the settings say. On a machine that says nothing, this command means development."""
    folder = Path(os.environ.get("TOWN_INSTANCE", "instance"))
    if "TOWN_ENV" not in os.environ and not (folder / "settings.toml").exists():
        os.environ["TOWN_ENV"] = "development"
    try:
        return create_app(Settings(**settings))
    except ValidationError as wrong:
        raise click.ClickException("; ".join(str(error["msg"]) for error in wrong.errors())) from wrong


def towns_of(app: TownApp) -> Towns:
    found: Towns = app.extensions["towns"]
    return found


def chosen(app: TownApp, slug: str | None) -> Town:
    """The town that a command is about: the one named, or the only one there is."""
    towns = towns_of(app).registry.towns()
    if slug is None and len(towns) == 1:
        return towns[0]
    if slug is None:
        raise click.ClickException(
            "there are several towns here: say which with --town" if towns else "no town is open"
        )
    return towns_of(app).registry.town(slug)


class Plain(click.Group):
    """Mistakes that the operator can put right are a sentence, not a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (RegistryError, BackupError) as wrong:
            raise click.ClickException(str(wrong)) from wrong


@click.group(cls=Plain)
def main() -> None:
    """Clocher: the neighbourhood network of small towns."""
    os.umask(0o077)
