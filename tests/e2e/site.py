"""A company's own site for the tests: another origin than the product's, with a policy without inline anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

SCRIPT = """
window.before = Object.getOwnPropertyNames(window);
let shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => (shifted += entry.value)))
  .observe({ type: "layout-shift", buffered: true });
function layoutShift() { return shifted; }
function newGlobals() {
  const ours = ["before", "layoutShift", "newGlobals"];
  return Object.getOwnPropertyNames(window).filter((name) => !before.includes(name) && !ours.includes(name));
}
"""
EARLY = """
window.told = [];
(window.ContactCenter ||= []).push(
  (messengers) => ["ready", "open", "close", "unread", "message"].forEach(
    (name) => messengers.on(name, (detail) => told.push([name, detail ?? null]))),
  ["setAttributes", { plan: "gold" }],
);
"""
STYLE = """
body { font: 16px/1.5 sans-serif; margin: 0; padding: 24px; min-height: 200vh; }
div, button, svg { color: red; border: 3px dotted red; margin: 20px; transform: rotate(3deg); }
"""


@dataclass(frozen=True)
class Site:
    """Where it runs: `localhost`, while the product is at 127.0.0.1."""

    url: str

    def page(self, product: str, deployments: Sequence[str], **options: str) -> str:
        """A page with one script line for each deployment."""
        return f"{self.url}/?{urlencode({'product': product, 'id': deployments, **options}, doseq=True)}"

    def framing(self, address: str) -> str:
        """A page with a frame of this address."""
        return f"{self.url}/framing?{urlencode({'address': address})}"


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        fixed = {"/host.js": SCRIPT, "/early.js": EARLY, "/host.css": STYLE}
        if parts.path in fixed:
            self._answer(fixed[parts.path], "text/css" if parts.path.endswith("css") else "text/javascript")
        elif parts.path == "/":
            self._answer(_page(query), "text/html", _policy(query["product"][0]))
        elif parts.path == "/framing":
            self._answer(
                f'<!doctype html><title>Site</title><iframe src="{query["address"][0]}"></iframe>', "text/html"
            )
        else:
            self._answer("", "image/x-icon")

    def _answer(self, text: str, kind: str, policy: str = "") -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _policy(product: str) -> str:
    return (
        f"default-src 'none'; script-src 'self' {product}; frame-src {product}; style-src 'self'; img-src 'self'; "
        "base-uri 'none'; require-trusted-types-for 'script'"
    )


def _page(query: dict[str, list[str]]) -> str:
    early = '<script src="/early.js"></script>' if "early" in query else ""
    language = query.get("language", ["en"])[0]
    lines = "".join(
        f'<script async src="{query["product"][0]}/messenger/embed.js" data-deployment="{one}"></script>'
        for one in query["id"]
    )
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Acme</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/host.css">'
        f'<script src="/host.js"></script>{early}{lines}<h1>Made for wet weather</h1><p><a href="#a">A link</a></p>'
        '<p><input aria-label="Search" type="search"></p></html>'
    )


@contextmanager
def serve() -> Iterator[Site]:
    """The site, in a thread of this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(f"http://localhost:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
