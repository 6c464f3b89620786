"""An admin edits a messenger's draft beside its preview and publishes it; customers see it then, and not before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from agents.models import User
from channels_app.messenger.actions.deployments import do_configure_deployment
from channels_app.messenger.models import GuestSession
from tests.e2e.people import Shop, open_shop
from tests.product import Product

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def shop(product: Product) -> Shop:
    made = open_shop()
    do_configure_deployment(made.deployment.id, {"company_name": "Acme", "greeting": "Ask us anything at all."})
    made.deployment.refresh_from_db()
    return made


@pytest.fixture
def admin(browser: Browser, product: Product, shop: Shop) -> Iterator[Page]:
    """The form of the shop's configuration, open. Nothing may be wrong in its console."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    client = Client()
    client.force_login(User.objects.create_superuser("olga@acme.example", name="Olga"), backend=BACKEND)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": product.url}])
    page, problems = context.new_page(), []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{product.url}/admin/messenger/messengerconfiguration/{shop.deployment.configuration_id}/change/")
    yield page
    context.close()
    assert problems == []


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("[data-stage] iframe:not(.coming)")


def said(page: Page) -> Locator:
    """What stands in the preview's log; what is said aloud for a moment is beside it."""
    return preview(page).locator("[data-part=log]")


def customer_sees(page: Page, product: Product, shop: Shop, text: str) -> None:
    """On the hosted page, in a window of its own."""
    visitor = page.context.browser.new_context()  # type: ignore[union-attr]
    hosted = visitor.new_page()
    hosted.goto(f"{product.url}/messenger/{shop.deployment.id}/")
    expect(hosted.get_by_text(text)).to_be_visible()
    visitor.close()


def test_a_draft_is_seen_in_the_preview_and_by_customers_only_once_it_is_published(
    admin: Page, product: Product, shop: Shop
) -> None:
    expect(preview(admin).get_by_text("Ask us anything at all.")).to_be_visible()
    expect(said(admin).get_by_text("Yes, in blue and in green.")).to_be_visible()
    admin.get_by_label("Greeting").fill("Write about rain jackets.")
    expect(preview(admin).get_by_text("Write about rain jackets.")).to_be_visible()
    admin.get_by_role("button", name="Save and publish").click()
    expect(admin.get_by_role("heading", name="Publish “Shop”?")).to_be_visible()
    expect(admin.get_by_role("row", name="Greeting")).to_contain_text("Write about rain jackets.")
    customer_sees(admin, product, shop, "Ask us anything at all.")
    admin.get_by_role("button", name="Publish now").click()
    expect(admin.get_by_text("Published. New visitors see it from now on.")).to_be_visible()
    customer_sees(admin, product, shop, "Write about rain jackets.")


def test_the_preview_follows_colour_side_and_language_and_stores_nothing(admin: Page, shop: Shop) -> None:
    launcher = admin.locator("[data-stage] .launcher")
    expect(launcher).to_have_css("background-color", "rgb(67, 56, 202)")
    admin.locator("#id_primary_color").fill("#aa2200")
    expect(launcher).to_have_css("background-color", "rgb(170, 34, 0)")
    admin.locator("#id_alignment").select_option("Left")
    expect(launcher).to_have_css("left", "24px")
    admin.get_by_label("Language of the preview").select_option("de")
    expect(said(admin).get_by_text("Ja, in Blau und in Grün.")).to_be_visible()
    preview(admin).get_by_role("textbox").fill("Nobody hears this")
    preview(admin).get_by_role("textbox").press("Enter")
    expect(said(admin).get_by_text("Nobody hears this")).to_be_visible()
    assert admin.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('messenger.'))") == []
    assert not GuestSession.objects.exists()
