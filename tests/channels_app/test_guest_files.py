"""Files over a real socket: asked for, put, told of, sent, and the socket goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from channels_app.actions.files import receive_upload
from channels_app.models import Attachment, Message
from contactcenter.kernel import events
from tests.channels_app import pictures
from tests.channels_app.client import StrictGuest
from tests.channels_app.conftest import Opener


@pytest.fixture
def guest(guest: Opener) -> Opener:
    """Each has a session already."""

    def open_one(**fields: Any) -> StrictGuest:
        made = guest(**fields)
        made.configure()
        return made

    return open_one


def put(address: dict[str, Any], content: bytes) -> int:
    headers = {**address["headers"], "Content-Type": "image/png"}
    return httpx.put(address["url"], content=content, headers=headers).status_code


def upload(jonas: StrictGuest, name: str, content: bytes) -> str:
    """The id of a file that the server said it has."""
    address = jonas.get("onAttachment", fileName=name, fileType="image/png", fileSize=len(content))
    assert put(address, content) == 200
    told = jonas.until_class("UploadSuccessEvent")
    assert told["body"]["attachmentId"] == address["attachmentId"]
    return str(address["attachmentId"])


@contextmanager
def silent() -> Iterator[None]:
    """Nothing is pushed, as when the store is gone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "_after_commit", [])
        yield


def carry(*ids: str) -> list[dict[str, Any]]:
    return [{"contentType": "Attachment", "attachment": {"id": one}} for one in ids]


def test_a_message_with_a_file_is_answered_on_its_own_socket_and_the_next_file_too(guest: Opener) -> None:
    jonas = guest()
    for number in (1, 2):
        own = upload(jonas, f"{number}.png", pictures.picture("PNG"))
        answer = jonas.get("onMessage", message={"content": carry(own)})
        (item,) = answer["content"]
        assert (item["attachment"]["id"], item["attachment"]["filename"]) == (own, f"{number}.png")
        assert httpx.get(item["attachment"]["url"]).content == pictures.picture("PNG")
    assert Message.objects.filter(attachments__isnull=False).count() == 2


def test_a_message_with_a_file_that_comes_again_is_answered_again(guest: Opener) -> None:
    jonas = guest()
    own = upload(jonas, "a.png", pictures.picture("PNG"))
    message = {"content": carry(own), "metadata": {"customMessageId": "once"}}
    assert jonas.get("onMessage", message=message)["id"] == jonas.get("onMessage", message=message)["id"]
    assert jonas.say("and on")["text"] == "and on"


@pytest.mark.parametrize(("content", "code"), [(b"", 4102), (b"MZ" + b"\0" * 100, 4001)])
def test_a_file_that_isnt_good_fails_and_no_message_can_carry_it(guest: Opener, content: bytes, code: int) -> None:
    jonas = guest()
    address = jonas.get("onAttachment", fileName="a.png", fileType="image/png", fileSize=102)
    assert put(address, content) == 422
    failed = jonas.until_class("UploadFailureEvent")
    assert (failed["body"]["attachmentId"], failed["body"]["errorCode"]) == (address["attachmentId"], code)
    assert jonas.ask("onMessage", message={"content": carry(address["attachmentId"])})["code"] == 4010
    assert jonas.say("and on")["text"] == "and on"


def test_an_upload_whose_push_was_lost_is_told_all_the_same_and_once(guest: Opener) -> None:
    """The stream of a session has no heads: the socket that asked looks for itself."""
    jonas = guest()
    address = jonas.get("onAttachment", fileName="a.png", fileType="image/png", fileSize=68)
    row = Attachment.objects.get(id=address["attachmentId"])
    with silent():
        receive_upload(row, [pictures.picture("PNG")])
    assert jonas.until_class("UploadSuccessEvent", seconds=10)["body"]["attachmentId"] == address["attachmentId"]
    assert jonas.hears_nothing(4)


def test_another_tab_isnt_told_of_what_it_didnt_ask_for_and_missed(guest: Opener) -> None:
    jonas = guest()
    tab = guest(token=jonas.token)
    address = jonas.get("onAttachment", fileName="a.png", fileType="image/png", fileSize=68)
    with silent():
        receive_upload(Attachment.objects.get(id=address["attachmentId"]), [pictures.picture("PNG")])
    jonas.until_class("UploadSuccessEvent", seconds=10)
    assert tab.hears_nothing(1)
