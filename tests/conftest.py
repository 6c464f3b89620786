"""What every test has."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.product import product, running_product, transactional_db


def pytest_configure() -> None:
    """Passwords are hashed the cheap way: the product's way takes a third of a second each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests beside the running product stay together: one of the parallel processes starts it, once."""
    for item in items:
        if "running_product" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("product"))


__all__ = ["product", "running_product", "transactional_db"]
