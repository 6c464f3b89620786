"""How the tests' own product starts, and which database a test may work on."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pytest_django import DjangoDbBlocker

from contactcenter.up.config import ROOT
from contactcenter.up.programs import Program
from tests import product as products
from tests.database import NotATestDatabase
from tests.product import Product, StartFailed, empty_database, running

#: a web server on a descriptor that says for so many seconds that it isn't ready
SERVES = """
import sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import socket
ready_at = time.monotonic() + float(sys.argv[2])
class Web(BaseHTTPRequestHandler):
    def do_GET(self):
        ready = time.monotonic() > ready_at
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(b"" if ready else b"migrations are pending")
server = HTTPServer(("", 0), Web, bind_and_activate=False)
server.socket = socket(fileno=int(sys.argv[1]))
server.serve_forever()
"""
ENDS = "import sys; sys.exit('relation conversation does not exist')"


def product_of(folder: Path, code: str, *more: str) -> Product:
    """A product whose only program runs this code; the listener's number is its first argument."""
    listener = socket.create_server(("127.0.0.1", 0))
    argv = (sys.executable, "-c", code, str(listener.fileno()), *more)
    web = Program("web", argv, inherit=(listener.fileno(),))
    return Product(folder, listener, {**os.environ, "CC_CLOCK_FILE": ""}, {"web": web})


def test_a_slow_start_is_waited_for_and_says_for_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(products, "say", said.append)
    monkeypatch.setattr(products, "SAYS_EVERY", 0.1)
    signal.setitimer(signal.ITIMER_REAL, 0.5)  # as if this test had no more time than that
    with running(product_of(tmp_path, SERVES, "1")):
        assert 0 < signal.setitimer(signal.ITIMER_REAL, 0)[0] <= 0.5, "its time stood still"
    assert said
    assert all("waiting for the product to be ready: migrations are pending" in line for line in said)


def test_one_that_only_says_no_is_given_up_in_the_end(tmp_path: Path) -> None:
    product = product_of(tmp_path, SERVES, "100")
    product.start("web")
    try:
        with pytest.raises(StartFailed, match="not ready after 0 s: migrations are pending"):
            product.ready(patience=0.3)
    finally:
        product.stop_all()
        product.listener.close()


def test_a_program_that_ended_isnt_waited_for(tmp_path: Path) -> None:
    why = r"web ended with code 1. The end of .*web.log:\nrelation conversation does not exist"
    with pytest.raises(StartFailed, match=why), running(product_of(tmp_path, ENDS)):
        pytest.fail("it doesn't run")


def test_a_start_that_fails_ends_the_run_with_its_log(tmp_path: Path) -> None:
    """With xdist, as `make test` runs: sixty tests ask for it, and only the first two fail, one a worker."""
    (tmp_path / "test_sixty.py").write_text(
        "import pytest\n"
        "from tests.product import ends_the_run, running\n"
        "from tests.test_start import ENDS, product_of\n"
        "@pytest.fixture(scope='session')\n"
        "def started(request, tmp_path_factory):\n"
        "    product = product_of(tmp_path_factory.mktemp('product'), ENDS)\n"
        "    with ends_the_run(request.session), running(product):\n"
        "        yield\n"
        "@pytest.mark.parametrize('number', range(60))\n"
        "def test_it(started, number): pass\n"
    )
    alone = ("-p", "xdist", "-n2", f"--rootdir={tmp_path}", "-c", os.devnull)
    ended = run_pytest(tmp_path / "test_sixty.py", *alone, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    output = ended.stdout + ended.stderr
    assert ended.returncode != 0
    assert "relation conversation does not exist" in output
    assert "passed" not in output
    assert output.count("ERROR at setup") <= 2, output


def run_pytest(*arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """pytest in a process of its own, as a person starts it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CC_TEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *map(str, arguments)],
        cwd=ROOT,
        env={**own, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(params=["precious", "test_precious"])
def somebodys(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database with one row in it, on the run's server: gives its name."""
    name = f"{request.param}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with psycopg.connect(make_conninfo(settings.DATABASE_URL, dbname="postgres"), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        with psycopg.connect(url_of(name), autocommit=True) as own:
            own.execute("CREATE TABLE routing_wrapupcode (is_timeout boolean)")
            own.execute("CREATE TABLE treasure AS SELECT 'gold' AS kind")
        yield name
        server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def url_of(name: str) -> str:
    return make_conninfo(settings.DATABASE_URL, dbname=name)


def treasures(name: str) -> int:
    with psycopg.connect(url_of(name)) as own:
        return own.execute("SELECT FROM treasure").rowcount


def test_only_a_database_that_is_called_a_tests_is_ever_emptied(
    somebodys: str, monkeypatch: pytest.MonkeyPatch, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    connection = DatabaseWrapper({**products.connection.settings_dict, "NAME": somebodys})
    monkeypatch.setattr(products, "connection", connection)
    with django_db_blocker.unblock():
        if somebodys.startswith("test_"):
            empty_database()
        else:
            with pytest.raises(NotATestDatabase, match=f"the database {somebodys}"):
                empty_database()
        connection.close()
    assert treasures(somebodys) == (0 if somebodys.startswith("test_") else 1)


@pytest.mark.timeout(600)  # a whole run of its own, with its migrations
@pytest.mark.parametrize("somebodys", ["precious"], indirect=True)
def test_a_single_file_makes_its_own_database_and_leaves_the_one_that_is_named_alone(somebodys: str) -> None:
    one = "tests/routing/test_races.py::test_two_clicks_on_accept"
    ended = run_pytest(one, DATABASE_URL=url_of(somebodys))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert treasures(somebodys) == 1
