"""Every kind of content that a customer can get, what they answer, and no axe violation in any state."""

from __future__ import annotations

import base64
import math
import re
import wave
from io import BytesIO
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from channels_app.messenger.actions.deployments import do_configure_deployment
from channels_app.models import Message
from tests.channels_app.pictures import picture
from tests.e2e.messenger import Company, Messenger, check_axe
from tests.e2e.people import Shop, open_shop
from tests.product import Product, eventually

HOME = {
    "company_name": "Harbour & Pine",
    "home_screen": True,
    "home_title": "Good to see you",
    "home_text": "Ask about an order, a size or a repair.",
    "suggestions": ["Where is my order?", "Return or repair"],
    "survey": True,
}
REPLIES = {"type": "quick_replies", "items": [{"text": "Order 48213"}, {"text": "Another order"}]}
CARDS = {
    "type": "carousel",
    "cards": [
        {
            "title": f"Order {number}",
            "description": "Rain jacket, blue",
            "actions": [
                {"type": "postback", "text": f"Take {number}", "payload": f"order-{number}"},
                {"type": "link", "text": f"Open {number}", "url": "https://shop.example/"},
            ],
        }
        for number in range(1, 5)
    ],
}
SIZES = {
    "type": "list_picker",
    "received_message": {"title": "Which sizes fit?"},
    "sections": [
        {
            "title": "Sizes",
            "multiple": True,
            "items": [{"id": name, "title": f"Size {name}"} for name in ("s", "m", "l")],
        }
    ],
}
TIMES = {
    "type": "date_picker",
    "title": "When shall we call?",
    "times": [{"at": "2031-03-03T09:00:00Z", "duration_s": 600}, {"at": "2031-03-04T10:30:00Z"}],
}
FORM = {
    "type": "form",
    "id": "return",
    "introduction": {"title": "Your return", "button_text": "Begin"},
    "show_summary": True,
    "pages": [
        {"title": "You", "components": [{"type": "input", "id": "name", "title": "Your name", "required": True}]},
        {
            "title": "The parcel",
            "components": [{"type": "wheel_picker", "id": "size", "items": [{"id": "b", "title": "Big"}]}],
        },
    ],
}
PLACE = {"type": "location", "latitude": 52.1, "longitude": 5.1, "name": "Workshop", "address": "Bergen Street 4"}
MARKDOWN = "**Good news:** see [the page](https://shop.example/a) or `code`\n\n- one\n- two"


@pytest.fixture
def shop(product: Product, settings: LazySettings) -> Shop:
    settings.BASE_URL = product.url  # links to files that are told from this process lead there too
    made = open_shop()
    do_configure_deployment(made.deployment.id, content=HOME)
    return made


def last_content() -> list[dict[str, Any]]:
    """Of the newest message of the customer."""
    found = Message.objects.filter(direction="inbound").order_by("-created_at").first()
    return list(found.content) if found else []


def answered(kind: str) -> dict[str, Any]:
    """The customer's answer, once it is stored (a plain button's kind is left out there)."""
    found: dict[str, Any] = eventually(
        lambda: next((one for one in last_content() if one.get("kind", "button") == kind), None), message=kind
    )
    return found


def test_every_kind_of_content_is_shown_answered_and_accessible(messenger: Messenger, company: Company) -> None:
    page = messenger.page
    check_axe(page, "home")
    page.get_by_role("button", name="Where is my order?").click()
    messenger.sees("Where is my order?")
    expect(page.get_by_text("Return or repair")).to_have_count(0)  # suggestions leave with the first message

    company.says("Which order is it about?", REPLIES)
    page.get_by_role("button", name="Order 48213").click()
    assert answered("quick_reply")["payload"] == "Order 48213"
    expect(page.get_by_role("button", name="Another order")).to_be_disabled()
    check_axe(page, "quick replies, one of them chosen")

    asked = company.says("Your orders", CARDS)
    cards = page.get_by_role("group", name="Cards")
    expect(cards.get_by_text("1 of 4")).to_be_visible()
    cards.get_by_role("button", name="Next card").click()
    expect(cards.get_by_text("2 of 4")).to_be_visible()
    cards.get_by_role("button", name="Take 2").click()
    chosen = answered("button")
    assert (chosen["payload"], chosen["origin_message_id"]) == ("order-2", asked.id.hex)

    company.says("", SIZES)
    page.get_by_role("button", name="Choose").click()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    expect(page.get_by_role("dialog").get_by_text("Please choose one.")).to_be_visible()
    check_axe(page, "list picker with its error")
    page.get_by_label("Size m").check()
    page.get_by_label("Size l").check()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    answered("list_picker")
    assert [(one["text"], one["payload"]) for one in last_content()] == [("Size m", "m"), ("Size l", "l")]
    expect(page.locator(".done")).to_have_text(["Size m, Size l"])

    company.says("", TIMES)
    page.get_by_role("button", name="Choose a time").click()
    check_axe(page, "date picker")
    page.get_by_role("dialog").get_by_role("radio").nth(1).check()
    page.get_by_role("dialog").get_by_role("button", name="Send").click()
    assert answered("date_picker")["payload"].startswith("2031-03-04T10:30:00")

    asked = company.says("", FORM)
    fill_form(page)
    form = eventually(lambda: next((one for one in last_content() if one["type"] == "form_response"), None))
    assert (form["form_id"], form["origin_message_id"]) == ("return", asked.id.hex)
    assert [(one["id"], one["text"]) for one in form["answers"]] == [("name", "Jonas"), ("size", "Big")]

    company.says("", PLACE)
    expect(messenger.log.get_by_text("Bergen Street 4")).to_be_visible()
    company.says(MARKDOWN)
    said = messenger.log.locator(".md")
    expect(said.locator("strong")).to_have_text("Good news:")
    expect(said.locator("li")).to_have_text(["one", "two"])
    expect(said.get_by_role("link")).to_have_attribute("href", "https://shop.example/a")
    messenger.say("🎉")
    expect(messenger.log.locator("p.emoji")).to_have_text("🎉")
    check_axe(page, "thread with every kind of content")

    page.reload()
    messenger.sees("Which order is it about?", "Good news:")
    expect(page.locator(".done")).to_have_count(3)


