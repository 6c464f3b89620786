"""A small Markdown for messages: bold, italic, strike, code, links, lists, quotes; what isn't known stays as written.

The same subset that the messenger draws: static/messenger/markdown.js is its other half, with the same rules in the
same order. One table of cases (tests/markdown.json) pins both, and a test lets both draw texts at random. Text in, safe
HTML out: everything is escaped, addresses are http(s), mailto, tel or sms.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

DEEPEST = 8  # quotes in quotes, marks in marks; further in it is text
SPACE = "\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  # as browsers count it
_BLANK = re.compile(f"[{SPACE}]*")


def _pattern(rule: str, flags: int = 0) -> re.Pattern[str]:
    """A rule with `\\s` and `\\S` as JavaScript has them, letters and word ends as ASCII has them."""
    return re.compile(rule.replace("\\S", f"[^{SPACE}]").replace("\\s", SPACE), flags | re.ASCII)


_BULLET = _pattern(r"[\s]{0,3}[-*+][\s]+([^\n]*)")
_NUMBER = _pattern(r"[\s]{0,3}([0-9]{1,9})[.)][\s]+([^\n]*)")
_QUOTE = _pattern(r">[\s]?([^\n]*)")
_FENCE = _pattern("```")
_LINK = _pattern(r"\bhttps?://[^\s<>\"']+|\b[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\b", re.IGNORECASE)
_TRAILING = _pattern(r"[.,;:!?\]}»”’]+\Z")  # belongs to the sentence, not to the address
_SAFE = _pattern(r"(https?://[^\s/]\S*|(mailto|tel|sms):\S+)\Z", re.IGNORECASE)
_MARKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_pattern(r"`([^`\n]+)`"), "code"),
    (_pattern(r"\[([^\]\n]+)\]\((\S+?)\)"), "a"),
    (_pattern(r"\*\*(?=\S)([^\n]+?)(?<=\S)\*\*"), "strong"),
    (_pattern(r"__(?=\S)([^\n]+?)(?<=\S)__"), "strong"),
    (_pattern(r"~~(?=\S)([^\n]+?)(?<=\S)~~"), "s"),
    (_pattern(r"\*(?=[^\s*])([^*\n]+?)(?<=\S)\*"), "em"),
    (_pattern(r"(?<![A-Za-z0-9_])_(?=\S)([^_\n]+?)(?<=\S)_(?![A-Za-z0-9_])"), "em"),
)


def to_html(text: str) -> str:
    """A message's text as block elements, safe to put into a page."""
    return _blocks(text, 0)


def to_plain(text: str) -> str:
    """A line for a list: without the marks that are never meant as such, links by their words."""
    for pattern, tag in _MARKS:
        if tag != "em":  # 2*3*4 stays
            text = pattern.sub(r"\1", text)
    return text


def _blocks(text: str, depth: int) -> str:
    lines = text.split("\n")
    found: list[str] = []
    while lines:
        found.append(_block(lines, depth))
    return "".join(found)


def _block(lines: list[str], depth: int) -> str:
    """The next block; its lines are taken off the front."""
    line = lines[0]
    if _BLANK.fullmatch(line):
        lines.pop(0)
        return ""
    if _FENCE.match(line):
        return f'<pre tabindex="0"><code>{html.escape(_fenced(lines))}</code></pre>'
    if _BULLET.match(line):
        return f"<ul>{_items(_run(lines, _BULLET), 1, depth)}</ul>"
    if _NUMBER.match(line):
        found = _run(lines, _NUMBER)
        return f'<ol start="{found[0][1]}">{_items(found, 2, depth)}</ol>'
    if _QUOTE.match(line) and depth < DEEPEST:
        inside = "\n".join(match[1] for match in _run(lines, _QUOTE))
        return f"<blockquote>{_blocks(inside, depth + 1)}</blockquote>"
    return f"<p>{_inline(_paragraph(lines), depth)}</p>"


def _items(found: list[re.Match[str]], group: int, depth: int) -> str:
    return "".join(f"<li>{_inline(match[group], depth)}</li>" for match in found)


def _run(lines: list[str], pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """The lines at the front that match."""
    found = []
    while lines and (match := pattern.match(lines[0])):
        found.append(match)
        lines.pop(0)
    return found


def _fenced(lines: list[str]) -> str:
    lines.pop(0)
    inside = []
    while lines and not _FENCE.match(lines[0]):
        inside.append(lines.pop(0))
    if lines:
        lines.pop(0)
    return "\n".join(inside)


#: what ends a paragraph
_BREAKS = (_pattern(r"[\s]*\Z"), _FENCE, _BULLET, _NUMBER, _QUOTE)


def _paragraph(lines: list[str]) -> str:
    inside = [lines.pop(0)]
    while lines and not any(one.match(lines[0]) for one in _BREAKS):
        inside.append(lines.pop(0))
    return "\n".join(inside)


def _inline(text: str, depth: int) -> str:
    """Emphasis, code and links: the first mark found, then what is right of it."""
    found: list[str] = []
    while text:
        first = _first(text) if depth < DEEPEST else None
        if first is None:
            break
        match, tag = first
        found += _linked(text[: match.start()])
        found.append(_DRAWN.get(tag, _emphasis)(match, tag, depth))
        text = text[match.end() :]
    return "".join([*found, *_linked(text)])


def _first(text: str) -> tuple[re.Match[str], str] | None:
    matches = [(match, tag) for pattern, tag in _MARKS if (match := pattern.search(text))]
    return min(matches, key=lambda one: one[0].start(), default=None)


def _emphasis(match: re.Match[str], tag: str, depth: int) -> str:
    return f"<{tag}>{_inline(match[1], depth + 1)}</{tag}>"


def _code(match: re.Match[str], _tag: str, _depth: int) -> str:
    return f"<code>{html.escape(match[1])}</code>"


def _named_link(match: re.Match[str], _tag: str, _depth: int) -> str:
    return _link(match[2], match[1]) if _SAFE.match(match[2]) else html.escape(match[0])


_DRAWN: dict[str, Callable[[re.Match[str], str, int], str]] = {"code": _code, "a": _named_link}


def _linked(text: str) -> Iterator[str]:
    """Plain text with its addresses as links."""
    end = 0
    for match in _LINK.finditer(text):
        word = _trimmed(match[0])
        yield html.escape(text[end : match.start()])
        yield _link(word if "://" in word else f"mailto:{word}", word)
        end = match.start() + len(word)
    yield html.escape(text[end:])


def _link(href: str, words: str) -> str:
    return f'<a href="{html.escape(href)}" target="_blank" rel="noopener noreferrer nofollow">{html.escape(words)}</a>'


def _trimmed(word: str) -> str:
    """Without the sentence's own punctuation; a closing bracket stays if the address opened one."""
    bare = _TRAILING.sub("", word)
    return _trimmed(bare[:-1]) if bare.endswith(")") and "(" not in bare else bare
