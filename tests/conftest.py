"""What every test has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.browser import browser
from tests.product import product, running_product, transactional_db


def pytest_configure() -> None:
    """Passwords are hashed the cheap way: the product's way takes a third of a second each."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what needs the running product or a browser, and put it last.

    The product's workers would take the other tests' work out of the database, and Playwright's loop stands
    in the way of theirs: so `make test` runs these by themselves, and a plain pytest run after the rest.
    """
    for item in items:
        if {"running_product", "browser"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.product)
    yield  # -m chooses, and the order is shuffled
    items.sort(key=lambda item: item.get_closest_marker("product") is not None)


__all__ = ["browser", "product", "running_product", "transactional_db"]
