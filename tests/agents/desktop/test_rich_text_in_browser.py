"""Rich text at the desk: written with keys and a toolbar where the channel shows it, drawn as the customer sees it."""

from __future__ import annotations

from playwright.sync_api import expect

from channels_app.content.markdown import to_html
from channels_app.models import Channel
from tests import factories
from tests.channels_app.test_markdown import CASES
from tests.e2e.messenger import check_axe
from tests.e2e.story import Story
from tests.product import eventually


def test_the_server_draws_what_the_messenger_draws(story: Story) -> None:
    """Both halves of the Markdown, side by side; `normal` is how a browser writes the same nodes."""
    draw = """async ([text, html]) => {
      const base = document.querySelector('script[src$="desk/desk.js"]').src.replace("desk/desk.js", "");
      const {markdown} = await import(`${base}messenger/markdown.js`);
      const [drawn, normal] = [document.createElement("div"), document.createElement("div")];
      drawn.append(...markdown(text));
      normal.innerHTML = html;
      return [drawn.innerHTML, normal.innerHTML];
    }"""
    for text in (case["text"] for case in CASES):
        drawn, normal = story.page.evaluate(draw, [text, to_html(text)])
        assert drawn == normal, text


def test_keys_write_marks_and_the_thread_shows_what_the_customer_sees(story: Story) -> None:
    conversation = story.talks()
    page, box = story.page, story.page.locator("#composer-text")
    box.fill("Please print it")
    box.evaluate("node => node.setSelectionRange(7, 12)")
    page.keyboard.press("Control+b")
    expect(box).to_have_value("Please **print** it")
    page.keyboard.press("Control+b")
    expect(box).to_have_value("Please print it")
    page.keyboard.press("Control+i")
    expect(box).to_have_value("Please _print_ it")
    box.evaluate("node => node.setSelectionRange(15, 17)")
    page.keyboard.press("Control+k")
    page.keyboard.type("https://shop.example/label")
    expect(box).to_have_value("Please _print_ [it](https://shop.example/label)")
    check_axe(page, "composer with formatting")
    box.press("Enter")
    row = page.locator(".msg.out:not(.pending) .md")
    expect(row.locator("em")).to_have_text("print")
    expect(row.locator("a")).to_have_attribute("href", "https://shop.example/label")
    stored = conversation.messages.get(author_kind="agent", kind="text")
    assert stored.text == "Please _print_ [it](https://shop.example/label)"


def test_a_list_goes_on_with_the_next_line_until_an_empty_one(story: Story) -> None:
    story.talks()
    page, box = story.page, story.page.locator("#composer-text")
    box.focus()
    page.locator("[data-format=list]").click()
    page.keyboard.type("print")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("stick")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Done")
    expect(box).to_have_value("- print\n- stick\nDone")


def test_the_toolbar_is_one_stop_and_the_arrows_walk_in_it(story: Story) -> None:
    story.talks()
    page = story.page
    page.locator("[data-format=bold]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-format=italic]")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-format=list]")).to_be_focused()
    expect(page.locator("[data-format][tabindex='0'], [data-format]:not([tabindex])")).to_have_count(1)


def test_a_note_is_plain_and_so_is_a_channel_that_shows_no_marks(story: Story) -> None:
    story.talks()
    page, box = story.page, story.page.locator("#composer-text")
    page.locator("#mode-note").click()
    expect(page.locator(".format")).to_be_hidden()
    box.fill("**mine**")
    box.press("Control+b")
    expect(box).to_have_value("**mine**")
    box.press("Enter")
    expect(page.locator(".msg.note")).to_contain_text("**mine**")
    channel = Channel.objects.create(kind="fake", name="Text only")
    story.shop.route.__class__.objects.create(channel=channel, queue=story.shop.queue)
    plain = factories.said(channel, "marta", text="Hello from a phone").conversation
    story.ana.accept()
    story.ana.sees("Hello from a phone")
    expect(page.locator(".format")).to_have_count(0)
    story.ana.answer("**plain** here")
    story.ana.sees("**plain** here")
    eventually(lambda: plain.messages.filter(text="**plain** here").exists())
