"""What the tests of routing share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from contactcenter.kernel import events
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
def committed(unheard: None, transactional_db: None) -> Iterator[Scene]:
    """A contact centre that other connections see too."""
    scene = Scene()
    yield scene
    scene.close()
