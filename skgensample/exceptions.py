"""Warnings and errors of this package."""

__all__ = [
    "MemoryLimitError",
    "MissingExtraError",
    "ModelFileError",
    "PersonalColumnsError",
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


class PersonalColumnsError(ValueError):
    """A table with columns that would leak, or that spell values as text.

    Parameters
    ----------
    message : str
        What is wrong, and the way out.
    reasons : dict
        Name of each column that would leak -> reason.
    conversion : str or None
        What to do about columns that spell values as text, where there are some.
    """

    def __init__(self, message, reasons=(), conversion=None):
        super().__init__(message)
        self.reasons, self.conversion = dict(reasons), conversion

    @property
    def named(self):
        """Beginning of a message: the columns, and why they would leak."""
        found = ", ".join(f"{name!r} ({reason})" for name, reason in self.reasons.items())
        return f"{'Column' if len(self.reasons) == 1 else 'Columns'} {found}"

    def __reduce__(self):
        return type(self), (str(self), self.reasons, self.conversion)
