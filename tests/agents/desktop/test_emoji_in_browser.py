"""The emoji picker at the desk: loaded on use, found by name, walked with the arrow keys, kept for the next time."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.messenger import check_axe
from tests.e2e.story import Story
from tests.product import eventually


def test_nothing_of_it_is_fetched_before_it_is_opened(story: Story) -> None:
    fetched: list[str] = []
    story.page.on("request", lambda request: fetched.append(request.url))
    story.talks()
    assert not [one for one in fetched if "emoji.json" in one or one.endswith("design/emoji.js")]
    story.page.locator("#emoji-open").click()
    expect(story.page.get_by_role("dialog", name="Choose an emoji").get_by_role("button").first).to_be_visible()
    assert [one for one in fetched if one.endswith("/messenger/emoji/en.json")]


def test_one_is_found_by_its_name_and_inserted_at_the_caret_by_keyboard_alone(story: Story) -> None:
    conversation = story.talks()
    box, page = story.page.locator("#composer-text"), story.page
    box.fill("Thank you")
    box.evaluate("node => node.setSelectionRange(5, 5)")
    page.locator("#emoji-open").focus()
    page.keyboard.press("Enter")
    search = page.get_by_role("searchbox", name="Search emoji")
    expect(search).to_be_focused()
    check_axe(page, "emoji picker at the desk")
    page.keyboard.type("party popper")
    expect(page.locator(".emoji-grid button")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("button", name="party popper")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    expect(box).to_have_value("Thank🎉 you")
    box.press("Enter")
    eventually(lambda: conversation.messages.filter(text="Thank🎉 you").count() == 1)
    page.reload()
    page.locator("#emoji-open").click()
    expect(page.locator(".emoji-grid section").first).to_contain_text("Used last")
    expect(page.locator(".emoji-grid section").first.get_by_role("button")).to_have_text(["🎉"])


def test_the_arrows_walk_the_grid_and_escape_leaves_it_with_nothing_inserted(story: Story) -> None:
    story.talks()
    page = story.page
    page.locator("#composer-text").fill("Hello")
    page.locator("#emoji-open").click()
    expect(page.locator(".emoji-grid button").first).to_be_visible()
    focused = "document.activeElement.getAttribute('aria-label')"
    page.keyboard.press("ArrowDown")
    first = page.evaluate(focused)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == first
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#composer-text")).to_have_value("Hello")
    expect(page.locator("#composer-text")).to_be_focused()


def test_a_name_that_isnt_there_says_so(story: Story) -> None:
    story.talks()
    story.page.locator("#emoji-open").click()
    story.page.get_by_role("searchbox").fill("zebra crossing of the moon")
    expect(story.page.locator(".emoji-grid")).to_have_text("No emoji with this name.")
