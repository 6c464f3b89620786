"""Canned responses in the composer, by keyboard alone, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from routing.models import CannedResponse, ResponseLibrary
from tests.e2e.messenger import check_axe
from tests.e2e.story import Story


@pytest.fixture
def story(story: Story) -> Story:
    of = ResponseLibrary.objects.create(name="Returns")
    CannedResponse.objects.create(library=of, name="Greeting", text="Hello {{customer.name}}, I'm {{agent.name}}.")
    CannedResponse.objects.create(library=of, name="Label", text="The label is on its way.")
    return story


def test_a_slash_opens_the_list_and_enter_inserts_with_the_names_filled_in(story: Story) -> None:
    story.talks()
    box, search = story.page.locator("#composer-text"), story.page.get_by_role("combobox")
    box.focus()
    story.page.keyboard.press("/")
    expect(search).to_be_focused()
    expect(story.page.get_by_role("option")).to_have_count(2)
    story.page.keyboard.press("ArrowDown")
    expect(story.page.get_by_role("option", selected=True)).to_contain_text("Label")
    check_axe(story.page, "canned responses")
    named = story.page.get_by_role("option", selected=True).get_attribute("id")
    expect(search).to_have_attribute("aria-activedescendant", named or "")
    story.page.keyboard.type("gree")
    expect(story.page.get_by_role("option")).to_have_count(1)
    story.page.keyboard.press("Enter")
    expect(box).to_be_focused()
    expect(box).to_have_value("Hello Jonas, I'm Ana.")
    expect(search).to_be_hidden()
    assert story.page.evaluate("Object.keys(localStorage).some(key => key.startsWith('draft:'))"), (
        "kept as typed words are"
    )


def test_a_slash_within_a_word_and_in_a_note_is_a_slash(story: Story) -> None:
    story.talks()
    box = story.page.locator("#composer-text")
    box.press_sequentially("and/or")
    expect(box).to_have_value("and/or")
    story.page.locator("#mode-note").click()
    box.fill("")
    box.press_sequentially("/etc")
    expect(box).to_have_value("/etc")


def test_escape_writes_what_was_typed_and_nothing_fitting_says_so(story: Story) -> None:
    story.talks()
    box = story.page.locator("#composer-text")
    box.press_sequentially("see ")
    story.page.keyboard.press("/")
    expect(story.page.get_by_role("combobox")).to_be_focused()
    story.page.keyboard.type("zebra")
    expect(story.page.locator("#canned-list")).to_contain_text("Nothing fits")
    story.page.keyboard.press("Enter")
    expect(story.page.get_by_role("combobox")).to_be_focused()
    story.page.keyboard.press("Escape")
    expect(box).to_have_value("see /zebra")
    expect(box).to_be_focused()
