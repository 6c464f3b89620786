"""The panels beside the thread in Chromium: what is asked for too early or answered too late isn't what stays."""

from __future__ import annotations

from playwright.sync_api import Route, WebSocketRoute, expect

from routing.actions.availability import do_go_off_queue
from tests.e2e.story import Story
from tests.product import eventually

TURN = 50  # ms in which Chromium's events reach the test


def test_what_changes_between_the_page_and_its_socket_is_shown(story: Story) -> None:
    story.ana.go_on_queue()
    page, lines = story.page, list[WebSocketRoute]()
    page.route_web_socket("**/ws/**", lambda line: lines.append(line))  # noqa: PLW0108 a builtin can't be wrapped
    page.reload()
    presence = page.locator("#presence")
    expect(presence).to_contain_text("On queue")
    eventually(lambda: page.wait_for_timeout(TURN) or lines)
    do_go_off_queue(story.ana.user.id)
    expect(presence).to_contain_text("On queue")  # nobody told it so far
    lines[0].connect_to_server()
    expect(presence).not_to_contain_text("On queue")
    expect(page.get_by_role("button", name="Go on queue")).to_be_visible()


def test_a_list_that_was_asked_for_before_another_tab_was_chosen_doesnt_replace_it(story: Story) -> None:
    story.talks()
    page, lists = story.page, list[Route]()
    page.route("**/routing/work/?tab=mine*", lambda route: lists.append(route))  # noqa: PLW0108
    story.writes("Are you there?")
    eventually(lambda: page.wait_for_timeout(TURN) or lists)
    page.locator("#tab-waiting").click()
    expect(page.get_by_text("Nobody waits")).to_be_visible()
    with page.expect_response("**/routing/work/?tab=mine*") as answer:
        lists[0].continue_()
    answer.value.finished()
    with page.expect_response("**/routing/work/?tab=waiting*"):
        pass  # asked for once more instead
    expect(page.locator("#tab-waiting")).to_have_attribute("aria-selected", "true")
    page.unroute_all()
    page.locator("#tab-mine").click()
    expect(page.locator("#tab-mine")).to_have_attribute("aria-selected", "true")
