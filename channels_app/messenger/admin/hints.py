"""What the switches of a messenger's configuration lead to, where their names don't say it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

_HOURS = _("Hours of that day, with commas between them. Empty: closed.")

HINTS: dict[str, Any] = {
    "launcher": _("The round button on your pages that opens the messenger."),
    "alignment": _("The side of the page on which launcher and messenger stand."),
    "home_title": _("Shown on top of the home screen. Empty: nothing."),
    "home_text": _("Shown below the title. Empty: nothing."),
    "conversation_clear": _("Off: customers keep seeing their thread until the guest session is over."),
    "conversation_disconnect": _("What customers see then, and whether writing goes on with the same thread."),
    "humanize": _("Off: customers don't see who answers."),
    "typing_agent": _("Off: customers see nothing until the answer is there."),
    "typing_customer": _("Off: agents see nothing until the message is there."),
    "sound": _("A sound with each new answer. Customers can switch it off for themselves."),
    "transcript": _("Customers can save the conversation as a file."),
    "end_button": _("Off: only agents, or a long silence, end a conversation."),
    "emoji": _("A button beside the text that offers emoji. Typing them works in any case."),
    "survey": _("After the end, customers are asked how it was. Their answer comes in as a message."),
    "attachments": _("Off: customers can't send any; agents still can."),
    "languages": _("Those that the messenger speaks. Each customer gets the first that their browser asks for."),
    "opening_time_zone": _("The zone in which the hours below are meant."),
    **{f"opening_{number}": _HOURS for number in range(7)},
}
