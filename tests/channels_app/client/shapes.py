"""The shapes of the guest protocol, written from its reference, not from our code.

A shape is a type, a function that says what is wrong, or an `Object` with the fields that must and may be there.
An unknown class, a missing field and one too many are all errors. Sources: the web messaging SDKs' schemas and the
frames that MyPureCloud/genesys-messenger-transport-mobile-sdk decodes (shyrka/receive), at ea4509f.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
HEX_ID = re.compile(r"[0-9a-f]{32}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
URL = re.compile(r"https?://\S+")

Check = Callable[[Any, str], None]


class ShapeError(AssertionError):
    """A frame isn't what the protocol says."""


def need(condition: object, at: str, wanted: str, value: Any) -> None:
    if not condition:
        raise ShapeError(f"{at}: {wanted} wanted, got {value!r}")


def text(value: Any, at: str) -> None:
    need(isinstance(value, str), at, "a text", value)


def filled(value: Any, at: str) -> None:
    need(isinstance(value, str) and value, at, "a text with something in it", value)


def whole(value: Any, at: str) -> None:
    need(isinstance(value, int) and not isinstance(value, bool) and value >= 0, at, "a whole number", value)


def flag(value: Any, at: str) -> None:
    need(isinstance(value, bool), at, "true or false", value)


def like(pattern: re.Pattern[str]) -> Check:
    def check(value: Any, at: str) -> None:
        need(isinstance(value, str) and pattern.fullmatch(value), at, pattern.pattern, value)

    return check


def one_of(*values: Any) -> Check:
    def check(value: Any, at: str) -> None:
        need(any(value == one and type(value) is type(one) for one in values), at, f"one of {values}", value)

    return check


def list_of(shape: Check, *, least: int = 0) -> Check:
    def check(value: Any, at: str) -> None:
        need(isinstance(value, list) and len(value) >= least, at, f"a list of at least {least}", value)
        for index, one in enumerate(value):
            shape(one, f"{at}[{index}]")

    return check


def map_of_texts(value: Any, at: str) -> None:
    need(isinstance(value, dict), at, "an object", value)
    for name, one in value.items():
        text(one, f"{at}.{name}")


def obj(must: Mapping[str, Check] | None = None, may: Mapping[str, Check] | None = None) -> Check:
    """An object with exactly the fields of `must`, and any of `may`."""
    must, may = must or {}, may or {}

    def check(value: Any, at: str) -> None:
        need(isinstance(value, dict), at, "an object", value)
        missing, more = must.keys() - value.keys(), value.keys() - must.keys() - may.keys()
        need(not missing, at, f"the fields {sorted(missing)}", value)
        need(not more, at, f"no fields {sorted(more)}", value)
        for name, one in value.items():
            (must.get(name) or may[name])(one, f"{at}.{name}")

    return check


# --- content -----------------------------------------------------------------------------------

ATTACHMENT = obj(
    {
        "id": filled,
        "url": like(URL),
        "filename": filled,
        "mediaType": one_of("Image", "Video", "Audio", "File", "Link"),
    },
    {"fileSize": whole, "mime": filled, "sha256": filled, "text": text},
)
QUICK_REPLY = obj({"text": filled, "payload": filled, "action": one_of("Message")}, {"image": like(URL)})
BUTTON = obj(
    {
        "type": one_of("Button", "QuickReply", "DatePicker", "ListPicker", "Form"),
        "text": text,
        "payload": text,
    },
    {"originatingMessageId": filled},
)


def action(value: Any, at: str) -> None:
    need(isinstance(value, dict), at, "an object", value)
    if value.get("type") == "Link":
        obj({"type": one_of("Link"), "text": text, "url": like(URL)})(value, at)
    else:
        obj({"type": one_of("Postback"), "text": filled, "payload": filled})(value, at)


