"""What the messenger's first load weighs, as served, and how it is cached."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Browser, Response

from tests.e2e.people import Shop, open_shop
from tests.product import Product

BUDGET = 30_000  # bytes of all scripts and styles, as they go over the wire
LATER = {
    "alerts.js", "emoji.js", "extras.css", "files.js", "form.js", "identity.js", "markdown.js", "menu.js", "pickers.js",
    "rich.js", "survey.js", "transcript.js", "viewer.js",
}  # fmt: skip


@pytest.fixture
def shop(product: Product) -> Shop:
    return open_shop()


def _weighed(answer: Response) -> dict[str, int]:
    if not re.search(r"\.(js|css)$", answer.url):
        return {}
    assert answer.header_value("content-encoding") == "gzip", f"{answer.url} isn't compressed"
    return {re.sub(r"^.*/static/v-\w+/", "", answer.url): int(answer.header_value("content-length") or 0)}


def test_the_first_load_stays_within_its_budget_and_fetches_nothing_that_is_only_needed_later(
    browser: Browser, product: Product, shop: Shop
) -> None:
    sizes: dict[str, int] = {}
    context = browser.new_context()
    page = context.new_page()
    page.on("response", lambda answer: sizes.update(_weighed(answer)))
    address = f"{product.url}/messenger/{shop.deployment.id}/"
    page.goto(address)
    page.locator("main[data-link=ready]").wait_for()
    page.wait_for_load_state("networkidle")
    context.close()
    assert {"messenger/main.js", "messenger/messenger.css"} <= set(sizes)
    assert all(sizes.values()), sizes
    assert sum(sizes.values()) <= BUDGET, sorted(sizes.items(), key=lambda one: -one[1])
    assert not {f"messenger/{name}" for name in LATER} & set(sizes)
    announced = set(re.findall(r'modulepreload" href="/static/v-\w+/(\S+?)"', httpx.get(address).text))
    scripts = {path for path in sizes if path.endswith(".js")} - {"messenger/main.js"}
    assert announced == scripts, "a script that isn't announced is found one import after the other"


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
