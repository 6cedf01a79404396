"""The command line: arguments in, public functions called, their results printed."""

import argparse
import shlex
import sys
from pathlib import Path

from . import __version__
from .exceptions import MissingExtraError

__all__ = ["main"]


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, default=None
        Arguments; None takes the process's own.

    Returns
    -------
    status : int
        0, or 2 with one sentence on standard error where the arguments do not fit the data.

    Examples
    --------
    >>> from skgensample.cli import main
    >>> main(["benchmark", "--list"])  # doctest: +ELLIPSIS
    Learners: ...
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser().parse_args(arguments)
    try:
        return options.run(options, arguments)
    except (ValueError, OSError, MissingExtraError) as error:
        print(f"skgensample: {error}", file=sys.stderr)
        return 2


def _parser():
    parser = argparse.ArgumentParser(
        prog="skgensample", description="Synthetic rows for scarce classes."
    )
    parser.add_argument("--version", action="version", version=f"skgensample {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    benchmark = commands.add_parser(
        "benchmark",
        help="compare learners x resampling strategies",
        description="Compare learners x resampling strategies on a simulated stream of card "
        "transactions, on given transactions or on a table of your own.",
    )
    benchmark.set_defaults(run=_benchmark)
    _add_data_options(benchmark.add_argument_group("data"))
    _add_study_options(benchmark.add_argument_group("study"))
    return parser


def _add_data_options(group):
    source = group.add_mutually_exclusive_group()
    source.add_argument("--transactions", metavar="PATH", help="card transactions, parquet or CSV")
    source.add_argument("--csv", metavar="PATH", help="any table; needs --target")
    source.add_argument(
        "--small", action="store_true", help="a small simulated stream and short training"
    )
    group.add_argument("--start", metavar="DATE", help="first training day of the latest fold")
    group.add_argument("--target", metavar="COL", help="with --csv: column of two classes")
    group.add_argument("--time", metavar="COL", help="with --csv: column to split in order of")
    group.add_argument("--card", metavar="COL", help="with --csv: card or account, with --time")
    group.add_argument(
        "--drop", metavar="COL,...", type=_names, default=[], help="with --csv: columns to drop"
    )
    group.add_argument(
        "--no-header", action="store_true", help="with --csv: columns are called 0, 1, 2, ..."
    )


def _add_study_options(group):
    group.add_argument("--learners", metavar="NAME,...", type=_names, help="see --list; or all")
    group.add_argument("--strategies", metavar="NAME,...", type=_names, help="see --list; or all")
    group.add_argument("--ratios", metavar="R,...", type=_numbers, help="default .05,.1,1")
    group.add_argument("--folds", metavar="N", type=int, help="number of folds")
    group.add_argument(
        "--max-steps", metavar="N", type=int, help="optimiser steps of GAN and CTGAN"
    )
    group.add_argument(
        "--show-leak", action="store_true", help="add SMOTE before the split, a planted fault"
    )
    group.add_argument("--seed", metavar="N", type=int, default=0, help="default 0")
    group.add_argument("--n-jobs", metavar="N", type=int, default=1, help="threads of learners")
    group.add_argument("--output", metavar="DIR", help="write text, CSV, JSON and a plot here")
    group.add_argument("--quiet", action="store_true", help="no progress bar")
    group.add_argument("--list", action="store_true", help="list learners and strategies, and end")


def _names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text):
    return [float(part) for part in text.split(",")]


def _benchmark(options, arguments):
    """Hand the options to the benchmark and print what comes back."""
    from . import benchmarking

    if options.list:
        print(benchmarking.listing())
        return 0
    if options.output:  # an hour's study must not be lost for want of a folder
        Path(options.output).mkdir(parents=True, exist_ok=True)
    result = _table(options).run(
        learners=options.learners,
        strategies=options.strategies,
        ratios=options.ratios,
        max_steps=options.max_steps,
        show_leak=options.show_leak,
        random_state=options.seed,
        n_jobs=options.n_jobs,
        progress=not options.quiet,
    )
    result.info["command"] = shlex.join(["skgensample", *arguments])
    print(result.to_text(), end="")
    if options.output:
        for path in result.save(options.output):
            print(f"wrote {path}")
    return 0


def _table(options):
    """The table that the options name."""
    from . import benchmarking

    if options.csv is None:
        return benchmarking.load_stream_table(
            options.transactions,
            small=options.small,
            start=options.start,
            n_splits=options.folds,
            random_state=options.seed,
        )
    return benchmarking.load_csv_table(
        options.csv,
        options.target,
        time=options.time,
        card=options.card,
        drop=options.drop,
        header=not options.no_header,
        n_splits=options.folds,
        random_state=options.seed,
    )
