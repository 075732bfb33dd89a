"""Health: what a monitor is told of the installation, in one word and without detail."""

import sqlite3
from typing import Literal

from town.kernel import disk
from town.kernel.registry import RegistryMissing
from town.kernel.tenancy import towns


def state() -> Literal["ok", "degraded", "down"]:
    """Down: no town can be found. Degraded: the disk is nearly full, or a town is in trouble; the others are read."""
    try:
        towns().registry.ping()
    except (sqlite3.Error, OSError, RegistryMissing):
        return "down"
    if disk.free(towns().instance) < disk.LEAST_FOR_WORDS or towns().engines.troubles:
        return "degraded"
    return "ok"
