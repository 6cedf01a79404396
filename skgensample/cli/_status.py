"""Exit statuses, and sentences on standard error."""

import sys

__all__ = ["FAILED", "INTERRUPTED", "REFUSED", "say", "sentence"]

#: Exit statuses: nothing could be done, arguments do not fit, Ctrl-C (128 + SIGINT, as in shells).
FAILED, REFUSED, INTERRUPTED = 1, 2, 130


def say(text):
    """Print one sentence on standard error."""
    print(f"skgensample: {text}", file=sys.stderr)


def sentence(error):
    """First line of an error; the file's name where the system knows it."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}: {error.filename}"
    return (str(error).strip() or type(error).__name__).splitlines()[0]
