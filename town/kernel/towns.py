"""Opening towns: their folder, file or schema, and their line in the registry."""

import shutil
from typing import Any

from town.kernel import migrations
from town.kernel.registry import RegistryError, Town, check_slug, schema_of
from town.kernel.tenancy import Towns


def make_town(towns: Towns, slug: str, hosts: list[str], profile: dict[str, Any]) -> Town:
    """An empty, migrated town. Raises `RegistryError` when the short name, a host or the folder is taken."""
    check_slug(slug)
    folder = towns.folder(slug)
    if folder.exists() and any(folder.iterdir()):
        raise RegistryError(f"the folder of {slug!r} is not empty: nothing was touched")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    town = towns.registry.add(slug, hosts, profile)
    try:
        if towns.engines.server is not None:
            migrations.upgrade_schema(towns.engines.server, town.schema)
        else:
            shutil.copyfile(migrations.template(towns.instance / "templates"), towns.file(slug))
            towns.file(slug).chmod(0o600)
    except BaseException:
        unmake_town(towns, slug)
        raise
    return town


def unmake_town(towns: Towns, slug: str) -> None:
    """Undo an opening that failed half-way. Never called for a town that has opened."""
    towns.engines.close(slug)
    if towns.engines.server is not None:
        migrations.drop_schema(towns.engines.server, schema_of(slug))
    towns.registry.remove(slug)
    shutil.rmtree(towns.folder(slug), ignore_errors=True)
