"""Where the product runs: from the environment, or from what `up` wrote into the data folder."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from django.conf import settings


def base_url() -> str:
    """`CC_BASE_URL` or `PORT` where they are set, else the address of the `up` that runs on this data folder."""
    if os.environ.get("CC_BASE_URL") or os.environ.get("PORT"):
        return str(settings.BASE_URL)
    recorded = told(Path(settings.DATA_DIR))
    return recorded.get("CC_BASE_URL", str(settings.BASE_URL)).rstrip("/")


def told(data: Path) -> dict[str, str]:
    """What the running `up` tells commands that are run by hand: stores and address. Empty if none runs."""
    try:
        found: dict[str, str] = json.loads((data / "running.json").read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found


def join() -> None:
    """For a command run by hand: begin anew with the stores of the `up` that runs on this data folder.

    Settings are read once, at the start of a process; hence the same command again, with `up`'s environment.
    """
    recorded = told(Path(settings.DATA_DIR))
    if os.environ.get("DATABASE_URL") or "DATABASE_URL" not in recorded:
        return
    sys.stdout.flush()
    environ = {**recorded, **os.environ, **_stores(recorded)}
    os.execve(sys.executable, [sys.executable, *sys.argv], environ)  # noqa: S606  (no shell is the point)


def _stores(recorded: dict[str, str]) -> dict[str, str]:
    return {name: recorded[name] for name in ("DATABASE_URL", "REDIS_URL") if name in recorded}
