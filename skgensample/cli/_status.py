"""Exit statuses, and sentences on standard error."""

import sys
import time

from ._messages import in_options

__all__ = ["FAILED", "INTERRUPTED", "REFUSED", "Progress", "say", "sentence"]

#: Exit statuses: nothing could be done, arguments do not fit, Ctrl-C (128 + SIGINT, as in shells).
FAILED, REFUSED, INTERRUPTED = 1, 2, 130


def say(text):
    """Print one sentence on standard error."""
    print(f"skgensample: {text}", file=sys.stderr)


def sentence(error):
    """First line of an error, in words of the command line; the file's name where it is known."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}: {error.filename}"
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    if isinstance(error, KeyError) and " " not in text.strip():
        text = f"{text!r} is not known."
    return in_options((text.strip() or type(error).__name__).splitlines()[0])


class Progress:
    """One line on standard error for each step, with its seconds."""

    def __init__(self, quiet):
        self.quiet, self.start = quiet, time.perf_counter()

    def __call__(self, text):
        if not self.quiet:
            say(f"{text} ({time.perf_counter() - self.start:.1f} s)")
