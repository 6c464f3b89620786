"""Canned responses of the demo: one library for everybody, one for the first queue. Made once, with the company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from routing.models import CannedResponse, Queue, ResponseLibrary


@dataclass(frozen=True, kw_only=True)
class Library:
    """`queue`: whose conversations are offered it, empty for all. `responses`: what agents search for → text."""

    name: str
    queue: str
    responses: Mapping[str, str]


LIBRARIES = (
    Library(
        name="Everyday",
        queue="",
        responses={
            "Greeting": "Hello {{customer.name}}, this is {{agent.name}} from Harbour & Pine. How can I help?",
            "Moment please": "Thank you {{customer.name}}. I'm looking into it, give me two minutes.",
            "Ask for order number": "Could you send me your order number? It has five digits and is in the "
            "confirmation we mailed you.",
            "Take your time": "You can close this window. We keep your place, and you find our "
            "answer here when you come back.",
            "Goodbye": "Goodbye {{customer.name}}, I was glad to help. If anything else comes up, just write here "
            "again.\n\n{{agent.name}}, Harbour & Pine",
        },
    ),
    Library(
        name="Orders",
        queue="Orders",
        responses={
            "Size advice": "Our jackets are cut for a layer underneath. Between two sizes, take the larger one if you "
            "wear a fleece, the smaller one if you don't.",
            "Back in stock": "That one is sold out at the moment. Tell me your size and colour, and we write to you "
            "as soon as it is back.",
            "Change possible": "Your order hasn't left the warehouse yet, so I can still change it. "
            "What shall it be instead?",
            "Already sent": "Your order is already on its way, so I can't change it any more. You can send back what "
            "doesn't suit you within 30 days.",
            "Order cancelled": "Done {{customer.name}}, your order is cancelled. The money is back on your account "
            "in three to five working days.",
        },
    ),
)


def make_libraries(queues: Mapping[str, Queue]) -> None:
    """The rows of LIBRARIES, for the company's queues by name. Within the founding's transaction."""
    for library in LIBRARIES:
        made = ResponseLibrary.objects.create(name=library.name)
        if library.queue:
            made.queues.add(queues[library.queue])
        CannedResponse.objects.bulk_create(
            CannedResponse(library=made, name=name, text=text) for name, text in library.responses.items()
        )
