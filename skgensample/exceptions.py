"""Warnings and errors of this package."""

__all__ = [
    "MemoryLimitError",
    "MissingExtraError",
    "ModelFileError",
    "ResamplingWarning",
    "SmallClassWarning",
]


class ResamplingWarning(UserWarning):
    """A documented fallback was used to generate the requested number of rows."""


class SmallClassWarning(ResamplingWarning):
    """A class has fewer rows than the algorithm needs; the message names the fallback."""


class MissingExtraError(ImportError):
    """An optional dependency is missing; the message names the extra that installs it."""


class ModelFileError(ValueError):
    """A model file cannot be loaded: newer, incomplete, altered or none; the message says which."""


class MemoryLimitError(MemoryError, ValueError):
    """What was asked for would take more memory than there is; the message has the bytes."""
