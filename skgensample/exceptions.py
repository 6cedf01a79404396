"""Warnings and errors of this package."""

__all__ = ["MissingExtraError", "ResamplingWarning", "SmallClassWarning"]


class ResamplingWarning(UserWarning):
    """A documented fallback rule was used to meet the exact counts."""


class SmallClassWarning(ResamplingWarning):
    """A class has fewer rows than the algorithm wants; says what was done instead."""


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""
