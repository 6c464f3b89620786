"""Embedded stores, started for real."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from contactcenter.up import child
from contactcenter.up.child import NOBODY, ORDINARY, Identity, spawn
from contactcenter.up.config import UpError
from contactcenter.up.programs import Program
from contactcenter.up.stores import PostgreSQL, Valkey, embedded, why_no_answer

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can become another user.")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with a short path that everybody may enter, as an ordinary one."""
    with tempfile.TemporaryDirectory(prefix="cc-") as name:
        Path(name).chmod(0o755)
        (Path(name) / "run").mkdir(mode=0o700)
        yield Path(name)


def _spawn(program: Program, folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{program.name}.log").open("ab") as log:
        return spawn(
            list(program.argv),
            log=log.fileno(),
            env=os.environ,
            cwd=program.cwd,
            identity=program.identity,
            death_signal=program.death_signal,
        )


@contextmanager
def running(program: Program, folder: Path, answers: Callable[[], bool]) -> Iterator[subprocess.Popen[bytes]]:
    process = _spawn(program, folder)
    deadline = time.monotonic() + 20
    while not answers():
        assert process.poll() is None, (folder / f"{program.name}.log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    yield process
    process.send_signal(program.stop_signal)
    process.wait(20)


def make_cluster(postgres: PostgreSQL, folder: Path) -> None:
    initdb = postgres.initdb()
    assert initdb is not None
    assert _spawn(initdb, folder).wait(60) == 0, (folder / "initdb.log").read_text()
    postgres.keep_new_cluster()


def server_user(process: subprocess.Popen[bytes]) -> int:
    return Path(f"/proc/{process.pid}").stat().st_uid


def test_the_database_keeps_its_data_over_a_restart_and_a_kill(folder: Path) -> None:
    postgres, _ = embedded(folder, folder / "run")
    make_cluster(postgres, folder)
    with running(postgres.program(), folder, postgres.answers) as process:
        postgres.create_database()
        with psycopg.connect(postgres.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (n int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        process.kill()
        process.wait()
    assert postgres.initdb() is None, "the cluster is there"
    with running(postgres.program(), folder, postgres.answers):
        postgres.create_database()
        with psycopg.connect(postgres.url()) as connection:
            assert connection.execute("SELECT n FROM kept").fetchall() == [(1,)]


def test_nobody_else_may_enter_the_database_and_nothing_listens_on_tcp(folder: Path) -> None:
    postgres, _ = embedded(folder, folder / "run", unsafe=True)
    make_cluster(postgres, folder)
    with running(postgres.program(), folder, postgres.answers):
        assert (folder / "run" / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
        with psycopg.connect(postgres.url("postgres")) as connection:
            assert connection.execute("SHOW listen_addresses").fetchall() == [("",)]


def test_an_interrupted_initdb_is_done_again(folder: Path) -> None:
    postgres, _ = embedded(folder, folder / "run", unsafe=True)
    assert postgres.initdb() is not None
    (folder / "postgres.new" / "half").write_text("written")
    make_cluster(postgres, folder)
    assert not (folder / "postgres" / "half").exists()


def test_a_stale_pid_file_with_a_reused_number_does_not_stop_the_start(folder: Path) -> None:
    postgres, _ = embedded(folder, folder / "run", unsafe=True)
    make_cluster(postgres, folder)
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder / 'postgres'}\n")
    assert postgres.initdb() is None
    with running(postgres.program(), folder, postgres.answers):
        pass


@as_root
def test_without_user_namespaces_the_database_runs_as_nobody(folder: Path) -> None:
    postgres = PostgreSQL(folder / "postgres", folder / "run", Identity(user=NOBODY), unsafe=True)
    make_cluster(postgres, folder)
    with running(postgres.program(), folder, postgres.answers) as process:
        assert server_user(process) == NOBODY


@as_root
def test_with_user_namespaces_the_files_stay_those_of_root(folder: Path) -> None:
    if not child.user_namespaces_allowed():
        pytest.skip("User namespaces are forbidden on this machine.")
    postgres = PostgreSQL(folder / "postgres", folder / "run", Identity(user_namespace=True), unsafe=True)
    make_cluster(postgres, folder)
    with running(postgres.program(), folder, postgres.answers):
        assert (folder / "postgres" / "postmaster.pid").stat().st_uid == 0


def test_a_folder_that_nobody_may_not_enter_is_named(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    postgres = PostgreSQL(closed / "postgres", folder / "run", Identity(user=NOBODY))
    with pytest.raises(UpError, match=rf"may not enter {closed}\."):
        postgres.initdb()


@pytest.mark.parametrize(
    ("uid", "allowed", "identity"),
    [
        (1000, True, ORDINARY),
        (1000, False, ORDINARY),
        (0, True, Identity(user_namespace=True)),
        (0, False, Identity(user=NOBODY)),
    ],
)
def test_only_root_needs_another_identity(
    monkeypatch: pytest.MonkeyPatch, uid: int, allowed: bool, identity: Identity
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    monkeypatch.setattr(child, "user_namespaces_allowed", lambda: allowed)
    assert child.unprivileged_identity() == identity


def test_valkey_keeps_its_data_over_a_kill(folder: Path) -> None:
    valkey = Valkey(folder / "valkey", folder / "run" / "valkey.sock")
    with running(valkey.program(), folder, valkey.answers) as process:
        assert _redis(valkey, "set", "kept", "1") == b"OK"
        _redis(valkey, "waitaof", "1", "0", "5000")  # its file is synced every second
        process.kill()
        process.wait()
    with running(valkey.program(), folder, valkey.answers):
        assert _redis(valkey, "get", "kept") == b"1"


def _redis(valkey: Valkey, *command: str) -> object:
    import redis

    with redis.Redis.from_url(valkey.url()) as client:
        answer = client.execute_command(*command)
    return b"OK" if answer is True else answer


def test_a_store_that_does_not_run_does_not_answer(folder: Path) -> None:
    postgres, valkey = embedded(folder, folder / "run")
    assert not postgres.answers()
    assert not valkey.answers()


def test_a_path_with_odd_characters_survives_in_the_url() -> None:
    odd = Path("/tmp/a b/ü?x=1&y%2F")
    postgres = PostgreSQL(odd, odd, ORDINARY)
    parts = conninfo_to_dict(postgres.url("cc"))
    assert (parts["host"], parts["dbname"]) == (str(odd), "cc")
    assert unquote(Valkey(odd, odd / "valkey.sock").url().removeprefix("unix://")) == str(odd / "valkey.sock")


def test_a_missing_wheel_is_named_with_its_way_out(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    postgres = replace(embedded(folder, folder / "run")[0], identity=ORDINARY)
    with pytest.raises(UpError, match="set DATABASE_URL"):
        postgres.initdb()


def test_a_database_that_does_not_answer_says_why_without_its_password() -> None:
    why = why_no_answer("postgresql://cc:se-cret@/cc?host=/nowhere")
    assert "/nowhere" in why
    assert "se-cret" not in why