CARD = obj(
    {"title": filled, "description": text, "actions": list_of(action)},
    {"image": like(URL), "video": like(URL), "defaultAction": action},
)
SLOT = obj({"dateTime": like(TIME), "duration": whole})
DATE_PICKER = obj(
    {"title": text, "availableTimes": list_of(SLOT)},
    {
        "id": filled, "subtitle": text, "imageUrl": like(URL), "location": obj(may={
            "text": text, "latitude": lambda v, a: None, "longitude": lambda v, a: None, "address": text, "url": text,
        }), "dateMinimum": like(TIME), "dateMaximum": like(TIME),
        "dateDisplayFormat": one_of("dayMonthYear", "monthDayYear", "yearMonthDay"),
    },
)  # fmt: skip
BUBBLE = obj(may={"header": text, "title": text, "subtitle": text, "buttonLabel": text, "imageUrl": like(URL)})
ITEM = obj({"id": filled, "title": filled}, {"subtitle": text, "imageUrl": like(URL)})
SECTION = obj({"title": text, "multipleSelection": flag, "items": list_of(ITEM)})
LIST_PICKER = obj({"receivedMessage": BUBBLE, "replyMessage": BUBBLE, "sections": list_of(SECTION)}, {"id": filled})


def form(value: Any, at: str) -> None:
    """A form that is shown, or a filled one that comes back."""
    need(isinstance(value, dict) and isinstance(value.get("cannedResponseId"), str), at, "a form", value)
    need("formPages" in value or "response" in value, at, "pages or answers", value)


CONTENT = {
    "Attachment": ("attachment", ATTACHMENT),
    "QuickReply": ("quickReply", QUICK_REPLY),
    "ButtonResponse": ("buttonResponse", BUTTON),
    "Card": ("card", CARD),
    "Carousel": ("carousel", obj({"cards": list_of(CARD, least=1)})),
    "DatePicker": ("datePicker", DATE_PICKER),
    "ListPicker": ("listPicker", LIST_PICKER),
    "Form": ("form", form),
}


def content(value: Any, at: str) -> None:
    kind = value.get("contentType") if isinstance(value, dict) else None
    need(kind in CONTENT, at, "a known contentType", value)
    name, shape = CONTENT[str(kind)]
    obj({"contentType": filled, name: shape})(value, at)


# --- messages ----------------------------------------------------------------------------------

PRESENCES = one_of("Join", "Disconnect", "Clear", "SignIn")


def event(value: Any, at: str) -> None:
    kind = value.get("eventType") if isinstance(value, dict) else None
    if kind == "Typing":
        typing = obj({"type": one_of("On", "Off"), "duration": whole})
        obj({"eventType": filled, "typing": typing})(value, at)
    else:
        obj({"eventType": one_of("Presence"), "presence": obj({"type": PRESENCES})})(value, at)


PERSON = obj(may={"firstName": filled, "lastName": filled, "nickname": filled, "image": like(URL)})
CHANNEL = obj(
    {"time": like(TIME), "type": one_of("Private", "Public")},
    {"messageId": like(UUID), "from": PERSON, "metadata": obj({"customAttributes": map_of_texts})},
)
STRUCTURED = obj(
    {
        "id": like(HEX_ID), "type": one_of("Text", "Structured", "Event"), "direction": one_of("Inbound", "Outbound"),
        "channel": CHANNEL, "metadata": map_of_texts,
    },
    {
        "text": text, "content": list_of(content, least=1), "events": list_of(event, least=1),
        "originatingEntity": one_of("Human", "Bot"), "originatingMessageId": filled,
    },
)  # fmt: skip
TIMES = {"durationSeconds": like(re.compile(r"\d+")), "expirationDate": like(re.compile(r"\d{10}"))}


def echoed(value: Any, at: str) -> None:
    """Both times of the session or none; a client's own mark only comes back where it was sent."""
    own = {"customMessageId": filled}
    timed = isinstance(value, dict) and value.keys() & TIMES.keys()
    obj(TIMES if timed else own, own if timed else None)(value, at)


ECHO = obj(
    {"id": like(HEX_ID), "type": one_of("Text"), "text": text, "direction": one_of("Inbound")}, {"metadata": echoed}
)
RECEIPT = obj(
    {
        "id": like(HEX_ID), "type": one_of("Receipt"), "status": one_of("Delivered", "Read"),
        "direction": one_of("Outbound"), "channel": CHANNEL,
    }
)  # fmt: skip


def structured(body: Any, at: str) -> None:
    """A message; and what goes together in it."""
    if isinstance(body, dict) and body.get("type") == "Receipt":
        RECEIPT(body, at)
        return
    STRUCTURED(body, at)
    outbound = body["direction"] == "Outbound"
    need(outbound == ("from" in body["channel"]) or _signs_in(body), at, "`from` on what the company says", body)
    need("messageId" not in body["channel"] or not outbound, at, "a messageId on inbound ones only", body)
    need(body["type"] != "Event" or "events" in body, at, "events in an Event", body)
    need(body["type"] != "Structured" or "content" in body, at, "content in a Structured", body)
    need(body["type"] != "Text" or "text" in body or "content" in body, at, "text or content in a Text", body)


