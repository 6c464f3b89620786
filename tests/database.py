"""The database of the tests: made for the run, and the only one that they may touch.

pytest-django makes one only if a test has a mark or a fixture that it knows; a test with a fixture of the house would
work on the database that DATABASE_URL names, and empty it. So the house makes its own for every test that asks for
`django_db_setup`, and Django opens no connection to another.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pytest_django import DjangoDbBlocker

PREFIX = "test_"


class NotATestDatabase(RuntimeError):
    """A test wanted to work on somebody's database."""


def refuse_others() -> None:
    """From here on Django connects only where the database's name begins with `test_`, and without a name (to the
    server's own database `postgres`), as it does to make and drop databases."""
    connect = DatabaseWrapper.get_new_connection

    def connect_to_a_test_database(self: DatabaseWrapper, parameters: dict[str, Any]) -> Any:
        name = self.settings_dict["NAME"]
        if name is not None and not name.startswith(PREFIX):
            raise NotATestDatabase(f"A test wants to work on the database {name}. Does it ask for a database fixture?")
        return connect(self, parameters)

    DatabaseWrapper.get_new_connection = connect_to_a_test_database  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's fixture by the same name, for every test that asks for it; `DATABASE_URL` names the test
    database then, for the processes that tests start.

    The first of xdist's workers migrates a database, and each has a copy of it.
    """
    real = connection.settings_dict["NAME"]
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    with django_db_blocker.unblock():
        if worker is None:
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        else:
            _copy_of_the_migrated(worker)
        connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", make_conninfo(settings.DATABASE_URL, dbname=connection.settings_dict["NAME"]))
        yield
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:  # a killed process's session, or a thread's, may end a moment later
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.creation.destroy_test_db(real, verbosity=0)


def _copy_of_the_migrated(worker: str) -> None:
    with _note() as note:
        if note.read_text():
            connection.settings_dict["NAME"] = note.read_text()
        else:
            note.write_text(connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False))
        connection.creation.clone_test_db(worker, verbosity=0)
        connection.settings_dict["NAME"] = connection.creation.get_test_db_clone_settings(worker)["NAME"]


@contextmanager
def _note() -> Iterator[Path]:
    """A file of this run, for one of its processes at a time: the name of the database that is migrated."""
    path = Path(os.environ["CC_DATA"]) / "migrated"
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield path


def drop_migrated() -> None:
    """At the end of a run with xdist, by its first process."""
    with _note() as note:
        if not (name := note.read_text()):
            return
    server = make_conninfo(settings.DATABASE_URL, dbname="postgres")
    with psycopg.connect(server, autocommit=True) as own:
        own.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
