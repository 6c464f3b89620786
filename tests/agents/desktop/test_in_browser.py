"""The desk's scripts in Chromium, against the whole product: cuts, gaps, drafts, keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from channels_app.actions.outbound import do_customer_receipt, do_note, do_reply
from channels_app.models import Conversation, Message
from contactcenter.kernel import clock, live
from routing.models import Assignment
from tests.e2e.people import Agent
from tests.e2e.story import Story
from tests.product import Product, eventually


def test_an_offer_is_accepted_by_its_key_and_the_composer_is_ready(story: Story) -> None:
    story.ana.go_on_queue()
    conversation = story.writes("Hello").conversation
    expect(story.ana.offer).to_be_visible()
    story.page.keyboard.press("a")
    expect(story.page.locator("#composer-text")).to_be_focused()
    assert story.page.url.endswith(f"/desk/conversations/{conversation.id}/")
    assert Assignment.objects.get().agent == story.ana.user


def test_the_key_is_a_letter_while_one_writes(story: Story) -> None:
    story.talks()
    story.writes("Me too", who="marta")
    expect(story.ana.offer).to_be_visible()
    story.page.locator("#composer-text").press_sequentially("a banana")
    expect(story.page.locator("#composer-text")).to_have_value("a banana")
    expect(story.ana.offer).to_be_visible()


def test_a_reply_survives_a_cut_and_arrives_once(story: Story) -> None:
    conversation = story.talks()
    tries: list[str] = []

    def lost(route: Route) -> None:
        """The first answer is lost after the server has stored it, the second try never arrives."""
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            route.fetch()
        route.abort() if len(tries) < 3 else route.continue_()

    story.page.route("**/reply/", lost)
    story.page.locator("#composer-text").fill("Could you send a photo?")
    story.page.keyboard.press("Enter")
    expect(story.page.locator("#composer-text")).to_have_value("")
    story.ana.sees("Could you send a photo?")
    eventually(lambda: story.page.evaluate(f"localStorage['outbox:{story.ana.user.id}']") == "[]", seconds=20)
    story.ana.sees("Could you send a photo?")
    assert conversation.messages.filter(text="Could you send a photo?").count() == 1
    assert len({one.partition("&")[0] for one in tries}) == 1, "the same id each time"


def test_a_message_that_wasnt_sent_when_the_page_closed_is_sent_by_the_next(story: Story) -> None:
    conversation = story.talks()
    story.page.route("**/reply/", lambda route: route.abort())
    story.page.locator("#composer-text").fill("I'm looking into it")
    story.page.keyboard.press("Enter")
    expect(story.page.locator(".pending")).to_contain_text("waiting for the connection")
    story.page.unroute("**/reply/")
    story.page.reload()
    story.ana.sees("I'm looking into it")
    eventually(lambda: conversation.messages.filter(text="I'm looking into it").count() == 1)
    expect(story.page.locator(".pending")).to_have_count(0)


def test_what_is_refused_goes_back_into_the_composer_with_the_reason(story: Story) -> None:
    conversation = story.talks()
    refusal = {"status": 422, "content_type": "text/plain", "body": "The channel refuses this."}
    story.page.route("**/reply/", lambda route: route.fulfill(**refusal))
    story.page.locator("#composer-text").fill("Here you are")
    story.page.keyboard.press("Enter")
    expect(story.page.locator("#composer-error")).to_have_text("The channel refuses this.")
    expect(story.page.locator("#composer-text")).to_have_value("Here you are")
    expect(story.page.locator(".pending")).to_have_count(0)
    assert not conversation.messages.filter(text="Here you are").exists()


def test_a_draft_is_kept_with_its_conversation_and_its_mode(story: Story) -> None:
    conversation = story.talks()
    story.page.locator("#mode-note").click()
    story.page.locator("#composer-text").fill("Ask Sam about the 7 days")
    story.page.reload()
    expect(story.page.locator("#composer-text")).to_have_value("Ask Sam about the 7 days")
    expect(story.page.locator("#mode-note")).to_have_attribute("aria-selected", "true")
    story.page.keyboard.press("/")
    story.page.keyboard.press("Enter")
    expect(story.page.locator(".msg.note")).to_contain_text("Ask Sam about the 7 days")
    eventually(lambda: conversation.messages.filter(kind="note").count() == 1)


def test_a_lost_push_is_found_and_nothing_is_shown_twice(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = story.talks()
    with monkeypatch.context() as patch:
        patch.setattr(live, "publish", lambda *_: None)
        story.writes("This push is lost")
    story.writes("This one isn't the next")
    story.ana.sees("This push is lost")
    story.ana.sees("This one isn't the next")
    with monkeypatch.context() as patch:
        patch.setattr(live, "publish", lambda *_: None)
        do_note(conversation.id, author=story.ana.user, text="The last push is lost, and no other follows")
    story.ana.sees("The last push is lost, and no other follows")


def test_after_a_restart_of_the_server_the_desk_goes_on_where_it_was(story: Story, product: Product) -> None:
    story.talks()
    product.kill("web")
    expect(story.page.locator("#banner")).to_be_visible()
    story.writes("Are you still there?")
    story.page.locator("#composer-text").fill("Yes, I am")
    story.page.keyboard.press("Enter")
    expect(story.page.locator(".pending")).to_contain_text("Yes, I am")
    product.start("web")
    expect(story.page.locator("#banner")).to_be_hidden(timeout=40_000)
    story.ana.sees("Are you still there?")
    expect(story.page.locator(".pending")).to_have_count(0, timeout=20_000)
    assert Message.objects.filter(text="Yes, I am").count() == 1


def test_focus_caret_selection_and_scroll_stay_through_a_hundred_updates(story: Story) -> None:
    conversation = story.talks()
    for number in range(25):
        story.writes(f"Before {number}")
    story.ana.sees("Before 24")
    page, box, log = story.page, story.page.locator("#composer-text"), story.page.locator("#log")
    log.evaluate("node => { node.scrollTop = 300; }")
    box.fill("half a sentence")
    box.evaluate("node => node.setSelectionRange(4, 9)")
    seen = "() => [...document.querySelectorAll('#log .msg')].find(n => n.getBoundingClientRect().top > 80).innerText"
    before = page.evaluate(seen)
    for number in range(100):
        act = number % 4
        if act == 0:
            do_note(conversation.id, author=story.ana.user, text=f"Note {number}")
        elif act == 1:
            do_reply(conversation.id, author=story.ana.user, text=f"Reply {number}")
        elif act == 2:
            do_customer_receipt(conversation.id, state="delivered", seq=10_000)
        else:
            story.writes(f"Line {number}")
    story.ana.sees("Line 99")
    expect(box).to_be_focused()
    assert box.evaluate("node => [node.selectionStart, node.selectionEnd, node.value]") == [4, 9, "half a sentence"]
    assert page.evaluate(seen) == before, "what was on the screen stays there"
    expect(page.locator("#newest")).to_have_text("25 new messages")


def test_what_the_updates_show_is_what_a_fresh_load_shows(story: Story) -> None:
    story.talks()
    story.ana.answer("Could you send a photo?")
    expect(story.page.locator(".msg.out:not(.pending)")).to_have_count(1)
    story.writes("Here you are")
    story.ana.sees("Here you are")
    eventually(lambda: Conversation.objects.get().read_seq == Conversation.objects.get().last_seq)
    rows = "() => [...document.querySelectorAll('#log > :is(.msg, .sys, .mark):not(.pending)')].map(n => n.innerText)"
    kept = story.page.evaluate(rows)
    story.page.reload()
    expect(story.page.locator("#log")).to_be_visible()
    eventually(lambda: story.page.evaluate(rows) == kept)


def test_a_second_desk_of_the_same_agent_is_kept_equal(story: Story, browser: Browser, product: Product) -> None:
    conversation = story.talks()
    other = Agent(browser, product, story.ana.user)
    other.page.goto(story.page.url)
    story.ana.answer("Written on the first screen")
    other.sees("Written on the first screen")
    story.ana.end()
    expect(other.page.locator("#wrap-up")).to_be_visible()
    story.ana.wrap_up()
    expect(other.page.locator("#log")).to_have_count(0)
    other.leave()
    assert conversation.assignments.get().state == "done"


def test_work_is_parked_until_a_time_of_ones_own(story: Story) -> None:
    conversation = story.talks()
    page = story.page
    page.locator("#do-park").click()
    expect(page.locator("#park-at")).to_be_hidden()
    page.get_by_label("At a time that I choose").check()
    expect(page.locator("#park-at")).to_be_focused()
    page.locator("#park-at").fill("2001-01-01T10:00")
    page.locator("#sheet .btn.primary").click()
    expect(page.locator("#sheet .refusal")).to_have_text("Choose a time in the next 30 days.")
    tomorrow = page.evaluate("new Date(Date.now() + 86400000 - new Date().getTimezoneOffset() * 60000).toISOString()")
    page.locator("#park-at").fill(tomorrow[:16])
    page.locator("#sheet .btn.primary").click()
    expect(page.locator("#sheet")).to_be_hidden()
    work = Assignment.objects.get(conversation=conversation)
    assert work.resume_at is not None
    assert abs((work.resume_at - clock.now()).total_seconds() - 86400) < 120


def test_a_reload_shows_the_list_that_was_there_and_a_new_desk_ones_own_work(story: Story) -> None:
    page, waiting = story.page, story.page.locator("#tab-waiting")
    waiting.click()
    expect(waiting).to_have_attribute("aria-selected", "true")
    page.reload()
    expect(waiting).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("Nobody waits")).to_be_visible()
    other = story.ana.context.new_page()
    other.goto(page.url)
    expect(other.locator("#tab-mine")).to_have_attribute("aria-selected", "true")


def test_an_acceptance_is_heard_though_the_offers_are_drawn_anew_meanwhile(story: Story) -> None:
    """The list was asked for before the click, and its answer, with one more, comes before that of the click."""
    story.ana.go_on_queue()
    first = story.writes("Hello").conversation
    expect(story.ana.offer).to_be_visible()
    page = story.page
    lists: list[Route] = []
    clicks: list[Route] = []
    page.route("**/routing/offers/", lambda route: lists.append(route))  # noqa: PLW0108 a builtin can't be wrapped
    page.route("**/accept/", lambda route: clicks.append(route))  # noqa: PLW0108
    story.writes("Me too", who="marta")
    eventually(lambda: page.wait_for_timeout(50) or lists)
    story.ana.offer.get_by_role("button", name="Accept").click()
    eventually(lambda: page.wait_for_timeout(50) or clicks)
    page.unroute("**/routing/offers/")
    with page.expect_response("**/routing/offers/") as answer:
        lists[0].continue_()
    answer.value.finished()
    page.wait_for_timeout(200)
    clicks[0].continue_()
    expect(page.locator("#composer-text")).to_be_focused()
    assert page.url.endswith(f"{first.id}/")
    expect(story.ana.offer).to_have_count(1)
