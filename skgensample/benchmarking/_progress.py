"""How far the benchmark is, on standard error."""

import sys
from importlib.util import find_spec
from types import SimpleNamespace

__all__ = ["progress_bar"]


class _NoBar(SimpleNamespace):
    """Takes what a progress bar takes and shows nothing."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def set_postfix_str(self, text, refresh=True):
        """Take the text."""

    def update(self):
        """Take the step."""


def progress_bar(wanted, total):
    """Return a bar on standard error, or nothing where tqdm is not installed.

    Parameters
    ----------
    wanted : bool
        Whether to show one.
    total : int
        Steps.

    Returns
    -------
    bar : context manager
        Takes ``set_postfix_str`` and ``update``.
    """
    if not wanted:
        return _NoBar()
    if find_spec("tqdm") is None:
        text = "no progress bar: tqdm is not installed (pip install 'skgensample[benchmark]')"
        sys.stderr.write(f"{text}\n")
        return _NoBar()
    from tqdm import tqdm

    slow = 0.1 if sys.stderr.isatty() else 20
    return tqdm(total=total, unit="fit", file=sys.stderr, mininterval=slow)
