"""The words that the desk's scripts say."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

#: by the key that the scripts use
_TEXTS = {
    "sending": gettext_noop("sending"),
    "retrying": gettext_noop("waiting for the connection"),
    "customer": gettext_noop("Customer:"),
    "tooLong": gettext_noop("The text has {length} characters, {limit} are possible here."),
    "count": gettext_noop("{length} of {limit}"),
    "offline": gettext_noop("No connection. Try again in a moment."),
    "error": gettext_noop("That didn't work. Try again."),
    "uploading": gettext_noop("{share} %"),
    "removeFile": gettext_noop("Remove {name}"),
    "undo": gettext_noop("Undo"),
    "sendNow": gettext_noop("Send now"),
    "sendingIn": gettext_noop("leaves in {seconds} s"),
    "held": gettext_noop("Held for {seconds} seconds. Escape takes it back."),
    "unsent": gettext_noop("A message hasn't been sent yet. Try again when it has."),
    "kind.quick_replies": gettext_noop("Quick replies"),
    "kind.card": gettext_noop("Card"),
    "kind.carousel": gettext_noop("Carousel"),
    "wait": gettext_noop("A file is still being uploaded. The reply leaves when it is there."),
    "here.look": gettext_noop("{name} is looking on"),
    "here.note": gettext_noop("{name} is writing a note"),
    "here.reply": gettext_noop("{name} is writing a reply"),
    "preview": gettext_noop("Preview of {host}"),
    "toNewest": gettext_noop("To the newest"),
    "newOne": gettext_noop("1 new message"),
    "newMany": gettext_noop("{count} new messages"),
    "newMark": gettext_noop("New messages"),
    "viewer.previous": gettext_noop("Previous picture"),
    "viewer.next": gettext_noop("Next picture"),
    "viewer.open": gettext_noop("Open in a tab of its own"),
    "viewer.of": gettext_noop("{at} of {count}"),
    "mentioned": gettext_noop("{name} mentioned you. It is listed under Mentions."),
    "noColleague": gettext_noop("Nobody has this name."),
    "close": gettext_noop("Close"),
    "cancel": gettext_noop("Cancel"),
    "build.title": gettext_noop("Quick replies and cards"),
    "build.kind": gettext_noop("What to add"),
    "build.preview": gettext_noop("Preview"),
    "build.empty": gettext_noop("What you fill in is shown here as the customer sees it."),
    "build.add": gettext_noop("Add to the reply"),
    "build.reply": gettext_noop("Quick reply {number}"),
    "build.addReply": gettext_noop("Another quick reply"),
    "build.card": gettext_noop("Card {number}"),
    "build.addCard": gettext_noop("Another card"),
    "build.cardTitle": gettext_noop("Title"),
    "build.description": gettext_noop("Description"),
    "build.picture": gettext_noop("Address of a picture"),
    "build.buttons": gettext_noop("Buttons"),
    "build.button": gettext_noop("Button {number}"),
    "build.addButton": gettext_noop("Another button"),
    "build.does": gettext_noop("What button {number} does"),
    "build.answers": gettext_noop("Answers with its text"),
    "build.opens": gettext_noop("Opens a link"),
    "build.address": gettext_noop("Address of button {number}"),
    "emoji.title": gettext_noop("Choose an emoji"),
    "emoji.search": gettext_noop("Search emoji"),
    "emoji.loading": gettext_noop("Loading"),
    "emoji.none": gettext_noop("No emoji with this name."),
    "emoji.failed": gettext_noop("Emoji can't be loaded right now."),
    "emoji.recent": gettext_noop("Used last"),
    "emoji.found": gettext_noop("Found"),
    "emoji.people": gettext_noop("Smileys and people"),
    "emoji.animals": gettext_noop("Animals and nature"),
    "emoji.food": gettext_noop("Food and drink"),
    "emoji.activities": gettext_noop("Activities"),
    "emoji.travel": gettext_noop("Travel and places"),
    "emoji.objects": gettext_noop("Objects"),
    "emoji.flags": gettext_noop("Flags"),
    "emoji.symbols": gettext_noop("Symbols"),
    "alert.offer": gettext_noop("{name} waits for you"),
    "alert.customer": gettext_noop("A customer"),
    "alert.file": gettext_noop("sent a file"),
    "gone": gettext_noop("This conversation isn't yours any more."),
    "desk": gettext_noop("Desk"),
}

#: what has a key, as the scripts call it (static/desk/keys.js) and as people do
_KEY_ACTIONS = {
    "accept": gettext_noop("Accept the offer"),
    "decline": gettext_noop("Decline the offer"),
    "write": gettext_noop("Go to the message field"),
    "reply": gettext_noop("Write a reply"),
    "note": gettext_noop("Write a note"),
    "transfer": gettext_noop("Transfer"),
    "park": gettext_noop("Park"),
    "end": gettext_noop("End"),
    "next": gettext_noop("Next conversation"),
    "previous": gettext_noop("Previous conversation"),
    "search": gettext_noop("Search"),
    "queue": gettext_noop("Go on queue, or leave it"),
    "pick": gettext_noop("Pick the first that waits"),
    "resume": gettext_noop("Resume"),
    "files": gettext_noop("Attach files"),
    "customer": gettext_noop("Edit profile"),
    "mine": gettext_noop("List: mine"),
    "waiting": gettext_noop("List: waiting"),
    "parked": gettext_noop("List: parked"),
    "help": gettext_noop("Show the shortcuts"),
}


def texts() -> dict[str, str]:
    """The scripts' words in the active language, by the key that they use."""
    return {key: gettext(said) for key, said in _TEXTS.items()}


def key_actions() -> list[tuple[str, str]]:
    """What has a key, in the order of the list of shortcuts: its name for the scripts and for people."""
    return [(key, gettext(said)) for key, said in _KEY_ACTIONS.items()]
