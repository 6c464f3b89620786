"""The customer's profile in Chromium, on two desks."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.messenger import check_axe
from tests.e2e.people import Agent
from tests.e2e.story import Story
from tests.product import Product


def test_a_changed_profile_is_on_every_desk_and_a_fault_stays_in_the_form(
    story: Story, browser: Browser, product: Product
) -> None:
    story.talks()
    other = Agent(browser, product, story.ana.user)
    other.page.goto(story.page.url)
    expect(other.page.locator("#panel h2")).to_have_text("Jonas")
    other.page.locator("#composer-text").fill("half a sentence")
    story.page.locator("#do-customer").click()
    form = story.page.locator("#sheet form")
    form.get_by_label("Name", exact=True).fill("Jonas Weber")
    form.get_by_label("Language").fill("german!")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_have_text("Write a language as de or pt-BR.")
    check_axe(story.page, "profile with a fault")
    form.get_by_label("Language").fill("de")
    form.get_by_label("Name of attribute 1").fill("Tier")
    form.get_by_label("Value of attribute 1").fill("Gold")
    form.get_by_role("button", name="Save").click()
    for page in (story.page, other.page):
        expect(page.locator("#panel h2")).to_have_text("Jonas Weber")
        expect(page.locator("#panel")).to_contain_text("Gold")
        expect(page.locator("#thread-title")).to_have_text("Jonas Weber")
    expect(story.page.locator("#sheet")).to_be_hidden()
    expect(other.page.locator("#composer-text")).to_have_value("half a sentence")
    other.leave()
