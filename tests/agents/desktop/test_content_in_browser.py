"""Building quick replies, a card and a carousel in the composer's small form, in Chromium."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.messenger import check_axe
from tests.e2e.story import Story
from tests.product import eventually


def test_quick_replies_are_built_shown_and_sent_by_keyboard(story: Story) -> None:
    conversation = story.talks()
    page = story.page
    page.locator("#content-open").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Quick reply 1", exact=True)).to_be_focused()
    page.keyboard.type("Yes")
    page.get_by_label("Quick reply 2", exact=True).fill("No, thanks")
    expect(page.locator("#builder-shown .replies li")).to_have_text(["Yes", "No, thanks"])
    check_axe(page, "building quick replies")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("#composer-content")).to_contain_text("Yes · No, thanks")
    expect(page.locator("#composer-text")).to_be_focused()
    page.reload()
    expect(page.locator("#composer-content")).to_contain_text("Yes · No, thanks")
    story.ana.answer("Is it the blue one?")
    row = page.locator("#log .msg.out:not(.pending)")
    expect(row.locator(".replies li")).to_have_text(["Yes", "No, thanks"])
    expect(page.locator("#composer-content li")).to_have_count(0)
    message = conversation.messages.get(author_kind="agent", kind="structured")
    assert message.content == [{"type": "quick_replies", "items": [{"text": "Yes"}, {"text": "No, thanks"}]}]


def test_what_the_channel_doesnt_take_is_said_beside_the_field_and_isnt_added(story: Story) -> None:
    story.talks()
    page = story.page
    page.locator("#content-open").click()
    first = page.get_by_label("Quick reply 1", exact=True)
    first.fill("A reply with far more than twenty characters")
    expect(page.locator("#build-items-0-text-wrong")).to_have_text("At most 20 characters here.")
    expect(page.locator("#build-items-1-text-wrong")).to_be_hidden()
    check_axe(page, "a fault beside its field")
    page.get_by_role("button", name="Add to the reply").click()
    expect(page.locator("#build-items-1-text-wrong")).to_have_text("Write something here.")
    expect(first).to_be_focused()
    expect(first).to_have_attribute("aria-invalid", "true")
    first.fill("Yes")
    page.get_by_label("Remove Quick reply 2").click()
    page.get_by_role("button", name="Add to the reply").click()
    expect(page.locator("#composer-content li")).to_have_count(1)


def test_a_carousel_is_built_changed_and_sent(story: Story) -> None:
    conversation = story.talks()
    page = story.page
    page.locator("#content-open").click()
    page.get_by_role("button", name="Carousel").click()
    page.get_by_label("Title").fill("Rain jacket")
    page.get_by_label("Description").fill("Blue, M")
    page.get_by_role("button", name="Another button").click()
    page.get_by_label("Button 1", exact=True).fill("This one")
    page.get_by_role("button", name="Card 2", exact=True).click()
    page.get_by_label("Title").fill("Wool socks")
    page.get_by_role("button", name="Another button").click()
    page.get_by_label("Button 1", exact=True).fill("See them")
    page.get_by_label("What button 1 does").select_option("link")
    page.get_by_label("Address of button 1").fill("shop.example/socks")
    page.get_by_role("button", name="Add to the reply").click()
    expect(page.locator("#build-cards-1-actions-0-url-wrong")).to_contain_text("An address begins with")
    page.get_by_label("Address of button 1").fill("https://shop.example/socks")
    expect(page.locator("#builder-shown .card")).to_have_count(2)
    check_axe(page, "building a carousel")
    page.get_by_role("button", name="Add to the reply").click()
    page.locator("#composer-content").get_by_role("button", name="Rain jacket", exact=True).click()
    page.get_by_label("Title").fill("Rain coat")
    page.get_by_role("button", name="Add to the reply").click()
    story.ana.answer("These two?")
    expect(page.locator("#log .msg.out:not(.pending) .card")).to_have_count(2)
    expect(page.locator("#log .msg.out:not(.pending) a.card-action")).to_have_attribute(
        "href", "https://shop.example/socks"
    )
    eventually(lambda: conversation.messages.filter(content__0__cards__0__title="Rain coat").count() == 1)


def test_closing_the_form_adds_nothing(story: Story) -> None:
    story.talks()
    page = story.page
    page.locator("#content-open").click()
    page.get_by_label("Quick reply 1", exact=True).fill("Yes")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("#composer-content li")).to_have_count(0)
