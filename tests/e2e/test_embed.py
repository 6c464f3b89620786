"""The messenger on a company's own site: one line of script, another origin, a strict policy. In Chromium."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from agents.models import User
from channels_app.messenger.actions.deployments import do_configure_deployment
from channels_app.messenger.models import Deployment
from channels_app.models import Conversation, Message
from tests import factories
from tests.e2e.messenger import check_axe
from tests.e2e.people import Shop, open_shop
from tests.e2e.site import Site
from tests.product import Product, eventually

LOOK = {"company_name": "Acme", "greeting": "How can we help?", "primary_color": "#1f6f5c"}


@pytest.fixture
def shop(product: Product) -> Shop:
    made = open_shop()
    do_configure_deployment(made.deployment.id, LOOK)
    Deployment.objects.filter(pk=made.deployment.pk).update(allowed_domains=["localhost"])
    return made


@dataclass
class Visitor:
    """Somebody on the company's site. `problems` is everything that the page's console said."""

    page: Page
    site: Site
    product: Product
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.problems.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))

    def visit(self, *deployments: Deployment, **options: str) -> None:
        """A page with the script lines of these deployments, under the strict policy."""
        ids = [str(one.id) for one in deployments]
        self.page.goto(self.site.page(self.product.url, ids, **options))

    def messenger(self, deployment: Deployment) -> Locator:
        return self.page.locator(f'[data-contactcenter="{deployment.id}"]')

    def launcher(self, deployment: Deployment) -> Locator:
        return self.messenger(deployment).locator(".launcher")

    def panel(self, deployment: Deployment) -> Locator:
        return self.messenger(deployment).get_by_role("dialog")

    def frame(self, deployment: Deployment) -> FrameLocator:
        return self.messenger(deployment).frame_locator("iframe")

    def say(self, deployment: Deployment, text: str) -> None:
        box = self.frame(deployment).get_by_role("textbox")
        box.fill(text)
        box.press("Enter")
        expect(self.frame(deployment).locator("[data-part=log]").get_by_text(text, exact=True)).to_have_count(1)
        eventually(lambda: Message.objects.filter(text=text).exists())

    def hears(self, words: str) -> None:
        """Its console says so, soon. (Playwright's events come only while it is asked something.)"""
        for _ in range(100):
            if any(words in problem for problem in self.problems):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{words!r} isn't in {self.problems}")

    def call(self, script: str) -> object:
        return self.page.evaluate(script)


@pytest.fixture
def visitor(browser: Browser, product: Product, site: Site) -> Iterator[Visitor]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield Visitor(context.new_page(), site, product)
    context.close()


def test_one_line_of_script_brings_the_messenger_to_a_strict_foreign_page(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment)
    expect(visitor.launcher(shop.deployment)).to_have_accessible_name("Open the chat with Acme")
    expect(visitor.messenger(shop.deployment).locator("iframe")).to_have_count(0)
    visitor.launcher(shop.deployment).click()
    expect(visitor.panel(shop.deployment)).to_have_accessible_name("Chat with Acme")
    visitor.say(shop.deployment, "Is the jacket in stock?")
    assert visitor.problems == []


def test_its_only_global_is_its_own_and_the_page_stays_where_it_is(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment)
    visitor.launcher(shop.deployment).click()
    expect(visitor.frame(shop.deployment).get_by_role("textbox")).to_be_visible()
    visitor.launcher(shop.deployment).click()
    expect(visitor.panel(shop.deployment)).to_be_hidden()
    assert visitor.call("newGlobals()") == ["ContactCenter"]
    assert visitor.call("layoutShift()") == 0
    assert visitor.problems == []


def test_two_deployments_stand_side_by_side_and_one_is_open(visitor: Visitor, shop: Shop) -> None:
    other = factories.deployment()
    do_configure_deployment(other.id, {**LOOK, "company_name": "Acme Spares"})
    visitor.visit(shop.deployment, other)
    first, second = visitor.launcher(shop.deployment), visitor.launcher(other)
    second.click()
    expect(visitor.panel(other)).to_be_visible()
    first.click()
    expect(visitor.panel(shop.deployment)).to_be_visible()
    expect(visitor.panel(other)).to_be_hidden()
    tops = [one.evaluate("(element) => element.getBoundingClientRect().top") for one in (first, second)]
    assert abs(tops[0] - tops[1]) >= 56  # in the order in which they came
    assert visitor.problems == []


def test_a_site_that_is_not_allowed_gets_no_launcher(visitor: Visitor, shop: Shop) -> None:
    Deployment.objects.filter(pk=shop.deployment.pk).update(allowed_domains=["shop.example"])
    visitor.visit(shop.deployment)
    visitor.hears("doesn't allow this site")
    expect(visitor.messenger(shop.deployment)).to_have_count(0)


def test_and_its_frame_stays_empty_there(visitor: Visitor, shop: Shop) -> None:
    Deployment.objects.filter(pk=shop.deployment.pk).update(allowed_domains=["shop.example"])
    visitor.page.goto(visitor.site.framing(f"{visitor.product.url}/messenger/{shop.deployment.id}/?embed=1"))
    visitor.hears("frame-ancestors")
    expect(visitor.page.frame_locator("iframe").locator("[data-messenger]")).to_have_count(0)
    assert not Conversation.objects.exists()


def test_an_unknown_deployment_is_told_to_the_developer(visitor: Visitor, shop: Shop) -> None:
    Deployment.objects.filter(pk=shop.deployment.pk).update(active=False)
    visitor.visit(shop.deployment)
    visitor.hears("can't be loaded")


# --- the page's own scripts ----------------------------------------------------------------------


def told(visitor: Visitor, name: str) -> list[object]:
    """What the page heard of an event so far."""
    events = visitor.call("window.told")
    assert isinstance(events, list)
    return [detail for event, detail in events if event == name]


def hears(visitor: Visitor, name: str, detail: object) -> None:
    visitor.page.wait_for_function(
        "([name, detail]) => window.told.some((one) => one[0] === name && JSON.stringify(one[1]) === detail)",
        arg=[name, json.dumps(detail)],
    )


def answer(text: str) -> None:
    """An agent's reply in the only conversation there is."""
    agent = User.objects.filter(name__startswith="Ana").first() or User.objects.create_user("ana@a.example", name="Ana")
    factories.replied(eventually(Conversation.objects.first), agent, text)


def test_the_page_opens_sends_and_closes_by_script(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment, early="1")
    hears(visitor, "ready", None)
    visitor.call("ContactCenter.send('From the page')")
    message = eventually(lambda: Message.objects.filter(text="From the page").first())
    expect(visitor.panel(shop.deployment)).to_be_hidden()
    visitor.call("ContactCenter.open()")
    expect(visitor.panel(shop.deployment)).to_be_visible()
    visitor.call("ContactCenter.prefill('And another thing')")
    expect(visitor.frame(shop.deployment).get_by_role("textbox")).to_have_value("And another thing")
    visitor.call("ContactCenter.toggle()")
    expect(visitor.panel(shop.deployment)).to_be_hidden()
    conversation = Conversation.objects.get(pk=message.conversation_id)
    assert conversation.attributes == {"plan": "gold"}
    assert [told(visitor, name) for name in ("open", "close")] == [[None], [None]]
    assert visitor.problems == []


def check_look(visitor: Visitor, state: str) -> None:
    """Our part of the page; the site around it has none of the landmarks that axe wants of a page."""
    check_axe(visitor.page, state, of="[data-contactcenter]")


def test_a_closed_messenger_counts_and_teases_what_comes(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment, early="1")
    visitor.launcher(shop.deployment).click()
    visitor.say(shop.deployment, "Hello")
    visitor.launcher(shop.deployment).click()
    answer("The jacket leaves our warehouse today.")
    hears(visitor, "unread", 1)
    expect(visitor.launcher(shop.deployment)).to_have_accessible_name("Open the chat with Acme, 1 unread message")
    teaser = visitor.messenger(shop.deployment).get_by_role("status", name="New message")
    expect(teaser).to_contain_text("The jacket leaves our warehouse today.")
    check_look(visitor, "teaser and badge")
    teaser.get_by_role("button", name="The jacket").click()
    expect(visitor.panel(shop.deployment)).to_be_visible()
    check_look(visitor, "open panel")
    expect(teaser).to_be_hidden()
    hears(visitor, "unread", 0)
    assert visitor.problems == []


def test_a_dismissed_teaser_stays_away_and_the_badge_stays(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment, early="1")
    visitor.launcher(shop.deployment).click()
    visitor.say(shop.deployment, "Hello")
    visitor.launcher(shop.deployment).click()
    answer("One moment, please.")
    teaser = visitor.messenger(shop.deployment).get_by_role("status", name="New message")
    teaser.get_by_role("button", name="Dismiss").click()
    expect(teaser).to_be_hidden()
    visitor.page.reload()
    expect(visitor.launcher(shop.deployment)).to_have_accessible_name("Open the chat with Acme, 1 unread message")
    expect(teaser).to_be_hidden()


def test_it_is_open_after_a_reload_only_if_it_was_and_there_is_a_conversation(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment)
    visitor.launcher(shop.deployment).click()
    expect(visitor.frame(shop.deployment).get_by_role("textbox")).to_be_visible()
    visitor.page.reload()
    expect(visitor.launcher(shop.deployment)).to_be_visible()
    expect(visitor.messenger(shop.deployment).locator("iframe")).to_have_count(0)
    visitor.launcher(shop.deployment).click()
    visitor.say(shop.deployment, "Hello")
    visitor.page.reload()
    expect(visitor.panel(shop.deployment)).to_be_visible()
    expect(visitor.frame(shop.deployment).locator("[data-part=log]").get_by_text("Hello", exact=True)).to_have_count(1)
    visitor.launcher(shop.deployment).click()
    visitor.page.reload()
    expect(visitor.messenger(shop.deployment).locator("iframe")).to_have_count(1)
    expect(visitor.panel(shop.deployment)).to_be_hidden()


def test_hide_show_and_destroy(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment)
    launcher = visitor.launcher(shop.deployment)
    launcher.click()
    visitor.call("ContactCenter.hide()")
    expect(launcher).to_be_hidden()
    expect(visitor.panel(shop.deployment)).to_be_hidden()
    visitor.call("ContactCenter.show()")
    expect(launcher).to_be_visible()
    visitor.call(f"ContactCenter.get('{shop.deployment.id}').destroy()")
    expect(visitor.messenger(shop.deployment)).to_have_count(0)
    assert visitor.call(f"ContactCenter.get('{shop.deployment.id}')") is None


@pytest.mark.parametrize(("mode", "before", "after"), [("OnDemand", 0, 1), ("Off", 0, 0)])
def test_a_launcher_on_demand_waits_for_the_page_and_one_that_is_off_never_comes(
    visitor: Visitor, shop: Shop, mode: str, before: int, after: int
) -> None:
    do_configure_deployment(shop.deployment.id, {**LOOK, "launcher": mode})
    visitor.visit(shop.deployment, early="1")
    hears(visitor, "ready", None)
    shown = visitor.messenger(shop.deployment).get_by_role("button", name="Open the chat")
    expect(shown).to_have_count(before)
    visitor.call("ContactCenter.show()")
    expect(shown).to_have_count(after)
    visitor.call("ContactCenter.open()")
    expect(visitor.panel(shop.deployment)).to_be_visible()


def test_a_foreign_window_cannot_speak_for_the_page(visitor: Visitor, shop: Shop) -> None:
    """The bridge takes its channel from the parent window only, and calls nothing that it doesn't know."""
    visitor.visit(shop.deployment)
    visitor.launcher(shop.deployment).click()
    expect(visitor.frame(shop.deployment).get_by_role("textbox")).to_be_visible()
    frame = next(one for one in visitor.page.frames if "/messenger/" in one.url)
    frame.evaluate(
        """async () => {
          const { port1, port2 } = new MessageChannel();
          window.answers = 0;
          port1.onmessage = () => (window.answers += 1);
          window.postMessage({ contactcenter: "hello" }, "*", [port2]);
          port1.postMessage({ id: 1, name: "send", given: ["forged"] });
          await new Promise((resolve) => setTimeout(resolve, 300));
        }"""
    )
    assert frame.evaluate("window.answers") == 0
    assert not Message.objects.filter(text="forged").exists()


# --- keyboard, phones, languages -----------------------------------------------------------------


def test_the_keyboard_goes_in_and_comes_back(visitor: Visitor, shop: Shop) -> None:
    visitor.visit(shop.deployment)
    launcher = visitor.launcher(shop.deployment)
    launcher.focus()
    visitor.page.keyboard.press("Enter")
    expect(launcher).to_have_attribute("aria-expanded", "true")
    expect(visitor.frame(shop.deployment).get_by_role("textbox")).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(visitor.panel(shop.deployment)).to_be_hidden()
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")


def test_on_a_phone_it_fills_the_screen_and_is_closed_from_inside(visitor: Visitor, shop: Shop) -> None:
    visitor.page.set_viewport_size({"width": 390, "height": 780})
    visitor.visit(shop.deployment)
    visitor.launcher(shop.deployment).click()
    box = visitor.panel(shop.deployment).bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 780}
    expect(visitor.launcher(shop.deployment)).to_be_hidden()
    visitor.frame(shop.deployment).get_by_role("button", name="Minimise").click()
    expect(visitor.panel(shop.deployment)).to_be_hidden()
    expect(visitor.launcher(shop.deployment)).to_be_visible()


