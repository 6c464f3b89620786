"""`manage.py demo_info`: where the demo runs and how to log in, for people and for scripts."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from contactcenter.demo.info import get_info


class Command(BaseCommand):
    help = "Prints the addresses, accounts, deployments and webhooks of the demo."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="as one JSON object")

    def handle(self, *, json: bool, **_options: object) -> None:
        found = get_info()
        self.stdout.write(_as_json(found) if json else "\n".join(_as_table(found)))


def _as_json(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False)


def _as_table(found: dict[str, Any]) -> Iterator[str]:
    yield f"desktop    {found['desk_url']}"
    yield f"admin      {found['admin_url']}"
    for one in found["deployments"]:
        yield f"messenger  {one['url']}  {one['name']}"
    for one in found["webhooks"]:
        yield f"webhook    {one['url']}  {one['channel']} ({one['kind']}, secret {one['secret']})"
    yield ""
    widest = max((len(one["email"]) for one in found["accounts"]), default=0)
    for one in found["accounts"]:
        yield f"{one['role']:<11}{one['email']:<{widest}}  {one['password']}  {one['name']}"
