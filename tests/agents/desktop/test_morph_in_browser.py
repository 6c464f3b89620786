"""What changes on a page while somebody reads it: with the library of npm's, and on a machine where it isn't built."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from channels_app.actions.outbound import do_customer_receipt
from tests import bundles
from tests.agents.desktop.test_reading_in_browser import picture
from tests.e2e.story import Story

CHANGED = """async (html) => {
  const base = document.querySelector('script[src$="desk/desk.js"]').src.replace("desk/desk.js", "");
  const {patch} = await import(`${base}design/morph.js`);
  const root = document.createElement("section");
  root.innerHTML = html.before;
  document.body.append(root);
  root.querySelector("details").open = true;
  root.querySelector("#typed").value = "half";
  root.querySelector("#typed").focus();
  root.querySelector("#typed").setSelectionRange(1, 3);
  root.querySelector("#long").scrollTop = 40;
  const [kept, still] = [root.querySelector("[data-keep]"), root.querySelector("#still")];
  const time = root.querySelector("time");
  patch(root, html.after);
  await new Promise((done) => setTimeout(done));
  const typed = root.querySelector("#typed");
  return {
    said: root.querySelector("#said").textContent,
    added: root.querySelectorAll("li").length,
    kept: root.querySelector("[data-keep]") === kept && kept.textContent,
    still: root.querySelector("#still") === still,
    open: root.querySelector("details").open,
    typed: [typed.value, typed === document.activeElement, typed.selectionStart, typed.selectionEnd],
    scrolled: root.querySelector("#long").scrollTop,
    time: [root.querySelector("time").dateTime, root.querySelector("time").textContent],
  };
}"""
PART = """
<p id="said">{said}</p>
<div data-keep id="mine">{keep}</div>
<p id="still"><b>the same</b></p>
<details id="more"><summary>More</summary>{said}</details>
<div><label>Name <input id="typed" value="{said}"></label></div>
<div id="long" style="height: 20px; overflow: auto"><ul>{rows}</ul></div>
<p><time datetime="2026-11-29T10:0{minute}:00+00:00" data-fmt="clock"></time></p>
"""


@pytest.mark.parametrize("bundled", [True, False])
def test_a_part_becomes_what_a_fresh_load_shows_and_what_is_the_readers_stays(story: Story, *, bundled: bool) -> None:
    page = story.page
    if bundled:
        bundles.needed()
    else:
        bundles.withhold(story.ana.context)
    page.reload()
    expect(page.locator("html[data-without]")).to_have_count(0 if bundled else 1)
    rows = "".join(f'<li id="row-{number}">{number}</li>' for number in range(9))
    before = PART.format(said="before", keep="as it was", rows=rows, minute=1)
    after = PART.format(said="after", keep="something else", rows=f"{rows}<li>last</li>", minute=2)
    shown = page.evaluate(CHANGED, {"before": before, "after": after})
    time, text = shown.pop("time")
    assert (time, text[-3:]) == ("2026-11-29T10:02:00+00:00", ":02")
    assert shown == {
        "said": "after",
        "added": 10,
        "kept": "as it was",
        "still": True,
        "open": True,
        "typed": ["half", True, 1, 3],
        "scrolled": 40,
    }


@pytest.mark.parametrize("bundled", [True, False])
def test_a_receipt_changes_only_its_part_of_a_row(story: Story, *, bundled: bool) -> None:
    if bundled:
        bundles.needed()
    else:
        bundles.withhold(story.ana.context)
        story.page.reload()
    conversation, page = story.talks(), story.page
    file = {"name": "zip.png", "mimeType": "image/png", "buffer": picture("navy")}
    page.locator("#composer-file").set_input_files(file)
    expect(page.locator("#composer-files .file:not(.busy)")).to_have_count(1)
    story.ana.answer("This one?")
    photo, state = page.locator("#log .msg.out:not(.pending) a.photo"), page.locator("#log .msg.out .meta")
    expect(photo).to_be_visible()
    photo.focus()
    photo.evaluate("node => (window.photo = node)")
    do_customer_receipt(conversation.id, state="read", seq=10_000)
    expect(state).to_contain_text("Read")
    assert photo.evaluate("node => node === window.photo && node === document.activeElement")
    expect(page.locator("html[data-without=idiomorph]")).to_have_count(0 if bundled else 1)
