"""Static files as browsers ask for them."""

from __future__ import annotations

import gzip
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.templatetags.static import static
from django.test import Client

from contactcenter.up import bundles

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


def test_of_an_entry_what_was_built_is_sent_and_kept_for_good(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    client = Client()
    address = static("bundles/idiomorph.js")
    missing = client.get(address)
    assert (missing.status_code, "Cache-Control" in missing) == (HTTPStatus.NOT_FOUND, False)
    folder = tmp_path / "bundles" / bundles.fingerprint()
    folder.mkdir(parents=True)
    (folder / "idiomorph.js").write_text("export const Idiomorph = 1;\n" * 20)
    answer = client.get(address, headers={"accept-encoding": "gzip"})
    assert gzip.decompress(answer.content).decode() == (folder / "idiomorph.js").read_text()
    assert answer["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["nothing.js", "", "../messenger/main.js", "../../bundles/idiomorph.js"])
def test_the_entry_itself_and_what_lies_elsewhere_arent_sent_for_a_bundle(
    settings: Any, tmp_path: Path, path: str
) -> None:
    settings.DATA_DIR = tmp_path
    (tmp_path / "bundles" / bundles.fingerprint()).mkdir(parents=True)
    for asked in ("idiomorph.js", path):
        assert Client().get(f"/static/bundles/{asked}").status_code == HTTPStatus.NOT_FOUND
