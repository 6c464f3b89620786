"""What every test has."""

from __future__ import annotations

from tests.product import product, running_product, transactional_db

__all__ = ["product", "running_product", "transactional_db"]
