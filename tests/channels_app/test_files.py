"""Files: names, what a file really is, pictures, storage. No database."""

from __future__ import annotations

import hashlib
import os
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from channels_app.files import storage
from channels_app.files.names import clean_name
from channels_app.files.pictures import read_picture
from channels_app.files.refusal import FileFault, FileRefused
from channels_app.files.sniffing import HEAD, UNKNOWN, allowed, media_type, sniff
from channels_app.messenger import errors
from contactcenter.kernel import clock
from tests.channels_app import pictures

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n"


def zipped(*names: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return out.getvalue()


# --- names


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\Jonas\\bill.pdf", "bill.pdf"),
        ("/absolute/a.png", "a.png"),
        ("tab\there\x00.txt", "tabhere.txt"),
        ("Rechnung März 2026.pdf", "Rechnung März 2026.pdf"),
        ("  spaced.txt. ", "spaced.txt"),
        ("www.shop.com.pdf", "www.shop.com.pdf"),
        ("release-1.2.3.zip", "release-1.2.3.zip"),
    ],
)
def test_a_name_loses_its_folders_and_tricks(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("run.exe", errors.FILE_TYPE_INVALID),
        ("RUN.EXE", errors.FILE_TYPE_INVALID),
        ("picture.svg", errors.FILE_TYPE_INVALID),
        ("page.html", errors.FILE_TYPE_INVALID),
        ("feed.xml", errors.FILE_TYPE_INVALID),
        ("invoice.exe.pdf", errors.FILE_TYPE_INVALID),
        ("shell.php.jpg", errors.FILE_TYPE_INVALID),
        ("photo\u202egpj.exe", errors.FILE_TYPE_INVALID),
        ("script.js ", errors.FILE_TYPE_INVALID),
        ("macro.docm", errors.FILE_TYPE_INVALID),
        ("noextension", errors.FILE_NAME_INVALID),
        (".hidden", errors.FILE_NAME_INVALID),
        ("", errors.FILE_NAME_INVALID),
        ("../", errors.FILE_NAME_INVALID),
        ("a" * 1030 + ".txt", errors.FILE_NAME_TOO_LONG),
    ],
)
def test_a_name_that_could_do_harm_is_refused(name: str, code: int) -> None:
    with pytest.raises(FileRefused) as refused:
        clean_name(name)
    assert errors.FILE_CODES[refused.value.fault] == code


@given(st.text(max_size=80))
def test_whatever_the_name_it_is_refused_or_harmless(name: str) -> None:
    try:
        kept = clean_name(name)
    except FileRefused:
        return
    assert kept == clean_name(kept)
    assert not set(kept) & set("/\\\x00\n\r\u202e")
    assert kept not in {".", ".."}


