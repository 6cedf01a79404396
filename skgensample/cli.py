"""The command line: arguments in, public functions called, their results printed."""

import argparse
import shlex
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path

from . import __version__
from ._cli_images import add_image_command
from .exceptions import MissingExtraError

__all__ = ["main"]

#: Exit statuses: no row could be run, arguments do not fit, Ctrl-C (128 + SIGINT, as in shells).
FAILED, REFUSED, INTERRUPTED = 1, 2, 130
_ABOUT = (
    "Does resampling help on these data? Each learner (a classifier) is trained as it is, tuned, "
    "with class weights and behind each sampler, and all are scored on the same test rows, which "
    "are never resampled. The data are simulated card transactions, unless --transactions or "
    "--csv names a file."
)
_EXAMPLES = """\
examples:
  skgensample benchmark --small
      a quick look: simulated card transactions, two minutes
  skgensample benchmark --csv loans.csv --target default --small
      a quick look at your own table
  skgensample benchmark --csv loans.csv --target default --time issued --output results
      the whole table, trained on earlier and tested on later rows, results kept in files
  skgensample benchmark --csv loans.csv --target default --samplers NumbaSMOTENC,ADASYN
      samplers of your choice
"""


def main(argv=None):
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
    except (ValueError, OSError, MissingExtraError) as error:
        _say(_sentence(error))
        return REFUSED
    except MemoryError:
        _say("memory does not suffice for this table: take --small, or fewer learners.")
        return FAILED
    except KeyboardInterrupt:
        _say("interrupted.")
        return INTERRUPTED


def _say(text):
    """One sentence on standard error."""
    print(f"skgensample: {text}", file=sys.stderr)


