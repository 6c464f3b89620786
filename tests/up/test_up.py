"""`manage.py up` from end to end, with real stores and programs."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from contactcenter.up import node
from tests.up.running import STOPPED, Up, processes_of, wait_until

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="Processes are looked for in /proc."),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder after its first start."""
    with tempfile.TemporaryDirectory(prefix="cc-up-") as name:
        with running(Path(name)) as up:
            assert up.stop() == 0, up.output()
        yield Path(name)


@pytest.fixture
def up(made: Path) -> Iterator[Up]:
    with running(made) as up:
        yield up


@contextmanager
def running(data: Path) -> Iterator[Up]:
    """A start that is ready; whatever the test did to it, nothing of it is left afterwards."""
    up = Up(data)
    try:
        up.wait_until_ready()
        yield up
    finally:
        if up.process.poll() is None:
            up.stop()
        wait_until(lambda: not processes_of(data), seconds=STOPPED, what="the end of all programs")


def test_killed_programs_come_back_and_visitors_wait_meanwhile(up: Up) -> None:
    before = up.programs()
    answers: list[int | None] = []
    os.kill(before["web"], signal.SIGKILL)
    visitor = threading.Thread(target=lambda: answers.append(up.status("/readyz", timeout=30)))
    visitor.start()
    for name in ("valkey", "worker-routing"):
        os.kill(before[name], signal.SIGKILL)
    wait_until(
        lambda: all(up.programs()[name] != before[name] for name in ("web", "valkey", "worker-routing")),
        seconds=20,
        what="the restarts",
    )
    visitor.join()
    assert answers == [200], "queued, not refused"
    os.kill(before["postgresql"], signal.SIGKILL)
    wait_until(lambda: up.programs()["postgresql"] != before["postgresql"], seconds=20, what="its restart")
    wait_until(lambda: up.status("/readyz") == 200, seconds=20, what="the database's recovery")
    untouched = before.keys() - {"web", "valkey", "worker-routing", "postgresql"}
    assert {name: up.programs()[name] for name in untouched} == {name: before[name] for name in untouched}


@pytest.mark.skipif(node.find() is None, reason=node.NONE)
def test_a_start_builds_what_comes_from_npm_while_it_serves(up: Up) -> None:
    wait_until(lambda: up.status("/static/bundles/idiomorph.js") == 200, seconds=60, what="the bundles")


def test_sigterm_stops_everything(up: Up, made: Path) -> None:
    assert any("postgres" in command for command in processes_of(made)), "there is something to stop"
    assert up.stop() == 0
    assert processes_of(made) == []


def test_after_kill_9_the_next_start_works_and_without_one_no_orphan_stays(up: Up, made: Path) -> None:
    up.process.kill()
    up.process.wait()
    with running(made) as following:
        following.process.kill()
        following.process.wait()
        wait_until(lambda: not processes_of(made), seconds=10, what="the end of the orphans")


@pytest.fixture
def older() -> Iterator[str]:
    """The address of a database that an older version has migrated."""
    url = os.environ["DATABASE_URL"]
    name = f"test_older_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        address = urlsplit(url)._replace(path=f"/{name}").geturl()
        with psycopg.connect(address) as inside:
            inside.execute("CREATE TABLE django_migrations (app text, name text)")
            inside.execute("INSERT INTO django_migrations VALUES ('agents', '0003_log_in_links_and_skills_in_use')")
        yield address
        connection.execute(f"DROP DATABASE {name}")


def test_on_what_an_older_version_made_it_ends_with_one_sentence(older: str, tmp_path: Path) -> None:
    start = Up(tmp_path, stores={"DATABASE_URL": older, "REDIS_URL": os.environ["REDIS_URL"]})
    assert start.process.wait(STOPPED) == 1
    assert start.output() == (
        "The database at DATABASE_URL was made by another version (agents.0003_log_in_links_and_skills_in_use), "
        "whose tables can't become today's. Move it away, or name another one (CC_DATA, DATABASE_URL), "
        "and start again.\n"
    )
    assert processes_of(tmp_path) == []


def test_a_second_start_on_the_same_folder_or_port_is_refused(up: Up, made: Path) -> None:
    on_folder = Up(made)
    assert on_folder.process.wait(STOPPED) == 1
    assert f"Already running on {made} (process {up.process.pid})" in on_folder.output()
    with tempfile.TemporaryDirectory(prefix="cc-up-") as other:
        on_port = Up(Path(other), up.port)
        assert on_port.process.wait(STOPPED) == 1
        assert on_port.output() == f"Port {up.port} is in use. Stop what uses it, or set PORT to another one.\n"
        assert processes_of(Path(other)) == []
    assert up.status("/readyz") == 200, "the first goes on"
