"""`skgensample benchmark`: does resampling help on these data?"""

import argparse
import shlex
import textwrap
from importlib.util import find_spec
from pathlib import Path

from ._options import add_kind, natural, numbers, positive, split_names
from ._status import FAILED, INTERRUPTED, say

__all__ = ["add_benchmark"]

_ABOUT = (
    "Does resampling help on these data? Each learner (a classifier) is trained as it is, tuned, "
    "with class weights and behind each sampler, and all are scored on the same test rows, which "
    "are never resampled. The data are simulated card transactions, unless --transactions or "
    "--csv names a file."
)
_EXAMPLES = """\
examples:
  skgensample benchmark --small
      a quick look: simulated card transactions, three minutes
  skgensample benchmark --csv loans.csv --target default --small
      a quick look at your own table
  skgensample benchmark --csv loans.csv --target default --time issued --output results
      the whole table, trained on earlier and tested on later rows, results kept in files
  skgensample benchmark --csv loans.csv --target default --samplers NumbaSMOTENC,ADASYN
      samplers of your choice
"""


def add_benchmark(commands):
    """Add the command to a parser.

    Parameters
    ----------
    commands : action of `argparse.ArgumentParser.add_subparsers`
        Changed in place.
    """
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
        help="a quick run: 2 folds, fewer learners and ratios, and less data: a shorter "
        "simulation, or of --csv an evenly spread subset of 5,000 rows (more where that leaves "
        "fewer than 100 of the minority class) in which both classes keep their proportions",
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
        type=split_names,
        default=[],
        help="--csv: columns that are no features, such as names and row numbers",
    )
    add_kind(group)
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
        type=split_names,
        help="classifiers to train (default: those with a * in --list), or all",
    )
    add(
        "--strategies",
        metavar="NAME,...",
        type=split_names,
        help="what is done about the minority class (default: those with a * in --list), or all",
    )
    add(
        "--samplers",
        metavar="NAME,...",
        type=split_names,
        help="class names of samplers of skgensample or imbalanced-learn (see --list), next to "
        "--strategies, or in place of the default's samplers",
    )
    add(
        "--ratios",
        metavar="R,...",
        type=numbers,
        help="ratios of minority to majority rows after resampling, each a row of the table "
        "(default .05,.1,1, or .1,1 with --small)",
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
        type=positive,
        help="training steps of the neural samplers: autoregressive, GAN, CTGAN, TVAE (default: "
        "each sampler's own)",
    )
    add(
        "--show-leak",
        action="store_true",
        help="add a row with data leakage, wrong on purpose: SMOTE before the split, test rows "
        "included",
    )
    add("--seed", metavar="N", type=natural, default=0, help="seed of all random draws (default 0)")
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
    add(
        "--details",
        action="store_true",
        help="print the rows of all learners too, which --output writes to a file",
    )
    add("--quiet", action="store_true", help="no progress bar")
    add(
        "--list",
        action="store_true",
        help="list all learners, strategies and samplers, and do nothing else",
    )


def _benchmark(options, arguments):
    """Hand the options to the benchmark and print what comes back."""
    from .. import benchmarking

    if options.list:
        print(benchmarking.listing())
        return 0
    _check_data_options(options)
    unfinished = None
    if options.output:  # an hour's study must not be lost for want of a folder
        Path(options.output).mkdir(parents=True, exist_ok=True)
        unfinished = Path(options.output) / "unfinished"
        if find_spec("matplotlib") is None:
            say("no plot: matplotlib is not installed (pip install 'skgensample[plot]').")
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
        say("no row of the table could be run; the rows give the reasons.")
        return FAILED
    return 0


def _interrupted(result, unfinished, options, arguments):
    """Show what is finished, and how the rest is had."""
    if result is not None:
        _report(result, options, arguments)
    if unfinished is None:
        say("interrupted, INCOMPLETE: the same command starts anew, for --output was not given.")
    elif unfinished.is_dir():
        say(
            f"interrupted, INCOMPLETE: finished fits are kept in {unfinished}, and the same "
            "command goes on from there."
        )
    else:
        say("interrupted before the first fit was finished.")
    return INTERRUPTED


def _report(result, options, arguments):
    """Print the table and write the files."""
    result.info["command"] = shlex.join(["skgensample", *arguments])
    print(result.to_summary(), flush=True)
    if options.details:
        print(result.to_text(), flush=True)
    if options.output:
        for path in result.save(options.output):
            print(f"wrote {path}")


def _check_data_options(options):
    """Refuse options that the chosen data do not have."""
    of_csv = ("target", "time", "card", "drop", "kind", "no_header")
    unused = of_csv if options.csv is None else ("start",)
    for name in unused:
        if getattr(options, name):
            end = "needs --csv" if options.csv is None else "does not go with --csv"
            raise ValueError(f"--{name.replace('_', '-')} {end}.")


def _table(options):
    """The table that the options name."""
    from .. import benchmarking

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
        schema=dict(options.kind) or None,
        header=not options.no_header,
        small=options.small,
        n_splits=options.folds,
        random_state=options.seed,
    )
