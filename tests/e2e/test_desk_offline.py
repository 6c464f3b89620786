"""A desk whose server isn't there: it says so, keeps what is written, and passes axe meanwhile."""

from __future__ import annotations

from playwright.sync_api import WebSocketRoute, expect

from channels_app.models import Message
from tests.e2e.story import Story
from tests.e2e.test_full_lists import german, look_at
from tests.product import Product, eventually

BACK = 30_000  # ms: it asks again after at most some seconds, and the server takes some to start


def test_a_desk_without_a_server_says_so_keeps_what_is_written_and_passes_axe(story: Story, product: Product) -> None:
    page = story.page
    story.talks()
    german(story.ana.user)
    page.reload()
    expect(page.locator("#composer")).to_be_visible()
    look_at(page, "a thread")
    product.kill("web")
    expect(page.locator("#banner")).to_be_visible(timeout=BACK)
    page.set_viewport_size({"width": 1440, "height": 900})
    story.ana.answer("Written without a connection")
    expect(page.locator(".msg.pending")).to_have_count(1)
    page.locator("#composer-text").fill("and a draft that goes on")
    look_at(page, "offline, with a message that waits")

    product.start("web")
    product.ready()
    expect(page.locator("#banner")).to_be_hidden(timeout=BACK)
    expect(page.locator(".msg.pending")).to_have_count(0)
    assert eventually(lambda: Message.objects.filter(text="Written without a connection").count() == 1)
    expect(page.locator("#composer-text")).to_have_value("and a draft that goes on")
    look_at(page, "back again")


def test_a_connection_on_which_the_server_never_speaks_is_given_up_and_tried_again(story: Story) -> None:
    """So it is with a server that was killed between the kernel's accepting and its own: no close comes."""
    page, tries = story.page, []

    def first_hangs(line: WebSocketRoute) -> None:
        tries.append(line)
        if len(tries) > 1:
            line.connect_to_server()

    page.route_web_socket("**/ws/**", first_hangs)
    page.clock.install()
    page.reload()
    eventually(lambda: page.evaluate("1") and tries)
    page.clock.fast_forward(9_000)
    expect(page.locator("#banner")).to_be_hidden()
    page.clock.fast_forward(1_500)
    expect(page.locator("#banner")).to_be_visible()
    page.clock.fast_forward(1_000)
    expect(page.locator("#banner")).to_be_hidden()
    story.ana.go_on_queue()
    story.writes("Is anybody there?")
    expect(story.ana.offer).to_be_visible()
    assert len(tries) == 2
