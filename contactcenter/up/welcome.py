"""What the person at the terminal reads: addresses and logins."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path


def addresses(base_url: str) -> list[str]:
    return [
        f"  desktop    {base_url}/desk/",
        f"  admin      {base_url}/admin/",
    ]


def logins(kept: Path) -> list[str]:
    """From the file that `manage.py demo` keeps, or nothing while it isn't there yet.

    Its form: {"accounts": [{"email", "password", "role", "name"}], "deployments": [{"id", "name", "url"}]}
    """
    try:
        found = json.loads(kept.read_text())
    except FileNotFoundError:
        return []
    return [*_messengers(found["deployments"]), "", *_accounts(found["accounts"])]


def are_current(kept: Path, wanted: Iterable[str]) -> bool:
    """Whether the kept logins hold each of these: an earlier start may have had another address or password."""
    return kept.exists() and all(part in kept.read_text() for part in wanted)


def _messengers(deployments: list[dict[str, str]]) -> Iterator[str]:
    for deployment in deployments:
        yield f"  messenger  {deployment['url']}  {deployment['name']}"


def _accounts(accounts: list[dict[str, str]]) -> Iterator[str]:
    widest = max((len(account["email"]) for account in accounts), default=0)
    for account in accounts:
        yield f"  {account['role']:<11}{account['email']:<{widest}}  {account['password']}  {account['name']}"
