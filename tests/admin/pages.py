"""How tests use the admin's pages: people who open them, addresses, what a page says, forms."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from agents import roles
from agents.models import User
from agents.roles import Role

Capture = Callable[..., Any]  # the fixture django_capture_on_commit_callbacks
BACKEND = "django.contrib.auth.backends.ModelBackend"
# one round instead of a million: nobody logs in with it here
QUICKLY_HASHED = PBKDF2PasswordHasher().encode("green garden gate", "salt", iterations=1)


def member(name: str, *given_roles: Role) -> User:
    user = User.objects.create(email=f"{name.lower()}@acme.example", password=QUICKLY_HASHED, name=name)
    roles.assign(user, given_roles)
    return user


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def url(model: str, what: str, *args: Any) -> str:
    return reverse(f"admin:{model}_{what}", args=args)


def said(answer: Any) -> str:
    """The text of a page, or the messages that a redirect leaves."""
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode()))


def no_rows(*prefixes: str) -> dict[str, Any]:
    """The management forms of inlines without rows."""
    found = {}
    for prefix in prefixes:
        found |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    return found


def rows(prefix: str, *given_rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    found = {f"{prefix}-TOTAL_FORMS": len(given_rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(given_rows):
        found |= {f"{prefix}-{number}-{key}": value for key, value in row.items()}
    return found


def run(
    desk: Client, action: str, chosen: Sequence[Model], *, confirmed: bool = True, sure_of: int = 0, **given: Any
) -> Any:
    """A bulk action on the list of these rows; confirmed (for as many as were seen then), or only asked for."""
    name = chosen[0]._meta.label_lower.replace(".", "_")
    data = {"action": action, ACTION_CHECKBOX_NAME: [str(row.pk) for row in chosen], **given}
    if confirmed:
        data["confirmed"] = sure_of or len(chosen)
    return desk.post(url(name, "changelist"), data, follow=True)
