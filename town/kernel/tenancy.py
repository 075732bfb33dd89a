"""Tenancy: from the host of a request to the one municipality whose file may be touched until its end."""

import ipaddress
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from flask import Flask, Request, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from town.kernel import migrations
from town.kernel.db import set_writing
from town.kernel.engines import OtherVersion, open_file
from town.kernel.open_towns import OpenTowns
from town.kernel.registry import Registry, RegistryError, Town, clean_host
from town.settings import Settings


class Towns:
    """The installation's towns: their registry, their folders and their open databases. `app.extensions["towns"]`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.instance = settings.instance.resolve()
        self.registry = Registry(self.instance / "registry.sqlite")
        self.engines = OpenTowns(settings.engines, settings.database_url)

    def folder(self, slug: str) -> Path:
        """`instance/towns/<slug>/`: the town's file, its pictures and its development mail."""
        return self.instance / "towns" / slug

    def file(self, slug: str) -> Path:
        return self.folder(slug) / "town.sqlite"

    def for_host(self, host: str) -> Town | None:
        """The town of a request's Host text, or None: then nothing of it may be echoed."""
        name = _without_port(host)
        try:
            town = self.registry.by_host(clean_host(name))
        except RegistryError:
            town = None
        if town is None and self.settings.development and _is_this_machine(name):
            town = self._default()
        return town

    def _default(self) -> Town | None:
        towns = self.registry.towns()
        wanted = self.settings.default_town
        if wanted:
            return next((town for town in towns if town.slug == wanted), None)
        return towns[0] if len(towns) == 1 else None

    def open(self, town: Town) -> None:
        """Make `town` the one that this application context works for."""
        if town.held_from == migrations.head():
            raise OtherVersion("it went back from it")
        g.town = town
        g.engine = self.engines.get(town.slug, self.file(town.slug), town.schema)


def towns() -> Towns:
    return cast(Towns, current_app.extensions["towns"])


def current_town() -> Town:
    """The municipality that the current request, command or job works for."""
    return cast(Town, g.town)


@contextmanager
def enter(app: Flask, slug: str) -> Iterator[Town]:
    """Work for one town outside a request: a command, a job, a test."""
    with app.app_context():
        set_writing(True)
        town = towns().registry.town(slug)
        towns().open(town)
        yield town


@contextmanager
def enter_copy(app: Flask, town: Town, file: Path) -> Iterator[Town]:
    """Work for a town on a file that is not, or not yet, its own: one to be restored, or tried."""
    engine = open_file(file)
    try:
        with app.app_context():
            set_writing(True)
            g.town, g.engine = town, engine
            yield town
    finally:
        engine.dispose()


class UnknownTown(HTTPException):
    """No town answers for this host."""

    code = 421
    description = "No town answers at this address."


def find_town() -> None:
    """Before everything else in a request. `/healthz` answers on any host."""
    if request.path == "/healthz":
        return
    town = towns().for_host(_host(request))
    if town is None:
        raise UnknownTown(response=Response("Misdirected request.\n", 421, mimetype="text/plain"))
    if request.endpoint == "static":
        g.town = town  # its file is not asked: the page that says it is gone has a style too
        return
    towns().open(town)


def _host(incoming: Request) -> str:
    # The raw header: werkzeug's `request.host` raises for odd ones, and nobody is trusted to have cleaned it.
    return cast(str, incoming.environ.get("HTTP_HOST", ""))


def _without_port(host: str) -> str:
    """The name before a port; whatever is no port stays, so that no table holds it: `localhost:80@elsewhere`."""
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^:\[\]]*))(?::[0-9]{1,5})?", host)
    return (found[1] or found[2] or "") if found is not None else host


def _is_this_machine(name: str) -> bool:
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
