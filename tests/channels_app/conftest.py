"""What the tests of channels share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import pytest
from django.db import connection
from pytest_django import Settings

from agents.models import User
from channels_app.adapters import fake
from channels_app.messenger.models import Deployment, GuestSession
from channels_app.models import Channel
from contactcenter.kernel import events
from contactcenter.kernel.events import Event, Recorded
from tests import cast, factories
from tests.channels_app.client import StrictGuest
from tests.product import Product

T = TypeVar("T")
Opener = Callable[..., StrictGuest]
Race = Callable[[int, Callable[[int], Any]], list[Any]]


@pytest.fixture(autouse=True)
def outbox() -> Iterator[list[Any]]:
    """What the test provider was given, empty at the start."""
    fake.outbox.clear()
    yield fake.outbox
    fake.outbox.clear()


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    """Private storage of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def channel(db: None) -> Channel:
    """A channel of the test provider."""
    return factories.channel()


@pytest.fixture
def deployment(product: Product) -> Deployment:
    """A messenger of the running product."""
    channel = Channel.objects.create(kind="webmessaging", name="Shop")
    return Deployment.objects.create(channel=channel, name="Shop page")


@pytest.fixture
def guest(product: Product, deployment: Deployment) -> Iterator[Opener]:
    """Opens sockets of guests, and closes them at the end."""
    opened: list[StrictGuest] = []

    def open_one(**fields: Any) -> StrictGuest:
        opened.append(StrictGuest(product.url, deployment.id, **fields))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def ana(db: None) -> User:
    return cast.ana()


@pytest.fixture
def session(db: None) -> GuestSession:
    """A guest on a messenger of its own."""
    return factories.guest(factories.deployment())


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """The events that are recorded from now on, in order."""
    found: list[Event] = []

    def listen(recorded: list[Recorded]) -> None:
        found.extend(entry.event for entry in recorded)

    monkeypatch.setattr(events, "_after_commit", [listen])
    return found


@pytest.fixture
def race(transactional_db: None) -> Race:
    """`race(n, step)`: run `step(0)` … `step(n - 1)` at the same moment, each on a connection of its own."""

    def run(count: int, step: Callable[[int], T]) -> list[T]:
        together = Barrier(count, timeout=20)

        def one(number: int) -> T:
            try:
                connection.ensure_connection()
                together.wait()
                return step(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(count) as threads:
            return list(threads.map(one, range(count), timeout=60))

    return run