def test_a_phones_keyboard_leaves_the_composer_and_the_last_message_in_sight(visitor: Visitor, shop: Shop) -> None:
    """Phones lay it over the page and the frame in it: only the page's own visual viewport tells."""
    visitor.page.set_viewport_size({"width": 390, "height": 780})
    visitor.visit(shop.deployment)
    visitor.launcher(shop.deployment).click()
    for number in range(14):
        visitor.say(shop.deployment, f"Line {number}")
    panel, frame = visitor.panel(shop.deployment), visitor.frame(shop.deployment)
    for height, top, shown in ((430, 120, (120, 430)), (780, 0, (0, 780))):
        visitor.call(
            f"Object.defineProperty(visualViewport, 'height', {{get: () => {height}, configurable: true}});"
            f"Object.defineProperty(visualViewport, 'offsetTop', {{get: () => {top}, configurable: true}});"
            "visualViewport.dispatchEvent(new Event('resize'))"
        )
        box = eventually(lambda height=height: (box := panel.bounding_box()) and box["height"] == height and box)
        assert (box["y"], box["height"]) == shown
        expect(frame.get_by_role("textbox")).to_be_in_viewport()
        expect(frame.locator("[data-part=log]").get_by_text("Line 13")).to_be_in_viewport()
    assert visitor.problems == []


