"""Markdown of messages as HTML: the subset that the messenger shows, and nothing that anybody could smuggle in."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.content.markdown import DEEPEST, to_html, to_plain
from contactcenter.up.config import ROOT

#: texts, and the HTML that both halves make of them: tests/scripts/markdown.test.js reads them too
CASES = json.loads((ROOT / "tests/markdown.json").read_text())
TAGS = {"p", "ul", "ol", "li", "blockquote", "pre", "code", "strong", "em", "s", "a"}


@pytest.mark.parametrize(("text", "html"), [(case["text"], case["html"]) for case in CASES])
def test_a_text_becomes_the_messengers_html(text: str, html: str) -> None:
    assert to_html(text) == html


class Seen(HTMLParser):
    """Which elements and attributes there are, and what is left as text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.hrefs: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"href", "target", "rel", "start", "tabindex"}
        self.hrefs += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.words += data


@given(st.text(alphabet="ab <>&\"'`*_~[]()#>-1.\n:/", max_size=200) | st.text(max_size=200))
def test_whatever_is_written_only_our_elements_and_safe_addresses_come_out(text: str) -> None:
    seen = Seen(to_html(text))
    assert seen.tags <= TAGS
    assert all(re.match(r"(https?://|mailto:|tel:|sms:)", href, re.IGNORECASE) for href in seen.hrefs)


@given(st.lists(st.sampled_from(["word", "a < b", "x & y", "2*3", "(no)"]), min_size=1, max_size=8))
def test_a_text_without_marks_keeps_its_words(words: list[str]) -> None:
    text = " ".join(words).replace("*", "x")
    assert Seen(to_html(text)).words == text


def test_what_is_nested_without_end_ends() -> None:
    html = to_html(">" * 5000)
    assert html.count("<blockquote>") == DEEPEST
    assert to_html("**a __b " * 2000)


def test_a_line_for_a_list_is_without_marks_and_keeps_what_isnt_one() -> None:
    assert to_plain("Hello **Jonas**, [here](https://a.example) is `48213`") == "Hello Jonas, here is 48213"
    assert to_plain("2*3*4 costs snake_case") == "2*3*4 costs snake_case"
