"""Who gets it: queues, passes, visits, offers, assignments, decisions."""

from routing.models.canned import CannedResponse, ResponseLibrary
from routing.models.queue import InboundRoute, Queue, QueueMember, QueueWrapUpCode, RouteNeed, WrapUpCode
from routing.models.work import (
    Assignment,
    Decision,
    Offer,
    PassNeed,
    QueueVisit,
    RoutingPass,
    Unseen,
    WrapUp,
)

__all__ = [
    "Assignment",
    "CannedResponse",
    "Decision",
    "InboundRoute",
    "Offer",
    "PassNeed",
    "Queue",
    "QueueMember",
    "QueueVisit",
    "QueueWrapUpCode",
    "ResponseLibrary",
    "RouteNeed",
    "RoutingPass",
    "Unseen",
    "WrapUp",
    "WrapUpCode",
]
