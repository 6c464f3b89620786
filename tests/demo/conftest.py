"""What the tests of the demo share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def data_folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, without a password from outside."""
    settings.DATA_DIR = tmp_path
    monkeypatch.delenv("CC_DEMO_PASSWORD", raising=False)
    return tmp_path
