"""Files by picker, drop and paste, and long texts: what is refused says why, before a byte is sent."""

from __future__ import annotations

import base64

from playwright.sync_api import FilePayload, expect

from channels_app.actions.outbound import do_reply, do_staff_receipt
from channels_app.models import Attachment, Message
from tests.e2e.messenger import Company, Messenger, check_axe
from tests.product import eventually

LIMIT = 10 * 1024 * 1024
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


def file(name: str, mime: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": mime, "buffer": content}


GIVE = """([kind, name]) => {
  const bytes = Uint8Array.from(atob("%s"), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: "image/png" }));
  const once = { bubbles: true, cancelable: true };
  const [place, event] = kind === "paste"
    ? [".say textarea", new ClipboardEvent("paste", { clipboardData: data, ...once })]
    : ["main", new DragEvent("drop", { dataTransfer: data, ...once })];
  document.querySelector(place).dispatchEvent(event);
}"""


HOVER = """() => {
  const data = new DataTransfer();
  data.items.add(new File(["-"], "a.png", { type: "image/png" }));
  const over = { dataTransfer: data, bubbles: true, cancelable: true };
  document.querySelector("main").dispatchEvent(new DragEvent("dragover", over));
}"""


def test_files_and_texts_up_to_the_limits_go_out_and_others_say_why_not(messenger: Messenger) -> None:
    page, give = messenger.page, GIVE % base64.b64encode(PIXEL).decode()
    chooser = page.locator("[data-part=file]")
    tray = page.get_by_role("list", name="Files to send")

    chooser.set_input_files([
        file("walk.pdf", "application/pdf", b"%PDF-1.4\n" + b"0" * (LIMIT - 9)),
        file("tool.exe", "application/x-msdownload", b"MZ" + b"0" * 100),
        file("long.pdf", "application/pdf", b"%PDF-1.4\n" + b"0" * LIMIT),
        file("empty.pdf", "application/pdf", b""),
    ])  # fmt: skip
    expect(tray.get_by_role("listitem")).to_have_count(4)
    expect(tray.get_by_text("This kind of file can’t be sent.")).to_be_visible()
    expect(tray.get_by_text("Too big: files can have up to 10 MB.")).to_be_visible()
    expect(tray.get_by_text("This file is empty.")).to_be_visible()
    expect(tray.get_by_text("Goes out with your next message")).to_be_visible(timeout=60_000)
    assert Attachment.objects.count() == 1, "what is refused here isn't asked for"
    check_axe(page, "tray with files and problems")
    for name in ("tool.exe", "long.pdf", "empty.pdf"):
        tray.get_by_role("button", name=f"Remove {name}").click()
    messenger.say("My walk")
    expect(messenger.log.get_by_role("link", name="walk.pdf")).to_be_visible()
    expect(tray).to_be_hidden()

    page.evaluate(give, ["paste", "pasted.png"])
    expect(tray.get_by_text("Goes out with your next message")).to_be_visible()
    page.evaluate(give, ["drop", "dropped.png"])
    expect(tray.get_by_text("Goes out with your next message")).to_have_count(2)
    tray.get_by_role("button", name="Remove dropped.png").click()
    expect(tray.get_by_role("listitem")).to_have_count(1)
    page.get_by_role("button", name="Send", exact=True).click()
    picture = messenger.log.get_by_role("link", name="Open picture: pasted.png")
    expect(messenger.log.get_by_text("Sending")).to_have_count(0)
    picture.click()
    viewer = page.get_by_role("dialog", name="pasted.png")
    expect(viewer.get_by_role("img")).to_be_visible()
    check_axe(page, "picture viewer")
    page.keyboard.press("Escape")
    expect(picture).to_be_focused()
    eventually(lambda: Message.objects.filter(attachments__isnull=False).count() == 2)

    messenger.box.fill("é" * 2049)
    expect(page.get_by_text("Too long by one character.")).to_be_visible()
    messenger.box.press("Enter")
    check_axe(page, "a text that is too long")
    assert Message.objects.filter(text__contains="éé").count() == 0
    messenger.say("é" * 2048)
    eventually(lambda: Message.objects.filter(text="é" * 2048).exists())


def test_a_receipt_changes_nothing_but_its_line(messenger: Messenger, company: Company) -> None:
    """The picture that was opened keeps its place in the page, so it has the focus when the large one closes."""
    page, log = messenger.page, messenger.log
    messenger.sends("My seam")
    page.evaluate(GIVE % base64.b64encode(PIXEL).decode(), ["paste", "seam.png"])
    expect(page.get_by_text("Goes out with your next message")).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    picture, said = log.get_by_role("link", name="Open picture: seam.png"), log.get_by_text("My seam", exact=True)
    expect(log.locator(".m.me:is(.sending, .waiting)")).to_have_count(0)
    expect(picture).to_be_visible()  # with the part of the messenger that draws pictures
    said.evaluate("node => { window.said = node; }")
    picture.click()
    for state, shown in (("delivered", "Delivered"), ("read", "Read")):
        do_staff_receipt(company.conversation.id, state=state, seq=10_000, agent=company.agent)
        expect(log.locator(f".m.me .state.{shown.lower()}")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(picture).to_be_focused()
    do_reply(company.conversation.id, author=company.agent, text="I see")
    messenger.sees("I see")
    expect(picture).to_be_focused()
    assert said.evaluate("node => node === window.said")


def test_an_upload_can_be_cancelled_and_tried_again(messenger: Messenger) -> None:
    page = messenger.page
    tray = page.get_by_role("list", name="Files to send")
    page.evaluate(HOVER)
    expect(page.locator("main.dropping")).to_have_count(1)
    check_axe(page, "files over the messenger")
    page.evaluate("document.querySelector('main').dispatchEvent(new DragEvent('dragleave', {bubbles: true}))")
    expect(page.locator("main.dropping")).to_have_count(0)
    page.route("**/uploads/**", lambda route: route.abort())
    page.locator("[data-part=file]").set_input_files(file("seam.png", "image/png", PIXEL))
    expect(tray.get_by_text("The upload didn’t finish.")).to_be_visible()
    check_axe(page, "an upload that failed")
    page.unroute_all()
    tray.get_by_role("button", name="Upload seam.png again").click()
    expect(tray.get_by_text("Goes out with your next message")).to_be_visible()
    tray.get_by_role("button", name="Remove seam.png").click()
    expect(tray).to_be_hidden()
    messenger.say("Without it")
    eventually(lambda: Message.objects.filter(text="Without it").exists())
    assert not Message.objects.filter(attachments__isnull=False).exists()
