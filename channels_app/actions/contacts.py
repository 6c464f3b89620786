"""What is known about a customer, as people write it down."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from agents.models import User
from channels_app.events import ContactChanged
from channels_app.models import Contact
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import NotFound


@action
def do_change_contact(
    tx: Tx,
    contact_id: uuid.UUID,
    *,
    agent: User,
    name: str,
    locale: str,
    attributes: Mapping[str, str],
    conversation_id: uuid.UUID | None = None,
) -> list[str]:
    """Set name, language and custom attributes, checked by the form. Gives the names of the fields that changed.

    An attribute whose text is as before keeps its value, also one that isn't text (a site may send numbers).
    Nothing changed: nothing is written or told. `conversation_id`: where the agent was then.
    """
    contact = Contact.objects.select_for_update(of=("self",), no_key=True).filter(id=contact_id).first()
    if contact is None:
        raise NotFound
    wanted = {"name": name, "locale": locale, "attributes": _kept(contact.attributes, attributes)}
    changed = [field for field, value in wanted.items() if getattr(contact, field) != value]
    if not changed:
        return []
    for field in changed:
        setattr(contact, field, wanted[field])
    contact.save(update_fields=changed)
    tx.record(
        ContactChanged(contact_id=contact.id, agent_id=agent.id, conversation_id=conversation_id, fields=tuple(changed))
    )
    return changed


def _kept(before: Mapping[str, Any], after: Mapping[str, str]) -> dict[str, Any]:
    return {key: before[key] if str(before.get(key)) == text else text for key, text in after.items()}
