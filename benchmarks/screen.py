"""One agent's screen in Chromium while the floor works: how soon a key is taken, and one's own message is seen.

Input delay is what the browser itself reports (Event Timing: from the key to the first line of our scripts); a
message is seen when its bubble was painted. The limit beside the delay: the same keys in a field of the log-in page,
where nothing else happens.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
from typing import Any

import uvloop
from django.conf import settings
from playwright.async_api import Browser, Page, async_playwright

from benchmarks import guests, world
from benchmarks.figures import Aim, Figure, Outcome, percentile, spread
from benchmarks.floor import Floor
from benchmarks.guests import Guest
from benchmarks.machine import Busy

#: keeps the delay of each key, in seconds; events shorter than 16 ms are reported by the browser only in their sum
_WATCH = """
() => {
  window.delays = [];
  window.seen = [];
  document.addEventListener("keydown", (event) => {
    window.delays.push((performance.now() - event.timeStamp) / 1000);
  }, { capture: true });
  document.addEventListener("keydown", (event) => {
    const log = document.getElementById("log");
    if (event.key !== "Enter" || !log) return;
    const began = event.timeStamp;
    const observer = new MutationObserver(() => {
      const last = [...log.querySelectorAll(".msg.pending, .msg[data-client-id]")].at(-1);
      if (!last?.textContent.includes(window.mark)) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => window.seen.push((performance.now() - began) / 1000)));
    });
    observer.observe(log, { childList: true, subtree: true });
  }, { capture: true });
}
"""


def run(
    *, pids: dict[str, int], desks: int = 50, conversations: int = 150, rate: float = 50, sentences: int = 25
) -> Outcome:
    made = world.deployment("Benchmark screen")
    cookies = world.logins_by_agent(world.agents(desks, made))
    return uvloop.run(_measure(pids, Floor(made, cookies), cookies, conversations, rate, sentences))


async def _measure(
    pids: dict[str, int], floor: Floor, cookies: dict[str, str], conversations: int, rate: float, sentences: int
) -> Outcome:
    await floor.open(conversations)
    agent, conversation, _ = floor.work[0]
    gc.freeze()
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        alone = await _alone(chromium, sentences)
        page = await _desk(chromium, cookies[agent], conversation)
        with Busy(pids) as busy:
            load = asyncio.create_task(guests.steady(floor.people, Guest.say, rate, sentences * 1.2))
            await asyncio.sleep(1)
            await _write(page, "#composer-text", sentences, send=True)
            delays, seen = await page.evaluate("[window.delays, window.seen]")
            asked = await load
        shown = await page.locator(".msg.in").count()
        await chromium.close()
    details = {"delay ms": spread(delays), "seen ms": spread(seen), "alone ms": spread(alone), "cpu": busy.percent}
    at = f"at {rate:g}/s, {len(floor.desks)} desks"
    return Outcome(_figures(delays, seen, alone, at, str(busy), sentences, asked.lost), details | {"rows": shown})


async def _desk(chromium: Browser, cookie: str, conversation: str) -> Page:
    name, value = cookie.split("=", 1)
    context = await chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    await context.add_cookies([{"name": name, "value": value, "url": settings.BASE_URL}])
    page = await context.new_page()
    await page.goto(f"{settings.BASE_URL}/desk/conversations/{conversation}/")
    await page.locator("#composer-text").wait_for()
    await page.evaluate(_WATCH)
    return page


async def _alone(chromium: Browser, sentences: int) -> list[float]:
    page = await chromium.new_page()
    await page.goto(f"{settings.BASE_URL}/login/")
    await page.evaluate(_WATCH)
    await _write(page, "[name=username]", sentences, send=False)
    found: list[float] = await page.evaluate("window.delays")
    await page.close()
    return found


async def _write(page: Page, field: str, sentences: int, *, send: bool) -> None:
    """Sentences, a key every 40 ms or so; each is sent with Enter."""
    await page.locator(field).click()
    for number in range(sentences):
        mark = f"own-{number}"
        await page.evaluate("mark => { window.mark = mark }", mark)
        await page.keyboard.type(f"{mark} here you are", delay=30)
        if send:
            await page.keyboard.press("Enter")
            await page.wait_for_function("number => window.seen.length > number", arg=number, timeout=10_000)


def _figures(
    delays: list[float], seen: list[float], alone: list[float], at: str, busy: str, sentences: int, lost: int
) -> list[Figure]:
    own: dict[str, Any] = {"benchmark": "agent's screen"}
    beside = percentile(alone, 95) * 1000
    return [
        Figure(name=f"input delay {at}, p95", value=percentile(delays, 95) * 1000, unit="ms", limit=beside,
               limit_name="log-in page", aim=Aim(50, at_least=False), note=busy, **own),
        Figure(name=f"own message visible {at}, p50", value=percentile(seen, 50) * 1000, unit="ms", **own),
        Figure(name=f"own message visible {at}, p95", value=percentile(seen, 95) * 1000, unit="ms",
               aim=Aim(50, at_least=False), **own),
        Figure(name="own messages that weren't seen", value=sentences - len(seen), unit="", aim=Aim(0, at_least=False),
               **own),
        Figure(name="sent and not acknowledged", value=lost, unit="", aim=Aim(0, at_least=False), **own),
    ]  # fmt: skip