def fill_form(page: Page) -> None:
    """Two pages and a summary, the first one with a mistake."""
    page.get_by_role("button", name="Begin").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("button", name="Next").click()
    expect(sheet.get_by_text("Please fill this in.")).to_be_visible()
    expect(sheet.get_by_label("Your name")).to_be_focused()
    check_axe(page, "form with its error")
    sheet.get_by_label("Your name").fill("Jonas")
    sheet.get_by_role("button", name="Next").click()
    sheet.get_by_label("Big").check()
    sheet.get_by_role("button", name="Back").click()
    expect(sheet.get_by_label("Your name")).to_have_value("Jonas")
    sheet.get_by_role("button", name="Next").click()
    sheet.get_by_role("button", name="Next").click()
    check_axe(page, "summary of a form")
    sheet.get_by_role("button", name="Send").click()


def test_what_opens_is_worked_by_keyboard_alone_and_accessible(messenger: Messenger, company: Company) -> None:
    page = messenger.page
    keys = page.keyboard
    expect(messenger.box).to_be_focused()
    keys.type("Hello there")
    keys.press("Enter")
    company.says("Hello, I am Ana")
    messenger.sees("Hello there", "Hello, I am Ana")
    expect(page.locator("[data-part=announcer]")).to_have_text("Ana says: Hello, I am Ana")

    keys.press("Tab")  # box → emoji
    expect(page.get_by_role("button", name="Emoji")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("searchbox", name="Search emoji")).to_be_focused()
    expect(page.get_by_role("button", name="grinning face", exact=True)).to_be_visible()
    keys.type("party pop")
    expect(page.locator(".cells button")).to_have_count(1)
    check_axe(page, "emoji picker")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(messenger.box).to_have_value("🎉")
    expect(messenger.box).to_be_focused()
    keys.press("Enter")

    for role, name in (("button", "Attach a file"), ("log", "Messages"), ("button", "Menu")):
        keys.press("Shift+Tab")
        expect(page.get_by_role(role, name=name)).to_be_focused()  # type: ignore[arg-type]
    keys.press("Enter")
    expect(page.get_by_role("menuitemcheckbox", name="Sounds")).to_be_focused()
    check_axe(page, "menu")
    keys.press("ArrowUp")  # round to the last
    expect(page.get_by_role("menuitem", name="Clear conversation")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Clear the conversation?")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()  # the safe answer
    check_axe(page, "question before clearing")
    keys.press("Escape")
    expect(messenger.box).to_be_focused()
    messenger.sees("Hello there")

    page.set_viewport_size({"width": 320, "height": 560})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, a, summary')].filter((one) => one.offsetParent)
        .map((one) => [one.textContent || one.ariaLabel, one.getBoundingClientRect()])
        .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)"""
    )
    assert not small, f"targets below 24 px: {small}"


def test_end_survey_clear_and_transcript(messenger: Messenger, company: Company) -> None:
    page = messenger.page
    messenger.say("Hello")
    company.says("Hello too")
    messenger.sees("Hello too")
    with page.expect_download() as saved:
        messenger.menu("Download transcript")
    transcript = saved.value.path().read_text(encoding="utf-8-sig")
    assert re.search(r"You: Hello\n.*Ana: Hello too", transcript)

    messenger.menu("End conversation")
    page.get_by_role("dialog").get_by_role("button", name="End conversation").click()
    expect(messenger.log.get_by_text("To go on, just write.")).to_be_visible()
    expect(page.get_by_role("group", name="How was it with Ana?")).to_be_visible()
    check_axe(page, "ended, with the survey")
    page.get_by_role("radio", name="Good").check()
    check_axe(page, "survey with a face chosen")
    page.get_by_label("What could be better?").fill("The wait")
    page.get_by_role("button", name="Send", exact=True).first.click()
    rated = eventually(lambda: Message.objects.filter(text__startswith="Rating: 4 of 5").first())
    assert rated.metadata["surveyRating"] == "4"
    expect(page.get_by_role("group", name="How was it with Ana?")).to_have_count(0)

    messenger.menu("Clear conversation")
    page.get_by_role("dialog").get_by_role("button", name="Clear", exact=True).click()
    check_axe(page, "the second question before clearing")
    page.get_by_role("dialog").get_by_role("button", name="Clear for good").click()
    expect(page.get_by_role("heading", name="Good to see you")).to_be_visible()
    expect(messenger.log.locator(".bubble:not(.typing)")).to_have_count(0)
    page.reload()
    messenger.ready()
    expect(messenger.log.locator(".bubble:not(.typing)")).to_have_count(0)


# --- pictures, films, sounds -----------------------------------------------------------------------

#: a second of film, made by the browser itself, as base64
FILM = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  recorder.start(100);
  for (let step = 0; step < 20; step += 1) {
    pen.fillStyle = `hsl(${step * 18} 80% 50%)`;
    pen.fillRect(0, 0, 64, 48);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""
PLAYED = """async (player) => {
  player.muted = true;
  await player.play();
  return new Promise((resolve) => (player.ontimeupdate = () => player.currentTime > 0.05 && resolve(player.paused)));
}"""


def tone() -> bytes:
    """A second of sound."""
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(
            b"".join(int(8000 * math.sin(at / 4)).to_bytes(2, "little", signed=True) for at in range(8000))
        )
    return out.getvalue()


def test_films_and_sounds_are_played_in_place_and_other_files_are_only_offered(
    messenger: Messenger, company: Company
) -> None:
    page = messenger.page
    messenger.sends("Hello")
    film = base64.b64decode(page.evaluate(FILM))
    company.shows("Look", film_webm=film, voice_wav=tone(), notes_txt=b"Nothing to play here.")
    page.locator("[data-part=file]").set_input_files(
        {"name": "mine.webm", "mimeType": "video/webm", "buffer": film},
    )
    expect(page.get_by_text("Goes out with your next message")).to_be_visible()
    messenger.sends("And mine")
    for tab in ("fresh", "reloaded"):
        videos, sounds = messenger.log.locator("video"), messenger.log.locator("audio")
        expect(videos).to_have_count(2)
        expect(sounds).to_have_count(1)
        for player in (videos.nth(0), videos.nth(1), sounds):
            assert player.get_attribute("controls") is not None
            assert player.evaluate(PLAYED) is False, f"{tab}: it plays where it stands"
        expect(sounds).to_have_attribute("aria-label", "voice.wav")
        expect(messenger.log.get_by_role("link", name="notes.txt")).to_be_visible()
        assert len(page.context.pages) == 1
        check_axe(page, f"films and sounds, {tab}")
        page.reload()
        messenger.ready()


def test_a_sticker_is_small_and_stands_without_a_frame_and_a_photo_is_a_photo(
    messenger: Messenger, company: Company
) -> None:
    page = messenger.page
    messenger.sends("Hello")
    sticker, photo = picture("WEBP", (512, 512)), picture("WEBP", (1200, 800))
    company.shows(wave_webp=sticker)
    company.shows(seam_webp=photo)
    small = messenger.log.locator(".photo.sticker")
    expect(small).to_have_count(1)
    expect(small.get_by_role("img", name="wave.webp")).to_be_visible()
    width = "(one) => one.getBoundingClientRect().width"
    assert small.evaluate(width) <= 160
    expect(small).to_have_css("border-top-color", "rgba(0, 0, 0, 0)")
    large = messenger.log.get_by_role("link", name="Open picture: seam.webp")
    assert large.evaluate(width) > 200
    check_axe(page, "a sticker and a photo")


def test_pictures_of_cards_come_from_the_companys_own_server_and_one_that_is_missing_leaves_no_hole(
    messenger: Messenger, company: Company
) -> None:
    page = messenger.page
    messenger.sends("Hello")
    page.route("https://cdn.shop.example/*", lambda route: route.abort())
    page.route("**/there.png", lambda route: route.fulfill(body=picture("PNG"), content_type="image/png"))
    card = {"type": "card", "description": "Rain jacket"}
    company.says("", {**card, "title": "Order 1", "image_url": "https://cdn.shop.example/there.png"})
    company.says("", {**card, "title": "Order 2", "image_url": "https://cdn.shop.example/gone.png"})
    expect(messenger.log.get_by_text("Order 2")).to_be_visible()
    expect(messenger.log.locator(".card img")).to_have_count(1)
    assert messenger.log.locator(".card img").evaluate("(one) => one.decode().then(() => one.naturalWidth)") == 64
