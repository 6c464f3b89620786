"""Who gets it: queues, passes, visits, offers, assignments, decisions."""

from routing.models.queue import InboundRoute, Queue, QueueMember, QueueWrapUpCode, RouteNeed, WrapUpCode
from routing.models.work import (
    Assignment,
    Decision,
    Offer,
    PassNeed,
    QueueVisit,
    RoutingPass,
    WrapUp,
)

__all__ = [
    "Assignment",
    "Decision",
    "InboundRoute",
    "Offer",
    "PassNeed",
    "Queue",
    "QueueMember",
    "QueueVisit",
    "QueueWrapUpCode",
    "RouteNeed",
    "RoutingPass",
    "WrapUp",
    "WrapUpCode",
]
