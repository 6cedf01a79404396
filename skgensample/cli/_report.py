"""`skgensample report` and `skgensample schema`: what rows are like, and what columns are."""

import argparse

from ._files import read_table
from ._options import named_limit, natural
from ._status import FAILED, say

__all__ = ["add_report", "add_schema", "write_report"]

_REPORT = """\
examples:
  skgensample report real.csv synthetic.csv --target y --output report.html
      a page with pictures: fidelity, usefulness, privacy
  skgensample report real.csv synthetic.csv --target y --holdout later.csv --output report.json \\
      --fail-under fidelity.c2st=.6
      numbers only, and exit status 1 if trees tell the rows from real ones with an AUROC above .6
"""
_SCHEMA = """\
examples:
  skgensample schema clients.csv
      what each column is taken for: number, category, date, personal, ...
"""


def add_report(commands):
    """Add the command to a parser."""
    parser = commands.add_parser(
        "report",
        help="compare synthetic rows with real ones: fidelity, usefulness, privacy",
        description="Compare synthetic rows with the real ones that they were made from.",
        epilog=_REPORT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("real", metavar="REAL", help="file of the rows that were trained on")
    parser.add_argument("synthetic", metavar="SYNTHETIC", help="file of the synthetic rows")
    parser.add_argument("--target", metavar="COL", help="column that a classifier is to predict")
    parser.add_argument(
        "--holdout",
        metavar="FILE",
        help="real rows that were not trained on, for the tests of privacy (default: half of REAL, "
        "without these tests)",
    )
    parser.add_argument("--no-header", action="store_true", help="the first line of a CSV is data")
    parser.add_argument(
        "--output", metavar="FILE", help="page to write (.html), or numbers (.json)"
    )
    parser.add_argument(
        "--fail-under",
        metavar="MEASURE=LIMIT",
        type=named_limit,
        action="append",
        default=[],
        help="exit with status 1 if a measure is worse than the limit, such as fidelity.c2st=.6; "
        "may be repeated",
    )
    parser.add_argument(
        "--seed", metavar="N", type=natural, default=0, help="seed of all random draws (default 0)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    parser.set_defaults(run=_report)


def add_schema(commands):
    """Add the command to a parser."""
    parser = commands.add_parser(
        "schema",
        help="show what each column of a table is taken for",
        description="Show what each column of a table is taken for, and which identify people.",
        epilog=_SCHEMA,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("table", metavar="TABLE", help="CSV, Parquet or Feather file")
    parser.add_argument("--no-header", action="store_true", help="the first line of a CSV is data")
    parser.set_defaults(run=_schema)


def _report(options, arguments):
    header = not options.no_header
    real, synthetic = (
        read_table(path, header=header) for path in (options.real, options.synthetic)
    )
    holdout = options.holdout and read_table(options.holdout, header=header).frame
    report = write_report(
        real.frame,
        synthetic.frame,
        options.output,
        target=options.target,
        holdout=holdout,
        random_state=options.seed,
        progress=not options.quiet,
    )
    print(report)
    if options.output:
        say(f"wrote {options.output}")
    failures = report.check(dict(options.fail_under))
    for failure in failures:
        say(f"FAILED: {failure}.")
    return FAILED if failures else 0


def write_report(real, synthetic, path, **options):
    """Compare two tables without the columns that identify people, and write a page.

    Parameters
    ----------
    real, synthetic : pandas.DataFrame
        Tables of the same columns.
    path : str or None
        File; None writes none.
    **options : object
        Arguments of `QualityReport`.

    Returns
    -------
    report : QualityReport
    """
    from .. import QualityReport, table_schema

    kinds = table_schema(real)
    ignore = [name for name in kinds if kinds[name].kind in ("personal", "identifier")]
    report = QualityReport(real, synthetic, ignore=ignore, **options)
    if path:
        report.save(path)
    return report


def _schema(options, arguments):
    from .. import table_schema

    print(table_schema(read_table(options.table, header=not options.no_header).frame))
    return 0
