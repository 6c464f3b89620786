"""Mentions and who else is here, at two desks in Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from agents.roles import Role, assign
from channels_app.models import Mention
from tests.e2e.messenger import check_axe
from tests.e2e.people import Agent
from tests.e2e.story import Story
from tests.product import Product, eventually


class Pair(Story):
    """Ana has the conversation, Ben sits at a desk of his own and serves no queue of it."""

    def __init__(self, browser: Browser, product: Product) -> None:
        super().__init__(browser, product)
        self.ben = Agent(browser, product, self.shop.agent("Ben", member=False))


@pytest.fixture
def pair(browser: Browser, product: Product) -> Iterator[Pair]:
    told = Pair(browser, product)
    yield told
    told.ana.leave()
    told.ben.leave()


def note(pair: Pair, text: str) -> None:
    pair.page.locator("#mode-note").click()
    pair.page.locator("#composer-text").press_sequentially(text)


def test_a_colleague_is_chosen_by_keyboard_hears_of_it_and_opens_the_conversation(pair: Pair) -> None:
    pair.talks()
    note(pair, "Is it paid, @be")
    expect(pair.page.get_by_role("option", name="Ben Example")).to_have_attribute("aria-selected", "true")
    check_axe(pair.page, "colleagues")
    pair.page.keyboard.press("Enter")
    expect(pair.page.locator("#composer-text")).to_have_value("Is it paid, @Ben Example ")
    expect(pair.page.locator("#mention-list")).to_be_hidden()
    pair.page.keyboard.press("Enter")
    expect(pair.page.locator(".msg.note:not(.pending) .mention")).to_have_text("@Ben Example")
    ben = pair.ben.page
    expect(ben.locator("#mentions-new")).to_have_text("1")
    expect(ben.locator("#toasts")).to_contain_text("Ana Example mentioned you.")
    ben.locator("#do-mentions").click()
    expect(ben.locator(".mentions")).to_contain_text("Is it paid, @Ben Example")
    check_axe(ben, "the list of mentions")
    ben.locator(".mentions a").click()
    expect(ben.locator(".msg.note .mention.me")).to_have_text("@Ben Example")
    expect(ben.locator("#mentions-new")).to_have_text("")
    assert Mention.objects.get().seen_at is not None
    expect(pair.page.locator("#here")).to_have_text("Ben Example is looking on")
    ben.locator("#composer-text").fill("Yes, since Monday")
    expect(pair.page.locator("#here")).to_have_text("Ben Example is writing a note")
    check_axe(pair.page, "somebody else is here")


def test_a_name_that_is_taken_out_again_mentions_nobody(pair: Pair) -> None:
    conversation = pair.talks()
    note(pair, "@be")
    pair.page.get_by_role("option", name="Ben Example").click()
    pair.page.locator("#composer-text").fill("Never mind")
    pair.page.keyboard.press("Enter")
    eventually(lambda: conversation.messages.filter(kind="note").count() == 1)
    assert not Mention.objects.exists()
    expect(pair.ben.page.locator("#mentions-new")).to_have_text("")


def test_in_a_reply_and_within_a_word_an_at_sign_is_one(pair: Pair) -> None:
    pair.talks()
    box = pair.page.locator("#composer-text")
    box.press_sequentially("@be")
    expect(pair.page.locator("#mention-list")).to_be_hidden()
    box.fill("")
    note(pair, "ben@shop.example")
    expect(pair.page.locator("#mention-list")).to_be_hidden()
    box.fill("")
    box.press_sequentially("@zebra")
    expect(pair.page.locator("#mention-list")).to_have_text("Nobody has this name.")
    pair.page.keyboard.press("Escape")
    expect(pair.page.locator("#mention-list")).to_be_hidden()
    expect(box).to_have_value("@zebra")


def test_a_watcher_shows_and_fades_and_the_owner_isnt_told_of_themselves(pair: Pair) -> None:
    conversation = pair.talks()
    expect(pair.page.locator("#here")).to_be_hidden()
    assign(pair.ben.user, [Role.SUPERVISOR])
    pair.ben.page.goto(f"{pair.ben.product.url}/desk/conversations/{conversation.id}/")
    expect(pair.page.locator("#here")).to_have_text("Ben Example is looking on")
    expect(pair.ben.page.locator("#here")).to_be_hidden()
    pair.page.locator("#composer-text").press_sequentially("Dear")
    expect(pair.ben.page.locator("#here")).to_have_text("Ana Example is writing a reply")
    expect(pair.ben.page.locator("#here")).to_be_hidden()