def test_it_speaks_the_pages_language_and_stands_where_it_is_put(visitor: Visitor, shop: Shop) -> None:
    content = {**LOOK, "alignment": "Left", "side_space": 40, "bottom_space": 60, "launcher_display": "IconAndText"}
    do_configure_deployment(shop.deployment.id, content)
    visitor.visit(shop.deployment, language="de")
    launcher = visitor.launcher(shop.deployment)
    expect(launcher).to_have_accessible_name("Chat mit Acme öffnen")
    expect(launcher).to_contain_text("Schreiben Sie uns")
    place = launcher.evaluate(
        "(one) => [one.getBoundingClientRect().left, innerHeight - one.getBoundingClientRect().bottom]"
    )
    assert place == [40, 60]
    launcher.click()
    expect(visitor.frame(shop.deployment).locator("html")).to_have_attribute("lang", "de")


def test_the_loader_is_small(product: Product, shop: Shop) -> None:
    """All scripts of a page with a closed messenger, as they come over the wire."""
    paths = ["/messenger/embed.js", f"/messenger/{shop.deployment.id}/launcher.js"]
    sizes = [size_of(product.url + path) for path in paths]
    sizes += [size_of(f"{product.url}/static/messenger/embed/{name}.js") for name in ("messenger", "launcher")]
    assert sum(sizes) <= 7 * 1024
    assert sum(sizes) - sizes[1] <= 6 * 1024  # without the deployment's own settings and words


def size_of(address: str) -> int:
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(request, timeout=5) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        return len(response.read())
