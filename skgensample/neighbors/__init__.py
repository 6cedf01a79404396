"""The neighbours wing: interpolation between rows and exact nearest-neighbour search."""

from ._search import NumbaNearestNeighbors
from ._smote import NumbaSMOTE

__all__ = ["NumbaNearestNeighbors", "NumbaSMOTE"]
