"""The messenger's page in Chromium: what it loads at first, and when one can write.

Each load is a browser's first: nothing is cached. The limit beside the time is the same browser opening the
log-in page of the same server: one document with its style sheets and little else.
"""

from __future__ import annotations

import shutil
from statistics import median
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, Request, sync_playwright

from benchmarks import world
from benchmarks.figures import Aim, Figure, Outcome
from channels_app.messenger.models import Deployment

KIB = 1024
#: notes when the first of these can be used, in milliseconds since the navigation began
_NOTE = """
(selector) => new Promise((done) => {
  const look = () => {
    const found = document.querySelector(selector);
    return found && !found.disabled && found.offsetParent ? done(performance.now()) : requestAnimationFrame(look);
  };
  look();
})
"""


def run(*, pids: dict[str, int], loads: int = 7) -> Outcome:
    made = world.deployment("Benchmark page")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            return _measure(chromium, made, loads)
        finally:
            chromium.close()


def _measure(chromium: Browser, of: Deployment, loads: int) -> Outcome:
    messenger, login = f"{settings.BASE_URL}/messenger/{of.id}/", f"{settings.BASE_URL}/login/"
    _load(chromium, login, "[name=username]")  # the server's own first time
    _load(chromium, messenger, "textarea")
    ours = [_load(chromium, messenger, "textarea") for _ in range(loads)]
    beside = [_load(chromium, login, "[name=username]") for _ in range(loads)]
    details: dict[str, Any] = {"ms": [ms for ms, _ in ours], "beside ms": [ms for ms, _ in beside]}
    bodies = max(sum(body for body, _ in sizes.values()) for _, sizes in ours)
    heads = max(sum(head for _, head in sizes.values()) for _, sizes in ours)
    own: dict[str, Any] = {"benchmark": "messenger page"}
    return Outcome(
        [
            Figure(name="first load, as sent", value=bodies / KIB, unit="KiB", aim=Aim(30, at_least=False), **own),
            Figure(name="headers beside it", value=heads / KIB, unit="KiB", **own),
            Figure(name=f"until one can write, median of {loads}", value=median(ms for ms, _ in ours), unit="ms",
                   limit=median(ms for ms, _ in beside), limit_name="log-in page", **own),
        ],
        details | {"bytes": ours[0][1]},
    )  # fmt: skip


def _load(chromium: Browser, address: str, usable: str) -> tuple[float, dict[str, tuple[int, int]]]:
    """(milliseconds until it can be used, bytes of each body and its headers as sent)."""
    context = chromium.new_context()
    page = context.new_page()
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))  # noqa: PLW0108 a builtin can't be wrapped
    page.goto(address, wait_until="commit")
    ms = float(page.evaluate(_NOTE, usable))
    page.wait_for_load_state("networkidle")
    told = {request.url: request.sizes() for request in finished}
    sizes = {url: (size["responseBodySize"], size["responseHeadersSize"]) for url, size in told.items()}
    context.close()
    return ms, sizes
