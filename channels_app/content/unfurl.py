"""What a web page says about itself: its title and description, out of its HTML. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

MOST_TITLE = 200  # characters
MOST_TEXT = 400
_TITLES = ("og:title", "twitter:title")
_TEXTS = ("og:description", "twitter:description", "description")


@dataclass(frozen=True, slots=True)
class Description:
    """Plain texts, one line each; "" where the page says nothing."""

    title: str
    text: str


def described(html: str) -> Description:
    """The description of a page from the beginning of its HTML, whatever state that is in."""
    seen = _Head()
    seen.feed(html)
    title = next((seen.meta[name] for name in _TITLES if seen.meta.get(name)), seen.title)
    text = next((seen.meta[name] for name in _TEXTS if seen.meta.get(name)), "")
    return Description(_line(title, MOST_TITLE), _line(text, MOST_TEXT))


def _line(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


class _Head(HTMLParser):
    """Collects the title and the named meta elements; the first of each counts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.meta: dict[str, str] = {}
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title" and not self.title
        if tag == "meta":
            given = dict(attrs)
            name = (given.get("property") or given.get("name") or "").lower()
            self.meta.setdefault(name, given.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