# --- what it is


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (pictures.picture("JPEG"), "image/jpeg"),
        (pictures.picture("PNG"), "image/png"),
        (pictures.picture("WEBP"), "image/webp"),
        (pictures.picture("GIF"), "image/gif"),
        (PDF, "application/pdf"),
        (zipped("a.txt"), "application/zip"),
        (b"Dear shop,\r\nwhere is my parcel?", "text/plain"),
        ("Grüße aus Köln".encode(), "text/plain"),
        ("Grüße aus Köln".encode("latin-1"), "text/plain"),
        ("Grüße".encode("utf-16"), "text/plain"),
        (b"name;price\nShirt;12", "text/plain"),
        (b"<jonas@example.com> wrote: 1 < 2", "text/plain"),
        (b"MZ is what I call my dog", "text/plain"),
        (("ä" * HEAD).encode()[: HEAD - 1], "text/plain"),
        (b"\x00\x01\x02\x03 something", UNKNOWN),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, mime: str) -> None:
    assert sniff(content[:HEAD]) == mime


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"\x7fELF\x02\x01\x01",
        b"\xcf\xfa\xed\xfe\x07\x00",
        b"\xca\xfe\xba\xbe\x00\x00\x00\x34",
        b"#!/bin/sh\nrm -rf /",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"\xef\xbb\xbf  \n<!DOCTYPE html><script>alert(1)</script>",
        "<html><body>".encode("utf-16"),
        b"<!-- harmless --><script>alert(1)</script>",
        b"<ScRiPt >alert(1)</script>",
        b"<?php system($_GET['c']);",
        zipped("META-INF/MANIFEST.MF", "Main.class"),
        zipped("AndroidManifest.xml"),
        b"GIF89a/*\x00\x00*/=1;<script>alert(1)</script>",
        b"BM" + b"\x00" * 20 + b"<svg onload=alert(1)>",
    ],
)
def test_programs_and_pages_are_refused_whatever_they_are_called(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        sniff(content)
    assert errors.FILE_CODES[refused.value.fault] == errors.FILE_TYPE_INVALID


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        sniff(b"")
    assert errors.FILE_CODES[refused.value.fault] == errors.FILE_EMPTY


@given(st.binary(min_size=1, max_size=400))
def test_whatever_the_bytes_they_are_refused_or_no_page(content: bytes) -> None:
    try:
        mime = sniff(content)
    except FileRefused:
        return
    assert mime not in {"text/html", "image/svg+xml", "application/xml", "text/xml"}


@pytest.mark.parametrize(
    ("mime", "patterns", "fits"),
    [
        ("image/png", ["*/*"], True),
        ("image/png", [], True),
        ("image/png", ["image/*"], True),
        ("application/pdf", ["image/*"], False),
        ("application/pdf", ["image/*", "application/pdf"], True),
    ],
)
def test_types_fit_patterns(mime: str, patterns: list[str], *, fits: bool) -> None:
    assert allowed(mime, patterns) is fits


@pytest.mark.parametrize(("mime", "kind"), [("image/png", "image"), ("audio/ogg", "audio"), ("text/plain", "file")])
def test_a_type_has_a_kind_of_attachment(mime: str, kind: str) -> None:
    assert media_type(mime) == kind


# --- pictures


def read(tmp_path: Path, content: bytes, mime: str) -> tuple[Image.Image | None, Image.Image, tuple[int, int]]:
    path = tmp_path / "file"
    path.write_bytes(content)
    found = read_picture(path, mime)
    assert found.clean is None or pictures.MARK not in found.clean
    clean = Image.open(BytesIO(found.clean)) if found.clean else None
    return clean, Image.open(BytesIO(found.thumbnail)), (found.width, found.height)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_loses_the_place_where_it_was_taken_and_stands_upright(tmp_path: Path, kind: str) -> None:
    content = pictures.with_gps(kind)
    assert pictures.MARK in content
    assert Image.open(BytesIO(content)).getexif().get_ifd(pictures.GPS)

    clean, thumbnail, size = read(tmp_path, content, f"image/{kind.lower()}")

    assert clean is not None
    assert dict(clean.getexif()) == {}
    assert size == clean.size == (48, 64)
    assert dict(thumbnail.getexif()) == {}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"comment": pictures.MARK}),
        ("JPEG", {"xmp": b"<x:xmpmeta>" + pictures.MARK}),
        ("WEBP", {"xmp": b"<x:xmpmeta>" + pictures.MARK}),
    ],
)
def test_comments_and_xmp_go_too(tmp_path: Path, kind: str, options: dict[str, bytes]) -> None:
    content = pictures.picture(kind, **options)
    assert pictures.MARK in content
    path = tmp_path / "file"
    path.write_bytes(content)
    assert pictures.MARK not in (read_picture(path, f"image/{kind.lower()}").clean or pictures.MARK)


def test_what_was_hidden_behind_a_picture_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(pictures.picture("JPEG") + zipped("evil.class") + b"<script>alert(1)</script>")
    clean = read_picture(path, "image/jpeg").clean
    assert clean
    assert b"<script>" not in clean
    assert b"PK\x03\x04" not in clean


@pytest.mark.parametrize("size", [(2000, 1000), (300, 900), (10, 10)])
def test_a_thumbnail_is_webp_of_at_most_480_pixels(tmp_path: Path, size: tuple[int, int]) -> None:
    _, thumbnail, found = read(tmp_path, pictures.picture("PNG", size), "image/png")
    assert thumbnail.format == "WEBP"
    assert max(thumbnail.size) == min(480, max(size))
    assert found == size


@pytest.mark.parametrize(("kind", "mime"), [("PNG", "image/apng"), ("WEBP", "image/webp")])
def test_an_animation_still_moves(tmp_path: Path, kind: str, mime: str) -> None:
    clean, _, _ = read(tmp_path, pictures.animation(kind), mime)
    assert clean is not None
    assert clean.n_frames == 3  # type: ignore[attr-defined]


def test_a_gif_is_kept_as_it_is(tmp_path: Path) -> None:
    clean, thumbnail, size = read(tmp_path, pictures.animation("GIF"), "image/gif")
    assert clean is None
    assert (thumbnail.format, size) == ("WEBP", (20, 20))


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_pictures_of_every_mode_are_read(tmp_path: Path, mode: str) -> None:
    clean, thumbnail, _ = read(tmp_path, pictures.picture("PNG", mode=mode), "image/png")
    assert clean is not None
    assert thumbnail.format == "WEBP"


def test_cmyk_is_read(tmp_path: Path) -> None:
    clean, thumbnail, _ = read(tmp_path, pictures.picture("JPEG", mode="CMYK"), "image/jpeg")
    assert clean is not None
    assert thumbnail.mode == "RGB"


