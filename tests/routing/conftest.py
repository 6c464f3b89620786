"""What the tests of routing share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from contactcenter.kernel import events
from tests.product import empty_database
from tests.routing.cast import Scene


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs after a commit: these tests call the engine themselves."""
    monkeypatch.setattr(events, "_after_commit", [])


@pytest.fixture
def scene(db: None, unheard: None) -> Iterator[Scene]:
    """A contact centre under a standing clock; the test's transaction forgets it."""
    scene = Scene()
    yield scene
    scene.close()


@pytest.fixture
def committed(unheard: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    """A contact centre that other connections see too. Its rows are emptied out afterwards, and before."""
    with django_db_blocker.unblock():
        empty_database()
        scene = Scene()
        try:
            yield scene
        finally:
            scene.close()
            empty_database()
            connection.close()
