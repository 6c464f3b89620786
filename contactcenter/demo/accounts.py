"""The demo's password: from `CC_DEMO_PASSWORD`, or made once; kept with the logins in the data folder.

The file's form is a contract with `contactcenter.up.welcome`:
`{"accounts": [{"email", "password", "role", "name"}], "deployments": [{"id", "name", "url"}]}`
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings

from channels_app.messenger.models import Deployment
from contactcenter.demo.company import AGENTS, DOORS, OTHERS

_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


def path() -> Path:
    return Path(settings.DATA_DIR) / "demo-logins.json"


def kept() -> dict[str, Any]:
    """What the file holds; empty while there is none, or none that can be read."""
    try:
        found: dict[str, Any] = json.loads(path().read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found


def kept_password() -> str:
    """The password that the accounts have, or nothing."""
    accounts = kept().get("accounts", [])
    return str(accounts[0]["password"]) if accounts else ""


def wanted_password() -> str:
    """The password that the accounts are to have."""
    return os.environ.get("CC_DEMO_PASSWORD") or kept_password() or pass_phrase()


def pass_phrase() -> str:
    """Four words of two syllables, to be read and typed: 49 bits by chance."""
    return "-".join("".join(_syllable() for _ in range(2)) for _ in range(4))


def _syllable() -> str:
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)


def keep(password: str) -> None:
    """Bring the file up to date: for its owner only, at once or not at all."""
    wanted = {"accounts": _accounts(password), "deployments": messengers(settings.BASE_URL)}
    if kept() == wanted:
        return
    path().parent.mkdir(parents=True, exist_ok=True)
    fresh = path().with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(wanted, indent=1, ensure_ascii=False))
    fresh.rename(path())


def _accounts(password: str) -> list[dict[str, str]]:
    return [
        {"email": person.email, "password": password, "role": person.role.value, "name": person.name}
        for person in (*OTHERS, *AGENTS)
    ]


def messengers(base: str) -> list[dict[str, str]]:
    """The demo's deployments with the address of their page."""
    names = [door.deployment for door in DOORS if door.deployment]
    found = Deployment.objects.filter(name__in=names).order_by("-name")
    return [{"id": str(one.id), "name": one.name, "url": f"{base}/messenger/{one.id}/"} for one in found]
