"""`skgensample report` and `skgensample schema`: what rows are like, and what columns are."""

import argparse
import shlex

from ._expressions import constraint_of_text, no_column
from ._files import read_table
from ._messages import in_options
from ._options import add_drop, add_kind, named_limit, natural
from ._reporting import write_report
from ._status import FAILED, say

__all__ = ["add_report", "add_schema"]

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
      what each column is taken for: number, category, date, personal, ...; and rules that hold
      in all rows, as `skgensample synthesize --constraint` takes them
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
        help="real rows that were not trained on: what is compared with (default: half of REAL, "
        "without the tests of privacy and a judgement of usefulness)",
    )
    add_drop(parser)
    add_kind(parser)
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
        help="show what each column of a table is taken for, and rules that hold in all rows",
        description="Show what each column of a table is taken for, which identify people, and "
        "which rules hold in all rows.",
        epilog=_SCHEMA,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("table", metavar="TABLE", help="CSV, Parquet or Feather file")
    parser.add_argument("--no-header", action="store_true", help="the first line of a CSV is data")
    parser.set_defaults(run=_schema)


def _report(options, arguments):
    header = not options.no_header
    paths = (options.real, options.synthetic, options.holdout)
    tables = [path and read_table(path, header=header).frame for path in paths]
    for name in options.drop:
        if name not in tables[0].columns:
            raise ValueError(f"--drop: {no_column(name, tables[0])}")
    real, synthetic, holdout = (
        table if table is None else table.drop(columns=options.drop, errors="ignore")
        for table in tables
    )
    report = write_report(
        real,
        synthetic,
        options.output,
        kinds=options.kind,
        target=options.target,
        holdout=holdout,
        random_state=options.seed,
        progress=False if options.quiet else None,
    )
    print(in_options(str(report)))
    if options.output:
        say(f"wrote {options.output}")
    failures = report.check(dict(options.fail_under))
    for failure in failures:
        say(f"FAILED: {failure}.")
    return FAILED if failures else 0


def _schema(options, arguments):
    from .. import table_schema

    frame = read_table(options.table, header=not options.no_header).frame
    schema = table_schema(frame)
    print(schema)
    learned = [name for name in schema if schema[name].kind not in ("personal", "identifier")]
    lines = _rules(frame[learned])
    if lines:
        print("\nRules that hold in all rows; keep those that are no accident (--constraint):")
        print("\n".join(lines))
    return 0


def _rules(frame):
    """Rules of a table as the command line takes them, with what speaks for each."""
    from ..constraints import suggest_constraints
    from ..constraints._text import rule_text

    if not frame.shape[1]:
        return []
    found = suggest_constraints(frame)
    texts = [rule_text(rule) for rule in found]
    shown = [
        shlex.quote(text) if _is_read_as(text, rule, frame) else repr(rule)
        for text, rule in zip(texts, found)
    ]
    width = max(map(len, shown), default=0)
    return [f"{text:<{width}}  {note}" for text, note in zip(shown, found.notes)]


def _is_read_as(text, rule, frame):
    """Whether the command line takes a text for the rule; names with signs may be misread."""
    try:
        return constraint_of_text(text, frame) == rule
    except (ValueError, TypeError):
        return False
