"""Our content as the guest protocol writes it in `content[]`.

Fields that a client's decoder requires are always there, with an empty text where we have none. Kinds that the
protocol doesn't know for the web (location, reaction, notification) become plain text: `plain_text`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from channels_app import content as kinds
from channels_app.content import ContentItem

from .envelope import Wire

DATE_FORMATS = {
    "day_month_year": "dayMonthYear", "month_day_year": "monthDayYear", "year_month_day": "yearMonthDay",
}  # fmt: skip
BUTTON_TYPES = {
    "button": "Button", "quick_reply": "QuickReply", "date_picker": "DatePicker",
    "list_picker": "ListPicker", "form": "Form",
}  # fmt: skip


def stamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and Z, the one form that all clients parse. `moment` must be aware."""
    if moment.tzinfo is None:
        raise ValueError("a time on the wire must be aware")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def content_out(items: tuple[ContentItem, ...]) -> list[Wire]:
    """Every item that the protocol has a shape for, in order."""
    return [entry for item in items for entry in _entries(item)]


def plain_text(items: tuple[ContentItem, ...]) -> str:
    """The items that have no shape of their own, as text: one paragraph each."""
    return "\n".join(text for item in items if (text := _as_text(item)))


def _entries(item: ContentItem) -> list[Wire]:
    if isinstance(item, kinds.QuickReplies):
        return [_entry("QuickReply", "quickReply", _quick_reply(reply)) for reply in item.items]
    found = _entry_of_picker(item) or _entry_of_media(item)
    return [found] if found else []


def _entry_of_media(item: ContentItem) -> Wire | None:
    match item:
        case kinds.Attachment():
            return _entry("Attachment", "attachment", _attachment(item))
        case kinds.ButtonResponse():
            return _entry("ButtonResponse", "buttonResponse", _button_response(item))
        case kinds.Card():
            return _entry("Card", "card", _card(item))
        case kinds.Carousel():
            return _entry("Carousel", "carousel", {"cards": [_card(card) for card in item.cards]})
        case _:
            return None


def _entry_of_picker(item: ContentItem) -> Wire | None:
    match item:
        case kinds.DatePicker():
            return _entry("DatePicker", "datePicker", _date_picker(item))
        case kinds.ListPicker():
            return _entry("ListPicker", "listPicker", _list_picker(item))
        case kinds.Form():
            return _entry("Form", "form", _form(item))
        case kinds.FormResponse():
            return _entry("Form", "form", _form_response(item))
        case _:
            return None


def _entry(content_type: str, name: str, value: Wire) -> Wire:
    return {"contentType": content_type, name: value}


def _filled(**fields: object) -> Wire:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", {})}


def _attachment(item: kinds.Attachment) -> Wire:
    return {
        "id": item.id,
        "url": item.url or "",
        "filename": item.filename,
        "mediaType": item.media_type.capitalize(),
        **_filled(fileSize=item.size, mime=item.mime, sha256=item.sha256, text=item.text),
    }


def _quick_reply(reply: kinds.QuickReply) -> Wire:
    payload = reply.payload or reply.text
    return {"text": reply.text, "payload": payload, "action": "Message", **_filled(image=reply.image_url)}


def _button_response(item: kinds.ButtonResponse) -> Wire:
    return {
        "type": BUTTON_TYPES[item.kind],
        "text": item.text,
        "payload": item.payload,
        **_filled(originatingMessageId=item.origin_message_id),
    }


def _action(action: kinds.CardAction) -> Wire:
    if isinstance(action, kinds.LinkAction):
        return {"type": "Link", "text": action.text, "url": action.url}
    return {"type": "Postback", "text": action.text, "payload": action.payload or action.text}


def _card(card: kinds.Card) -> Wire:
    return {
        "title": card.title,
        "description": card.description,
        **_filled(
            image=card.image_url,
            video=card.video_url,
            defaultAction=_action(card.default_action) if card.default_action else None,
        ),
        "actions": [_action(action) for action in card.actions],
    }


def _date_picker(item: kinds.DatePicker) -> Wire:
    return {
        "title": item.title,
        **_filled(
            id=item.id,
            subtitle=item.subtitle,
            imageUrl=item.image_url,
            location=_location(item.location) if item.location else None,
            dateMinimum=stamp(item.minimum) if item.minimum else None,
            dateMaximum=stamp(item.maximum) if item.maximum else None,
            dateDisplayFormat=DATE_FORMATS[item.format] if item.format else None,
        ),
        "availableTimes": [{"dateTime": stamp(slot.at), "duration": slot.duration_s} for slot in item.times],
    }


