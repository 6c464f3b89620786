"""Reading along in Chromium: what is new, how much is below, pictures in place."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Route, expect

from channels_app.actions.outbound import do_customer_receipt
from tests.e2e.messenger import check_axe
from tests.e2e.story import Story


def test_what_comes_below_the_screen_is_counted_marked_and_one_click_away(story: Story) -> None:
    story.talks()
    for number in range(30):
        story.writes(f"Before {number}")
    story.ana.sees("Before 29")
    page, newest = story.page, story.page.locator("#newest")
    expect(newest).to_be_hidden()
    expect(page.locator("#new-mark")).to_have_count(0)
    page.locator("#log").evaluate("node => { node.scrollTop = node.scrollHeight / 3; }")
    expect(newest).to_have_text("To the newest")
    story.writes("First below")
    expect(newest).to_have_text("1 new message")
    story.writes("Second below")
    expect(newest).to_have_text("2 new messages")
    marked = page.locator("#new-mark + .msg")
    expect(marked).to_contain_text("First below")
    check_axe(page, "new messages below")
    newest.click()
    expect(newest).to_be_hidden()
    expect(page.locator("#log").get_by_text("Second below")).to_be_in_viewport()
    expect(marked).to_contain_text("First below")
    story.ana.answer("I see")
    story.ana.sees("I see")
    expect(page.locator("#new-mark")).to_have_count(0)


def test_what_was_never_read_is_marked_when_the_thread_is_opened_again(story: Story) -> None:
    first = story.talks()
    story.ana.answer("How can I help?")
    other = story.writes("Me too", who="marta").conversation
    story.ana.accept()
    story.ana.sees("Me too")
    story.writes("Are you there?")
    story.writes("Hello?")
    expect(story.page.locator(f"#line-{first.id} .unread")).to_contain_text("2")
    story.page.locator(f"#open-{first.id}").click()
    expect(story.page.locator("#new-mark + .msg")).to_contain_text("Are you there?")
    story.page.locator(f"#open-{other.id}").click()
    story.ana.sees("Me too")
    story.page.locator(f"#open-{first.id}").click()
    story.ana.sees("Hello?")
    expect(story.page.locator("#new-mark")).to_have_count(0)


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, "PNG")
    return out.getvalue()


def test_pictures_open_in_place_turn_with_the_arrows_and_close_where_one_was(story: Story) -> None:
    conversation = story.talks()
    page = story.page
    for name in ("first.png", "second.png"):
        file = {"name": name, "mimeType": "image/png", "buffer": picture("navy" if name == "first.png" else "teal")}
        page.locator("#composer-file").set_input_files(file)
        expect(page.locator("#composer-files .file:not(.busy)")).to_have_count(1)
        page.locator("#composer-text").fill(f"This is {name}")
        page.locator("#composer-text").press("Enter")
        expect(page.locator(f"#log img[alt='{name}']")).to_be_visible()
    page.locator("#log a.photo").first.focus()
    page.keyboard.press("Enter")
    viewer = page.get_by_role("dialog", name="first.png")
    expect(viewer).to_be_visible()
    expect(viewer).to_contain_text("1 of 2")
    check_axe(page, "the viewer")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("dialog", name="second.png")).to_be_visible()
    expect(page.get_by_role("button", name="Next picture")).to_be_disabled()
    do_customer_receipt(conversation.id, state="read", seq=10_000)  # it changes the rows behind the viewer
    expect(page.locator("#log .msg.out .meta", has_text="read")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(page.locator("dialog.viewer")).to_have_count(0)
    expect(page.locator("#log a.photo").last).to_be_focused()


def test_links_offer_a_preview_only_to_who_wants_it_and_fetch_it_only_on_a_click(story: Story) -> None:
    story.talks()
    page = story.page
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        link = '<a class="preview" href="https://shop.example/a"><b>Rain jacket</b><small>shop.example</small></a>'
        route.fulfill(content_type="text/html", body=link)

    page.route("**/preview/", answer)
    story.writes("Is it https://shop.example/a ?")
    expect(page.locator("#log a[href='https://shop.example/a']")).to_have_count(1)
    expect(page.locator("[data-preview]")).to_have_count(0)
    page.locator("#composer-options").click()
    page.get_by_label("Offer previews of links").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Preview of shop.example")).to_be_visible()
    assert asked == []
    page.get_by_role("button", name="Preview of shop.example").click()
    expect(page.get_by_role("link", name="Rain jacket")).to_be_focused()
    assert len(asked) == 1
    check_axe(page, "a preview")
