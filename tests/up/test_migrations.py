"""Migrating only when something changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from contactcenter.up import migrations


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


def test_two_starts_do_not_migrate_at_once(connection: psycopg.Connection) -> None:
    assert migrations.try_lock(connection)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as second:
        assert not migrations.try_lock(second)