def _signs_in(body: dict[str, Any]) -> bool:
    return any(one.get("presence", {}).get("type") == "SignIn" for one in body.get("events", []))


# --- frames ------------------------------------------------------------------------------------

MEDIA = {
    "maxCustomDataBytes": whole,
    "allowedMedia": obj(
        {"inbound": obj({"fileTypes": list_of(obj({"type": filled}), least=1), "maxFileSizeKB": whole})}
    ),
    "blockedExtensions": list_of(like(re.compile(r"\.[a-z0-9]+")), least=1),
}
UPLOADED = {"attachmentId": filled, "downloadUrl": like(URL), "timestamp": like(TIME)}
FAILED = {"attachmentId": filled, "errorCode": whole, "errorMessage": filled}
BODIES: dict[str, tuple[str, Check]] = {
    "SessionResponse": ("response", obj(
        {"connected": flag, "newSession": flag, "readOnly": flag, "clearedExistingSession": flag, **MEDIA},
        {"durationSeconds": whole, "expirationDate": whole, "autoStarted": flag},
    )),
    "GetConfigurationResponse": ("response", obj(
        {**MEDIA, "messageRoutingEnabled": flag, "sessionDurationSeconds": whole}
    )),
    "JwtResponse": ("response", obj({"jwt": filled, "exp": whole})),
    "ResumeTokenResponse": ("response", obj({"resumeToken": filled, "exp": whole})),
    "PresignedUrlResponse": ("response", obj(
        {"attachmentId": filled, "headers": map_of_texts, "url": like(URL)},
        {"fileName": filled, "fileSize": whole, "fileType": filled},
    )),
    "UploadSuccessEvent": ("message", obj(UPLOADED)),
    "UploadFailureEvent": ("message", obj({**FAILED, "timestamp": like(TIME)})),
    "GenerateUrlError": ("message", obj(FAILED)),
    "AttachmentDeletedResponse": ("message", obj({"attachmentId": filled})),
    "SessionExpiredEvent": ("response", obj()),
    "SessionClearedEvent": ("message", obj()),
    "ConnectionClosedEvent": ("message", obj(may={"reason": filled, "reasonCode": filled})),
    "LogoutEvent": ("message", obj()),
    "TooManyRequestsErrorMessage": ("response", obj(
        {"retryAfter": whole, "errorCode": one_of(4029), "errorMessage": filled}
    )),
    "string": ("response", filled),
}  # fmt: skip
CODES = {400, 401, 403, 404, 408, 429, 4000, *range(4001, 4012), 4013, 4017, 4020, 4029, 4102, 5000}
MOST_BYTES = 16_384


def check_frame(frame: Any, size: int = 0) -> None:
    """:raises ShapeError: with the place and what was wanted there."""
    need(size <= MOST_BYTES, "frame", f"at most {MOST_BYTES} bytes", size)
    envelope = {"type": one_of("response", "message"), "class": filled, "code": whole, "body": lambda v, a: None}
    obj(envelope, {"tracingId": filled})(frame, "frame")
    name, kind, code = frame["class"], frame["type"], frame["code"]
    if name == "StructuredMessage":
        need(code == 200, "code", "200", code)
        (ECHO if kind == "response" else structured)(frame["body"], "body")
        return
    need(name in BODIES, "class", "a known class", name)
    wanted, shape = BODIES[name]
    need(kind == wanted, "type", f"{wanted} of a {name}", kind)
    need(code == {"string": code, "TooManyRequestsErrorMessage": 429}.get(name, 200), "code", "its own", code)
    need(name != "string" or code in CODES, "code", "a code of the protocol", code)
    shape(frame["body"], "body")


HISTORY = obj(
    {"entities": list_of(structured), "pageSize": whole, "pageNumber": whole, "total": whole, "pageCount": whole}
)


def check_history(page: Any) -> None:
    """One page of the REST history. :raises ShapeError:"""
    HISTORY(page, "page")
    need(len(page["entities"]) <= page["pageSize"], "page", "no more than a page", len(page["entities"]))
