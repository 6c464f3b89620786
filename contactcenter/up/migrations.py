"""Migrating only when something changed, and never twice at once."""

from __future__ import annotations

import hashlib
from pathlib import Path

import psycopg
from psycopg import sql

PACKAGES = ("contactcenter", "agents", "channels_app", "routing", "reporting")
LOCK_KEY = 0x63635F7570  # any number, the same in every `up`


def fingerprint(root: Path) -> str:
    """Of all that a migration's result can depend on: our code (groups and permissions come from it too)
    and the pinned versions of everybody else's."""
    digest = hashlib.sha256((root / "requirements.txt").read_bytes())
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(bytes(path.relative_to(root)))
            digest.update(path.read_bytes())
    return digest.hexdigest()


def unknown(connection: psycopg.Connection, root: Path) -> list[str]:
    """Migrations of ours that this database has had and this code doesn't have: another version made it.

    Until there is an installation to migrate, migrations are made anew, and `migrate` would find nothing to do.
    """
    if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
        return []
    rows = connection.execute(
        "SELECT app, name FROM django_migrations WHERE app = ANY(%s) ORDER BY app, name", [list(PACKAGES)]
    )
    return [f"{app}.{name}" for app, name in rows if not (root / app / "migrations" / f"{name}.py").exists()]


def try_lock(connection: psycopg.Connection) -> bool:
    """True for one `up` at a time; held as long as the connection."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK_KEY]).fetchone()
    return row is not None and bool(row[0])


def is_done(connection: psycopg.Connection, mark: str) -> bool:
    row = connection.execute(
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
    ).fetchone()
    return row is not None and row[0] == mark


def note_done(connection: psycopg.Connection, mark: str) -> None:
    """As the database's comment: it goes away with the database, and can't outlive what it speaks of."""
    name = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(name, sql.Literal(mark)))
