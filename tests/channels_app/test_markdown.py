"""Markdown of messages as HTML: the subset that the messenger shows, and nothing that anybody could smuggle in."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_app.content.markdown import DEEPEST, to_html, to_plain

LINK = 'target="_blank" rel="noopener noreferrer nofollow"'
TAGS = {"p", "ul", "ol", "li", "blockquote", "pre", "code", "strong", "em", "s", "a"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", ""),
        ("Hello", "<p>Hello</p>"),
        ("one\ntwo\n\nthree", "<p>one\ntwo</p><p>three</p>"),
        ("**bold** __bold__ ~~gone~~", "<p><strong>bold</strong> <strong>bold</strong> <s>gone</s></p>"),
        ("*slanted* _slanted_", "<p><em>slanted</em> <em>slanted</em></p>"),
        ("**bold and *both* of it**", "<p><strong>bold and <em>both</em> of it</strong></p>"),
        ("snake_case_name, 2 * 3 * 4, **never closed", "<p>snake_case_name, 2 * 3 * 4, **never closed</p>"),
        ("- one\n- two\n\n3. three", '<ul><li>one</li><li>two</li></ul><ol start="3"><li>three</li></ol>'),
        ("> said\n> before", "<blockquote><p>said\nbefore</p></blockquote>"),
        ("```\n<b>raw</b>", '<pre tabindex="0"><code>&lt;b&gt;raw&lt;/b&gt;</code></pre>'),
        ("[here](https://a.example/x)", f'<p><a href="https://a.example/x" {LINK}>here</a></p>'),
        ("see (https://a.example/y).", f'<p>see (<a href="https://a.example/y" {LINK}>https://a.example/y</a>).</p>'),
        ("ana@shop.example", f'<p><a href="mailto:ana@shop.example" {LINK}>ana@shop.example</a></p>'),
        ("[click](javascript:alert(1))", "<p>[click](javascript:alert(1))</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
        ('[x](https://a.example/"on="x)', f'<p><a href="https://a.example/&quot;on=&quot;x" {LINK}>x</a></p>'),
    ],
)  # fmt: skip
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
