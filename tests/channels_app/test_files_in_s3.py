"""Files in a bucket of a server that speaks S3 and checks who asks: whole, private, nothing lost when it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from channels_app.actions.files import do_delete_upload, do_prune_uploads, receive_upload
from channels_app.files import storage
from channels_app.files.links import file_link
from channels_app.files.refusal import FileFault, FileRefused
from channels_app.messenger.models import GuestSession
from channels_app.messenger.socket.uploads import upload_path
from channels_app.models import Attachment
from contactcenter.kernel import clock
from tests import factories
from tests.channels_app import pictures
from tests.channels_app.conftest import Race
from tests.channels_app.guests import requested, uploaded

BUCKET = "contactcentre-files"
Options = dict[str, Any]


@pytest.fixture(scope="module")
def server() -> Iterator[Options]:
    """The server, with one bucket and one user who may use it; what settings would say of them."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        for path, body in (("reset", ""), ("reset-auth", "inf")):  # what it knows outlives it in this process
            httpx.post(f"{address}/moto-api/{path}", content=body).raise_for_status()
        root = boto3.Session("root", "root", region_name="us-east-1")
        root.client("s3", endpoint_url=address).create_bucket(Bucket=BUCKET)
        people = root.client("iam", endpoint_url=address)
        people.create_user(UserName="product")
        allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        people.put_user_policy(UserName="product", PolicyName="files", PolicyDocument=policy)
        key = people.create_access_key(UserName="product")["AccessKey"]
        httpx.post(f"{address}/moto-api/reset-auth", content="0").raise_for_status()  # from now on it checks
        yield {
            "bucket_name": BUCKET,
            "endpoint_url": address,
            "region_name": "us-east-1",
            "access_key": key["AccessKeyId"],
            "secret_key": key["SecretAccessKey"],
        }
    finally:
        server.stop()


@pytest.fixture
def bucket(server: Options, settings: Settings, media: Path) -> Options:
    """Files lie in the bucket."""
    use(settings, server)
    return server


def use(settings: Settings, options: Options) -> None:
    backend = {"BACKEND": "channels_app.files.s3.PrivateFiles", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def at(attachment: Attachment) -> list[str]:
    """The names at an attachment's place."""
    return sorted(default_storage.listdir(storage.name_of(attachment.storage_key.partition("/")[0]))[1])


def put(client: Client, wanted: Attachment, content: bytes) -> Any:
    return client.put(upload_path(wanted.id, clock.now()), content, content_type="image/png")


@pytest.mark.django_db
def test_a_file_goes_into_the_bucket_and_comes_out_of_it(
    client: Client, session: GuestSession, bucket: Options, media: Path
) -> None:
    wanted = requested(session)
    assert put(client, wanted, pictures.with_gps("PNG")).status_code == 200
    wanted.refresh_from_db()
    assert len(at(wanted)) == 2, "the file and its small picture"
    assert [path for path in media.parent.rglob("*") if path.is_file()] == [], "this machine keeps nothing"
    served = client.get(file_link(wanted, clock.now()))
    assert (served.status_code, len(served.content), served["Content-Type"]) == (200, wanted.size, "image/png")
    assert pictures.MARK not in served.content
    small = client.get(file_link(wanted, clock.now(), thumb=True))
    assert (small.status_code, small["Content-Type"], small.content[8:12]) == (200, "image/webp", b"WEBP")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "status", "content", "shown"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
    ],
)
def test_a_player_gets_the_range_it_asks_for(
    client: Client, session: GuestSession, bucket: Options, wanted: str, status: int, content: bytes, shown: str
) -> None:
    file = uploaded(session, "a.txt", b"0123456789")
    answer = client.get(file_link(file, clock.now()), headers={"range": wanted})
    assert (answer.status_code, answer.content, answer.get("Content-Range")) == (status, content, shown)


@pytest.mark.django_db
def test_who_has_no_link_of_ours_gets_nothing_from_the_bucket(session: GuestSession, bucket: Options) -> None:
    name = storage.name_of(uploaded(session).storage_key)
    assert httpx.get(f"{bucket['endpoint_url']}/{BUCKET}/{name}").status_code == 403


@pytest.mark.django_db
def test_what_is_taken_back_or_unused_leaves_the_bucket_and_nothing_else_does(
    client: Client, session: GuestSession, bucket: Options
) -> None:
    back, unused, other = uploaded(session), uploaded(session), uploaded(session)
    do_delete_upload(back.id, guest=session.id)
    Attachment.objects.filter(id=unused.id).update(created_at=clock.now() - timedelta(days=2))
    assert do_prune_uploads() == 1
    assert (at(back), at(unused), len(at(other))) == ([], [], 2)
    assert client.get(file_link(other, clock.now())).status_code == 200


@pytest.mark.django_db
def test_a_file_that_is_gone_is_not_found(client: Client, session: GuestSession, bucket: Options) -> None:
    gone = uploaded(session)
    storage.delete(gone.storage_key)
    assert client.get(file_link(gone, clock.now())).status_code == 404
    assert client.get(file_link(gone, clock.now()), headers={"range": "bytes=0-1"}).status_code == 404


def test_of_two_uploads_at_once_one_counts_and_the_others_files_go(race: Race, bucket: Options) -> None:
    wanted = requested(factories.guest(factories.deployment()), "a.txt")

    def one(number: int) -> bool:
        try:
            return bool(receive_upload(wanted, [f"I am number {number}".encode() * (number + 1)]))
        except FileRefused:
            return False

    assert sorted(race(4, one)) == [False, False, False, True]
    kept = Attachment.objects.get()
    assert at(kept) == [kept.storage_key.partition("/")[2]]
    assert len(storage.read(kept.storage_key)) == kept.size


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"access_key": "AKIAIOSFODNN7EXAMPLE"}, "InvalidAccessKeyId"),
        ({"secret_key": "wrong"}, "SignatureDoesNotMatch"),
        ({"bucket_name": "not-there"}, "NoSuchBucket"),
        ({"endpoint_url": "http://127.0.0.1:1"}, "Could not connect"),
    ],
)
def test_a_bucket_that_refuses_is_told_and_the_upload_can_be_tried_again(
    client: Client,
    session: GuestSession,
    bucket: Options,
    settings: Settings,
    media: Path,
    caplog: pytest.LogCaptureFixture,
    wrong: Options,
    said: str,
) -> None:
    there, wanted = uploaded(session), requested(session)
    use(settings, bucket | wrong)
    refused = put(client, wanted, pictures.picture("PNG"))
    assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (503, "*")
    assert said in repr(caplog.records[-1].msg) or said in caplog.text
    assert client.get(file_link(there, clock.now())).status_code in {404, 503}, "a bucket that isn't there has no file"
    with pytest.raises(FileRefused) as error:
        receive_upload(wanted, [pictures.picture("PNG")])
    assert error.value.fault == FileFault.STORAGE_FAILED
    assert [path for path in media.parent.rglob("*") if path.is_file()] == []
    wanted.refresh_from_db()
    assert wanted.state == Attachment.State.PENDING, "nothing was promised"
    use(settings, bucket)
    assert put(client, wanted, pictures.picture("PNG")).status_code == 200
    assert client.get(file_link(there, clock.now())).status_code == 200, "and nothing is lost"