def _sentence(error):
    """First line of an error; the file's name where the system knows it."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}: {error.filename}"
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _parser():
    parser = argparse.ArgumentParser(
        prog="skgensample", description="Synthetic rows for minority classes."
    )
    parser.add_argument("--version", action="version", version=f"skgensample {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    benchmark = commands.add_parser(
        "benchmark",
        help="does resampling help? compare learners with and without it",
        description=textwrap.fill(_ABOUT, 78),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    benchmark.set_defaults(run=_benchmark)
    _add_data_options(benchmark.add_argument_group("data"))
    study = benchmark.add_argument_group("experiment")
    _add_choices(study)
    _add_settings(study)
    _add_output_options(benchmark.add_argument_group("output"))
    add_image_command(commands)
    return parser


def _add_data_options(group):
    add = group.add_argument
    source = group.add_mutually_exclusive_group()
    source.add_argument(
        "--transactions",
        metavar="PATH",
        help="parquet or CSV file of card transactions with the columns TX_DATETIME, CUSTOMER_ID, "
        "TERMINAL_ID, TX_AMOUNT and TX_FRAUD",
    )
    source.add_argument(
        "--csv", metavar="PATH", help="CSV file with any table of two classes; needs --target"
    )
    add(
        "--small",
        action="store_true",
        help="a quick run: 2 folds, fewer learners, short training, and less data: a shorter "
        "simulation, or of --csv an evenly spread subset of 5,000 rows (more where that leaves "
        "fewer than 100 of the minority class) in which both classes keep their shares",
    )
    add(
        "--start",
        metavar="DATE",
        help="transactions: first training day of the latest fold (default: the latest possible)",
    )
    add("--target", metavar="COL", help="--csv: column that holds the two classes")
    add(
        "--time",
        metavar="COL",
        help="--csv: column of dates or numbers; each fold is trained on earlier and tested on "
        "later rows (default: stratified random folds)",
    )
    add(
        "--card",
        metavar="COL",
        help="--csv with --time: column with the card or account of each row; adds card precision: "
        "how many of each day's 100 cards with the highest scores are fraudulent",
    )
    add(
        "--drop",
        metavar="COL,...",
        type=_names,
        default=[],
        help="--csv: columns that are no features, such as row numbers",
    )
    add(
        "--no-header",
        action="store_true",
        help="--csv: the first line is data; columns are called 0, 1, 2, ...",
    )


def _add_choices(group):
    add = group.add_argument
    add(
        "--learners",
        metavar="NAME,...",
        type=_names,
        help="classifiers to train (default: those with a * in --list), or all",
    )
    add(
        "--strategies",
        metavar="NAME,...",
        type=_names,
        help="what is done about the minority class (default: those with a * in --list), or all",
    )
    add(
        "--samplers",
        metavar="NAME,...",
        type=_names,
        help="class names of samplers of skgensample or imbalanced-learn (see --list), next to "
        "--strategies, or in place of the default's samplers",
    )
    add(
        "--ratios",
        metavar="R,...",
        type=_numbers,
        help="ratios of minority to majority rows after resampling, each a row of the table "
        "(default .05,.1,1)",
    )
    add(
        "--folds",
        metavar="N",
        type=int,
        help="train/test splits (default 4 of transactions, 5 of --csv, 2 with --small)",
    )


def _add_settings(group):
    add = group.add_argument
    add(
        "--max-steps",
        metavar="N",
        type=_positive,
        help="training steps of the neural samplers: autoregressive, GAN, CTGAN, TVAE (default "
        "1000, or 200 with --small)",
    )
    add(
        "--show-leak",
        action="store_true",
        help="add a row with data leakage, wrong on purpose: SMOTE before the split, test rows "
        "included",
    )
    add(
        "--seed", metavar="N", type=_natural, default=0, help="seed of all random draws (default 0)"
    )
    add(
        "--n-jobs",
        metavar="N",
        type=int,
        default=1,
        help="threads of forests and XGBoost (default 1; -1 takes all cores)",
    )


def _add_output_options(group):
    add = group.add_argument
    add(
        "--output",
        metavar="DIR",
        help="folder for the results as text, CSV, JSON and a plot; an interrupted run goes on "
        "from there when the same command is given again",
    )
    add("--quiet", action="store_true", help="no progress bar")
    add(
        "--list",
        action="store_true",
        help="list all learners, strategies and samplers, and do nothing else",
    )


def _names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text):
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError("numbers are expected, such as .05,.1,1") from None


def _natural(text, least=0):
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"a whole number from {least} on is expected")
    return int(text)


def _positive(text):
    return _natural(text, least=1)


def _benchmark(options, arguments):
    """Hand the options to the benchmark and print what comes back."""
    from . import benchmarking

    if options.list:
        print(benchmarking.listing())
        return 0
    _check_data_options(options)
    unfinished = None
    if options.output:  # an hour's study must not be lost for want of a folder
        Path(options.output).mkdir(parents=True, exist_ok=True)
        unfinished = Path(options.output) / "unfinished"
        if find_spec("matplotlib") is None:
            _say("no plot: matplotlib is not installed (pip install 'skgensample[plot]').")
    try:
        result = _table(options).run(
            learners=options.learners,
            strategies=options.strategies,
            samplers=options.samplers,
            ratios=options.ratios,
            max_steps=options.max_steps,
            show_leak=options.show_leak,
            random_state=options.seed,
            n_jobs=options.n_jobs,
            progress=not options.quiet,
            checkpoint=unfinished,
        )
    except benchmarking.BenchmarkInterrupted as stop:
        return _interrupted(stop.result, unfinished, options, arguments)
    _report(result, options, arguments)
    if unfinished is not None:  # only now: until here the cells are the only copy
        benchmarking.clear_checkpoint(unfinished)
    if all(row["reason"] for row in result.summary):
        _say("no row of the table could be run; the rows give the reasons.")
        return FAILED
    return 0


def _interrupted(result, unfinished, options, arguments):
    """Show what is finished, and how the rest is had."""
    if result is not None:
        _report(result, options, arguments)
    if unfinished is None:
        _say("interrupted, INCOMPLETE: the same command starts anew, for --output was not given.")
    elif unfinished.is_dir():
        _say(
            f"interrupted, INCOMPLETE: finished fits are kept in {unfinished}, and the same "
            "command goes on from there."
        )
    else:
        _say("interrupted before the first fit was finished.")
    return INTERRUPTED


def _report(result, options, arguments):
    """Print the table and write the files."""
    result.info["command"] = shlex.join(["skgensample", *arguments])
    print(result.to_text(), end="", flush=True)
    if options.output:
        for path in result.save(options.output):
            print(f"wrote {path}")


def _check_data_options(options):
    """Refuse options that the chosen data do not have."""
    of_csv = ("target", "time", "card", "drop", "no_header")
    unused = of_csv if options.csv is None else ("start",)
    for name in unused:
        if getattr(options, name):
            end = "needs --csv" if options.csv is None else "does not go with --csv"
            raise ValueError(f"--{name.replace('_', '-')} {end}.")


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
        small=options.small,
        n_splits=options.folds,
        random_state=options.seed,
    )
