"""`make shots`: the product's pages as pictures, in both themes, languages and three widths, into `shots/`.

It starts the product with its demo data on a folder of its own, plays one customer and one agent, and stops it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SHOTS = ROOT / "shots"
WIDTHS = (1440, 1100, 390)
THEMES = ("light", "dark")
LANGUAGES = {"en": "en-GB", "de": "de-DE"}
PASSWORD = "seven silver spoons"


def main() -> None:
    """Take them all."""
    SHOTS.mkdir(exist_ok=True)
    chromium = shutil.which("chromium") or sys.exit("Chromium isn't installed.")
    with tempfile.TemporaryDirectory(prefix="cc-shots-") as data, running(Path(data)) as url:
        info = demo_info(Path(data))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for theme, language in product(THEMES, LANGUAGES):
                take(Look(browser, url, info, theme, language))
            browser.close()
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS.name}/")


@contextmanager
def running(data: Path) -> Iterator[str]:
    """The product with its demo company; its past week is left out, which takes longer than the pictures."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = environment(data) | {"PORT": str(port)}
    process = subprocess.Popen([sys.executable, "manage.py", "up"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: ready(url) and (data / "demo-logins.json").exists())
        yield url
    finally:
        process.terminate()
        process.wait(30)


def environment(data: Path) -> dict[str, str]:
    """This process's, with a data folder and a password of the pictures' own."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return kept | {"CC_DATA": str(data), "CC_DEMO_PASSWORD": PASSWORD}


def ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_until(done: Any, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            sys.exit("The product didn't start in time.")
        time.sleep(0.2)


def demo_info(data: Path) -> dict[str, Any]:
    command = [sys.executable, "manage.py", "demo_info", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment(data), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@dataclass(frozen=True, slots=True)
class Look:
    """One theme and language of everything."""

    browser: Browser
    url: str
    info: dict[str, Any]
    theme: str
    language: str

    def page(self, **more: Any) -> Page:
        """A page of somebody new."""
        size = {"width": WIDTHS[0], "height": 900}
        context = self.browser.new_context(viewport=size, locale=LANGUAGES[self.language], **more)
        context.add_cookies([{"name": "theme", "value": self.theme, "url": self.url}])
        return context.new_page()

    def shoot(self, page: Page, name: str) -> None:
        """The page at each width."""
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 844 if width < 500 else 900})
            page.wait_for_timeout(250)
            page.screenshot(path=SHOTS / f"{name}-{self.theme}-{self.language}-{width}.png")
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})


def take(look: Look) -> None:
    """Log-in, messenger, desk through one conversation, admin, supervisor."""
    agent = look.page()
    agent.goto(f"{look.url}/desk/")
    look.shoot(agent, "login")
    log_in(agent, "agent", look.info)
    agent.wait_for_selector("#queue-switch")
    look.shoot(agent, "desk-empty")
    agent.click("#queue-switch")
    talk(look, agent)
    # so that the next look finds the desk as this one did; by script, since a panel that is drawn anew closes its menu
    agent.evaluate("document.getElementById('queue-leave').click()")
    agent.wait_for_selector("#queue-switch")
    agent.context.close()
    administer(look)
    supervise(look)


def talk(look: Look, agent: Page) -> None:
    """One conversation, on both sides."""
    customer = look.page()
    customer.goto(look.info["deployments"][0]["url"])
    look.shoot(customer, "messenger-empty")
    say(customer, "Hello, the zip of my jacket is broken. Order 48213.")
    agent.wait_for_selector("[data-accept]", timeout=60_000)
    look.shoot(agent, "desk-offer")
    agent.locator("[data-accept]").first.click()
    agent.wait_for_selector("#composer-text")
    agent.fill("#composer-text", "Hello, I'm sorry about that. Could you send me a photo?")
    agent.click("#send")
    customer.get_by_text("Could you send me a photo?").first.wait_for()
    say(customer, "Of course, one moment")
    agent.get_by_text("Of course, one moment").first.wait_for()
    look.shoot(customer, "messenger-conversation")
    look.shoot(agent, "desk-thread")
    agent.click("#do-transfer")
    agent.wait_for_selector("#transfer-search")
    look.shoot(agent, "desk-transfer")
    agent.keyboard.press("Escape")
    agent.click("#do-end")
    agent.wait_for_selector("#wrap-up")
    look.shoot(agent, "desk-wrap-up")
    agent.locator("#wrap-up label").first.click()
    agent.locator("#wrap-up .primary").click()
    customer.context.close()


def administer(look: Look) -> None:
    """What an admin sets up."""
    page = look.page(color_scheme=look.theme)
    page.goto(f"{look.url}/admin/")
    log_in(page, "admin", look.info)
    arrive(page, "/admin/")
    look.shoot(page, "admin-start")
    for name, path in (("agents", "agents/user/"), ("queues", "routing/queue/"), ("channels", "channels_app/channel/")):
        page.goto(f"{look.url}/admin/{path}")
        page.wait_for_selector("h1, h2")
        look.shoot(page, f"admin-{name}")
    page.context.close()


def supervise(look: Look) -> None:
    """What a supervisor sees of it."""
    page = look.page()
    page.goto(f"{look.url}/desk/")
    log_in(page, "supervisor", look.info)
    arrive(page, "/desk/")
    for name, path in (("activity", ""), ("agents", "agents/"), ("interactions", "interactions/")):
        page.goto(f"{look.url}/reporting/{path}")
        page.wait_for_selector("h1")
        look.shoot(page, f"supervisor-{name}")
    page.locator("tbody a").first.click()
    page.wait_for_selector("h1")
    look.shoot(page, "supervisor-interaction")
    page.context.close()


def log_in(page: Page, role: str, info: dict[str, Any]) -> None:
    account = next(one for one in info["accounts"] if one["role"] == role)
    page.fill("[name=username]", account["email"])
    page.fill("[name=password]", account["password"])
    page.keyboard.press("Enter")


def arrive(page: Page, path: str) -> None:
    """At a page itself: the log-in names it in its own address."""
    page.wait_for_url(lambda url: urlsplit(url).path == path)
    page.wait_for_load_state("networkidle")


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox").first.fill(text)
    page.keyboard.press("Enter")
    page.get_by_text(text).first.wait_for()


if __name__ == "__main__":
    main()
