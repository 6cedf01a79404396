"""Exact k-nearest-neighbour search on the CPU, independent of the samplers."""

from ._nearest_neighbors import NumbaNearestNeighbors

__all__ = ["NumbaNearestNeighbors"]
