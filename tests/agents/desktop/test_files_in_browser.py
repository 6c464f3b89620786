"""Files that agents drop, paste and choose, in Chromium: how far they are, and when the reply leaves."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import Page, Route, expect

from channels_app.models import Message
from tests.e2e.story import Story
from tests.product import eventually

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
GIVE = """([kind, place, name]) => {
  const bytes = Uint8Array.from(atob("BYTES"), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: "image/png" }));
  const once = { bubbles: true, cancelable: true };
  const event = kind === "paste" ? new ClipboardEvent("paste", { clipboardData: data, ...once })
    : new DragEvent(kind, { dataTransfer: data, ...once });
  document.querySelector(place).dispatchEvent(event);
}""".replace("BYTES", PIXEL)
LABEL = {"name": "label.txt", "mimeType": "text/plain", "buffer": b"Return label"}


def give(page: Page, kind: str, place: str, name: str) -> None:
    page.evaluate(GIVE, [kind, place, name])


def choose_label(page: Page) -> list[Route]:
    """Choose a file, and hold its upload: in the list, once the browser has begun it."""
    held: list[Route] = []
    page.route("**/channels/upload", lambda route: held.append(route))  # noqa: PLW0108 a builtin can't be wrapped
    page.locator("#composer-file").set_input_files(LABEL)
    return held


def begun(page: Page, held: list[Route]) -> Route:
    eventually(lambda: page.wait_for_timeout(50) or held)
    return held[0]


def send_too_early(page: Page) -> list[Route]:
    """Choose a file and send the reply while its upload is held."""
    held = choose_label(page)
    page.locator("#composer-text").fill("Here is your label")
    page.keyboard.press("Enter")
    return held


def test_files_are_dropped_and_pasted_and_go_out_together(story: Story) -> None:
    conversation = story.talks()
    page, files = story.page, story.page.locator("#composer-files li")
    give(page, "dragover", "#log", "hover.png")
    expect(page.locator("#composer.dropping")).to_have_count(1)
    give(page, "drop", "#log", "dropped.png")
    expect(page.locator("#composer.dropping")).to_have_count(0)
    give(page, "paste", "#composer-text", "pasted.png")
    expect(files).to_have_count(2)
    expect(page.locator("#composer-files .busy")).to_have_count(0)
    expect(files.first).to_contain_text(str(len(base64.b64decode(PIXEL))))
    page.locator("#composer-text").fill("Both sides")
    page.keyboard.press("Enter")
    expect(page.locator(".msg.out img")).to_have_count(2)
    sent = Message.objects.get(conversation=conversation, author=story.ana.user)
    assert (sent.text, [item["filename"] for item in sent.content]) == ("Both sides", ["dropped.png", "pasted.png"])


def test_a_note_takes_no_files_and_text_is_pasted_as_text(story: Story) -> None:
    story.talks()
    page = story.page
    page.locator("#mode-note").click()
    give(page, "drop", "#log", "dropped.png")
    give(page, "paste", "#composer-text", "pasted.png")
    expect(page.locator("#composer-files li")).to_have_count(0)
    page.locator("#mode-reply").click()
    page.evaluate("""() => {
      const data = new DataTransfer();
      data.setData("text/plain", "order 48213");
      document.getElementById("composer-text").dispatchEvent(new ClipboardEvent("paste", { clipboardData: data }));
    }""")
    expect(page.locator("#composer-files li")).to_have_count(0)


def test_one_sees_how_far_a_file_is_and_can_take_it_away(story: Story) -> None:
    story.talks()
    page = story.page
    held = choose_label(page)
    expect(page.locator("#composer-files .busy")).to_contain_text("%")
    begun(page, held)
    page.get_by_role("button", name="Remove label.txt").click()
    expect(page.locator("#composer-files li")).to_have_count(0)
    expect(page.locator("#composer-text")).to_be_focused()


def test_a_reply_that_is_sent_too_early_leaves_when_its_file_is_there(story: Story) -> None:
    conversation = story.talks()
    page = story.page
    held = send_too_early(page)
    expect(page.locator("#composer-error")).to_contain_text("The reply leaves when it is there.")
    begun(page, held).continue_()
    expect(page.locator(".msg.out .file")).to_contain_text("label.txt")
    expect(page.locator("#composer-error")).to_be_hidden()
    assert Message.objects.filter(conversation=conversation, author=story.ana.user).count() == 1


@pytest.mark.parametrize("why", ["they write on", "the file is refused"])
def test_it_doesnt_leave_by_itself_if(story: Story, why: str) -> None:
    conversation = story.talks()
    page = story.page
    upload = begun(page, send_too_early(page))
    if why == "they write on":
        page.keyboard.type(", Jonas")
        upload.continue_()
        expect(page.locator("#composer-files")).to_contain_text("byte")
    else:
        upload.fulfill(status=422, content_type="application/json", body='{"errorMessage": "No such files here."}')
        expect(page.locator("#composer-error")).to_contain_text("No such files here.")
    expect(page.locator("#composer-text")).to_have_value(
        "Here is your label, Jonas" if why == "they write on" else "Here is your label"
    )
    assert not Message.objects.filter(conversation=conversation, author=story.ana.user).exists()
