"""Nothing lost, doubled or out of order: reloads, browser restarts, tabs, cuts, expiry, the server's own restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, WebSocketRoute, expect

from channels_app.messenger.actions.deployments import do_configure_deployment
from channels_app.models import Message
from tests.browser import CHROMIUM
from tests.e2e.messenger import Company, Messenger, check_axe, stored
from tests.e2e.people import Shop
from tests.product import Product, eventually


def test_two_tabs_stay_in_step_through_a_long_cut_a_short_one_and_a_restart_of_the_server(
    browser: Browser, context: BrowserContext, product: Product, shop: Shop, company: Company
) -> None:
    far = browser.new_context(locale="en-GB")
    other = Messenger(far, product, shop).ready()
    other.sends("far 1")
    apart = company.conversation
    far.set_offline(True)
    cut_at = time.monotonic()
    other.say("far 2, in a long cut")
    expect(other.page.get_by_text("You’re offline.")).to_be_visible()
    expect(other.log.get_by_text("Waiting to send").last).to_be_visible()
    check_axe(other.page, "offline, with a message that waits")

    first, second = Messenger(context, product, shop).ready(), Messenger(context, product, shop).ready()
    for number in range(1, 4):
        first.say(f"first {number}")
        second.say(f"second {number}")
    eventually(lambda: len(stored()) == 7)
    company.says("Ana answers both tabs")
    for tab in (first, second):
        tab.sees("first 3", "second 3", "Ana answers both tabs")
    eventually(lambda: first.texts() == second.texts())

    context.set_offline(True)  # the short cut
    first.say("first, in a short cut")
    second.say("second, in a short cut")
    company.says("Ana, while they are gone")
    context.set_offline(False)
    for tab in (first, second):
        tab.sees("first, in a short cut", "second, in a short cut", "Ana, while they are gone")

    product.kill("web")
    first.say("first, without a server")
    second.say("second, without a server")
    company.says("Ana, over a server that is gone")
    product.start("web")
    product.ready()
    for tab in (first, second):
        tab.sees("first, without a server", "second, without a server", "Ana, over a server that is gone")

    time.sleep(max(0.0, 30 - (time.monotonic() - cut_at)))  # the long cut is a cut of thirty seconds
    far.set_offline(False)
    other.sees("far 1", "far 2, in a long cut")
    expect(other.log.get_by_text("Waiting to send")).to_have_count(0)

    mine = Message.objects.public().exclude(kind="system").exclude(conversation=apart).order_by("created_at")
    said = list(mine.values_list("text", flat=True))
    assert len(said) == len(set(said)) == 13
    firsts = [f"first {number}" for number in (1, 2, 3)]
    assert [one for one in said if one.startswith("first")] == [
        *firsts, "first, in a short cut", "first, without a server"
    ]  # fmt: skip
    for tab in (first, second):
        tab.page.reload()
        tab.sees("Ana, over a server that is gone")
        assert tab.texts() == said
        tab.leave()
    other.leave()
    far.close()


def test_a_browser_that_is_closed_offline_sends_what_was_written_when_it_is_back(
    browser: Browser, product: Product, shop: Shop, company: Company, tmp_path: Path
) -> None:
    def opened() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], locale="en-GB"
        )

    context = opened()
    before = Messenger(context, product, shop).ready()
    before.sends("before")
    company.says("Welcome")
    before.sees("Welcome")
    context.set_offline(True)
    before.say("written offline")
    before.box.fill("a draft")
    expect(before.log.get_by_text("Waiting to send")).to_be_visible()
    eventually(lambda: before.page.evaluate("Object.keys(localStorage).some((key) => key.endsWith('.draft'))"))
    context.close()

    context = opened()
    after = Messenger(context, product, shop)
    after.sees("before", "Welcome", "written offline")
    expect(after.box).to_have_value("a draft")
    eventually(lambda: stored() == ["before", "Welcome", "written offline"])
    assert after.texts() == ["before", "Welcome", "written offline"]
    after.leave()
    context.close()


def test_an_expired_session_says_so_and_what_was_unsent_goes_into_a_new_one(
    context: BrowserContext, product: Product, shop: Shop, messenger: Messenger
) -> None:
    messenger.sends("before")
    context.set_offline(True)
    messenger.say("written too late")
    product.travel(shop.deployment.session_duration + timedelta(minutes=5))
    context.set_offline(False)
    expect(messenger.page.get_by_text("This conversation has expired.")).to_be_visible()
    expect(messenger.box).to_be_hidden()
    check_axe(messenger.page, "expired")
    messenger.page.get_by_role("button", name="Start a new conversation").click()
    messenger.sees("written too late")
    eventually(lambda: stored() == ["before", "written too late"])
    assert messenger.texts() == ["written too late"], "the old session's messages aren't shown in the new one"


def test_a_read_only_end_leaves_a_way_on(context: BrowserContext, product: Product, shop: Shop) -> None:
    do_configure_deployment(shop.deployment.id, content={"conversation_disconnect": "read_only"})
    messenger = Messenger(context, product, shop).ready()
    twin = Messenger(context, product, shop).ready()
    messenger.sends("Hello")
    twin.sees("Hello")
    messenger.menu("End conversation")
    messenger.page.get_by_role("dialog").get_by_role("button", name="End conversation").click()
    for one in (messenger, twin):
        expect(one.page.get_by_text("This conversation has ended.")).to_be_visible()
        expect(one.box).to_be_hidden()
    check_axe(messenger.page, "read-only")
    messenger.page.reload()
    expect(messenger.page.get_by_text("This conversation has ended.")).to_be_visible()
    expect(messenger.page.get_by_role("button", name="Download transcript")).to_be_visible()
    messenger.page.get_by_role("button", name="Start a new conversation").click()
    for one in (messenger, twin):
        expect(one.box).to_be_visible()
    messenger.say("Once more")
    twin.sees("Once more")
    messenger.leave()
    twin.leave()


def test_a_tab_that_is_quicker_than_the_one_that_begins_anew_follows_it_all_the_same(
    context: BrowserContext, product: Product, shop: Shop
) -> None:
    """The first asks for a new conversation, slowly; the second must not stay with the ended one."""
    do_configure_deployment(shop.deployment.id, content={"conversation_disconnect": "read_only"})
    messenger = Messenger(context, product, shop).ready()
    twin = Messenger(context, product, shop).ready()
    messenger.sends("Hello")
    messenger.menu("End conversation")
    messenger.page.get_by_role("dialog").get_by_role("button", name="End conversation").click()
    expect(twin.page.get_by_text("This conversation has ended.")).to_be_visible()
    held: list[Callable[[], None]] = []

    def slow(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            send = partial(server.send, frame)
            held.append(send) if "startNew" in str(frame) else send()

        line.on_message(pass_on)

    messenger.page.route_web_socket("**/v1?*", slow)
    messenger.page.reload()
    messenger.page.get_by_role("button", name="Start a new conversation").click()
    eventually(lambda: messenger.page.evaluate("1") and held)
    twin.page.wait_for_timeout(1000)  # in which the other would have come, and found the ended one
    for send in held:
        send()
    for one in (messenger, twin):
        expect(one.box).to_be_visible()
    messenger.leave()
    twin.leave()
