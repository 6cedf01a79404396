"""Exact k-nearest-neighbour search on the CPU; it knows no sampler."""

from ._nearest_neighbors import NumbaNearestNeighbors

__all__ = ["NumbaNearestNeighbors"]
