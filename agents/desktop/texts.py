"""The words that the desk's scripts say."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as noop

#: by the key that the scripts use
_TEXTS = {
    "sending": noop("sending"),
    "retrying": noop("waiting for the connection"),
    "customer": noop("Customer:"),
    "tooLong": noop("The text has {length} characters, {limit} are possible here."),
    "count": noop("{length} of {limit}"),
    "offline": noop("No connection. Try again in a moment."),
    "error": noop("That didn't work. Try again."),
    "uploading": noop("{share} %"),
    "removeFile": noop("Remove {name}"),
    "undo": noop("Undo"),
    "sendNow": noop("Send now"),
    "sendingIn": noop("leaves in {seconds} s"),
    "held": noop("Held for {seconds} seconds. Escape takes it back."),
    "unsent": noop("A message hasn't been sent yet. Try again when it has."),
    "kind.quick_replies": noop("Quick replies"),
    "kind.card": noop("Card"),
    "kind.carousel": noop("Carousel"),
    "wait": noop("A file is still being uploaded. The reply leaves when it is there."),
    "here.look": noop("{name} is looking on"),
    "here.note": noop("{name} is writing a note"),
    "here.reply": noop("{name} is writing a reply"),
    "preview": noop("Preview of {host}"),
    "toNewest": noop("To the newest"),
    "newOne": noop("1 new message"),
    "newMany": noop("{count} new messages"),
    "newMark": noop("New messages"),
    "viewer.previous": noop("Previous picture"),
    "viewer.next": noop("Next picture"),
    "viewer.open": noop("Open in a tab of its own"),
    "viewer.of": noop("{at} of {count}"),
    "mentioned": noop("{name} mentioned you. It is listed under Mentions."),
    "noColleague": noop("Nobody has this name."),
    "close": noop("Close"),
    "cancel": noop("Cancel"),
    "build.title": noop("Quick replies and cards"),
    "build.kind": noop("What to add"),
    "build.preview": noop("Preview"),
    "build.empty": noop("What you fill in is shown here as the customer sees it."),
    "build.add": noop("Add to the reply"),
    "build.reply": noop("Quick reply {number}"),
    "build.addReply": noop("Another quick reply"),
    "build.card": noop("Card {number}"),
    "build.addCard": noop("Another card"),
    "build.cardTitle": noop("Title"),
    "build.description": noop("Description"),
    "build.picture": noop("Address of a picture"),
    "build.buttons": noop("Buttons"),
    "build.button": noop("Button {number}"),
    "build.addButton": noop("Another button"),
    "build.does": noop("What button {number} does"),
    "build.answers": noop("Answers with its text"),
    "build.opens": noop("Opens a link"),
    "build.address": noop("Address of button {number}"),
    "emoji.title": noop("Choose an emoji"),
    "emoji.search": noop("Search emoji"),
    "emoji.loading": noop("Loading"),
    "emoji.none": noop("No emoji with this name."),
    "emoji.failed": noop("Emoji can't be loaded right now."),
    "emoji.recent": noop("Used last"),
    "emoji.found": noop("Found"),
    "emoji.people": noop("Smileys and people"),
    "emoji.animals": noop("Animals and nature"),
    "emoji.food": noop("Food and drink"),
    "emoji.activities": noop("Activities"),
    "emoji.travel": noop("Travel and places"),
    "emoji.objects": noop("Objects"),
    "emoji.flags": noop("Flags"),
    "emoji.symbols": noop("Symbols"),
    "alert.offer": noop("{name} waits for you"),
    "alert.customer": noop("A customer"),
    "alert.file": noop("sent a file"),
    "gone": noop("This conversation isn't yours any more."),
    "desk": noop("Desk"),
}

#: what has a key, as the scripts call it (static/desk/keys.js) and as people do
_KEY_ACTIONS = {
    "accept": noop("Accept the offer"),
    "decline": noop("Decline the offer"),
    "write": noop("Go to the message field"),
    "reply": noop("Write a reply"),
    "note": noop("Write a note"),
    "transfer": noop("Transfer"),
    "park": noop("Park"),
    "end": noop("End"),
    "next": noop("Next conversation"),
    "previous": noop("Previous conversation"),
    "search": noop("Search"),
    "queue": noop("Go on queue, or leave it"),
    "pick": noop("Pick the first that waits"),
    "resume": noop("Resume"),
    "files": noop("Attach files"),
    "customer": noop("Edit profile"),
    "mine": noop("List: mine"),
    "waiting": noop("List: waiting"),
    "parked": noop("List: parked"),
    "help": noop("Show the shortcuts"),
}


def texts() -> dict[str, str]:
    """The scripts' words in the active language, by the key that they use."""
    return {key: gettext(said) for key, said in _TEXTS.items()}


def key_actions() -> list[tuple[str, str]]:
    """What has a key, in the order of the list of shortcuts: its name for the scripts and for people."""
    return [(key, gettext(said)) for key, said in _KEY_ACTIONS.items()]
