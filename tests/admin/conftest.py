"""Who is at the admin's pages: Olga may change everything; Ana, Ben and Cleo are agents. And a shop's messenger."""

from __future__ import annotations

import pytest
from django.test import Client

from agents.models import User
from agents.roles import Role
from channels_app.models import Channel
from tests.admin.pages import client_of, member


@pytest.fixture
def olga(db: None) -> User:
    return member("Olga", Role.ADMIN)


@pytest.fixture
def desk(olga: User) -> Client:
    """Olga's browser."""
    return client_of(olga)


@pytest.fixture
def agents(db: None) -> list[User]:
    return [member(name, Role.AGENT) for name in ("Ana", "Ben", "Cleo")]


@pytest.fixture
def shop(db: None) -> Channel:
    return Channel.objects.create(kind="webmessaging", name="Shop")
