"""The search dialog in Chromium."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.messenger import check_axe
from tests.e2e.story import Story


def test_a_result_opens_its_thread_and_nothing_found_says_so(story: Story) -> None:
    conversation = story.talks()
    story.page.goto(f"{story.ana.product.url}/desk/")
    story.page.locator("#do-search").click()
    field = story.page.get_by_role("searchbox")
    expect(field).to_be_focused()
    field.press_sequentially("zebra")
    expect(story.page.locator("#found")).to_contain_text("Nothing found")
    check_axe(story.page, "search, nothing found")
    field.fill("zip brok")
    expect(story.page.locator("#found mark")).to_have_text(["zip", "brok"])
    check_axe(story.page, "search, found")
    story.page.locator("#found a").click()
    story.ana.sees("Hello, my zip is broken")
    expect(story.page.locator("#sheet")).to_be_hidden()
    assert story.page.url.endswith(f"/desk/conversations/{conversation.id}/")
