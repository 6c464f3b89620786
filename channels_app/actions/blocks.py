"""Customers who may not write any more. A block stands on the address: `inbound` refuses what comes from it."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from agents.models import User
from channels_app.events import AddressBlocked, AddressUnblocked
from channels_app.models import Address, Block, Conversation
from contactcenter.kernel import ids
from contactcenter.kernel.db import Tx, action
from contactcenter.kernel.errors import AlreadyTaken, NotFound, Refused


class Blocked(Refused):
    """You can't write here any more."""

    status = 403


@action
def do_block(tx: Tx, conversation_id: uuid.UUID, *, agent: User, reason: str = "") -> Block:
    """Block the customer of a conversation: nothing they send is stored until it is undone.

    :raises AlreadyTaken: it is so already.
    """
    conversation = Conversation.objects.filter(id=conversation_id).first()
    if conversation is None:
        raise NotFound
    address = _locked(conversation.address_id)
    if blocks_in_force(address.id).exists():
        raise AlreadyTaken("This customer is blocked already.")
    made = Block.objects.create(
        id=ids.new(tx.now), address=address, by=agent, reason=reason.strip()[:200], created_at=tx.now
    )
    tx.record(AddressBlocked(conversation_id=conversation.id, agent_id=agent.id, address_id=address.id))
    return made


@action
def do_unblock(tx: Tx, block_id: uuid.UUID, *, agent: User) -> None:
    """Undo a block. :raises NotFound: it is undone already, or was never there."""
    found = Block.objects.filter(id=block_id).first()
    if found is None:
        raise NotFound
    address = _locked(found.address_id)
    if not blocks_in_force(address.id).filter(id=block_id).update(lifted_at=tx.now, lifted_by=agent):
        raise NotFound
    tx.record(AddressUnblocked(agent_id=agent.id, address_id=address.id))


def blocks_in_force(address_id: uuid.UUID) -> QuerySet[Block]:
    """The block of an address, if there is one."""
    return Block.objects.filter(address_id=address_id, lifted_at=None)


def _locked(address_id: uuid.UUID) -> Address:
    return Address.objects.select_for_update(of=("self",), no_key=True).get(id=address_id)
