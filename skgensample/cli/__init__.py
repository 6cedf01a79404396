"""The command line: arguments in, public functions called, their results printed."""

import argparse
import sys
from collections.abc import Sequence

from .. import __version__
from ..exceptions import MissingExtraError
from ._benchmark import add_benchmark
from ._images import add_image_command
from ._report import add_report, add_schema
from ._rows import add_resample, add_sample, add_synthesize
from ._status import FAILED, INTERRUPTED, REFUSED, say, sentence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : list of str, default=None
        Arguments; None takes the process's own.

    Returns
    -------
    status : int
        0; 1 where no row of a table could be run; 2, with one sentence on standard error, where
        the arguments do not fit the data or a package is missing; 130 after Ctrl-C.

    Examples
    --------
    >>> from skgensample.cli import main
    >>> main(["benchmark", "--list"])  # doctest: +ELLIPSIS
    Learners ...
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser().parse_args(arguments)
    try:
        return options.run(options, arguments)
    except (ValueError, TypeError, KeyError, OSError, MissingExtraError) as error:
        say(sentence(error))
        return REFUSED
    except MemoryError:
        say("memory does not suffice for this table: take fewer rows (benchmark: --small).")
        return FAILED
    except KeyboardInterrupt:
        say("interrupted.")
        return INTERRUPTED


def _parser():
    parser = argparse.ArgumentParser(
        prog="skgensample", description="Synthetic rows for minority classes."
    )
    parser.add_argument("--version", action="version", version=f"skgensample {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in (
        add_synthesize, add_resample, add_sample, add_report, add_schema, add_benchmark,
        add_image_command,
    ):  # fmt: skip
        add(commands)
    return parser
