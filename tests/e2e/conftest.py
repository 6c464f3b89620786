"""What the tests of the messenger share: a company, its agent Ana, a visitor's browser with the messenger, a site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize

from tests.e2e.messenger import Company, Messenger
from tests.e2e.people import Shop, open_shop
from tests.e2e.site import Site, serve
from tests.e2e.story import story
from tests.product import Product


@pytest.fixture
def shop(product: Product) -> Shop:
    return open_shop()


@pytest.fixture
def company(shop: Shop) -> Company:
    """The company's side of the conversation; Ana speaks for it."""
    return Company(shop, shop.agent("Ana"))


@pytest.fixture
def viewport() -> ViewportSize:
    return {"width": 1280, "height": 900}


@pytest.fixture
def context(browser: Browser, viewport: ViewportSize) -> Iterator[BrowserContext]:
    """A visitor's browser, in which nothing moves."""
    made = browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def messenger(context: BrowserContext, product: Product, shop: Shop) -> Iterator[Messenger]:
    """The hosted messenger with its line; nothing may have gone wrong in it."""
    made = Messenger(context, product, shop).ready()
    yield made
    made.leave()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The company's own site."""
    with serve() as running:
        yield running


__all__ = ["story"]  # a fixture that is elsewhere
