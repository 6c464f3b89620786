"""The messenger on a company's own site: one line of script, another origin, a strict policy. In Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from channels_app.actions.deployments import do_configure_deployment
from channels_app.models import Conversation, Deployment, Message
from tests import factories
from tests.e2e.people import Shop, open_shop
from tests.e2e.site import Site, serve
from tests.product import Product, eventually

LOOK = {"company_name": "Acme", "greeting": "How can we help?", "primary_color": "#1f6f5c"}


@pytest.fixture
def shop(product: Product) -> Shop:
    made = open_shop()
    do_configure_deployment(made.deployment.id, LOOK)
    Deployment.objects.filter(pk=made.deployment.pk).update(allowed_domains=["localhost"])
    return made


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serve() as running:
        yield running


@dataclass
class Visitor:
    """Somebody on the company's site. `problems` is everything that the page's console said."""

    page: Page
    site: Site
    product: Product
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.problems.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def visit(self, *deployments: Deployment, **options: str) -> None:
        """A page with the script lines of these deployments, under the strict policy."""
        ids = [str(one.id) for one in deployments]
        self.page.goto(self.site.page(self.product.url, ids, **options))

    def messenger(self, deployment: Deployment) -> Locator:
        return self.page.locator(f'[data-contactcenter="{deployment.id}"]')

    def launcher(self, deployment: Deployment) -> Locator:
        return self.messenger(deployment).locator(".launcher")

    def panel(self, deployment: Deployment) -> Locator:
        return self.messenger(deployment).get_by_role("dialog")

    def frame(self, deployment: Deployment) -> FrameLocator:
        return self.messenger(deployment).frame_locator("iframe")

    def say(self, deployment: Deployment, text: str) -> None:
        box = self.frame(deployment).get_by_role("textbox")
        box.fill(text)
        box.press("Enter")
        expect(self.frame(deployment).locator("[data-part=log]").get_by_text(text, exact=True)).to_have_count(1)

    def hears(self, words: str) -> None:
        """Its console says so, soon. (Playwright's events come only while it is asked something.)"""
        for _ in range(100):
            if any(words in problem for problem in self.problems):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{words!r} isn't in {self.problems}")

    def call(self, script: str) -> object:
        return self.page.evaluate(script)


@pytest.fixture
def visitor(browser: Browser, product: Product, site: Site) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(10_000)
    yield Visitor(context.new_page(), site, product)
    context.close()


def test_one_line_of_script_brings_the_messenger_to_a_strict_foreign_page(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment)
    expect(visitor.launcher(shop.deployment)).to_have_accessible_name("Open the chat with Acme")
    expect(visitor.messenger(shop.deployment).locator("iframe")).to_have_count(0)
    visitor.launcher(shop.deployment).click()
    expect(visitor.panel(shop.deployment)).to_have_accessible_name("Chat with Acme")
    visitor.say(shop.deployment, "Is the jacket in stock?")
    eventually(lambda: Message.objects.filter(text="Is the jacket in stock?").exists())
    assert visitor.problems == []


def test_its_only_global_is_its_own_and_the_page_stays_where_it_is(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment)
    visitor.launcher(shop.deployment).click()
    expect(visitor.frame(shop.deployment).get_by_role("textbox")).to_be_visible()
    visitor.launcher(shop.deployment).click()
    expect(visitor.panel(shop.deployment)).to_be_hidden()
    assert visitor.call("newGlobals()") == ["ContactCenter"]
    assert visitor.call("layoutShift()") == 0
    assert visitor.problems == []


def test_two_deployments_stand_side_by_side_and_one_is_open(visitor: Visitor, shop: Shop) -> None:
    other = factories.deployment()
    do_configure_deployment(other.id, {**LOOK, "company_name": "Acme Spares"})
    visitor.visit(shop.deployment, other)
    first, second = visitor.launcher(shop.deployment), visitor.launcher(other)
    second.click()
    expect(visitor.panel(other)).to_be_visible()
    first.click()
    expect(visitor.panel(shop.deployment)).to_be_visible()
    expect(visitor.panel(other)).to_be_hidden()
    tops = [one.evaluate("(element) => element.getBoundingClientRect().top") for one in (first, second)]
    assert tops[0] - tops[1] >= 56
    assert visitor.problems == []


def test_a_site_that_is_not_allowed_gets_no_launcher(visitor: Visitor, shop: Shop) -> None:
    Deployment.objects.filter(pk=shop.deployment.pk).update(allowed_domains=["shop.example"])
    visitor.visit(shop.deployment)
    visitor.hears("doesn't allow this site")
    expect(visitor.messenger(shop.deployment)).to_have_count(0)


def test_and_its_frame_stays_empty_there(visitor: Visitor, shop: Shop) -> None:
    Deployment.objects.filter(pk=shop.deployment.pk).update(allowed_domains=["shop.example"])
    visitor.page.goto(visitor.site.framing(f"{visitor.product.url}/messenger/{shop.deployment.id}/?embed=1"))
    visitor.hears("frame-ancestors")
    expect(visitor.page.frame_locator("iframe").locator("[data-messenger]")).to_have_count(0)
    assert not Conversation.objects.exists()


def test_an_unknown_deployment_is_told_to_the_developer(visitor: Visitor, shop: Shop) -> None:
    Deployment.objects.filter(pk=shop.deployment.pk).update(active=False)
    visitor.visit(shop.deployment)
    visitor.hears("can't be loaded")
