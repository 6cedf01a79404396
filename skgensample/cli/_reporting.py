"""Reports on new rows: rows that are held back before a model is fitted, and the comparison."""

import numpy as np

from ._expressions import matching
from ._files import read_table
from ._status import say

__all__ = ["held_back", "report_on", "write_report"]

#: Given rows that satisfy the conditions, for a report at least, and of them held-out ones.
REPORTED_ROWS, HELD_OUT_ROWS = 50, 20
#: Part of the given rows that is held back for a report, of tables of so many rows at least.
PART, LEAST_ROWS = 0.2, 100


def held_back(frame, options):
    """Split rows off that a report compares with, where none are given.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n, d)
        Given rows.
    options : argparse.Namespace
        Of `skgensample synthesize`.

    Returns
    -------
    training : pandas.DataFrame
        Rows to train on: all, unless a report is wanted and no held-out rows are given.
    holdout : pandas.DataFrame or None
        Rows to compare with, of each class one in five.
    """
    if not options.report:
        return frame, None
    if options.holdout:
        return frame, _other(options.holdout, options)
    if len(frame) < LEAST_ROWS:
        say(
            f"{len(frame)} rows are too few to hold some back for the report, which needs "
            f"{LEAST_ROWS}: it has no tests of privacy and does not judge the usefulness. Give "
            "further real rows by --holdout FILE."
        )
        return frame, None
    chosen = _stratified(frame, options.target, np.random.RandomState(options.seed))
    say(
        f"{chosen.sum()} of {len(frame)} rows are held back for the report, and the model is "
        f"trained on the other {(~chosen).sum()}; give other real rows by --holdout FILE to train "
        "on all."
    )
    kept = (frame[part].reset_index(drop=True) for part in (~chosen, chosen))
    return tuple(kept)


def _stratified(frame, target, rng):
    """Mask of one row in five of each class, at random."""
    classes = np.zeros(len(frame)) if target is None else frame[target].astype(str).to_numpy()
    chosen = np.zeros(len(frame), dtype=bool)
    for one in np.unique(classes):
        rows = rng.permutation(np.flatnonzero(classes == one))
        chosen[rows[: int(PART * len(rows))]] = True
    return chosen


def _other(path, options):
    """Another table, without the columns that are left out."""
    frame = read_table(path, header=not options.no_header).frame
    return frame.drop(columns=options.drop, errors="ignore")


def report_on(made, real, holdout, conditions, name, options):
    """Compare new rows with the given ones that satisfy the same conditions.

    Parameters
    ----------
    made, real : pandas.DataFrame
        New rows, and those that were trained on.
    holdout : pandas.DataFrame or None
        Rows that were not.
    conditions : dict
        From `conditions_of`.
    name : str
        The generator.
    options : argparse.Namespace
        Of `skgensample synthesize`.

    Raises
    ------
    ValueError
        If too few rows satisfy the conditions.
    """
    real = matching(real, conditions)
    if len(real) < REPORTED_ROWS:
        raise ValueError(
            f"No report: {len(real)} training rows satisfy the conditions, and {REPORTED_ROWS} are "
            "needed. The rows and the model are written."
        )
    holdout = None if holdout is None else matching(holdout, conditions)
    if holdout is not None and len(holdout) < HELD_OUT_ROWS:
        say(
            f"{len(holdout)} held-out rows satisfy the conditions, which are too few: the report "
            "has no tests of privacy and does not judge the usefulness."
        )
        holdout = None
    write_report(
        real,
        made,
        options.report,
        kinds=options.kind,
        target=_varying(real, options.target),
        holdout=holdout,
        sampler_name=name,
        random_state=options.seed,
        progress=False if options.quiet else None,
    )


def _varying(frame, target):
    """The target, None where there is none or all rows have the same."""
    return target if target is not None and frame[target].nunique() > 1 else None


def write_report(real, synthetic, path, *, kinds=(), **options):
    """Compare two tables without the columns that identify people, and write a page.

    Parameters
    ----------
    real, synthetic : pandas.DataFrame
        Tables of the same columns.
    path : str or None
        File; None writes none.
    kinds : list of tuple (column, kind), default=()
        What the user says of columns.
    **options : object
        Arguments of `QualityReport`.

    Returns
    -------
    report : QualityReport
    """
    from .. import QualityReport, table_schema

    said, found = dict(kinds), table_schema(real)
    ignore = [
        name
        for name in found
        if name not in said and found[name].kind in ("personal", "identifier")
    ]
    report = QualityReport(real, synthetic, ignore=ignore, schema=said or None, **options)
    if path:
        report.save(path)
    return report
