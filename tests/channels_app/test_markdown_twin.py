"""Both halves of the Markdown, the server's and the messenger's, draw the same of whatever somebody writes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels_app.content.markdown import to_html
from contactcenter.up import node
from contactcenter.up.config import ROOT

Tree = list[Any]
Draw = Callable[[str], Tree]

#: what the grammar looks at, so that random texts are full of it
PIECES = st.sampled_from(
    [
        *("**", "__", "~~", "*", "_", "`", "```", "[", "](", ")", "(", "> ", ">", "- ", "* ", "+ ", "1. ", "12) ", "-"),
        *("\n", "\n\n", " ", "  ", "\t", "\u00a0", "\r", "a", "b c", "Ä", "ß", "مر", "7", "٣", "x_y", "🎉"),
        *("https://a.example/x", "http://ä.example", "HTTPS://A.EXAMPLE", "ana@shop.example", "mailto:a@b", "tel:+49"),
        *("javascript:alert(1)", "www.a.example", "?a=1&b=2", "#x", ".", ",", "!", "»", "]", "}", "<b>", "&amp;", '"'),
    ]
)  # fmt: skip


class Parsed(HTMLParser):
    """HTML as nested lists: [tag, {attribute: value}, child, …]."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[Tree] = [["div", {}]]
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made: Tree = [tag, dict(attrs)]
        self.open[-1].append(made)
        self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        inside = self.open[-1]
        if isinstance(inside[-1], str):
            inside[-1] += data
        else:
            inside.append(data)


@pytest.fixture(scope="module")
def messenger() -> Iterator[Draw]:
    """The messenger's half, run by Node."""
    found = node.find()
    if found is None:
        pytest.skip(node.NONE)
    command = [*found.node, "tests/scripts/markdown_lines.js"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        lines, answers = running.stdin, running.stdout
        assert lines
        assert answers

        def draw(text: str) -> Tree:
            print(json.dumps(text), file=lines, flush=True)
            drawn: Tree = json.loads(answers.readline())
            return drawn

        yield draw
        lines.close()


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=24).map("".join) | st.text(max_size=60))
@example("> " * 12 + "deep")
@example("**a __b ~~" * 12)
def test_the_messenger_draws_what_the_server_draws(messenger: Draw, text: str) -> None:
    assert messenger(text) == Parsed(to_html(text)).open[0][2:]


@pytest.mark.parametrize("broken", ["<p>a <b>c</b></p>", "<p>a</p><p></p>", '<p><a href="https://x">a</a></p>'])
def test_the_comparison_sees_a_difference(messenger: Draw, broken: str) -> None:
    assert messenger("a") != Parsed(broken).open[0][2:]
