"""Static files as browsers ask for them."""

from __future__ import annotations

import gzip
from http import HTTPStatus

import pytest
from django.templatetags.static import static
from django.test import Client

SCRIPT = "messenger/main.js"


def test_a_script_comes_whole_and_small_and_is_kept_for_good() -> None:
    answer = Client().get(static(SCRIPT), headers={"accept-encoding": "gzip"})
    assert not answer.streaming
    assert gzip.decompress(answer.content) == Client().get(static(SCRIPT)).content
    assert (answer["Content-Encoding"], answer["Content-Length"]) == ("gzip", str(len(answer.content)))
    assert answer["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer["Cache-Control"]


def test_its_address_without_the_version_works_but_isnt_kept_for_good() -> None:
    answer = Client().get(f"/static/{SCRIPT}")
    assert (answer.status_code, answer.content) == (HTTPStatus.OK, Client().get(static(SCRIPT)).content)
    assert "immutable" not in answer["Cache-Control"]


def test_whoever_has_it_isnt_sent_it_again_and_only_what_was_asked_for_is_sent() -> None:
    whole = Client().get(static(SCRIPT))
    known = Client().get(static(SCRIPT), headers={"if-modified-since": whole["Last-Modified"]})
    part = Client().get(static(SCRIPT), headers={"range": "bytes=10-19"})
    head = Client().head(static(SCRIPT))
    assert (known.status_code, known.content) == (HTTPStatus.NOT_MODIFIED, b"")
    assert (part.status_code, part.content) == (HTTPStatus.PARTIAL_CONTENT, whole.content[10:20])
    assert (head.content, head["Content-Length"]) == (b"", whole["Content-Length"])


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/static/", "/static/messenger/", "/static/nothing.js", "/static/../manage.py"])
def test_nothing_else_is_there(path: str) -> None:
    assert Client().get(path).status_code == HTTPStatus.NOT_FOUND
