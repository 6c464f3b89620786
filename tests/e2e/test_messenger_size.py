"""What the messenger's first load weighs, as served, and how it is cached."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Response

from tests.e2e.people import Customer, Shop, open_shop
from tests.product import Product

BUDGET = 30_000  # bytes of all scripts and styles, as they go over the wire


@pytest.fixture
def shop(product: Product) -> Shop:
    return open_shop()


@pytest.fixture
def first_load(browser: Browser, product: Product, shop: Shop) -> Iterator[dict[str, int]]:
    """What a first visit fetches from static files: path to bytes of its body on the wire."""
    sizes: dict[str, int] = {}
    customer = Customer(browser, product, shop)
    customer.page.on("response", lambda answer: sizes.update(_weighed(answer)))
    customer.page.goto("about:blank")
    customer.come_back()
    customer.page.locator("main[data-link=ready]").wait_for()
    customer.page.wait_for_load_state("networkidle")
    yield sizes
    customer.leave()


def _weighed(answer: Response) -> dict[str, int]:
    if not re.search(r"\.(js|css)$", answer.url):
        return {}
    assert answer.header_value("content-encoding") == "gzip", f"{answer.url} isn't compressed"
    return {re.sub(r"^.*/static/v-\w+/", "", answer.url): int(answer.header_value("content-length") or 0)}


def test_the_first_load_stays_within_its_budget(first_load: dict[str, int]) -> None:
    assert "messenger/main.js" in first_load
    assert "messenger/messenger.css" in first_load
    assert all(first_load.values()), first_load
    assert sum(first_load.values()) <= BUDGET, sorted(first_load.items(), key=lambda one: -one[1])


def test_the_first_load_fetches_nothing_that_is_only_needed_later(first_load: dict[str, int]) -> None:
    later = {"emoji", "pickers", "form", "files", "menu", "viewer", "transcript", "survey", "alerts", "identity"}
    assert not {f"messenger/{name}.js" for name in later} & set(first_load)
    assert "messenger/extras.css" not in first_load


def test_every_script_of_the_first_load_is_announced_in_the_page(
    first_load: dict[str, int], product: Product, shop: Shop
) -> None:
    """Else the browser finds them one import after the other, a round trip each."""
    page = httpx.get(f"{product.url}/messenger/{shop.deployment.id}/").text
    announced = set(re.findall(r'modulepreload" href="/static/v-\w+/(\S+?)"', page))
    assert announced == {path for path in first_load if path.endswith(".js")} - {"messenger/main.js"}


def test_static_files_are_kept_for_good_under_their_version_and_shortly_without(product: Product) -> None:
    plain = httpx.get(f"{product.url}/static/messenger/main.js")
    assert plain.headers["cache-control"] == "max-age=60, public"
    assert plain.headers["content-encoding"] == "gzip"
    assert "/**" not in plain.text, "comments stay in the repository"
    other = httpx.get(f"{product.url}/static/v-00000000/messenger/main.js")
    assert other.text == plain.text
    assert "immutable" not in other.headers["cache-control"], "an old version's address may not keep the new file"
    login = httpx.get(f"{product.url}/login/", follow_redirects=True).text
    found = re.search(r'"(/static/v-\w+/[^"]+\.css)"', login)
    assert found
    assert "immutable" in httpx.get(product.url + found[1]).headers["cache-control"]
    assert httpx.get(f"{product.url}/static/messenger/nothing.js").status_code == 404