@pytest.mark.parametrize(
    "content",
    [
        pictures.bomb(),
        pictures.bomb(8000, 6251),
        pictures.picture("PNG")[:60],
        b"\x89PNG\r\n\x1a\n" + b"nothing like it",
        pictures.picture("JPEG"),  # not what was sniffed
    ],
)
def test_bombs_and_broken_pictures_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        read_picture(path, "image/png")
    assert errors.FILE_CODES[refused.value.fault] == errors.FILE_CONTENT_INVALID


def test_an_animation_of_too_many_pixels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels_app.files.pictures.MAX_PIXELS_ALL", 3 * 20 * 20 - 1)
    path = tmp_path / "file"
    path.write_bytes(pictures.animation("WEBP"))
    with pytest.raises(FileRefused):
        read_picture(path, "image/webp")


# --- storage


def examine(content: bytes, name: str = "a.txt", max_size: int = 1000, types: list[str] | None = None) -> storage.Facts:
    return storage.examine([content], filename=name, max_size=max_size, types=types or [])


def left(media: Path) -> list[Path]:
    """All files, kept ones and parts."""
    return [path for path in media.parent.rglob("*") if path.is_file()]


def test_a_file_is_examined_and_kept(media: Path) -> None:
    facts = storage.examine([b"Hello ", b"there"], filename="a.txt", max_size=100, types=[])
    assert (facts.mime, facts.size) == ("text/plain", 11)
    assert facts.sha256 == hashlib.sha256(b"Hello there").hexdigest()
    place = storage.new_key()
    kept = storage.keep(place, facts)
    assert (kept.key.startswith(f"{place}/"), kept.thumbnail) == (True, "")
    assert storage.read(kept.key) == b"Hello there"
    assert left(media) == [media / storage.name_of(kept.key)], "the part was moved"
    assert not left(media)[0].stat().st_mode & 0o077
    assert not left(media)[0].parent.stat().st_mode & 0o077


def test_a_picture_is_kept_clean_with_its_thumbnail(media: Path) -> None:
    facts = storage.examine([pictures.with_gps("JPEG")], filename="a.jpg", max_size=10**6, types=[])
    kept = storage.keep(storage.new_key(), facts)
    stored = storage.read(kept.key)
    assert pictures.MARK not in stored
    assert (facts.size, facts.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
    assert storage.size_of(kept.thumbnail) > 0
    storage.delete(kept.key)
    assert list(media.rglob("*/*")) == [], "the folder of the place neither"
    storage.delete(kept.key)


def test_of_a_place_everything_is_deleted_and_of_another_nothing(media: Path) -> None:
    mine, other = storage.new_key(), storage.new_key()
    for place in (mine, mine, other):
        storage.keep(place, examine(b"x"))
    storage.delete(mine)
    assert [path.parent.name for path in left(media)] == [other]


def test_parts_of_processes_that_were_killed_go_after_a_day_and_no_others(media: Path) -> None:
    killed, young = examine(b"x").part, examine(b"y").part
    os.utime(killed, (0, clock.now().timestamp() - storage.LEFT_OVER - 1))
    assert examine(b"z").part.exists()
    assert (killed.exists(), young.exists()) == (False, True)


def test_a_disk_that_takes_nothing_is_told_and_nothing_half_is_left(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = examine(pictures.picture("PNG"), max_size=10**6)
    save = default_storage.save

    def full(name: str, content: Any) -> str:
        if name.endswith("-thumb"):
            return save(name, content)
        raise OSError("no space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    with pytest.raises(FileRefused, match="can't be reached") as refused:
        storage.keep(storage.new_key(), facts)
    assert refused.value.fault == FileFault.STORAGE_FAILED
    assert left(media) == [facts.part], "the part is the caller's"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"x" * 1001, errors.FILE_TOO_LARGE), (b"", errors.FILE_EMPTY), (b"<svg/>", errors.FILE_TYPE_INVALID)],
)
def test_of_a_refused_file_nothing_is_left(media: Path, content: bytes, code: int) -> None:
    with pytest.raises(FileRefused) as refused:
        examine(content)
    assert errors.FILE_CODES[refused.value.fault] == code
    assert left(media) == []


def test_the_largest_file_is_taken(media: Path) -> None:
    assert examine(b"x" * 1000).size == 1000


def test_a_name_that_lies_is_not_believed(media: Path) -> None:
    assert examine(pictures.picture("PNG"), "terms.pdf").mime == "image/png"
    with pytest.raises(FileRefused):
        examine(PDF, "photo.png", types=["image/*"])


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "", "abc", "g" * 32, f"{'a' * 32}/../x", f"{'a' * 32}\n", f"{'a' * 32}/{'b' * 9}"]
)
def test_a_key_that_is_not_ours_leads_nowhere(key: str) -> None:
    with pytest.raises(ValueError, match="storage key"):
        storage.name_of(key)
