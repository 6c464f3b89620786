"""`manage.py up`: everything in one command."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser

from django.core.management import get_commands
from django.core.management.base import BaseCommand

from contactcenter.up.config import add_arguments


class Command(BaseCommand):
    help = "Starts stores, migrations, web, workers and beat, and stops them all on Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *, demo: bool, server: str, max_deaths: int, **_options: object) -> None:
        """Becomes the supervisor: the same process, without Django's memory."""
        arguments = [f"--server={server}", f"--max-deaths={max_deaths}"]
        if not demo or "demo" not in get_commands():
            arguments.append("--no-demo")
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "contactcenter.up", *arguments])  # noqa: S606  (no shell is the point)
