"""A guest client that shares no code with the product: it checks the shape of every frame that it gets."""

from tests.channels_app.client.guest import Refused, StrictGuest
from tests.channels_app.client.shapes import ShapeError, check_frame, check_history

__all__ = ["Refused", "ShapeError", "StrictGuest", "check_frame", "check_history"]
