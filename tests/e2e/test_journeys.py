"""A shift of an agent: by keyboard alone, and by touch on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from channels_app.models import Message
from routing.models import Assignment, CannedResponse, Queue, QueueMember, ResponseLibrary
from tests.e2e.messenger import check_axe
from tests.e2e.story import Story
from tests.product import eventually

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.fixture
def story(story: Story) -> Story:
    library = ResponseLibrary.objects.create(name="Returns")
    CannedResponse.objects.create(library=library, name="Label", text="I have made a return label for you.")
    ben, repairs = story.shop.agent("Ben", member=False), Queue.objects.create(name="Repairs")
    QueueMember.objects.create(queue=repairs, user=ben)
    return story


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "label.txt"
    path.write_text("Return label 48213\n")
    return path


def tab_to(page: Page, wanted: Locator, *, most: int = 40) -> None:
    """Press Tab until it has the focus: no mouse, and no script that puts the focus there."""
    for _ in range(most):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} isn't reached by {most} times Tab")


def test_a_shift_without_a_mouse(story: Story, picture: Path) -> None:
    page, keys = story.page, story.page.keyboard
    page.on("filechooser", lambda _: None)  # intercepted from now on: expecting one begins to, and doesn't wait for it
    expect(page.locator("#queue-switch")).to_be_visible()
    keys.press("q")
    expect(page.locator("#presence")).to_contain_text("On queue")
    first = story.writes("Hello, my zip is broken").conversation
    expect(story.ana.offer).to_be_visible()
    keys.press("a")
    story.ana.sees("Hello, my zip is broken")
    expect(page.locator("#composer-text")).to_be_focused()

    keys.press("/")
    expect(page.get_by_role("option", name="Label")).to_be_visible()
    keys.type("lab")
    keys.press("Enter")
    expect(page.locator("#composer-text")).to_have_value("I have made a return label for you.")
    keys.press("Enter")
    story.ana.sees("I have made a return label for you.")

    tab_to(page, page.locator("#composer-file"))
    with page.expect_file_chooser() as chooser:
        keys.press("f")
    chooser.value.set_files(picture)
    expect(page.locator("#composer-files")).to_contain_text("label.txt")
    expect(page.locator("#composer-files")).to_contain_text("byte")  # it is there
    keys.press("/")
    expect(page.locator("#composer-text")).to_be_focused()
    keys.press("Enter")
    expect(page.locator(".msg.out .file")).to_contain_text("label.txt")

    tab_to(page, page.locator("#composer-file"))
    keys.press("n")
    keys.type("Zip 8 inches, see picture")
    keys.press("Enter")
    expect(page.locator(".msg.note")).to_contain_text("Zip 8 inches, see picture")

    tab_to(page, page.locator("#send"))
    keys.press("t")
    expect(page.locator("#transfer-search")).to_be_focused()
    keys.type("Repairs")
    target = page.get_by_role("radio", name="Repairs")
    expect(page.get_by_role("radio", name="Returns")).to_have_count(0)
    tab_to(page, target)
    keys.press("Space")
    tab_to(page, page.locator("#transfer-note"))
    keys.type("Needs a new zip")
    tab_to(page, page.locator("#sheet .btn.primary"))
    keys.press("Enter")

    expect(page.locator("#wrap-up")).to_be_visible()
    tab_to(page, page.locator("#wrap-up [type=radio]").first)
    keys.press("Space")
    tab_to(page, page.locator("#wrap-up .btn.primary"))
    keys.press("Enter")
    expect(page.locator("#wrap-up")).to_have_count(0)

    second = story.writes("Where is my hat?", who="marta").conversation
    expect(story.ana.offer).to_contain_text("Marta")
    keys.press("a")
    story.ana.sees("Where is my hat?")
    assert page.url.endswith(f"{second.id}/")
    said = Message.objects.filter(conversation=first, author=story.ana.user).order_by("seq")
    assert [(one.kind, one.text) for one in said] == [
        ("text", "I have made a return label for you."), ("structured", ""), ("note", "Zip 8 inches, see picture"),
    ]  # fmt: skip
    work = Assignment.objects.get(conversation=first)
    assert (work.state, work.wrapup.code and work.wrapup.code.name) == ("done", "Solved")


def test_keys_do_nothing_while_a_dialog_is_open(story: Story) -> None:
    story.talks()
    page = story.page
    tab_to(page, page.locator("#send"))
    page.keyboard.press("p")
    expect(page.locator("#sheet-title")).to_have_text("Park")
    page.keyboard.press("e")
    expect(page.locator("#sheet-title")).to_have_text("Park")
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    assert Assignment.objects.get().state == "connected"


def test_a_shift_by_touch_on_a_phone(browser: Browser, story: Story, picture: Path) -> None:
    context = browser.new_context(**PHONE, locale="en-GB", storage_state=story.ana.context.storage_state())
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{story.ana.product.url}/desk/")
    page.get_by_role("button", name="Go on queue").tap()
    expect(page.locator("#presence")).to_contain_text("On queue")
    conversation = story.writes("Hello, my zip is broken").conversation
    offer = page.get_by_role("alertdialog")
    expect(offer).to_be_visible()
    reachable(page, offer.get_by_role("button", name="Accept")).tap()
    expect(page.locator("#log")).to_contain_text("Hello, my zip is broken")
    check_axe(page, "a thread on a phone")

    box = reachable(page, page.locator("#composer-text"))
    box.tap()
    box.fill("Could you send a picture?")
    reachable(page, page.locator("#send")).tap()
    expect(page.locator(".msg.out").first).to_contain_text("Could you send a picture?")
    with page.expect_file_chooser() as chooser:
        page.locator("#attach").tap()
    chooser.value.set_files(picture)
    expect(page.locator("#composer-files")).to_contain_text("byte")
    page.locator("#send").tap()
    expect(page.locator(".msg.out .file")).to_contain_text("label.txt")
    page.locator("#mode-note").tap()
    box.fill("Waits for a picture")
    page.locator("#send").tap()
    expect(page.locator(".msg.note")).to_contain_text("Waits for a picture")

    reachable(page, page.locator("#show-panel")).tap()
    expect(page.locator("#panel")).to_be_in_viewport()
    page.locator(".drawer-close").tap()
    reachable(page, page.locator("#do-transfer")).tap()
    expect(page.locator("#sheet-title")).to_have_text("Transfer")
    check_axe(page, "the transfer on a phone")
    page.get_by_text("Repairs", exact=True).tap()
    reachable(page, page.locator("#sheet .btn.primary")).tap()
    expect(page.locator("#wrap-up")).to_be_visible()
    page.locator("#wrap-up").get_by_text("Solved", exact=True).tap()
    reachable(page, page.locator("#wrap-up").get_by_role("button", name="Done")).tap()
    expect(page.locator("#wrap-up")).to_have_count(0)
    expect(page.locator("#tab-mine")).to_be_in_viewport()
    story.writes("Where is my hat?", who="marta")
    offer.get_by_role("button", name="Accept").tap()
    expect(page.locator("#log")).to_contain_text("Where is my hat?")
    page.locator("[data-close-thread]").tap()
    expect(page.locator(".list .conv")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing sticks out sideways"
    context.close()
    assert faults == []
    eventually(lambda: Assignment.objects.get(conversation=conversation).state == "done")


def reachable(page: Page, wanted: Locator) -> Locator:
    """On the screen, and large enough for a finger (WCAG 2.2, 2.5.8: 24 px)."""
    expect(wanted).to_be_in_viewport()
    box = wanted.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 24, box
    return wanted


def fills_the_phone(page: Page) -> None:
    """The thread reaches from its head to the bar below, whatever is in it; only its log scrolls."""
    sizes = """() => {
      const edges = (selector) => document.querySelector(selector).getBoundingClientRect();
      return [edges("#thread-head").top, edges("#thread-foot").bottom, edges(".rail").top, edges(".rail").bottom];
    }"""
    head, foot, bar, end = page.evaluate(sizes)
    assert abs(head) <= 1
    assert abs(foot - bar) <= 1, "the composer stands on the bar"
    assert abs(end - 844) <= 1


def test_on_a_phone_a_thread_of_any_length_fills_the_screen_and_its_end_is_in_sight(
    browser: Browser, story: Story
) -> None:
    story.talks()
    context = browser.new_context(**PHONE, locale="en-GB", storage_state=story.ana.context.storage_state())
    page = context.new_page()
    page.goto(story.page.url)
    expect(page.locator("#log")).to_contain_text("Hello, my zip is broken")
    fills_the_phone(page)
    for number in range(30):
        story.writes(f"And this is number {number}")
    expect(page.locator("#log")).to_contain_text("And this is number 29")
    fills_the_phone(page)
    expect(page.locator("#log").get_by_text("And this is number 29", exact=True)).to_be_in_viewport()
    assert page.evaluate("(log => log.scrollHeight > log.clientHeight)(document.getElementById('log'))")
    context.close()
