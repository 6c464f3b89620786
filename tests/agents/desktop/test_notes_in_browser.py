"""An agent corrects their own note."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.messenger import check_axe
from tests.e2e.story import Story


def test_a_note_is_changed_in_a_dialog_that_keeps_what_cant_be_saved(story: Story) -> None:
    story.talks()
    page = story.page
    page.locator("#mode-note").click()
    story.ana.answer("She is wrong")
    note = page.locator(".msg.note")
    expect(note).to_contain_text("She is wrong")
    note.get_by_role("button", name="Edit").click()
    field = page.get_by_role("textbox", name="Note", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value("She is wrong")
    check_axe(page, "a note being changed")
    field.fill("a" * 20_001)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".refusal")).to_contain_text("20000 are possible")
    expect(field).to_have_value("a" * 20_001)
    field.fill("She is right")
    page.get_by_role("button", name="Save").click()
    expect(field).to_have_count(0)
    expect(note).to_contain_text("She is right")
    expect(note).to_contain_text("edited")
    expect(note).to_have_count(1)
    expect(note.get_by_role("button", name="Edit")).to_be_focused()  # as after any dialog: what opened it


def test_a_colleagues_note_has_no_button_to_change_it(story: Story) -> None:
    conversation = story.talks()
    ben = story.shop.agent("Ben")
    story.notes(conversation, ben, "Ask the workshop")
    note = story.page.locator(".msg.note")
    expect(note).to_contain_text("Ask the workshop")
    expect(note.get_by_role("button", name="Edit")).to_be_hidden()
