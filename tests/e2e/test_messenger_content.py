"""Every kind of content that a customer can get, what they answer, and no axe violation in any state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from channels_app.actions.deployments import do_configure_deployment
from channels_app.models import Message
from tests.e2e.messenger import Company, Messenger, check_axe
from tests.e2e.people import Shop, open_shop
from tests.product import Product, eventually

HOME = {
    "company_name": "Harbour & Pine",
    "home_screen": True,
    "home_title": "Good to see you",
    "home_text": "Ask about an order, a size or a repair.",
    "suggestions": ["Where is my order?", "Return or repair"],
    "survey": True,
}
REPLIES = {"type": "quick_replies", "items": [{"text": "Order 48213"}, {"text": "Another order"}]}
CARDS = {
    "type": "carousel",
    "cards": [
        {
            "title": f"Order {number}",
            "description": "Rain jacket, blue",
            "actions": [
                {"type": "postback", "text": f"Take {number}", "payload": f"order-{number}"},
                {"type": "link", "text": f"Open {number}", "url": "https://shop.example/"},
            ],
        }
        for number in range(1, 5)
    ],
}
SIZES = {
    "type": "list_picker",
    "received_message": {"title": "Which sizes fit?"},
    "sections": [
        {
            "title": "Sizes",
            "multiple": True,
            "items": [{"id": name, "title": f"Size {name}"} for name in ("s", "m", "l")],
        }
    ],
}
TIMES = {
    "type": "date_picker",
    "title": "When shall we call?",
    "times": [{"at": "2031-03-03T09:00:00Z", "duration_s": 600}, {"at": "2031-03-04T10:30:00Z"}],
}
FORM = {
    "type": "form",
    "id": "return",
    "introduction": {"title": "Your return", "button_text": "Begin"},
    "show_summary": True,
    "pages": [
        {"title": "You", "components": [{"type": "input", "id": "name", "title": "Your name", "required": True}]},
        {
            "title": "The parcel",
            "components": [{"type": "wheel_picker", "id": "size", "items": [{"id": "b", "title": "Big"}]}],
        },
    ],
}
PLACE = {"type": "location", "latitude": 52.1, "longitude": 5.1, "name": "Workshop", "address": "Bergen Street 4"}
MARKDOWN = "**Good news:** see [the page](https://shop.example/a) or `code`\n\n- one\n- two"


@pytest.fixture
def shop(product: Product) -> Shop:
    made = open_shop()
    do_configure_deployment(made.deployment.id, content=HOME)
    return made


@pytest.fixture
def page_of(browser: Browser, product: Product, shop: Shop) -> Iterator[Messenger]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    messenger = Messenger(context, product, shop).ready()
    yield messenger
    messenger.leave()
    context.close()


def last_content() -> list[dict[str, Any]]:
    """Of the newest message of the customer."""
    found = Message.objects.filter(direction="inbound").order_by("-created_at").first()
    return list(found.content) if found else []


def answered(kind: str) -> dict[str, Any]:
    """The customer's answer, once it is stored (a plain button's kind is left out there)."""
    found: dict[str, Any] = eventually(
        lambda: next((one for one in last_content() if one.get("kind", "button") == kind), None), message=kind
    )
    return found


def test_every_kind_of_content_is_shown_answered_and_accessible(page_of: Messenger, shop: Shop) -> None:
    page, company = page_of.page, Company(shop, shop.agent("Ana"))
    check_axe(page, "home")
    page.get_by_role("button", name="Where is my order?").click()
    page_of.sees("Where is my order?")
    expect(page.get_by_text("Return or repair")).to_have_count(0)  # suggestions leave with the first message

    company.says("Which order is it about?", REPLIES)
    page.get_by_role("button", name="Order 48213").click()
    assert answered("quick_reply")["payload"] == "Order 48213"
    expect(page.get_by_role("button", name="Another order")).to_be_disabled()

    asked = company.says("Your orders", CARDS)
    cards = page.get_by_role("group", name="Cards")
    expect(cards.get_by_text("1 of 4")).to_be_visible()
    cards.get_by_role("button", name="Next card").click()
    expect(cards.get_by_text("2 of 4")).to_be_visible()
    cards.get_by_role("button", name="Take 2").click()
    chosen = answered("button")
    assert (chosen["payload"], chosen["origin_message_id"]) == ("order-2", asked.id.hex)

    company.says("", SIZES)
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("dialog").get_by_text("Please choose one.")).to_be_visible()
    check_axe(page, "list picker with its error")
    page.get_by_label("Size m").check()
    page.get_by_label("Size l").check()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    answered("list_picker")
    assert [(one["text"], one["payload"]) for one in last_content()] == [("Size m", "m"), ("Size l", "l")]
    expect(page.locator(".done")).to_have_text(["Size m, Size l"])

    company.says("", TIMES)
    page.get_by_role("button", name="Choose a time").click()
    page.get_by_role("dialog").get_by_role("radio").nth(1).check()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    assert answered("date_picker")["payload"].startswith("2031-03-04T10:30:00")

    asked = company.says("", FORM)
    fill_form(page)
    form = eventually(lambda: next((one for one in last_content() if one["type"] == "form_response"), None))
    assert (form["form_id"], form["origin_message_id"]) == ("return", asked.id.hex)
    assert [(one["id"], one["text"]) for one in form["answers"]] == [("name", "Jonas"), ("size", "Big")]

    company.says("", PLACE)
    expect(page_of.log.get_by_text("Bergen Street 4")).to_be_visible()
    company.says(MARKDOWN)
    said = page_of.log.locator(".md")
    expect(said.locator("strong")).to_have_text("Good news:")
    expect(said.locator("li")).to_have_text(["one", "two"])
    expect(said.get_by_role("link")).to_have_attribute("href", "https://shop.example/a")
    page_of.say("🎉")
    expect(page_of.log.locator("p.emoji")).to_have_text("🎉")
    check_axe(page, "thread with every kind of content")

    page.reload()
    page_of.sees("Which order is it about?", "Good news:")
    expect(page.locator(".done")).to_have_count(3)


def fill_form(page: Page) -> None:
    """Two pages and a summary, the first one with a mistake."""
    page.get_by_role("button", name="Begin").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Next").click()
    expect(sheet.get_by_text("Please fill this in.")).to_be_visible()
    expect(sheet.get_by_label("Your name")).to_be_focused()
    check_axe(page, "form with its error", ("dark",))
    sheet.get_by_label("Your name").fill("Jonas")
    sheet.get_by_role("button", name="Next").click()
    sheet.get_by_label("Big").check()
    sheet.get_by_role("button", name="Back").click()
    expect(sheet.get_by_label("Your name")).to_have_value("Jonas")
    sheet.get_by_role("button", name="Next").click()
    sheet.get_by_role("button", name="Next").click()
    check_axe(page, "summary of a form", ("light",))
    sheet.get_by_role("button", name="Send").click()


def test_what_opens_is_worked_by_keyboard_alone_and_accessible(page_of: Messenger, shop: Shop) -> None:
    page, company = page_of.page, Company(shop, shop.agent("Ana"))
    keys = page.keyboard
    expect(page_of.box).to_be_focused()
    keys.type("Hello there")
    keys.press("Enter")
    company.says("Hello, I am Ana")
    page_of.sees("Hello there", "Hello, I am Ana")
    expect(page.locator("[data-part=announcer]")).to_have_text("Ana says: Hello, I am Ana")

    keys.press("Tab")  # box → emoji
    expect(page.get_by_role("button", name="Emoji")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("searchbox", name="Search emoji")).to_be_focused()
    expect(page.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    keys.type("party pop")
    expect(page.locator(".cells button")).to_have_count(1)
    check_axe(page, "emoji picker")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page_of.box).to_have_value("🎉")
    expect(page_of.box).to_be_focused()
    keys.press("Enter")

    for role, name in (("button", "Attach a file"), ("log", "Messages"), ("button", "Menu")):
        keys.press("Shift+Tab")
        expect(page.get_by_role(role, name=name)).to_be_focused()  # type: ignore[arg-type]
    keys.press("Enter")
    expect(page.get_by_role("menuitemcheckbox", name="Sounds")).to_be_focused()
    check_axe(page, "menu")
    keys.press("ArrowUp")  # round to the last
    expect(page.get_by_role("menuitem", name="Clear conversation")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Clear the conversation?")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()  # the safe answer
    check_axe(page, "question before clearing")
    keys.press("Escape")
    expect(page_of.box).to_be_focused()
    page_of.sees("Hello there")

    page.set_viewport_size({"width": 320, "height": 560})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, a, summary')].filter((one) => one.offsetParent)
        .map((one) => [one.textContent || one.ariaLabel, one.getBoundingClientRect()])
        .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)"""
    )
    assert not small, f"targets below 24 px: {small}"


