"""Rules that every new row satisfies."""

from ._unique import Unique

__all__ = ["Unique"]
