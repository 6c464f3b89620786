"""What an agent does in a thread that takes more than one step."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from agents.models import User
from channels_app.actions.files import access_uploads, content_for, do_attach
from channels_app.actions.outbound import do_note
from channels_app.actions.sending import do_retry
from channels_app.models import Delivery, Message
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound
from routing.actions.load import touch_desk
from routing.actions.transfers import do_agent_reply
from routing.actions.work import NotYours
from routing.queries import owns


@action
def do_send(
    tx: Tx,
    conversation_id: uuid.UUID,
    agent: User,
    *,
    text: str,
    attachment_ids: Sequence[uuid.UUID],
    content: Sequence[dict[str, Any]] = (),
    client_id: str,
) -> Message:
    """The owner's reply with the files that they uploaded for it, and rich content. The same `client_id` again gives
    the first one.

    :raises FileRefused: a file is somebody else's, or was sent already; nothing is sent.
    """
    files = access_uploads(attachment_ids, user=agent) if attachment_ids else []
    items = (*(content_for(file) for file in files), *content)
    message = do_agent_reply.within(tx, conversation_id, agent, text=text, content=items, client_id=client_id)
    if files:
        do_attach.within(tx, message, attachment_ids, user=agent)
    return message


@action
def do_write_note(
    tx: Tx, conversation_id: uuid.UUID, author: User, *, text: str, client_id: str, mentions: Sequence[User] = ()
) -> Message:
    """A note; the colleagues whom it names hear of it at their desks, and may look at the conversation."""
    message = do_note.within(tx, conversation_id, author=author, text=text, client_id=client_id, mentions=mentions)
    for one in sorted(mentions, key=lambda user: user.id):
        touch_desk(tx, one.id)
    return message


@action
def do_send_again(tx: Tx, message_id: uuid.UUID, agent: User) -> Delivery:
    """Send a failed message once more: the owner's business.

    :raises NotFound: no such message to a customer. :raises NotYours: somebody else has the conversation.
    """
    delivery = Delivery.objects.filter(message_id=message_id).first()
    if delivery is None:
        raise NotFound
    if not owns(agent.id, delivery.conversation_id):
        raise NotYours
    return do_retry.within(tx, delivery.id)
