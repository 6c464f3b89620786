"""What calls an agent who looks elsewhere, in Chromium: sounds and notifications, and what they choose of them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from channels_app.models import Conversation
from tests.e2e.messenger import check_axe
from tests.e2e.story import Story
from tests.product import eventually

# What a loudspeaker and a desktop would get.
SPIES = """
window.sounds = 0;
window.notes = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...args) { window.sounds += 1; return start.apply(this, args); };
let answer = "default";
window.Notification = class {
  static get permission() { return answer; }
  static async requestPermission() { return (answer = window.asked ?? "granted"); }
  constructor(title, options) { window.notes.push({ title, ...options, click: () => this.onclick() }); }
  close() {}
};
document.hasFocus = () => !window.elsewhere;
"""
TWO_NOTES = 2
PAUSE = 1_600  # ms: several messages in a row sound once
AGAIN = 5_500  # ms: longer than the pause between two sounds for an offer


@pytest.fixture
def story(story: Story) -> Story:
    story.page.add_init_script(SPIES)
    story.page.clock.install()  # it goes on by itself; a test that waits for the page's timers moves it
    story.page.reload()
    story.page.locator("body").click()  # a browser sounds only after a click
    return story


def sounds(story: Story) -> int:
    return int(story.page.evaluate("window.sounds"))


def notes(story: Story) -> list[Any]:
    return list(story.page.evaluate("window.notes.map(({ title, body }) => [title, body])"))


def settings(story: Story) -> None:
    story.page.locator("#me-menu").evaluate("menu => menu.showPopover()")
    story.page.locator("#do-alerts").click()
    expect(story.page.locator("#sheet-title")).to_have_text("Sound and notifications")


def test_an_offer_sounds_until_it_is_answered(story: Story) -> None:
    story.ana.go_on_queue()
    assert sounds(story) == 0
    story.writes("Hello")
    expect(story.ana.offer).to_be_visible()
    eventually(lambda: sounds(story) == TWO_NOTES)
    story.page.clock.fast_forward(AGAIN)
    eventually(lambda: sounds(story) >= 2 * TWO_NOTES)
    story.ana.accept()
    heard = sounds(story)
    story.page.clock.fast_forward(AGAIN)
    assert sounds(story) == heard


def test_a_message_sounds_where_nobody_reads_it_and_not_where_one_does(story: Story) -> None:
    conversation = story.talks()
    heard = sounds(story)
    story.writes("Are you there?")
    story.ana.sees("Are you there?")
    assert sounds(story) == heard, "it is on the screen"
    story.page.clock.fast_forward(PAUSE)
    story.page.evaluate("window.elsewhere = true")
    story.writes("Hello?")
    eventually(lambda: sounds(story) == heard + TWO_NOTES)
    story.page.evaluate("window.elsewhere = false")
    story.page.locator(f"#line-{conversation.id}").wait_for()
    story.page.evaluate("history.pushState({}, '', '/desk/'); dispatchEvent(new PopStateEvent('popstate'))")
    story.page.clock.fast_forward(PAUSE)
    story.writes("Anybody?")
    eventually(lambda: sounds(story) == heard + 2 * TWO_NOTES)


def test_notifications_are_asked_for_told_only_elsewhere_and_lead_back(story: Story) -> None:
    conversation = story.talks()
    settings(story)
    check_axe(story.page, "sound and notifications")
    story.page.get_by_label("Notifications while the desk isn't in front").check()
    story.page.get_by_role("button", name="Done").click()
    story.writes("I read this")
    story.ana.sees("I read this")
    assert notes(story) == []
    story.page.evaluate("window.elsewhere = true")
    story.writes("Me too", who="marta")
    eventually(lambda: len(notes(story)) == 1)
    story.writes("Where is it?")
    eventually(lambda: len(notes(story)) == 2)
    (offer, where), said = notes(story)
    assert (offer, "Returns" in where, said) == ("Marta waits for you", True, ["Jonas", "Where is it?"])
    story.page.goto(f"{story.ana.product.url}/desk/")
    story.page.evaluate("window.elsewhere = true")
    expect(story.page.locator(f"#line-{conversation.id}")).to_be_visible()
    story.page.evaluate("Notification.requestPermission()")
    story.writes("Please")
    eventually(lambda: ["Jonas", "Please"] in notes(story))
    story.page.evaluate("window.notes.at(-1).click()")
    expect(story.page).to_have_url(f"{story.ana.product.url}/desk/conversations/{conversation.id}/")


def test_what_was_switched_off_stays_off(story: Story) -> None:
    settings(story)
    story.page.get_by_label("A sound for offers").uncheck()
    story.page.get_by_label("Volume").fill("80")
    story.page.evaluate("window.asked = 'denied'")
    story.page.get_by_label("Notifications while the desk isn't in front").click()
    expect(story.page.get_by_text("This browser doesn't allow them.")).to_be_visible()
    expect(story.page.get_by_label("Notifications while the desk isn't in front")).not_to_be_checked()
    story.page.get_by_role("button", name="Try it").click()
    assert sounds(story) == TWO_NOTES
    story.page.reload()
    story.page.locator("body").click()
    settings(story)
    expect(story.page.get_by_label("A sound for offers")).not_to_be_checked()
    expect(story.page.get_by_label("Volume")).to_have_value("80")
    story.page.get_by_role("button", name="Done").click()
    story.ana.go_on_queue()
    story.writes("Hello")
    expect(story.ana.offer).to_be_visible()
    story.page.clock.fast_forward(AGAIN)
    assert (sounds(story), notes(story)) == (0, [])


def test_of_two_desks_of_one_person_one_sounds(story: Story) -> None:
    other = story.ana.context.new_page()
    other.add_init_script(SPIES)
    other.goto(story.page.url)
    other.locator("body").click()
    story.ana.go_on_queue()
    story.writes("Hello")
    expect(other.locator(".offer")).to_be_visible()
    eventually(lambda: sounds(story) + int(other.evaluate("window.sounds")) > 0)
    assert 0 in (sounds(story), int(other.evaluate("window.sounds")))


def test_what_was_said_before_the_desk_was_connected_calls_all_the_same_and_once(story: Story) -> None:
    conversation = story.talks()
    page, lines = story.page, list[WebSocketRoute]()
    page.goto(f"{story.ana.product.url}/desk/")
    page.route_web_socket("**/ws/**", lambda line: lines.append(line))  # noqa: PLW0108 a builtin can't be wrapped
    page.reload()
    page.locator("body").click()
    page.evaluate("window.elsewhere = true; Notification.requestPermission()")
    page.evaluate("localStorage.setItem('alerts:' + document.body.dataset.user, JSON.stringify({ notify: true }))")
    expect(page.locator(f"#line-{conversation.id}")).to_be_visible()
    said = story.writes("Are you there?")
    assert (notes(story), sounds(story)) == ([], 0)
    lines[0].connect_to_server()
    eventually(lambda: notes(story) == [["Jonas", "Are you there?"]])
    assert sounds(story) == TWO_NOTES
    eventually(lambda: Conversation.objects.get(id=conversation.id).delivered_seq == said.seq)
    story.writes("Hello?")
    eventually(lambda: notes(story)[1:] == [["Jonas", "Hello?"]])
