"""The desk's keys in Chromium: a conversation without a mouse, other keys, and none."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.messenger import check_axe
from tests.e2e.story import Story


def leave_field(story: Story) -> None:
    story.page.evaluate("document.activeElement.blur()")


def test_work_is_done_with_keys_alone(story: Story) -> None:
    first = story.talks()
    story.writes("Me too", who="marta")
    expect(story.ana.offer).to_be_visible()
    keys, page = story.page.keyboard, story.page
    leave_field(story)
    keys.press("a")
    story.ana.sees("Me too")
    expect(page.locator(".list .conv a[data-open]")).to_have_count(2)
    leave_field(story)
    opened = page.url
    keys.press("j" if page.locator(".list .conv a").first.get_attribute("aria-current") == "true" else "k")
    expect(page).not_to_have_url(opened)
    story.ana.sees("Hello, my zip is broken")
    assert page.url.endswith(f"{first.id}/")
    keys.press("n")
    expect(page.locator("#mode-note")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#composer-text")).to_be_focused()
    for key, title in (("t", "Transfer"), ("p", "Park"), ("s", "Search")):
        leave_field(story)
        keys.press(key)
        expect(page.locator("#sheet-title")).to_contain_text(title)
        keys.press("Escape")
        expect(page.locator("#sheet")).to_be_hidden()
        expect(page.locator("#composer-text")).to_be_focused()  # one goes on writing
    leave_field(story)
    keys.press("e")
    expect(page.locator("#wrap-up")).to_be_visible()


def test_an_offer_is_declined_by_its_key_and_not_while_one_writes(story: Story) -> None:
    story.ana.go_on_queue()
    story.writes("Hello")
    expect(story.ana.offer).to_be_visible()
    story.page.keyboard.press("Control+d")
    expect(story.ana.offer).to_be_visible()
    story.page.keyboard.press("d")
    expect(story.ana.offer).to_have_count(0)


def test_keys_are_listed_changed_kept_and_switched_off(story: Story) -> None:
    page, keys = story.page, story.page.keyboard
    keys.press("?")
    expect(page.locator("#sheet-title")).to_have_text("Keyboard shortcuts")
    expect(page.locator("#keys-list li")).to_have_count(20)
    check_axe(page, "keyboard shortcuts")
    row = page.locator("[data-key-of=search]")
    row.click()
    keys.press("a")
    expect(page.locator("#keys-fault")).to_have_text("A is taken: Accept the offer.")
    keys.press("g")
    expect(row.locator("kbd")).to_have_text("G")
    keys.press("Escape")
    page.reload()
    expect(page.locator("#presence")).to_be_visible()
    keys.press("s")
    expect(page.locator("#sheet")).to_be_hidden()
    keys.press("g")
    expect(page.locator("#search-text")).to_be_focused()
    keys.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    leave_field(story)
    keys.press("?")
    page.locator("#keys-on").uncheck()
    keys.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    keys.press("g")
    keys.press("?")
    expect(page.locator("#sheet")).to_be_hidden()
    page.locator(".avatar.me").click()
    page.locator("#do-keys").click()
    expect(page.locator("#keys-on")).not_to_be_checked()
    page.locator("#keys-reset").click()
    expect(page.locator("[data-key-of=search] kbd")).to_have_text("S")


def test_the_users_corner_shows_their_day(story: Story) -> None:
    story.page.locator(".avatar.me").click()
    expect(story.page.locator("#own-day")).to_contain_text("Handled")
    expect(story.page.locator("#own-day dd").first).to_have_text("0")
    check_axe(story.page, "the user's corner")
