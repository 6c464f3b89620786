"""Migrating only when something changed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from contactcenter.up import migrations
from contactcenter.up.config import ROOT

Applied = Callable[[str, str], None]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("django==5\n")
    (tmp_path / "agents" / "migrations").mkdir(parents=True)
    (tmp_path / "agents" / "migrations" / "0001_initial.py").write_text("one")
    return tmp_path


@pytest.fixture
def connection() -> Iterator[psycopg.Connection]:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        yield connection


def test_nothing_changed_is_the_same_fingerprint(project: Path) -> None:
    assert migrations.fingerprint(project) == migrations.fingerprint(project)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("agents/migrations/0001_initial.py", "two"),
        ("agents/migrations/0002_more.py", "one"),
        ("agents/roles.py", "one"),
        ("requirements.txt", "django==6\n"),
    ],
)
def test_a_change_is_another_fingerprint(project: Path, path: str, text: str) -> None:
    before = migrations.fingerprint(project)
    (project / path).write_text(text)
    assert migrations.fingerprint(project) != before


def test_what_is_no_code_changes_nothing(project: Path) -> None:
    before = migrations.fingerprint(project)
    (project / "agents" / "notes.txt").write_text("hello")
    assert migrations.fingerprint(project) == before


def test_the_database_remembers_what_was_done(connection: psycopg.Connection) -> None:
    migrations.note_done(connection, "abc'def")
    assert migrations.is_done(connection, "abc'def")
    assert not migrations.is_done(connection, "other")


@pytest.fixture
def applied(connection: psycopg.Connection) -> Applied:
    """Notes a migration as this session's `django_migrations` has it."""
    connection.execute("CREATE TEMPORARY TABLE django_migrations (app varchar(255), name varchar(255))")
    return lambda app, name: connection.execute("INSERT INTO django_migrations VALUES (%s, %s)", [app, name]) and None


def test_the_migrations_of_another_version_are_unknown(connection: psycopg.Connection, applied: Applied) -> None:
    applied("agents", "0001_initial")
    applied("agents", "0002_language_of_the_browser")
    applied("routing", "0006_names_in_words")
    assert migrations.unknown(connection, ROOT) == [
        "agents.0002_language_of_the_browser",
        "routing.0006_names_in_words",
    ]


def test_ours_and_those_of_other_packages_are_not(connection: psycopg.Connection, applied: Applied) -> None:
    for app in migrations.PACKAGES:
        for file in (ROOT / app / "migrations").glob("0*.py"):
            applied(app, file.stem)
    applied("auth", "0099_of_a_newer_django")
    assert migrations.unknown(connection, ROOT) == []


def test_a_new_database_has_none(connection: psycopg.Connection) -> None:
    assert migrations.unknown(connection, ROOT) == []


def test_two_starts_do_not_migrate_at_once(connection: psycopg.Connection) -> None:
    assert migrations.try_lock(connection)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as second:
        assert not migrations.try_lock(second)
