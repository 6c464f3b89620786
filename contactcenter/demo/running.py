"""Where the product runs: from the environment, or from what `up` wrote into the data folder."""

from __future__ import annotations

import json
import os
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
