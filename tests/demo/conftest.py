"""What the tests of the demo share."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django.fixtures import SettingsWrapper


@pytest.fixture
def data_folder(tmp_path: Path, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, without a password from outside."""
    settings.DATA_DIR = tmp_path
    monkeypatch.delenv("CC_DEMO_PASSWORD", raising=False)
    return tmp_path
