"""What the messenger's first load weighs, as served, and how it is cached."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Response

from channels_app.messenger.models import Deployment
from channels_app.messenger.page.labels import AT_FIRST, product_labels
from tests.e2e.people import Shop
from tests.e2e.site import Site
from tests.product import Product

BUDGET = 30_000  # bytes of the page, its styles and its scripts, as they go over the wire
LAUNCHER_BUDGET = 7_000  # bytes that a company's page loads for a messenger that nobody has opened
LATER = {
    "alerts.js", "cards.js", "emoji.js", "extras.css", "extras.js", "files.js", "form.js", "identity.js", "limit.js",
    "markdown.js", "menu.js", "over.js", "pickers.js", "rich.js", "survey.js", "transcript.js", "viewer.js",
}  # fmt: skip
SCRIPTS = Path(settings.BASE_DIR) / "static" / "messenger"
SAID = re.compile(r"\bt\((?:[^()\"`]*\?)?\s*[\"`]([a-zA-Z]+\.[\w.]*)")  # t("thread.newest"), t(`status.${name}`)


def _weighed(answer: Response) -> dict[str, int]:
    """What it weighs, under its path without the version. The history's JSON isn't of the first load."""
    path = re.sub(r"^/static/v-\w+/", "", urlsplit(answer.url).path)
    if not re.search(r"(\.(js|css)|/)$", path):
        return {}
    assert answer.header_value("content-encoding") == "gzip", f"{answer.url} isn't compressed"
    return {path: int(answer.header_value("content-length") or 0)}


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_the_first_load_stays_within_its_budget_and_fetches_nothing_that_is_only_needed_later(
    browser: Browser, product: Product, shop: Shop, locale: str
) -> None:
    sizes: dict[str, int] = {}
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.on("response", lambda answer: sizes.update(_weighed(answer)))
    path = f"/messenger/{shop.deployment.id}/"
    page.goto(product.url + path)
    page.locator("main[data-link=ready]").wait_for()
    page.wait_for_load_state("networkidle")
    context.close()
    assert {path, "messenger/main.js", "messenger/messenger.css"} <= set(sizes)
    assert all(sizes.values()), sizes
    assert sum(sizes.values()) <= BUDGET, sorted(sizes.items(), key=lambda one: -one[1])
    assert not {f"messenger/{name}" for name in LATER} & set(sizes)
    scripts = {one for one in sizes if one.endswith(".js")} - {"messenger/main.js"}
    assert _announced(product, shop) == scripts, "a script that isn't announced is found one import after the other"


def test_a_companys_site_loads_the_launcher_only_until_somebody_opens_it(
    context: BrowserContext, product: Product, shop: Shop, site: Site
) -> None:
    Deployment.objects.filter(pk=shop.deployment.pk).update(allowed_domains=["localhost"])
    sizes: dict[str, int] = {}
    page = context.new_page()
    page.on("response", lambda answer: answer.url.startswith(product.url) and sizes.update(_weighed(answer)))
    page.goto(site.page(product.url, [str(shop.deployment.id)]))
    launcher = page.locator("[data-contactcenter] .launcher")
    launcher.wait_for()
    page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes.values()) <= LAUNCHER_BUDGET, sizes
    assert "messenger/main.js" not in sizes
    launcher.click()
    page.frame_locator("[data-contactcenter] iframe").locator("main[data-link=ready]").wait_for()
    assert "messenger/main.js" in sizes
    assert not {f"messenger/{name}" for name in LATER} & set(sizes)


def _announced(product: Product, shop: Shop) -> set[str]:
    page = httpx.get(f"{product.url}/messenger/{shop.deployment.id}/").text
    return set(re.findall(r'modulepreload" href="/static/v-\w+/(\S+?)"', page))


def test_the_page_carries_every_word_that_its_first_scripts_say_and_fetches_the_others(
    product: Product, shop: Shop
) -> None:
    first = _announced(product, shop) | {"messenger/main.js"}
    said = {word for path in first for word in SAID.findall((SCRIPTS.parent / path).read_text())}
    assert {"thread.newest", "status.", "composer.send"} <= said, "this test finds what is said"
    assert not {word for word in said if not word.startswith(AT_FIRST)}
    page = httpx.get(f"{product.url}/messenger/{shop.deployment.id}/").text
    config = json.loads(re.findall(r'id="messenger-config"[^>]*>(.*?)</script>', page)[0])
    assert "thread.newest" in config["labels"]
    assert "emoji.search" not in config["labels"]
    assert httpx.get(product.url + config["wordsUrl"]).json() == product_labels("en")


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