def test_end_survey_clear_and_transcript(page_of: Messenger, shop: Shop) -> None:
    page, company = page_of.page, Company(shop, shop.agent("Ana"))
    page_of.say("Hello")
    company.says("Hello too")
    page_of.sees("Hello too")
    with page.expect_download() as saved:
        page_of.menu("Download transcript")
    transcript = saved.value.path().read_text(encoding="utf-8-sig")
    assert re.search(r"You: Hello\n.*Ana: Hello too", transcript)

    page_of.menu("End conversation")
    page.get_by_role("dialog").get_by_role("button", name="End conversation").click()
    expect(page_of.log.get_by_text("To go on, just write.")).to_be_visible()
    expect(page.get_by_role("group", name="How was it with Ana?")).to_be_visible()
    check_axe(page, "ended, with the survey")
    page.get_by_role("radio", name="Good").check()
    page.get_by_label("What could be better?").fill("The wait")
    page.get_by_role("button", name="Send", exact=True).first.click()
    rated = eventually(lambda: Message.objects.filter(text__startswith="Rating: 4 of 5").first())
    assert rated.metadata["surveyRating"] == "4"
    expect(page.get_by_role("group", name="How was it with Ana?")).to_have_count(0)

    page_of.menu("Clear conversation")
    page.get_by_role("dialog").get_by_role("button", name="Clear", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Clear for good").click()
    expect(page.get_by_role("heading", name="Good to see you")).to_be_visible()
    expect(page_of.log.locator(".bubble:not(.typing)")).to_have_count(0)
    page.reload()
    page_of.ready()
    expect(page_of.log.locator(".bubble:not(.typing)")).to_have_count(0)
