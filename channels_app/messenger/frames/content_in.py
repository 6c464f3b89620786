"""What a guest's client sends in `message.content`, in our vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

from channels_app import content as kinds
from channels_app.content import ContentError, ContentItem
from channels_app.messenger.errors import BAD_REQUEST, FrameError

from .reader import Fields

MAX_ATTACHMENTS = 30
MAX_ANSWERS = 400
_UNBOUNDED = 65_536  # the frame's own size bounds it; the content model's limits decide

BUTTON_KINDS = {
    "button": "button",
    "quickreply": "quick_reply",
    "datepicker": "date_picker",
    "listpicker": "list_picker",
    "form": "form",
}


@dataclass(frozen=True)
class GuestContent:
    """`label` is the text that stands for the content when the message brings none of its own."""

    items: tuple[ContentItem, ...]
    attachment_ids: tuple[str, ...]
    label: str
    ignored: tuple[str, ...]


def read_content(frame: Fields, message: Fields, max_items: int) -> GuestContent:
    """The content of an onMessage frame.

    Guests may send attachments (by id), answers to our buttons, pickers and forms, locations and texts. Content
    types that only we send, or that belong to other channels, are left out and named in `ignored`.
    """
    items: list[ContentItem] = []
    labels: list[str] = []
    attachment_ids: list[str] = _legacy_attachment_ids(frame) + _legacy_attachment_ids(message)
    ignored: list[str] = []
    for entry in message.objects("content", max_items):
        content_type = entry.required_text("contentType")
        if content_type == "Attachment":
            attachment_ids.append(entry.required_object("attachment").required_text("id"))
        elif content_type == "Text":
            labels.append(entry.required_object("text").text("body", None) or "")
        elif (item := _read_item(content_type, entry, message)) is not None:
            items.append(item)
            labels += [item.text or item.payload] if isinstance(item, kinds.ButtonResponse) else []
        else:
            ignored.append(content_type)
    label = ", ".join(label for label in labels if label)
    return GuestContent(tuple(items), tuple(dict.fromkeys(attachment_ids)), label, tuple(ignored))


def _legacy_attachment_ids(fields: Fields) -> list[str]:
    """Old clients list ids beside the message instead of in its content."""
    found = []
    for index, value in enumerate(fields.values("attachmentIds", MAX_ATTACHMENTS)):
        entry = f"attachmentIds[{index}]"
        found.append(Fields({entry: value}, fields.path).required_text(entry))
    return found


def _read_item(content_type: str, entry: Fields, message: Fields) -> ContentItem | None:
    try:
        match content_type:
            case "ButtonResponse":
                return _button_response(entry.required_object("buttonResponse"), entry, message)
            case "Postback":  # the deprecated form of a card's button
                return _button_response(entry.required_object("postback"), entry, message)
            case "QuickReply":
                return _quick_reply(entry.required_object("quickReply"), entry, message)
            case "Form":
                return _form_response(entry.required_object("form"), entry, message)
            case "Location":
                return _location(entry.required_object("location"))
            case _:
                return None
    except ContentError as error:
        raise FrameError(BAD_REQUEST, f"Parameter {entry.path} isn't valid: {error.message}") from None


def _item(data: dict[str, object]) -> ContentItem:
    return kinds.parse([data])[0]


def _origin(*places: Fields) -> str | None:
    """The message that is answered: clients name it in the answer, or in metadata around it."""
    for place in places:
        metadata = place.object("metadata")
        parent = metadata.text("parentMessageId") if metadata else None
        if found := place.text("originatingMessageId") or parent:
            return found
    return None


def _button_response(button: Fields, entry: Fields, message: Fields) -> ContentItem:
    kind = BUTTON_KINDS.get((button.text("type") or "").lower(), "button")
    return _item(
        {
            "type": "button_response",
            "kind": kind,
            "text": button.text("text", _UNBOUNDED) or "",
            "payload": button.text("payload", _UNBOUNDED) or "",
            "origin_message_id": _origin(button, entry, message),
        }
    )


def _quick_reply(reply: Fields, entry: Fields, message: Fields) -> ContentItem:
    """Some clients send our quick reply back as it was."""
    return _item(
        {
            "type": "button_response",
            "kind": "quick_reply",
            "text": reply.text("text", _UNBOUNDED) or "",
            "payload": reply.text("payload", _UNBOUNDED) or "",
            "origin_message_id": _origin(reply, entry, message),
        }
    )


def _form_response(form: Fields, entry: Fields, message: Fields) -> ContentItem:
    return _item(
        {
            "type": "form_response",
            "form_id": form.text("cannedResponseId") or "",
            "origin_message_id": _origin(form, entry, message),
            "answers": [_answer(answer) for answer in form.objects("response", MAX_ANSWERS)],
        }
    )


def _answer(answer: Fields) -> dict[str, object]:
    component = answer.required_object("component")
    button = component.object("buttonResponse") or component
    return {
        "id": answer.required_text("id"),
        "text": button.text("text", _UNBOUNDED) or "",
        "payload": button.text("payload", _UNBOUNDED) or "",
    }


def _location(location: Fields) -> ContentItem:
    return _item(
        {
            "type": "location",
            "latitude": location.data.get("latitude"),
            "longitude": location.data.get("longitude"),
            "name": location.text("text", _UNBOUNDED) or "",
            "address": location.text("address", _UNBOUNDED) or "",
            "url": location.text("url", _UNBOUNDED),
        }
    )
