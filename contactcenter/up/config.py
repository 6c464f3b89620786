"""What one `up` runs with, from the environment and the command line."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class UpError(Exception):
    """A reason not to start or not to go on, as one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Config:
    """`port` 0 means any free one; a store with a URL of its own is not embedded."""

    data: Path
    host: str
    port: int
    base_url: str
    database_url: str
    redis_url: str
    demo: bool
    server: str
    max_deaths: int
    web: int

    @property
    def logs(self) -> Path:
        return self.data / "log"

    @property
    def demo_logins(self) -> Path:
        return self.data / "demo-logins.json"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--no-demo", action="store_false", dest="demo", help="Don't make demo data.")
    parser.add_argument("--server", choices=["uvicorn", "daphne"], default="uvicorn")
    parser.add_argument(
        "--max-deaths",
        type=int,
        default=5,
        metavar="N",
        help="Stop everything when one program dies N times within 60 seconds (default 5).",
    )


def read_config(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Config:
    parser = ArgumentParser(prog="manage.py up")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    port = _port(environ.get("PORT") or "8000")
    return Config(
        data=Path(environ.get("CC_DATA") or ROOT / "var").resolve(),
        host=environ.get("CC_HOST") or "127.0.0.1",
        port=port,
        base_url=(environ.get("CC_BASE_URL") or "").rstrip("/"),
        database_url=environ.get("DATABASE_URL") or "",
        redis_url=environ.get("REDIS_URL") or "",
        demo=options.demo,
        server=options.server,
        max_deaths=options.max_deaths,
        web=_processes(environ.get("CC_WEB_PROCESSES") or str(min(2, os.cpu_count() or 1))),
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise UpError(f"PORT must be a number from 0 to 65535, not {text!r}.")
    return int(text)


def _processes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise UpError(f"CC_WEB_PROCESSES must be a number from 1 to 64, not {text!r}.")
    return int(text)
