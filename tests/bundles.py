"""What is built of npm's packages, for the tests in a browser: once a run, and those that need it skip without Node."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from contactcenter.up import bundles
from contactcenter.up.config import UpError


def build() -> str:
    """Why there are none, or nothing."""
    try:
        bundles.build(Path(os.environ["CC_DATA"]))
    except UpError as error:
        return str(error)
    return ""


def needed() -> None:
    """Skips where they can't be built."""
    if why := build():
        pytest.skip(why)


def withhold(context: BrowserContext) -> None:
    """As on a machine where they weren't built."""
    context.route("**/bundles/*", lambda route: route.fulfill(status=404))