def _location(item: kinds.Location) -> Wire:
    return {
        "text": item.name or item.address,
        **_filled(latitude=item.latitude, longitude=item.longitude, address=item.address, url=item.url),
    }


def _bubble(bubble: kinds.Bubble) -> Wire:
    return _filled(
        header=bubble.header,
        title=bubble.title,
        subtitle=bubble.subtitle,
        buttonLabel=bubble.button_label,
        imageUrl=bubble.image_url,
    )


def _list_picker(item: kinds.ListPicker) -> Wire:
    return {
        **_filled(id=item.id),
        "receivedMessage": _bubble(item.received_message),
        "replyMessage": _bubble(item.reply_message),
        "sections": [_section(section) for section in item.sections],
    }


def _section(section: kinds.ListSection) -> Wire:
    return {
        "title": section.title,
        "multipleSelection": section.multiple,
        "items": [
            {
                "id": entry.id,
                "title": entry.title,
                **_filled(subtitle=entry.subtitle, imageUrl=entry.image_url),
            }
            for entry in section.items
        ],
    }


def _form(item: kinds.Form) -> Wire:
    return {
        "cannedResponseId": item.id,
        **_filled(introduction=_introduction(item.introduction) if item.introduction else None),
        "formPages": [_page(page) for page in item.pages],
        "receivedMessage": _bubble(item.received_message),
        "replyMessage": _bubble(item.reply_message),
        "showSummary": item.show_summary,
    }


def _introduction(introduction: kinds.Introduction) -> Wire:
    return {
        "title": introduction.title,
        "buttonText": introduction.button_text,
        **_filled(subtitle=introduction.subtitle, imageUrl=introduction.image_url),
    }


def _page(page: kinds.FormPage) -> Wire:
    return {
        "title": page.title,
        "subtitle": page.subtitle,
        "pageComponents": [_component(component) for component in page.components],
    }


def _component(component: kinds.FormComponent) -> Wire:
    match component:
        case kinds.Input():
            return {"formComponentType": "Input", "input": _input(component)}
        case kinds.DatePicker():
            return {"formComponentType": "DatePicker", "datePicker": _date_picker(component)}
        case kinds.ListPicker():
            return {"formComponentType": "ListPicker", "listPicker": _list_picker(component)}
        case kinds.WheelPicker():
            return {"formComponentType": "WheelPicker", "wheelPicker": _wheel(component)}


def _input(item: kinds.Input) -> Wire:
    return {
        "id": item.id,
        "isRequired": item.required,
        "isMultipleLine": item.multiline,
        **_filled(
            title=item.title,
            subtitle=item.subtitle,
            placeholderText=item.placeholder,
            keyboardType=item.keyboard,
            autoCompleteType=item.autocomplete,
        ),
    }


def _wheel(item: kinds.WheelPicker) -> Wire:
    items = [{"id": entry.id, "title": entry.title, **_filled(value=entry.value)} for entry in item.items]
    return {"id": item.id, "items": items}


def _form_response(item: kinds.FormResponse) -> Wire:
    return {
        "cannedResponseId": item.form_id,
        **_filled(originatingMessageId=item.origin_message_id),
        "response": [_answer(answer) for answer in item.answers],
    }


def _answer(answer: kinds.FormAnswer) -> Wire:
    button = {"type": "Form", "text": answer.text, "payload": answer.payload}
    return {"id": answer.id, "component": _entry("ButtonResponse", "buttonResponse", button)}


def _as_text(item: ContentItem) -> str:
    match item:
        case kinds.Location():
            coordinates = "" if item.latitude is None else f"{item.latitude}, {item.longitude}"
            lines = [item.name, item.address, item.url or coordinates]
        case kinds.Reaction():
            lines = [item.emoji if item.action == "add" else ""]
        case kinds.Notification():
            lines = [_part(part) for part in (item.header, item.body, item.footer) if part]
        case _:
            lines = []
    return "\n".join(line for line in lines if line)


def _part(part: kinds.NotificationPart) -> str:
    """A template's text with its {{1}} or {{name}} places filled."""
    text = part.text
    for index, parameter in enumerate(part.parameters, start=1):
        place = parameter.name or str(index)
        text = text.replace("{{" + place + "}}", parameter.text)
    return text
