"""The panels beside the thread in Chromium: what is asked for too early or answered too late isn't what stays."""

from __future__ import annotations

from playwright.sync_api import WebSocketRoute, expect

from routing.actions.availability import do_go_off_queue
from routing.actions.work import do_park
from tests.e2e.held import TURN, Held
from tests.e2e.messenger import check_axe
from tests.e2e.story import Story
from tests.product import eventually


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
    page = story.page
    late = Held(page, "**/routing/work/?tab=mine*")
    story.writes("Are you there?")
    late.wait()
    page.locator("#tab-waiting").click()
    expect(page.get_by_text("Nobody waits")).to_be_visible()
    with page.expect_response("**/routing/work/?tab=waiting*"):  # asked for once more instead
        late.let_go()
    expect(page.locator("#tab-waiting")).to_have_attribute("aria-selected", "true")
    page.locator("#tab-mine").click()
    expect(page.locator("#tab-mine")).to_have_attribute("aria-selected", "true")


def test_the_customers_panel_has_its_place_before_it_comes(story: Story) -> None:
    """Else what one is about to press moves away under the pointer."""
    story.ana.go_on_queue()
    page = story.page
    late = Held(page, "**/panel/")
    story.writes("Hello")
    story.ana.accept()
    end, panel = page.locator("#do-end"), page.get_by_role("complementary", name="Customer")
    expect(panel).to_contain_text("Loading")
    before = end.bounding_box()
    late.let_go()
    expect(panel.get_by_role("heading", name="Jonas")).to_be_visible()
    assert end.bounding_box() == before
    page.locator("[data-close-thread]").evaluate("link => link.click()")
    expect(panel).to_be_hidden()


def test_a_panel_that_cant_be_loaded_says_so_and_is_loaded_again(story: Story) -> None:
    conversation = story.talks()
    page, panel = story.page, story.page.get_by_role("complementary", name="Customer")
    expect(panel.get_by_role("heading", name="Jonas")).to_be_visible()
    page.route("**/panel/", lambda route: route.abort())
    page.reload()
    expect(panel.get_by_role("alert")).to_contain_text("couldn’t be loaded")
    check_axe(page, "no panel")
    page.unroute("**/panel/")
    panel.get_by_role("button", name="Load it again").click()
    expect(panel.get_by_role("heading", name="Jonas")).to_be_visible()
    assert page.url.endswith(f"{conversation.id}/")


def test_a_dialog_that_is_being_fetched_doesnt_keep_the_thread_from_its_new_state(story: Story) -> None:
    conversation = story.talks()
    page = story.page
    late = Held(page, "**/transfer/targets/")
    page.locator("#do-transfer").click()
    late.wait()
    with page.expect_response("**/routing/status/"):  # the push of it has come
        do_park(conversation.id, story.ana.user, on_reply=True)
    expect(page.locator("#do-park")).to_be_visible()
    late.let_go()
    expect(page.locator("#do-resume")).to_be_visible()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_of_two_threads_that_were_opened_the_later_stays(story: Story) -> None:
    first, second = story.talks(), story.writes("Me too", who="marta").conversation
    story.ana.accept()
    page = story.page
    expect(page.locator("#thread-title")).to_have_text("Marta")
    late = Held(page, f"**/conversations/{first.id}/")
    page.locator(f"#line-{first.id} a").first.click()
    late.wait()
    with page.expect_response(f"**/conversations/{second.id}/") as later:
        page.locator(f"#line-{second.id} a").first.click()
    later.value.finished()
    late.let_go()
    expect(page.locator("#thread-title")).to_have_text("Marta")
    assert page.url.endswith(f"{second.id}/")
