"""What calls for attention (sound, title, notification), and what a machine asks for: contrast, calm, keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from channels_app.models import Message
from tests.e2e.messenger import Company, Messenger, check_axe
from tests.e2e.people import Shop
from tests.product import Product, eventually

#: notes that were played, notifications that were shown, whether the page was asked for permission
RECORD = """
window.heard = { notes: 0, shown: [], asked: 0 };
window.OscillatorNode = class extends OscillatorNode {
  start(at) { heard.notes += 1; super.start(at); }
};
window.Notification = class extends Notification {
  constructor(title, options) { super(title, options); heard.shown.push([title, options.body]); }
  static requestPermission() { heard.asked += 1; return super.requestPermission(); }
};
let away = false;
const visibility = () => (away ? "hidden" : "visible");
Object.defineProperty(document, "visibilityState", { get: visibility });
Object.defineProperty(document, "hidden", { get: () => away });
document.hasFocus = () => !away;
window.look = (elsewhere) => { away = elsewhere; document.dispatchEvent(new Event("visibilitychange")); };
"""


def made(browser: Browser, **options: Any) -> BrowserContext:
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"} | options)
    context.set_default_timeout(10_000)
    context.add_init_script(RECORD)
    return context


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = made(browser, reduced_motion="reduce", permissions=["notifications"])
    yield found
    found.close()


def opened(context: BrowserContext, product: Product, shop: Shop) -> Messenger:
    """With a first message, and the click that browsers want before they play anything."""
    messenger = Messenger(context, product, shop).ready()
    messenger.box.fill("Hello")
    messenger.page.get_by_role("button", name="Send", exact=True).click()
    eventually(lambda: Message.objects.filter(text="Hello").exists())
    return messenger


@pytest.fixture
def messenger(context: BrowserContext, product: Product, shop: Shop) -> Iterator[Messenger]:
    found = opened(context, product, shop)
    yield found
    found.leave()


def heard(page: Page, name: str) -> Any:
    return page.evaluate("(name) => heard[name]", name)


def look(page: Page, *, away: bool) -> None:
    page.evaluate("(away) => look(away)", away)


# --- sound, title, notification --------------------------------------------------------------------


def test_a_message_rings_for_who_looks_elsewhere_and_stays_silent_for_who_reads_or_muted_it(
    company: Company, messenger: Messenger
) -> None:
    page = messenger.page
    company.says("While you look")
    messenger.sees("While you look")
    assert heard(page, "notes") == 0
    look(page, away=True)
    company.says("While you are away")
    eventually(lambda: heard(page, "notes") == 2)
    look(page, away=False)
    messenger.menu("Sounds")
    look(page, away=True)
    company.says("Muted")
    messenger.sees("Muted")
    eventually(lambda: page.title() != "Shop")  # everything else still tells of it
    assert heard(page, "notes") == 2
    look(page, away=False)
    page.reload()
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("menuitemcheckbox", name="Sounds")).not_to_be_checked()


def test_the_title_tells_in_turn_who_wrote_and_how_much_until_it_is_read(
    company: Company, messenger: Messenger
) -> None:
    page = messenger.page
    company.says("One")
    messenger.sees("One")
    assert page.title() == "Shop"
    look(page, away=True)
    company.says("Two")
    eventually(lambda: page.title() == "Ana wrote")
    eventually(lambda: page.title() == "(1) Shop")
    eventually(lambda: page.title() == "Ana wrote")
    look(page, away=False)
    eventually(lambda: page.title() == "Shop")


def test_a_notification_comes_only_to_a_hidden_page_whose_customer_wanted_them(
    company: Company, messenger: Messenger
) -> None:
    page = messenger.page
    look(page, away=True)
    company.says("Nobody asked for a notification")
    messenger.sees("Nobody asked for a notification")
    assert (heard(page, "shown"), heard(page, "asked")) == ([], 0), "the browser is asked only after a click"
    look(page, away=False)
    messenger.menu("Notify me of answers")
    eventually(lambda: heard(page, "asked") == 1)
    company.says("On the screen")
    messenger.sees("On the screen")
    assert heard(page, "shown") == []
    look(page, away=True)
    company.says("Your jacket is ready")
    eventually(lambda: heard(page, "shown") == [["Ana", "Your jacket is ready"]])
    look(page, away=False)
    messenger.menu("Notify me of answers")
    look(page, away=True)
    company.says("Switched off again")
    messenger.sees("Switched off again")
    assert len(heard(page, "shown")) == 1


# --- a phone's keyboard ------------------------------------------------------------------------------

#: a keyboard as iOS lays it over the page: the layout stays, the visual viewport shrinks
OVERLAID = """(height) => {
  Object.defineProperty(visualViewport, "height", { get: () => height, configurable: true });
  visualViewport.dispatchEvent(new Event("resize"));
}"""
BOTTOMS = """() => [".say", ".item:last-of-type .bubble"].map((one) =>
  [...document.querySelectorAll(one)].at(-1).getBoundingClientRect().bottom)"""


@pytest.mark.parametrize("overlaid", [True, False], ids=["laid over the page", "taken from the page"])
def test_with_the_keyboard_open_the_last_message_and_the_composer_stay_visible(
    browser: Browser, product: Product, shop: Shop, company: Company, overlaid: bool
) -> None:
    context = made(browser, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    messenger = opened(context, product, shop)
    page = messenger.page
    for number in range(14):
        company.says(f"Line {number}")
    messenger.sees("Line 13")
    assert page.evaluate(BOTTOMS)[0] == 780
    if overlaid:
        page.evaluate(OVERLAID, 430)
    else:
        page.set_viewport_size({"width": 390, "height": 430})
    eventually(lambda: max(page.evaluate(BOTTOMS)) <= 430)
    company.says("While you write")
    messenger.sees("While you write")
    composer, last = page.evaluate(BOTTOMS)
    assert last < composer == 430
    page.evaluate(OVERLAID, 780)
    page.set_viewport_size({"width": 390, "height": 780})
    eventually(lambda: page.evaluate(BOTTOMS)[0] == 780)
    messenger.leave()
    context.close()


def test_a_page_that_is_only_magnified_keeps_its_height(browser: Browser, product: Product, shop: Shop) -> None:
    context = made(browser, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    messenger = opened(context, product, shop)
    messenger.page.evaluate("Object.defineProperty(visualViewport, 'scale', { get: () => 2 })")
    messenger.page.evaluate(OVERLAID, 390)
    assert messenger.page.evaluate(BOTTOMS)[0] == 780
    messenger.leave()
    context.close()


# --- forced colours, reduced motion ------------------------------------------------------------------

#: controls that can be seen without our colours: a border, an outline, or an icon or text in a system colour
UNSEEN = """() => {
  const canvas = getComputedStyle(document.body).backgroundColor;
  const controls = [...document.querySelectorAll("button, a, input:not([type=file]), textarea")];
  return controls.filter((one) => one.checkVisibility()).filter((one) => {
    const style = getComputedStyle(one);
    const mark = one.querySelector("svg");
    return style.color === canvas || (mark && getComputedStyle(mark).stroke === canvas);
  }).map((one) => one.outerHTML.slice(0, 120));
}"""
OUTLINED = """(name) => {
  const style = getComputedStyle(name ? document.querySelector(name) : document.activeElement);
  const line = (width, kind, color) => parseFloat(width) > 0 && kind !== "none" && !/^rgba.*, 0\\)$/.test(color);
  return line(style.outlineWidth, style.outlineStyle, style.outlineColor)
    || line(style.borderTopWidth, style.borderTopStyle, style.borderTopColor);
}"""


def test_with_forced_colours_everything_can_be_seen_and_used(
    browser: Browser, product: Product, shop: Shop, company: Company
) -> None:
    context = made(browser, forced_colors="active", reduced_motion="reduce")
    messenger = opened(context, product, shop)
    page = messenger.page
    company.says("Which one?", {"type": "quick_replies", "items": [{"text": "Blue"}, {"text": "Green"}]})
    page.get_by_role("button", name="Blue").wait_for()
    for part in (".m.them .bubble", ".m.me .bubble", ".pill", ".chat"):
        assert page.evaluate(OUTLINED, part), f"{part} has no edge"
    messenger.box.fill("Something")
    assert page.evaluate(OUTLINED, ".send.on"), "a button that can be pressed has an edge"
    assert page.evaluate(UNSEEN) == []
    messenger.box.press("Shift+Tab")  # box → file
    assert page.evaluate(OUTLINED, ""), "the focus is seen"
    page.get_by_role("button", name="Menu").press("Enter")
    page.get_by_role("menu").wait_for()
    assert page.evaluate(OUTLINED, ".menu")
    assert page.evaluate(OUTLINED, ""), "the focus is seen in the menu"
    assert page.evaluate(UNSEEN) == []
    page.get_by_role("menuitem", name="Clear conversation").click()
    page.get_by_role("dialog").wait_for()
    assert page.evaluate(OUTLINED, ".sheet")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Emoji").click()
    page.locator(".cells button").first.wait_for()
    assert page.evaluate(OUTLINED, ".emoji-panel")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Green").click()
    expect(page.locator(".pill.on")).to_have_text("Chosen:Green")
    assert page.locator(".pill.on svg").is_visible(), "what was chosen has a mark, not only a colour"
    check_axe(page, "forced colours", without=["color-contrast"])  # the colours are the system's, axe sees ours
    messenger.leave()
    context.close()


@pytest.mark.parametrize(("motion", "moving"), [("reduce", False), ("no-preference", True)])
def test_nothing_moves_for_who_asked_for_calm(
    browser: Browser, product: Product, shop: Shop, motion: str, moving: bool
) -> None:
    context = made(browser, reduced_motion=motion)
    messenger = opened(context, product, shop)
    page = messenger.page
    page.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => true })")
    context.set_offline(True)
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    running = "document.getAnimations().filter((one) => one.playState === 'running').length > 0"
    assert page.evaluate(running) is moving
    context.set_offline(False)
    expect(page.get_by_text("Reconnecting")).to_have_count(0)
    messenger.leave()
    context.close()
