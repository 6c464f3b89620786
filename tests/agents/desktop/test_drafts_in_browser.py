"""What is written and not sent, and what was sent and failed, in Chromium."""

from __future__ import annotations

from playwright.sync_api import expect

from channels_app.models import Delivery
from contactcenter.kernel import clock
from tests.e2e.story import Story
from tests.product import eventually


def test_each_conversation_keeps_its_own_draft_until_it_is_sent(story: Story) -> None:
    first = story.talks()
    second = story.writes("Me too", who="marta").conversation
    story.ana.accept()
    story.ana.sees("Me too")
    box = story.page.locator("#composer-text")
    drafts = story.page.locator(".chip.draft:visible")
    expect(drafts).to_have_count(0)
    box.fill("For Marta")
    story.page.locator(f"#open-{first.id}").click()
    story.ana.sees("Hello, my zip is broken")
    expect(box).to_have_value("")
    box.fill("For Jonas")
    expect(drafts).to_have_count(2)
    story.page.reload()
    expect(drafts).to_have_count(2)
    expect(box).to_have_value("For Jonas")
    story.page.locator(f"#open-{second.id}").click()
    expect(box).to_have_value("For Marta")
    box.press("Enter")
    story.ana.sees("For Marta")
    expect(drafts).to_have_count(1)
    story.page.reload()
    expect(story.page.locator(f"#line-{first.id} .draft")).to_be_visible()
    expect(box).to_have_value("")
    assert [one.text for one in second.messages.filter(direction="outbound")] == ["For Marta"]
    assert not first.messages.filter(direction="outbound", kind="text").exists(), "a draft isn't sent by itself"


def test_a_failed_message_is_sent_again_with_one_click(story: Story) -> None:
    conversation = story.talks()
    story.ana.answer("Your label is here")
    eventually(lambda: Delivery.objects.filter(conversation=conversation).exists())
    Delivery.objects.update(state="failed", error="The customer can't be reached.", failed_at=clock.now())
    story.page.reload()
    failed = story.page.locator(".msg.failed")
    expect(failed).to_contain_text("Not delivered: The customer can't be reached.")
    failed.get_by_role("button", name="Send again").click()
    expect(failed).to_have_count(0)
    eventually(lambda: Delivery.objects.get().state != "failed")
    assert conversation.messages.filter(text="Your label is here").count() == 1


def test_a_file_stays_with_the_conversation_for_which_it_was_chosen(story: Story) -> None:
    first = story.talks()
    second = story.writes("Me too", who="marta").conversation
    page = story.page
    file = {"name": "label.txt", "mimeType": "text/plain", "buffer": b"hello"}
    page.locator("#composer-file").set_input_files(file)
    expect(page.locator("#composer-files .file:not(.busy)")).to_contain_text("label.txt")
    story.ana.accept()
    story.ana.sees("Me too")
    expect(page.locator("#composer-files .file")).to_have_count(0)
    story.ana.answer("For Marta, without a file")
    story.ana.sees("For Marta, without a file")
    page.reload()
    page.locator(f"#open-{first.id}").click()
    expect(page.locator("#composer-files .file")).to_contain_text("label.txt")
    page.locator("#mode-note").click()
    expect(page.locator("#composer-files")).to_be_hidden()
    story.ana.answer("A note takes no file")
    expect(page.locator(".msg.note:not(.pending)")).to_contain_text("A note takes no file")
    page.locator("#mode-reply").click()
    story.ana.answer("Your label")
    eventually(lambda: first.messages.filter(content__0__filename="label.txt").count() == 1)
    assert not second.messages.exclude(kind="system").exclude(content=[]).exists()


def test_the_limit_is_named_before_it_is_reached_and_nothing_longer_is_sent(story: Story) -> None:
    conversation = story.talks()
    box, count = story.page.locator("#composer-text"), story.page.locator("#composer-count")
    limit = int(story.page.locator("#composer").get_attribute("data-limit") or 0)
    box.fill("x" * (limit // 2))
    expect(count).to_be_hidden()
    box.fill("x" * (limit - 10))
    expect(count).to_have_text(f"{limit - 10} of {limit}")
    box.fill("x" * (limit + 1))
    box.press("Enter")
    expect(story.page.locator("#composer-error")).to_contain_text(f"{limit} are possible here")
    expect(box).to_have_value("x" * (limit + 1))
    assert not conversation.messages.filter(author_kind="agent", kind="text").exists()
