"""The whole product with a Valkey of its own, live customers, demo agents who answer, and desks that watch."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL

import pytest
import redis
from django.test import Client

from agents.models import User
from agents.roles import Role, assign
from contactcenter.demo import company
from contactcenter.up.child import spawn
from contactcenter.up.config import ROOT
from contactcenter.up.sockets import socket_folder
from contactcenter.up.stores import Valkey
from tests.faults.desk import Watcher
from tests.faults.oracle import Entries
from tests.product import Product, build_product, ends_the_run, eventually, running


@dataclass
class Store:
    """A Valkey that a test may flush, stop and start."""

    valkey: Valkey
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and see it answer."""
        program = self.valkey.program()
        with self.log.open("ab") as log:
            self.process = spawn(list(program.argv), log=log.fileno(), env=os.environ, cwd=program.cwd)
        eventually(self.valkey.answers)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(SIGKILL)
        self.process.wait(5)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.valkey.url())


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("store")
    made = Store(Valkey(folder / "valkey", socket_folder(folder) / "faults.sock", unsafe=True), folder / "valkey.log")
    made.start()
    yield made
    made.kill()


@pytest.fixture(scope="session")
def running_floor(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, store: Store
) -> Iterator[Product]:
    made = build_product(tmp_path_factory.mktemp("floor"), redis_url=store.valkey.url())
    with ends_the_run(request.session), running(made) as product:
        yield product


@pytest.fixture
def floor(request: pytest.FixtureRequest, running_floor: Product, transactional_db: None) -> Iterator[Product]:
    """The running product with the demo company in it."""
    company.do_found("seven silver spoons")
    yield running_floor
    with ends_the_run(request.session):
        running_floor.whole()


@dataclass
class Traffic:
    """`manage.py demo_traffic` in a process of its own."""

    process: subprocess.Popen[str]
    ledger: Path

    def finish(self) -> tuple[Entries, str]:
        """Wait for its end; gives the ledger and its last line."""
        output, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, output
        return Entries.read(self.ledger), output.strip().splitlines()[-1]


@pytest.fixture
def traffic(floor: Product, tmp_path: Path) -> Iterator[Traffic]:
    """Live customers, twenty messages a second for half a minute, and six agents who answer them."""
    ledger = tmp_path / "ledger.jsonl"
    wanted = ["--rate", "20", "--seconds", "25", "--customers", "40", "--agents", "6"]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo_traffic", *wanted, "--ledger", str(ledger), "--url", floor.url],
        cwd=ROOT,
        env={**floor.environ, "CC_PROCESS": "command"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    eventually(lambda: ledger.exists() and ledger.stat().st_size > 5_000, seconds=40, message="no traffic")
    yield Traffic(process, ledger)
    if process.poll() is None:
        process.kill()
        process.wait(5)


@pytest.fixture
def watcher(floor: Product) -> Iterator[Watcher]:
    """A supervisor's desk that has every conversation on screen."""
    sam = User.objects.create_user("sam@example.com", name="Sam Schulz")
    assign(sam, [Role.SUPERVISOR])
    client = Client()
    client.force_login(sam)
    watching = Watcher(floor.url, {name: morsel.value for name, morsel in client.cookies.items()})
    watching.start()
    yield watching
    watching.stop()
