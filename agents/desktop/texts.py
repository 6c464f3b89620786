"""The words that the desk's scripts say."""

from __future__ import annotations

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    """By the key that the scripts use."""
    return {
        "sending": _("sending"),
        "retrying": _("waiting for the connection"),
        "customer": _("Customer:"),
        "tooLong": _("The text has {length} characters, {limit} are possible here."),
        "count": _("{length} of {limit}"),
        "offline": _("No connection. Try again in a moment."),
        "error": _("That didn't work. Try again."),
        "uploading": _("{share} %"),
        "removeFile": _("Remove {name}"),
        "undo": _("Undo"),
        "sendNow": _("Send now"),
        "sendingIn": _("leaves in {seconds} s"),
        "held": _("Held for {seconds} seconds. Escape takes it back."),
        "unsent": _("A message hasn't been sent yet. Try again when it has."),
        "kind.quick_replies": _("Quick replies"),
        "kind.card": _("Card"),
        "kind.carousel": _("Carousel"),
        "wait": _("A file is still being uploaded."),
        "close": _("Close"),
        "cancel": _("Cancel"),
        "build.title": _("Quick replies and cards"),
        "build.kind": _("What to add"),
        "build.preview": _("Preview"),
        "build.empty": _("What you fill in is shown here as the customer sees it."),
        "build.add": _("Add to the reply"),
        "build.reply": _("Quick reply {number}"),
        "build.addReply": _("Another quick reply"),
        "build.card": _("Card {number}"),
        "build.addCard": _("Another card"),
        "build.cardTitle": _("Title"),
        "build.description": _("Description"),
        "build.picture": _("Address of a picture"),
        "build.buttons": _("Buttons"),
        "build.button": _("Button {number}"),
        "build.addButton": _("Another button"),
        "build.does": _("What button {number} does"),
        "build.answers": _("Answers with its text"),
        "build.opens": _("Opens a link"),
        "build.address": _("Address of button {number}"),
        "emoji.title": _("Choose an emoji"),
        "emoji.search": _("Search emoji"),
        "emoji.loading": _("Loading"),
        "emoji.none": _("No emoji with this name."),
        "emoji.failed": _("Emoji can't be loaded right now."),
        "emoji.recent": _("Used last"),
        "emoji.found": _("Found"),
        "emoji.people": _("Smileys and people"),
        "emoji.animals": _("Animals and nature"),
        "emoji.food": _("Food and drink"),
        "emoji.activities": _("Activities"),
        "emoji.travel": _("Travel and places"),
        "emoji.objects": _("Objects"),
        "emoji.flags": _("Flags"),
        "emoji.symbols": _("Symbols"),
        "alert.offer": _("{name} waits for you"),
        "alert.customer": _("A customer"),
        "alert.file": _("sent a file"),
        "gone": _("This conversation isn't yours any more."),
        "desk": _("Desk"),
    }


def key_actions() -> list[tuple[str, str]]:
    """What has a key, as the scripts call it (static/desk/keys.js) and as people do."""
    return [
        ("accept", _("Accept the offer")),
        ("decline", _("Decline the offer")),
        ("write", _("Go to the message field")),
        ("reply", _("Write a reply")),
        ("note", _("Write a note")),
        ("transfer", _("Transfer")),
        ("park", _("Park")),
        ("end", _("End")),
        ("next", _("Next conversation")),
        ("previous", _("Previous conversation")),
        ("search", _("Search")),
        ("help", _("Show the shortcuts")),
    ]
