"""Signed links to files: for a while, for one file, never as a page of ours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from channels_app.files import storage
from channels_app.files.links import file_link, is_valid, upload_token
from channels_app.messenger.models import GuestSession
from channels_app.models import Attachment
from contactcenter.kernel import clock
from tests.channels_app.guests import requested, uploaded

NINE = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"


@pytest.fixture
def picture(session: GuestSession) -> Iterator[Attachment]:
    with clock.at(NINE):
        yield uploaded(session, "Grüße aus Köln.png")


@pytest.mark.django_db
def test_a_signed_link_shows_the_file_guarded(client: Client, picture: Attachment) -> None:
    answer = client.get(file_link(picture, NINE))
    assert answer.status_code == 200
    assert answer.content == storage.read(picture.storage_key)
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''Gr%C3%BC")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"].startswith("private")


@pytest.mark.django_db
def test_the_small_picture(client: Client, picture: Attachment) -> None:
    answer = client.get(file_link(picture, NINE, thumb=True))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content"), [("terms.pdf", PDF), ("note.txt", b"Hello"), ("a.zip", b"PK\x03\x04zip")])
def test_what_could_run_is_saved_not_shown(client: Client, session: GuestSession, name: str, content: bytes) -> None:
    answer = client.get(file_link(uploaded(session, name, content), NINE))
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert client.get(file_link(uploaded(session, name, content), NINE, thumb=True)).status_code == 404


@pytest.mark.django_db
def test_an_altered_link_is_refused(client: Client, picture: Attachment, session: GuestSession) -> None:
    other = uploaded(session)
    address = file_link(picture, NINE)
    _, _, _, token, name = address.split("/")
    until, _, signature = token.partition("-")
    longer = f"{int(until, 16) + 1:x}-{signature}"
    for broken in (longer, token[:-1], "", "-", f"{until}-", f"-{signature}", "zz-x", f"-1-{signature}"):
        assert client.get(f"/files/{picture.id}/{broken or 'x'}/{name}").status_code == 403
    assert client.get(address.replace(str(picture.id), str(other.id))).status_code == 403
    assert client.get(f"/files/{picture.id}/{token}/any other name.png").status_code == 200


@pytest.mark.django_db
def test_a_link_is_good_for_seven_days(client: Client, picture: Attachment) -> None:
    address = file_link(picture, NINE)
    with clock.at(NINE + timedelta(days=7)):
        assert client.get(address).status_code == 200
    with clock.at(NINE + timedelta(days=8)):
        assert client.get(address).status_code == 403


@pytest.mark.django_db
def test_a_link_is_the_same_all_day(picture: Attachment) -> None:
    assert file_link(picture, NINE) == file_link(picture, NINE + timedelta(hours=14))
    assert file_link(picture, NINE) != file_link(picture, NINE + timedelta(hours=24))


@pytest.mark.django_db
def test_an_upload_token_opens_no_download(picture: Attachment) -> None:
    token = upload_token(picture.id, NINE)
    assert is_valid("upload", picture.id, token, NINE)
    assert not is_valid("file", picture.id, token, NINE)


@pytest.mark.django_db
def test_a_file_that_is_not_there_is_not_found(client: Client, session: GuestSession) -> None:
    assert client.get(file_link(requested(session), NINE)).status_code == 404
    gone = uploaded(session)
    storage.delete(gone.storage_key)
    assert client.get(file_link(gone, clock.now())).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "status", "content", "shown"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=3-2", 416, b"", "bytes */10"),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_a_player_gets_the_range_it_asks_for(
    client: Client, session: GuestSession, wanted: str, status: int, content: bytes, shown: str | None
) -> None:
    file = uploaded(session, "a.txt", b"0123456789")
    answer = client.get(file_link(file, clock.now()), headers={"range": wanted})
    assert (answer.status_code, answer.content, answer.get("Content-Range")) == (status, content, shown)
