"""A reply is held for a few seconds and can be taken back, in Chromium; nothing is lost and nothing doubled."""

from __future__ import annotations

from playwright.sync_api import expect

from channels_app.models import Conversation
from routing.models import Assignment
from tests.e2e.messenger import check_axe
from tests.e2e.story import Story
from tests.product import eventually


def hold(story: Story, seconds: int) -> None:
    """Ana chooses how long her replies are held."""
    story.page.locator("#composer-options").click()
    story.page.locator(f"#composer-menu [name=undo][value='{seconds}']").check()
    story.page.keyboard.press("Escape")
    expect(story.page.locator("#composer-menu")).to_be_hidden()


def replies(conversation: Conversation) -> list[str]:
    return list(conversation.messages.filter(author_kind="agent", kind="text").values_list("text", flat=True))


def test_a_reply_leaves_at_once_unless_one_chose_otherwise(story: Story) -> None:
    conversation = story.talks()
    story.ana.answer("At once")
    eventually(lambda: replies(conversation) == ["At once"], seconds=4)
    expect(story.page.locator("[data-undo]")).to_have_count(0)


def test_a_held_reply_comes_back_by_escape_and_is_never_sent(story: Story) -> None:
    conversation = story.talks()
    hold(story, 10)
    box = story.page.locator("#composer-text")
    box.fill("That was too quick")
    box.press("Enter")
    expect(story.page.locator(".pending")).to_contain_text("leaves in")
    expect(box).to_have_value("")
    check_axe(story.page, "a held reply")
    box.press("Escape")
    expect(box).to_have_value("That was too quick")
    expect(story.page.locator(".pending")).to_have_count(0)
    hold(story, 0)
    box.fill("This one is right")
    box.press("Enter")
    eventually(lambda: replies(conversation) == ["This one is right"])


def test_undo_brings_text_and_files_back_before_what_was_written_since(story: Story) -> None:
    conversation = story.talks()
    hold(story, 10)
    story.page.locator("#composer-file").set_input_files(
        {"name": "label.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    expect(story.page.locator("#composer-files .file:not(.busy)")).to_contain_text("label.txt")
    box = story.page.locator("#composer-text")
    box.fill("Your label")
    box.press("Enter")
    expect(story.page.locator("#composer-files .file")).to_have_count(0)
    box.fill("P.S. soon")
    story.page.get_by_role("button", name="Undo").click()
    expect(box).to_have_value("Your label\nP.S. soon")
    expect(story.page.locator("#composer-files .file")).to_contain_text("label.txt")
    hold(story, 0)
    box.press("Enter")
    eventually(lambda: conversation.messages.filter(content__0__type="attachment").count() == 1)


def test_a_held_reply_survives_a_reload_can_be_taken_back_then_and_else_leaves_by_itself(story: Story) -> None:
    conversation = story.talks()
    hold(story, 10)
    for text in ("First", "Second"):
        story.page.locator("#composer-text").fill(text)
        story.page.locator("#composer-text").press("Enter")
    story.page.reload()
    expect(story.page.locator(".pending")).to_have_count(2)
    story.page.locator(".pending", has_text="Second").get_by_role("button", name="Undo").click()
    expect(story.page.locator("#composer-text")).to_have_value("Second")
    assert replies(conversation) == []
    eventually(lambda: replies(conversation) == ["First"], seconds=20)
    expect(story.page.locator(".pending")).to_have_count(0)


def test_send_now_doesnt_wait(story: Story) -> None:
    conversation = story.talks()
    hold(story, 10)
    story.ana.answer("Now, please")
    story.page.get_by_role("button", name="Send now").click()
    eventually(lambda: replies(conversation) == ["Now, please"], seconds=4)
    expect(story.page.locator("#composer-text")).to_be_focused()


def test_ending_sends_what_is_held_first(story: Story) -> None:
    conversation = story.talks()
    hold(story, 10)
    story.ana.answer("Goodbye")
    story.ana.end()
    assert replies(conversation) == ["Goodbye"]
    assert Assignment.objects.get().state == "wrapup", "the message came before the end, and began nothing anew"


def test_a_note_isnt_held(story: Story) -> None:
    conversation = story.talks()
    hold(story, 10)
    story.page.locator("#mode-note").click()
    story.ana.answer("She is right")
    eventually(lambda: conversation.messages.filter(kind="note").count() == 1, seconds=4)
