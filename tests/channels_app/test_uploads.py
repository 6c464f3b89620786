"""Uploads of guests and agents, their links, and whose they are."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client
from pytest_django import Settings

from agents.models import User
from channels_app.actions.files import (
    BATCH,
    MAX_UNUSED,
    access_uploads,
    content_for,
    do_attach,
    do_delete_upload,
    do_prune_uploads,
    do_request_upload,
    receive_upload,
)
from channels_app.actions.outbound import do_reply
from channels_app.content import parse
from channels_app.events import AttachmentRejected, AttachmentUploaded
from channels_app.files import storage
from channels_app.files.links import file_link
from channels_app.files.refusal import FileRefused
from channels_app.messenger import errors
from channels_app.messenger.frames.values import Limits
from channels_app.messenger.models import GuestSession
from channels_app.messenger.policy import own_limits
from channels_app.messenger.socket.uploads import upload_path
from channels_app.models import Attachment, Channel, Message
from contactcenter.kernel import clock
from contactcenter.kernel.events import Event
from tests import cast, factories
from tests.channels_app import pictures
from tests.channels_app.conftest import Race
from tests.channels_app.guests import requested, uploaded

NINE = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
BASE = "http://127.0.0.1:8000"
PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"


def put(client: Client, attachment: Attachment, content: bytes, address: str | None = None) -> Any:
    where = address or upload_path(attachment.id, clock.now())
    return client.put(where, content, content_type="image/png", headers={"x-amz-tagging": "abc"})


def refusal(code: int) -> Any:
    return pytest.raises(FileRefused, match=None, check=lambda error: errors.FILE_CODES[error.fault] == code)


# --- asking


@pytest.mark.django_db
def test_asking_for_an_upload_makes_room_and_stores_nothing(session: GuestSession, media: Path) -> None:
    wanted = requested(session, "../photo.png", declared_type="image/png", size=100)
    assert (wanted.state, wanted.filename, wanted.guest_id) == ("pending", "photo.png", session.id)
    assert not media.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "fields", "code"),
    [
        ("run.exe", {}, errors.FILE_TYPE_INVALID),
        ("a.png", {"declared_type": "application/pdf"}, errors.FILE_TYPE_INVALID),
        ("a.png", {"size": 2_000_000}, errors.FILE_TOO_LARGE),
        ("a.png", {"size": 0}, errors.FILE_EMPTY),
        ("png", {}, errors.FILE_NAME_INVALID),
    ],
)
def test_what_is_known_to_be_refused_is_refused_when_asked(
    session: GuestSession, name: str, fields: dict[str, Any], code: int
) -> None:
    limits = Limits(file_types=("image/*",), max_file_size_kb=1000)
    with refusal(code):
        requested(session, name, limits=limits, **fields)
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_asking_again_with_ones_own_id_gives_the_same_room(session: GuestSession) -> None:
    mine = uuid.uuid4()
    first = requested(session, attachment_id=mine)
    assert requested(session, attachment_id=mine).storage_key == first.storage_key


@pytest.mark.django_db
def test_an_id_of_somebody_else_is_not_given(session: GuestSession) -> None:
    taken = requested(session)
    with refusal(errors.BAD_REQUEST):
        requested(factories.guest(factories.deployment()), attachment_id=taken.id)


@pytest.mark.django_db
def test_a_guest_cannot_fill_the_disk_without_writing(session: GuestSession) -> None:
    for _ in range(MAX_UNUSED):
        requested(session)
    with refusal(errors.TOO_MANY_REQUESTS):
        requested(session)
    requested(factories.guest(factories.deployment()))


# --- a guest's PUT


@pytest.mark.django_db
def test_a_guest_puts_a_file(client: Client, session: GuestSession, heard: list[Event]) -> None:
    wanted = requested(session)
    answer = put(client, wanted, pictures.with_gps("PNG"))
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (200, "*")
    wanted.refresh_from_db()
    assert (wanted.state, wanted.mime, wanted.width, wanted.height) == ("uploaded", "image/png", 48, 64)
    assert pictures.MARK not in storage.read(wanted.storage_key)
    event = heard[-1]
    assert isinstance(event, AttachmentUploaded)
    assert (event.attachment_id, event.guest_id, event.size) == (wanted.id, session.id, wanted.size)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "code", "status"),
    [
        (b"<svg onload='alert(1)'/>", errors.FILE_TYPE_INVALID, 422),
        (PDF, errors.FILE_TYPE_INVALID, 422),
        (b"x" * 10_241, errors.FILE_TOO_LARGE, 413),
        (pictures.bomb(), errors.FILE_CONTENT_INVALID, 422),
        (b"", errors.FILE_EMPTY, 422),
    ],
)
def test_a_bad_file_is_refused_by_the_protocols_code(
    client: Client, session: GuestSession, heard: list[Event], media: Path, content: bytes, code: int, status: int
) -> None:
    wanted = requested(session, limits=Limits(file_types=("image/*",), max_file_size_kb=10))
    answer = put(client, wanted, content)
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    wanted.refresh_from_db()
    assert (wanted.state, wanted.reason) == ("rejected", answer.json()["errorMessage"])
    assert isinstance(heard[-1], AttachmentRejected)
    assert errors.FILE_CODES[heard[-1].fault] == code
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_it_is_the_same_over_asgi(session: GuestSession, async_client: AsyncClient) -> None:
    wanted = requested(session)
    address = upload_path(wanted.id, clock.now())
    answer = async_to_sync(async_client.put)(address, pictures.picture("PNG", (900, 900)), content_type="image/png")
    assert answer.status_code == 200
    shown = async_to_sync(async_client.get)(file_link(wanted, clock.now(), thumb=True))
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/webp")


@pytest.mark.django_db
def test_a_link_serves_one_upload(client: Client, session: GuestSession) -> None:
    wanted = requested(session)
    put(client, wanted, pictures.picture("PNG"))
    first = Attachment.objects.get(id=wanted.id).sha256
    assert put(client, wanted, pictures.picture("JPEG")).status_code == 409
    assert Attachment.objects.get(id=wanted.id).sha256 == first


def test_of_two_uploads_at_once_one_counts(race: Race) -> None:
    wanted = requested(factories.guest(factories.deployment()), "a.txt")

    def one(number: int) -> bool:
        try:
            return bool(receive_upload(wanted, [f"I am number {number}".encode() * 100]))
        except FileRefused:
            return False

    assert sorted(race(4, one)) == [False, False, False, True]
    kept = Attachment.objects.get()
    assert kept.size == storage.size_of(kept.storage_key)
    place, _, name = storage.name_of(kept.storage_key).rpartition("/")
    assert default_storage.listdir(place) == ([], [name]), "what the slower ones had kept is gone again"


@pytest.mark.django_db
def test_an_upload_address_that_was_altered_is_refused(client: Client, session: GuestSession) -> None:
    wanted, other = requested(session), requested(session)
    address = upload_path(wanted.id, clock.now())
    assert put(client, wanted, b"x", address[:-1] + ("A" if address[-1] != "A" else "B")).status_code == 403
    assert put(client, wanted, b"x", address.replace(str(wanted.id), str(other.id))).status_code == 403
    download = file_link(wanted, clock.now()).split("/")[3]
    assert put(client, wanted, b"x", f"/uploads/{wanted.id}/{download}").status_code == 403


@pytest.mark.django_db
def test_an_upload_address_is_good_for_an_hour(client: Client, session: GuestSession) -> None:
    wanted = requested(session)
    address = upload_path(wanted.id, NINE)
    with clock.at(NINE + timedelta(hours=1)):
        assert put(client, wanted, pictures.picture("PNG"), address).status_code == 403
    with clock.at(NINE + timedelta(minutes=59)):
        assert put(client, wanted, pictures.picture("PNG"), address).status_code == 200


@pytest.mark.django_db
def test_other_methods_and_unknown_ids(client: Client, session: GuestSession) -> None:
    wanted = requested(session)
    address = upload_path(wanted.id, clock.now())
    assert client.options(address)["Access-Control-Allow-Methods"] == "PUT"
    assert client.post(address, b"x", content_type="text/plain").status_code == 405
    wanted.delete()
    assert put(client, wanted, b"x", address).status_code == 404


# --- an agent's upload


def post(client: Client, content: bytes = b"Our terms", name: str = "terms.txt") -> Any:
    return client.post("/channels/upload", {"file": SimpleUploadedFile(name, content)})


@pytest.mark.django_db
def test_an_agent_uploads_for_the_composer(client: Client, ana: User) -> None:
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    answer = post(client, pictures.picture("JPEG"), "photo.jpg")
    assert answer.status_code == 201
    described = json.loads(answer.content)
    stored = Attachment.objects.get()
    assert stored.uploader == ana
    assert described | {"url": "", "thumb": ""} == {
        "id": str(stored.id), "name": "photo.jpg", "size": stored.size, "mime": "image/jpeg", "url": "", "thumb": "",
    }  # fmt: skip
    assert client.get(described["url"]).status_code == client.get(described["thumb"]).status_code == 200


@pytest.mark.django_db
def test_an_agents_bad_file_is_refused(client: Client, ana: User) -> None:
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    assert post(client, b"<html>", "a.txt").json()["errorCode"] == "file_type"
    assert client.post("/channels/upload").status_code == 422
    assert client.get("/channels/upload").status_code == 405


@pytest.mark.django_db
def test_without_login_or_permission_nothing_is_uploaded(client: Client) -> None:
    assert post(client).status_code == 302
    client.force_login(
        User.objects.create_user("eva@example.com", name="Eva"), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert post(client).status_code == 403
    assert not Attachment.objects.exists()


@pytest.mark.django_db
def test_an_agents_upload_needs_the_csrf_token(ana: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    assert post(strict).status_code == 403


@pytest.mark.django_db
def test_the_installations_limit_holds(client: Client, ana: User, settings: Settings) -> None:
    settings.CC_ATTACHMENT_MAX_BYTES = 1024
    client.force_login(ana, backend="django.contrib.auth.backends.ModelBackend")
    assert post(client, b"x" * 1025).status_code == 413
    assert post(client, b"x" * 1024).status_code == 201
    assert own_limits().max_file_size_kb == 1


# --- whose it is


@pytest.mark.django_db
def test_an_agents_reply_carries_her_file(channel: Channel, ana: User) -> None:
    conversation_id = factories.said(channel).conversation_id
    file = receive_upload(do_request_upload("terms.txt", user=ana), [b"Our terms"])
    message = do_reply(conversation_id, author=ana, content=[content_for(file)])
    do_attach(message, [file.id], user=ana)
    stored = Message.objects.get(id=message.id)
    assert list(stored.attachments.all()) == [file]
    (item,) = stored.content
    assert parse([item])
    assert (item["id"], item["mime"], item.get("url")) == (str(file.id), "text/plain", None)


@pytest.mark.django_db
def test_a_foreign_file_is_refused(session: GuestSession, channel: Channel, ana: User) -> None:
    message = factories.said(channel)
    foreign = uploaded(factories.guest(factories.deployment()))
    for unknown in (foreign.id, uuid.uuid4()):
        with refusal(errors.ATTACHMENT_NOT_FOUND):
            access_uploads([unknown], guest=session.id)
        with refusal(errors.ATTACHMENT_NOT_FOUND):
            do_attach(message, [unknown], guest=session.id)
        with refusal(errors.ATTACHMENT_NOT_FOUND):
            do_attach(message, [unknown], user=ana)
    with refusal(errors.ATTACHMENT_NOT_FOUND):
        do_delete_upload(foreign.id, guest=session.id)
    foreign.refresh_from_db()
    assert foreign.message is None


@pytest.mark.django_db
def test_ones_own_files_come_in_the_order_asked_for(session: GuestSession) -> None:
    files = [uploaded(session) for _ in range(3)]
    asked = [files[2].id, files[0].id, files[1].id]
    assert [file.id for file in access_uploads(asked, guest=session.id)] == asked


@pytest.mark.django_db
def test_a_file_belongs_to_one_message(session: GuestSession, channel: Channel) -> None:
    first, second = factories.said(channel), factories.said(channel)
    file = uploaded(session)
    do_attach(first, [file.id], guest=session.id)
    do_attach(first, [file.id], guest=session.id)
    with refusal(errors.ATTACHMENT_NOT_FOUND):
        do_attach(second, [file.id], guest=session.id)


@pytest.mark.django_db
def test_a_file_whose_bytes_did_not_come_is_refused(session: GuestSession) -> None:
    wanted = requested(session)
    with refusal(errors.ATTACHMENT_NOT_UPLOADED):
        access_uploads([wanted.id], guest=session.id)


@pytest.mark.django_db
def test_an_owner_is_always_named(session: GuestSession, ana: User) -> None:
    for owner in ({}, {"guest": session.id, "user": ana}):
        with pytest.raises(ValueError, match="belongs to"):
            access_uploads([], **owner)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_guest_takes_a_file_back(session: GuestSession, media: Path) -> None:
    do_delete_upload(uploaded(session).id, guest=session.id)
    assert not Attachment.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


# --- what nobody used


@pytest.mark.django_db
def test_unused_uploads_are_thrown_away_after_a_day(session: GuestSession, channel: Channel, media: Path) -> None:
    with clock.at(NINE):
        session.expires_at = NINE + timedelta(days=3)
        used, unused, pending = uploaded(session), uploaded(session), requested(session)
        do_attach(factories.said(channel), [used.id], guest=session.id)
    with clock.at(NINE + timedelta(days=1)):
        assert do_prune_uploads() == 0
    with clock.at(NINE + timedelta(days=1, seconds=1)):
        assert do_prune_uploads() == 2
    assert set(Attachment.objects.all()) == {used}
    place = used.storage_key.partition("/")[0]
    assert {path.parent.name for path in media.rglob("*") if path.is_file()} == {place}
    assert not {unused.storage_key.partition("/")[0], pending.storage_key} & {path.name for path in media.rglob("*")}
    assert BATCH >= 100


@pytest.mark.django_db
def test_the_cast_can_be_told_apart() -> None:
    people = [cast.ana(), cast.ben(), cast.cleo(), cast.sam(), cast.ada()]
    assert len({person.email for person in people}) == 5
    may_work = [person.has_perm("agents.work_conversations") for person in people]
    assert may_work[:3] == [True, True, True]
    assert [person.has_perm("agents.supervise") for person in people[:4]] == [False, False, False, True]
