"""Open towns: whose file this process holds open, whether it is still the one that lies there, and its troubles.

Which file that is, is looked at on every request: an engine would go on writing to a file that has no name any more.
"""

import logging
import os
import sqlite3
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from sqlalchemy import Engine, ExceptionContext, event, text

from town.kernel import migrations
from town.kernel.db import reading_only
from town.kernel.engines import OtherVersion, TownFileMissing, open_file, open_schema, open_server
from town.kernel.troubles import UNFIT, Identity, Kind, TownDamaged, Troubles, kind_of


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine, the file it was opened on (one restored in its place is another), and what holds its log open."""

    engine: Engine
    file: Identity | None
    anchor: sqlite3.Connection | None

    def dispose(self) -> None:
        """Close it. Connections in use finish their work and are closed when returned."""
        if self.anchor is not None:  # a schema's engine is only a view of the server's
            self.engine.dispose()
            self.anchor.close()


def drop_anchor(path: Path) -> sqlite3.Connection:
    """A connection that does nothing but be there: -wal and -shm stay while it is open.

    Without it, closing the last connection after an I/O error takes them away, and on a full disk they cannot be made
    again: then reading ends too. It reads one page and no schema, so it weighs next to nothing.
    """
    anchor = sqlite3.connect(f"file:{path}?mode=rw", uri=True, check_same_thread=False, timeout=5)
    try:
        anchor.execute("PRAGMA schema_version").fetchone()
    except BaseException:
        anchor.close()
        raise
    return anchor


def identity(path: Path) -> Identity:
    """Which file lies there. Raises `TownFileMissing` where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # at every request: half the time of Path.stat
    except FileNotFoundError as gone:
        raise TownFileMissing(path.name) from gone
    if found.st_size == 0:
        raise TownFileMissing(path.name)
    return found.st_dev, found.st_ino


class OpenTowns:
    """The engines that a worker keeps open, least recently used first out, and the troubles it had with towns."""

    def __init__(self, limit: int, database_url: str | None) -> None:
        self.limit = limit
        self.troubles = Troubles()
        self._engines: OrderedDict[str, Opened] = OrderedDict()
        self._lock = Lock()
        self._server = open_server(database_url) if database_url else None

    def get(self, slug: str, path: Path, schema: str) -> Engine:
        """Raises `TownFileMissing`, `TownDamaged` or `OtherVersion`: then nothing of the town is touched."""
        try:
            file = identity(path) if self._server is None else None
        except TownFileMissing:
            self._note(slug, "missing", None)
            self.close(slug)  # an engine would go on writing to a file that has no name any more
            raise
        if file is not None:
            self.troubles.refuse_damaged(slug, file)
        with self._lock:
            opened = self._engines.get(slug)
            if opened is not None and opened.file == file:
                self._engines.move_to_end(slug)
                return opened.engine
        return self._open(slug, path, schema, file)

    def _open(self, slug: str, path: Path, schema: str, file: Identity | None) -> Engine:
        if self._server is not None:
            opened = Opened(open_schema(self._server, schema), None, None)
        else:
            opened = self._open_file(slug, path, file)
        if self._server is None:  # a server's errors are heard by all its views: they would blame every town
            self._watch(opened.engine, slug, file)
        try:
            self._refuse_other_versions(opened.engine, slug)
        except BaseException:
            opened.dispose()
            raise
        spare: list[Opened] = []
        with self._lock:
            before = self._engines.pop(slug, None)
            if before is not None and before.file == file:  # another thread was faster
                spare.append(opened)
                opened = before
            elif before is not None:
                spare.append(before)
            self._engines[slug] = opened
            if len(self._engines) > self.limit:
                spare.append(self._engines.popitem(last=False)[1])
        for one in spare:
            one.dispose()
        self.troubles.found(slug)
        return opened.engine

    def _open_file(self, slug: str, path: Path, file: Identity | None) -> Opened:
        try:
            anchor = drop_anchor(path)
        except sqlite3.Error as broken:
            kind = kind_of(broken)
            self._note(slug, kind or "io", file)
            if kind == "damaged":
                raise TownDamaged(slug) from broken
            raise
        return Opened(open_file(path), file, anchor)

    def _watch(self, engine: Engine, slug: str, file: Identity | None) -> None:
        """After an I/O error or a damaged page the connection is closed, and the town is known to be in trouble."""

        @event.listens_for(engine, "handle_error")
        def meet(context: ExceptionContext) -> None:
            kind = kind_of(context.original_exception)
            if kind is None:
                return
            if kind in UNFIT:
                context.is_disconnect = True
                context.invalidate_pool_on_disconnect = False
            self._note(slug, kind, file)

    def _note(self, slug: str, kind: Kind, file: Identity | None) -> None:
        if self.troubles.note(slug, kind, file):
            logging.getLogger("town").error("town %s is in trouble: %s", slug, kind)

    def _refuse_other_versions(self, engine: Engine, slug: str) -> None:
        with reading_only(), engine.connect() as connection:
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if revision != migrations.head():
            self._note(slug, "other version", None)
            raise OtherVersion(revision)

    def __len__(self) -> int:
        return len(self._engines)

    def close(self, slug: str | None = None) -> None:
        """Forget one town, or all of them."""
        with self._lock:
            slugs = [slug] if slug else list(self._engines)
            closed = [self._engines.pop(name) for name in slugs if name in self._engines]
        for opened in closed:
            opened.dispose()

    @property
    def server(self) -> Engine | None:
        """The PostgreSQL server that holds the schemas, when towns do not live in files."""
        return self._server
