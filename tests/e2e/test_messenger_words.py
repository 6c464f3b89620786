"""Words and their directions: text made safe, German, right-to-left, banners, titles, and what a host page may do."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, ViewportSize, expect

from channels_app.messenger.models import GuestSession
from channels_app.models import Conversation, Message
from tests.e2e.messenger import Company, Messenger, check_axe
from tests.e2e.people import Shop
from tests.product import Product, eventually

MARKDOWN = {
    "**bold** and __bold__": "<p><strong>bold</strong> and <strong>bold</strong></p>",
    "*slanted* but 2*3*4": "<p><em>slanted</em> but 2<em>3</em>4</p>",
    "snake_case_name stays": "<p>snake_case_name stays</p>",
    "- one\n- two\n\n1. three": '<ul><li>one</li><li>two</li></ul><ol start="1"><li>three</li></ol>',
    "`**code**`": "<p><code>**code**</code></p>",
    "```\n<b>raw</b>\n```": '<pre tabindex="0"><code>&lt;b&gt;raw&lt;/b&gt;</code></pre>',
    "> said\n> before": "<blockquote><p>said\nbefore</p></blockquote>",
    "[click](javascript:alert(1))": "<p>[click](javascript:alert(1))</p>",
    "<img src=x onerror=alert(1)>": "<p>&lt;img src=x onerror=alert(1)&gt;</p>",
    "[mail](mailto:a@b.example)": (
        '<p><a href="mailto:a@b.example" target="_blank" rel="noopener noreferrer nofollow">mail</a></p>'
    ),
    "**never closed": "<p>**never closed</p>",
    "": "",
}
LINKS = {
    "see https://a.example/x.": ["https://a.example/x"],
    "(https://a.example/y)": ["https://a.example/y"],
    "javascript:alert(1) data:text/html,x": [],
    "ana@shop.example": ["mailto:ana@shop.example"],
}
LONE = {"🎉": True, "👍🏽": True, "👨‍👩‍👧": True, "🇩🇪": True, "🎉🎉🎉🎉": False, "1": False, "ok 🎉": False, "": False}


@pytest.fixture
def viewport() -> ViewportSize:
    return {"width": 390, "height": 780}


def test_text_becomes_nodes_and_never_markup(messenger: Messenger) -> None:
    page = messenger.page
    base = page.locator("script[type=module]").first.get_attribute("src") or ""
    load = f"const load = (name) => import('{base}'.replace('main.js', name));"
    for text, html in MARKDOWN.items():
        script = "const {markdown} = await load('markdown.js'); const node = document.createElement('div'); "
        script += "node.append(...markdown(text)); return node.innerHTML;"
        assert page.evaluate(f"async (text) => {{ {load} {script} }}", text) == html, text
    for text, links in LINKS.items():
        script = "const {linked} = await load('words.js'); return linked(text).map((one) => one.href).filter(Boolean);"
        assert page.evaluate(f"async (text) => {{ {load} {script} }}", text) == links, text
    for text, lone in LONE.items():
        script = "const {isLoneEmoji} = await load('words.js'); return isLoneEmoji(text);"
        assert page.evaluate(f"async (text) => {{ {load} {script} }}", text) is lone, text


def test_german_and_right_to_left_hold_at_every_width(
    context: BrowserContext, product: Product, shop: Shop, company: Company
) -> None:
    german = Messenger(context, product, shop, {"extras": {"opening": {"open": False, "opensAt": None}}})
    german.page.goto(f"{german.address}?lang=de")
    expect(german.ready().page.get_by_role("textbox", name="Ihre Nachricht")).to_be_visible()
    expect(german.page.get_by_text("Hinterlassen Sie eine Nachricht.")).to_be_visible()
    assert german.page.locator("main").get_attribute("lang") == "de"
    german.sends("Hallo")
    company.says("مرحبا، كيف يمكنني المساعدة؟")

    turned = Messenger(context, product, shop, {"language": "ar"}).ready()
    assert turned.page.locator("main").get_attribute("dir") == "rtl"
    turned.sees("Hallo")
    sides = (
        "(one) => { const box = document.querySelector(one).getBoundingClientRect(); return box.left + box.width / 2; }"
    )
    assert turned.page.evaluate(sides, ".m.me") < 195 < turned.page.evaluate(sides, ".m.them")
    assert turned.page.evaluate(sides, ".send") < 195, "the button to send stands at the line's end"
    for width in (320, 390, 1280):
        turned.page.set_viewport_size({"width": width, "height": 780})
        assert turned.page.evaluate("document.documentElement.scrollWidth") <= width
    check_axe(turned.page, "right-to-left")
    turned.leave()
    german.leave()


def test_unread_counts_alerts_and_the_host_page(
    context: BrowserContext, product: Product, shop: Shop, company: Company
) -> None:
    """In a frame whose panel is shut, nothing is read; the host hears what comes, and writes with attributes."""
    framed = Messenger(
        context, product, shop, {"embedded": True, "extras": {"campaign": {"utm_source": "mail"}}}
    ).ready()
    page = framed.page
    base = page.locator("script[type=module]").first.get_attribute("src")
    page.evaluate(
        f"""async () => {{ const {{ app }} = await import('{base}'); window.app = app; window.heard = [];
        const names = ["message", "unread", "state", "close"];
        for (const name of names) app.on(name, (value) => window.heard.push([name, value])); }}"""
    )
    assert page.evaluate("app.setAttributes({plan: 'gold', seats: 3})") is True
    assert page.evaluate("app.setAttributes({plan: 'x'.repeat(3000)})") is False
    page.evaluate("app.setContext({page: '/returns'})")
    assert page.evaluate("app.send('From the host')") is True
    assert page.evaluate("app.send('   ')") is False
    eventually(lambda: Message.objects.filter(text="From the host").exists())
    attributes = {"utm_source": "mail", "plan": "gold", "seats": "3", "context.page": "/returns"}
    assert Conversation.objects.get().attributes == attributes
    company.says("Hello")
    company.says("Are you there?")
    eventually(lambda: page.evaluate("heard.filter(([name]) => name === 'unread').at(-1)?.[1]") == 2)
    assert (
        page.evaluate("heard.filter(([name, value]) => name === 'message' && value.direction === 'Outbound').length")
        == 2
    )
    assert page.evaluate("heard.some(([name, value]) => name === 'state' && value === 'online')")
    page.evaluate("app.setVisible(true)")
    eventually(lambda: page.evaluate("heard.filter(([name]) => name === 'unread').at(-1)[1]") == 0)
    page.evaluate("app.prefill('A beginning')")
    expect(framed.box).to_have_value("A beginning")
    page.get_by_role("button", name="Minimise").click()
    assert page.evaluate("heard.at(-1)[0]") == "close"
    assert page.evaluate("app.signIn('nonsense').then(() => 'in', () => 'refused')") == "refused"
    assert page.evaluate("app.send('Still here')") is True
    eventually(lambda: Message.objects.filter(text="Still here").exists())
    page.evaluate("app.signOut()")
    expect(framed.log.get_by_text("From the host")).to_have_count(0)
    framed.leave()


def test_one_window_too_many_is_told_in_the_oldest_which_takes_its_place_back(
    context: BrowserContext, product: Product, shop: Shop
) -> None:
    windows = [Messenger(context, product, shop).ready() for _ in range(4)]
    oldest, *others = windows
    expect(oldest.page.get_by_text("Open in another window.")).to_be_visible()
    for other in others:
        expect(other.page.get_by_text("Open in another window.")).to_have_count(0)
    check_axe(oldest.page, "open elsewhere")
    oldest.page.get_by_role("button", name="Use here").click()
    oldest.ready().sends("Here again")
    for window in windows:
        window.leave()


def test_a_visitor_who_is_turned_away_reads_so_and_keeps_what_they_wrote(
    context: BrowserContext, messenger: Messenger
) -> None:
    messenger.sends("Hello")
    context.set_offline(True)
    messenger.say("Written meanwhile")
    GuestSession.objects.update(blocked=True)
    context.set_offline(False)
    expect(messenger.page.get_by_text("The chat isn’t available right now.")).to_be_visible()
    messenger.sees("Written meanwhile")
    check_axe(messenger.page, "turned away")
    GuestSession.objects.update(blocked=False)
    messenger.page.get_by_role("button", name="Try now").click()
    expect(messenger.page.get_by_text("The chat isn’t available right now.")).to_have_count(0)
    eventually(lambda: Message.objects.filter(text="Written meanwhile").exists())


def test_what_could_not_be_loaded_without_a_line_opens_once_it_is_back(
    context: BrowserContext, messenger: Messenger
) -> None:
    messenger.sends("Hello")
    context.set_offline(True)
    messenger.page.get_by_role("button", name="Menu").click()
    messenger.page.get_by_role("button", name="Emoji").click()
    expect(messenger.page.get_by_text("You’re offline.")).to_be_visible()
    expect(messenger.page.get_by_role("menu")).to_have_count(0)
    context.set_offline(False)
    expect(messenger.page.get_by_text("You’re offline.")).to_have_count(0)
    messenger.ready()
    messenger.page.get_by_role("button", name="Menu").click()
    expect(messenger.page.get_by_role("menu")).to_be_visible()


def test_a_lost_line_is_told_without_moving_anything(context: BrowserContext, messenger: Messenger) -> None:
    messenger.sends("Hello")
    place = "document.querySelector('.m.me').getBoundingClientRect().top"
    before = messenger.page.evaluate(place)
    messenger.page.evaluate("Object.defineProperty(navigator, 'onLine', {get: () => true})")
    context.set_offline(True)
    expect(messenger.page.get_by_text("Reconnecting")).to_be_visible()
    assert messenger.page.evaluate(place) == before
    check_axe(messenger.page, "reconnecting")
    context.set_offline(False)
    expect(messenger.page.get_by_text("Reconnecting")).to_have_count(0)
    messenger.sends("Back again")
