"""What every test has."""

from __future__ import annotations

from django.conf import settings

from tests.product import product, running_product, transactional_db


def pytest_configure() -> None:
    """Passwords are hashed the cheap way: the product's way takes a third of a second each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


__all__ = ["product", "running_product", "transactional_db"]
