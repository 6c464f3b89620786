"""An agent blocks a visitor and undoes it, in Chromium; the visitor is the strict client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from channels_app.messenger.actions.identity import Identity, do_sign_in
from channels_app.messenger.socket import session
from channels_app.models import Block
from contactcenter.kernel import clock
from tests.channels_app.client import StrictGuest
from tests.e2e.people import Agent, open_shop
from tests.product import Product


@pytest.fixture
def ana(browser: Browser, product: Product) -> Iterator[Agent]:
    shop = open_shop()
    made = Agent(browser, product, shop.agent("Ana"))
    made.shop = shop  # type: ignore[attr-defined]
    made.go_on_queue()
    yield made
    made.leave()


def test_a_visitor_is_blocked_with_a_reason_and_let_in_again(product: Product, ana: Agent) -> None:
    shop = ana.shop  # type: ignore[attr-defined]
    jonas = StrictGuest(product.url, shop.deployment.id)
    jonas.configure()
    jonas.say("Something rude", channel={"metadata": {"customAttributes": {"page": "returns", "basket": "3 things"}}})
    ana.accept()
    panel = ana.page.locator("#panel")
    expect(panel.get_by_text("Anonymous visitor")).to_be_visible()
    expect(panel.get_by_text("3 things")).to_be_visible()
    panel.get_by_role("button", name="Block this visitor").click()
    dialog = ana.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_contain_text("Block Visitor")
    dialog.get_by_role("button", name="Cancel").click()
    assert not Block.objects.exists()
    panel.get_by_role("button", name="Block this visitor").click()
    dialog.get_by_label("Why").fill("Insults")
    dialog.get_by_role("button", name="Block", exact=True).click()
    expect(panel.get_by_text("Blocked by Ana Example.")).to_be_visible()
    assert jonas.until_class("string")["code"] == 403
    panel.get_by_role("button", name="Let them write again").click()
    expect(panel.get_by_role("button", name="Block this visitor")).to_be_visible()
    again = StrictGuest(product.url, shop.deployment.id, token=jonas.token)
    again.configure()
    again.say("I am sorry")
    ana.sees("I am sorry")
    again.close()


def test_who_signs_in_is_shown_as_known(product: Product, ana: Agent) -> None:
    shop = ana.shop  # type: ignore[attr-defined]
    jonas = StrictGuest(product.url, shop.deployment.id)
    jonas.configure()
    jonas.say("Hello")
    ana.accept()
    made, _ = do_sign_in(shop.deployment, Identity("customer", "4711", name="Jonas Weber", attributes={"plan": "gold"}))
    jonas.authenticate(session.customer_token(made, clock.now()))
    ana.sees("The customer signed in")
    expect(ana.page.locator("#thread-title")).to_have_text("Jonas Weber")
    expect(ana.page.locator("#panel h2")).to_have_text("Jonas Weber")
    expect(ana.page.locator("#panel").get_by_text("Known customer")).to_be_visible()
    jonas.close()
