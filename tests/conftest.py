"""What every test has."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.utils import translation

from contactcenter.catalogue.compiled import compile_stale
from tests.browser import browser
from tests.database import django_db_setup, drop_migrated, refuse_others
from tests.product import product, running_product, transactional_db


def pytest_configure() -> None:
    """Passwords are hashed the cheap way: the product's way takes a third of a second each. Texts are compiled as
    `manage.py up` does it."""
    compile_stale()
    # an example that was slow once tells of a busy machine, not of the code
    hypothesis.settings.register_profile("light", deadline=None, max_examples=30)
    hypothesis.settings.register_profile("deep", deadline=None, max_examples=2_000)
    hypothesis.settings.load_profile(os.environ.get("CC_HYPOTHESIS") or "light")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    refuse_others()


def pytest_unconfigure() -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        drop_migrated()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what needs the running product or a browser, and put it last, the browser after the product.

    The product's workers would take the other tests' work out of the database, and Playwright's loop stays
    in the main thread, where no test can run a loop of its own from then on: so `make test` runs these by
    themselves, and a plain pytest run after the rest.
    """
    for item in items:
        if _rank(item):
            item.add_marker(pytest.mark.product)
    yield  # -m chooses, and the order is shuffled
    items.sort(key=_rank)


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    """Each test begins in the default language: a request leaves its own behind in the thread, as Django's do."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


def _rank(item: pytest.Item) -> int:
    needs = set(getattr(item, "fixturenames", ()))
    return 2 if "browser" in needs else 1 if "running_product" in needs else 0


__all__ = ["browser", "django_db_setup", "own_language", "product", "running_product", "transactional_db"]
