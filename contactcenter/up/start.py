"""The order of a start: lock, port, stores, migrations, web, workers, beat, demo data."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Sequence
from socket import socket

import psycopg

from contactcenter.catalogue.compiled import compile_stale
from contactcenter.up import bundles, migrations, programs, welcome
from contactcenter.up.config import ROOT, Config, UpError, read_config
from contactcenter.up.files import write_private
from contactcenter.up.leftovers import PROGRAMS_NOTE, WORKERS_NOTE, PidFile
from contactcenter.up.lock import DataFolderLock
from contactcenter.up.logs import Logs
from contactcenter.up.policy import RestartPolicy
from contactcenter.up.probe import HealthProbe
from contactcenter.up.programs import Program, manage, table
from contactcenter.up.sockets import listen, socket_folder
from contactcenter.up.stores import PostgreSQL, Valkey, embedded, why_no_answer
from contactcenter.up.supervisor import Interrupted, Supervisor

OPEN_FILES = 65_536  # a websocket is one
READY_WITHIN = 120.0  # seconds, for a machine that is busy; a quiet one needs two


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 after Ctrl-C or SIGTERM, 1 with a reason on stderr."""
    try:
        _run(read_config(arguments))
    except (UpError, psycopg.Error) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:  # before the supervisor listens to signals
        return 130
    return 0


def _run(config: Config) -> None:
    config.data.mkdir(parents=True, exist_ok=True)
    pids = PidFile(config.data / PROGRAMS_NOTE)
    lock = DataFolderLock(config.data).acquire(stop_leftovers=pids.stop_all)
    (config.data / WORKERS_NOTE).unlink(missing_ok=True)  # of the last start
    listener = listen(config.host, config.port)
    _allow_many_files()
    policy = RestartPolicy(limit=config.max_deaths)
    with Supervisor(Logs(config.logs), policy, say=_say, lock=lock.inherited, started=pids.add) as supervisor:
        try:
            Start(config, supervisor, listener).run()
        except Interrupted:
            _say("Stopping.")


class Start:
    """One start, step by step; each step says how long the whole took until then."""

    def __init__(self, config: Config, supervisor: Supervisor, listener: socket) -> None:
        self._config = config
        self._supervisor = supervisor
        self._listener = listener
        self._began = time.monotonic()
        self._running = config.data / "running.json"
        self._base_url = config.base_url or f"http://127.0.0.1:{listener.getsockname()[1]}"

    def run(self) -> None:
        self._compile_texts()
        if not bundles.are_built(self._config.data):
            self._supervisor.start(programs.bundles())
        self._tell_programs(self._start_stores())
        try:
            self._migrate()
            web, *others = table(self._config, self._listener.fileno())
            self._start_web(web)
            for program in others:
                if not program.late:
                    self._supervisor.start(program)
            self._welcome([program.name for program in others if not program.late])
            for program in others:
                if program.late:
                    self._supervisor.start(program)
            self._supervisor.watch()
        finally:
            self._running.unlink(missing_ok=True)

    def _compile_texts(self) -> None:
        """Where nothing may be written beside the sources, `manage.py catalogue compile` has done it before."""
        try:
            compile_stale()
        except OSError as error:
            _say(f"Texts in other languages are not compiled: {error}")

    def _start_stores(self) -> dict[str, str]:
        """The stores' URLs, each embedded or given."""
        urls = {"DATABASE_URL": self._config.database_url, "REDIS_URL": self._config.redis_url}
        if not all(urls.values()):
            postgres, valkey = embedded(self._config.data, socket_folder(self._config.data))
            urls["DATABASE_URL"] = urls["DATABASE_URL"] or self._start_postgres(postgres)
            urls["REDIS_URL"] = urls["REDIS_URL"] or self._start_valkey(valkey)
        url = urls["DATABASE_URL"]
        if not self._supervisor.wait_for(lambda: not why_no_answer(url), seconds=30):
            raise UpError(f"The database at DATABASE_URL does not answer: {why_no_answer(url)}")
        return urls

    def _start_postgres(self, postgres: PostgreSQL) -> str:
        if initdb := postgres.initdb():
            self._supervisor.run(initdb, seconds=READY_WITHIN)
            postgres.keep_new_cluster()
        self._supervisor.start(postgres.program())
        self._supervisor.wait_until(postgres.answers, seconds=READY_WITHIN, what="PostgreSQL")
        postgres.create_database()
        self._step("PostgreSQL")
        return postgres.url()

    def _start_valkey(self, valkey: Valkey) -> str:
        self._supervisor.start(valkey.program())
        self._supervisor.wait_until(valkey.answers, seconds=READY_WITHIN, what="Valkey")
        self._step("Valkey")
        return valkey.url()

    def _tell_programs(self, urls: dict[str, str]) -> None:
        """In their environment; and in a file, for commands that are run by hand meanwhile."""
        port = str(self._listener.getsockname()[1])
        told = urls | {"PORT": port, "CC_BASE_URL": self._base_url}
        self._supervisor.environ |= told | {"CC_DATA": str(self._config.data), "PYTHONUNBUFFERED": "1"}
        write_private(self._running, json.dumps(told))

    def _migrate(self) -> None:
        mark = migrations.fingerprint(ROOT)
        ours = not self._config.database_url
        with psycopg.connect(self._supervisor.environ["DATABASE_URL"], autocommit=True) as connection:
            self._supervisor.wait_until(
                lambda: migrations.try_lock(connection), seconds=300, what="The lock on migrations"
            )
            if ours and migrations.is_done(connection, mark):
                return
            if others := migrations.unknown(connection, ROOT):
                place = f"The data folder {self._config.data}" if ours else "The database at DATABASE_URL"
                raise UpError(
                    f"{place} was made by another version ({others[0]}), whose tables can't become today's. "
                    "Move it away, or name another one (CC_DATA, DATABASE_URL), and start again."
                )
            self._supervisor.run(manage("migrate", "migrate", "--no-input"), seconds=300)
            if ours:
                migrations.note_done(connection, mark)
        self._step("migrations")

    def _start_web(self, web: Program) -> None:
        """The page is what people wait for: web has the machine to itself until it answers."""
        self._supervisor.start(web)
        probe = HealthProbe(self._listener)
        self._supervisor.wait_until(probe, seconds=READY_WITHIN, what="web")
        self._step("web")

    def _welcome(self, others: list[str]) -> None:
        self._step(", ".join(others))
        _say("", *welcome.addresses(self._base_url))
        if self._config.demo:
            self._make_demo_data()
        _say(*welcome.logins(self._config.demo_logins), "", f"Ctrl-C stops everything. Logs: {self._config.logs}")

    def _make_demo_data(self) -> None:
        """Until the logins of this start are written; the rest fills in behind it."""
        wanted = (f"{self._base_url}/", self._supervisor.environ.get("CC_DEMO_PASSWORD", ""))
        demo = self._supervisor.start(manage("demo", "demo", nice=10))
        self._supervisor.wait_for(
            lambda: demo.exit_code is not None or welcome.are_current(self._config.demo_logins, wanted),
            seconds=READY_WITHIN,
        )

    def _step(self, what: str) -> None:
        _say(f"{time.monotonic() - self._began:5.1f} s  {what}")


def _allow_many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _say(*lines: str) -> None:
    try:
        print(*lines, sep="\n", flush=True)
    except OSError:  # nobody reads it any more; the programs run on
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
