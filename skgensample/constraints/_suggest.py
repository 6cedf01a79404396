"""Search for rules that hold in every row of a table."""

from collections import Counter
from itertools import combinations

import numpy as np
from scipy import sparse

from ..exceptions import PersonalColumnsError
from ..table import (
    TableCodec,
    check_dimensions,
    column_names,
    densified,
    is_frame,
)
from ._bound import bind
from ._codec import settled_rows
from ._detect import LEAST_ROWS, one_hot_groups
from ._joint import row_codes
from ._numbers import line_of
from ._rules import FixedCombinations, Inequality, OneHot
from ._sums import linear_relations

#: Rows from which the evidence for a rule is computed.
SAMPLE_ROWS = 20_000
#: Breaches of an inequality expected of independent columns, and their proportion, below which it
#: says nothing.
LEAST_BREACHES, LEAST_RATE = 10, 0.005
#: Levels of a column beyond which its combinations are not looked at.
MOST_LEVELS = 1_000
#: Rows for each combination on average, below which combinations may be missing by chance.
ROWS_PER_LEVEL = 5


class SuggestedConstraints(list):
    """Rules found in a table, a list to be given as ``constraints=``; prints their support.

    Parameters
    ----------
    rules : list of Constraint
        Rules, those with most evidence first among their kind.
    notes : list of str
        For each rule, what speaks for it.
    left_out : list
        Names of the columns that identify people or rows, among which no rule was looked for.

    Attributes
    ----------
    notes : list of str
        As given.
    left_out : list
        As given.
    """

    def __init__(self, rules=(), notes=(), left_out=()):
        super().__init__(rules)
        self.notes = list(notes) or [""] * len(self)
        self.left_out = list(left_out)

    def __repr__(self):
        texts = [repr(rule) for rule in self]
        width = max(map(len, texts), default=0)
        lines = [f"{text:<{width}}  {note}" for text, note in zip(texts, self.notes)]
        lines = lines or ["[] (no rule holds in every row that says something)"]
        if self.left_out:
            named = ", ".join(map(str, self.left_out))
            lines.append(f"(without columns that identify people or rows: {named})")
        return "\n".join(lines)

    __str__ = __repr__


def suggest_constraints(X, y=None):
    """Find rules that hold in every row: one-hot groups, combinations, sums, inequalities.

    Parameters
    ----------
    X : {array-like, sparse matrix, frame} of shape (n_samples, n_features)
        The table, with 20 rows or more.
    y : array-like, default=None
        Ignored: rules are about columns of the table.

    Returns
    -------
    list of constraint
        Rules. The list prints each with its support: the number of rows in which it holds,
        and what would be seen if the columns were independent, and the columns that identify
        people or rows, among which none is looked for. Drop what is an accident of the
        data and give the rest as ``constraints=``.

    Raises
    ------
    ValueError, TypeError
        If the table is not usable.

    Notes
    -----
    An inequality is reported if at least 10 rows, and 0.5 % of them, would break it if the columns
    were independent; of a chain only neighbours, and none that a sum
    implies. Sums are found as linear relations with factors 1 and -1 among the first 40 numeric
    columns. Combinations are reported if a column determines another one, each with two levels or
    more and 5 rows for each combination on average.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgensample.constraints import suggest_constraints
    >>> a = [i * 7 % 31 for i in range(60)]
    >>> b = [i * 11 % 37 for i in range(60)]
    >>> X = pd.DataFrame({"a": a, "b": b, "total": [p + q for p, q in zip(a, b)]})
    >>> suggest_constraints(X)
    LinearSum('total', ['a', 'b'])  60 rows
    """
    if not (is_frame(X) or sparse.issparse(X)):
        X = np.asarray(X)
        check_dimensions(X)
    if not X.shape[0]:
        return SuggestedConstraints()
    codec, Z, left_out = _encoded(X)
    found = rules_of(codec, Z) if codec else []
    return SuggestedConstraints(*(zip(*found) if found else ((), ())), left_out)


def _encoded(X):
    """Rows and codec of a table without the columns that identify people, and their names."""
    left_out = []
    try:
        codec, Z = _fitted(X)
    except PersonalColumnsError as error:
        names = column_names(X) if is_frame(X) else []
        left_out = [name for name in names if name in error.reasons]
        kept = [name for name in names if name not in left_out]
        if not left_out or error.conversion:
            raise
        if not kept:
            return None, None, left_out
        codec, Z = _fitted(X.select(kept) if hasattr(X, "select") else X[kept])
    Z = densified(Z) if sparse.issparse(Z) else Z
    return codec, settled_rows(codec, Z), left_out


def _fitted(X):
    codec = TableCodec(categories="text", missing=True, times=True)
    return codec, codec.fit_encode(X)


def rules_of(codec, Z, most_columns=None):
    """Rules that hold in every row of an encoded table, and what speaks for each.

    Parameters
    ----------
    codec : TableCodec
        Fitted codec.
    Z : ndarray of shape (n, d)
        Rows, settled.
    most_columns : int, default=None
        Number of the first columns that are looked at; None for all.

    Returns
    -------
    found : list of (Constraint, str)
    """
    if len(Z) < LEAST_ROWS:
        return []
    names = [column.name for column in codec.columns]
    times = Counter(names)
    taken = {j for j, name in enumerate(names) if times[name] > 1}  # no rule can name them
    taken |= {column.index for column in codec.columns[most_columns:]} if most_columns else set()
    flags = [
        c
        for c in codec.columns
        if c.index not in taken and not c.missing and _counts_as_flag(codec, c)
    ]
    groups = one_hot_groups(Z, flags)
    found = [(OneHot([names[j] for j in group]), _rows(len(Z))) for group in groups]
    taken |= {j for group in groups for j in group}
    found += _fixed_combinations(codec, Z, taken)
    sums = linear_relations(codec, Z, taken)
    found += [(rule, _rows(support)) for rule, support in sums]
    return found + _inequalities(codec, Z, taken, [rule for rule, _ in sums])


def _rows(n):
    return f"{n:,} rows"


def _counts_as_flag(codec, column):
    if column.kind == "categorical":
        return column.n_levels == 2 and line_of(codec, column).levels is not None
    return True


def _fixed_combinations(codec, Z, taken):
    """Groups of columns, one of which determines the others."""
    columns = [c for c in codec.columns if c.index not in taken and _few_levels(c, Z)]
    codes = {c.index: row_codes(Z[:, [c.index]])[0] for c in columns}
    levels = {j: int(own.max()) + 1 for j, own in codes.items()}
    groups = {}
    for a, b in combinations([c.index for c in columns], 2):
        fine, coarse = (a, b) if levels[a] >= levels[b] else (b, a)
        pair = codes[fine].astype(np.int64) * levels[coarse] + codes[coarse]
        dependent = len(np.unique(pair)) == levels[fine]
        if dependent and levels[coarse] > 1 and len(Z) >= ROWS_PER_LEVEL * levels[fine]:
            groups.setdefault(fine, [fine]).append(coarse)
    found, covered = [], []
    for fine in sorted(groups, key=lambda fine: (-len(groups[fine]), fine)):
        own = sorted(groups[fine])
        if any(set(own) <= other for other in covered):
            continue
        covered.append(set(own))
        names = [codec.columns[j].name for j in own]
        possible = int(np.prod([float(levels[j]) for j in own]))
        note = f"{_rows(len(Z))}, {levels[fine]:,} of {possible:,} combinations"
        found.append((FixedCombinations(names), note))
    return found


def _few_levels(column, Z):
    """Whether a column holds categories, or integers that may stand for some."""
    if column.kind == "categorical":
        return 1 < column.n_levels <= MOST_LEVELS
    if column.kind == "float":
        return False
    levels = len(np.unique(Z[:, column.index]))
    return 1 < levels <= min(MOST_LEVELS, len(Z) / (4 * ROWS_PER_LEVEL))


def _inequalities(codec, Z, taken, sums):
    """Inequalities of two columns with evidence, without those that others imply."""
    implied = {
        frozenset((codec.column(rule.total).index, codec.column(part).index))
        for rule in sums
        for part in rule.parts
    }
    taken = taken | {codec.column(rule.total).index for rule in sums if len(rule.parts) == 1}
    columns = [c for c in codec.columns if c.kind in ("float", "integer") and c.index not in taken]
    lines = {c.index: line_of(codec, c) for c in columns}
    columns = [
        c for c in columns if lines[c.index].family != "number" or lines[c.index].is_exact(c)
    ]
    sample = Z[:: max(len(Z) // SAMPLE_ROWS, 1)]
    rough = {j: line.origin + line.step * sample[:, j] for j, line in lines.items()}
    below = {}
    for left, right in combinations(columns, 2):
        a, b = lines[left.index], lines[right.index]
        alike = (a.family, a.clock is None, a.calendar) == (b.family, b.clock is None, b.calendar)
        if not alike or frozenset((left.index, right.index)) in implied:
            continue
        for low, high in ((left, right), (right, left)):
            a, b = rough[low.index], rough[high.index]
            if (a > b + 1e-12 * np.abs(b)).any():
                continue
            found = _evidence(codec, Z, low, high)
            if found is not None:
                below[low.index, high.index] = found
                break
    kept = [pair for pair in below if not _through_another(pair, below)]
    kept.sort(key=lambda pair: -below[pair][1])
    return [(below[pair][0], below[pair][2]) for pair in kept]


def _evidence(codec, Z, low, high):
    """Rule, evidence and note if one column is never above another one; None if it says little."""
    pair = Z[:, [low.index, high.index]]
    pair = pair[~np.isnan(pair).any(axis=1)]
    if len(pair) < LEAST_ROWS:
        return None
    rule = Inequality(low.name, "<=", high.name)
    try:
        numbers = bind(rule, codec).numbers
    except ValueError:  # values that 64-bit floats do not hold in the unit of both
        return None
    values = [numbers.values(c.index, x) for c, x in zip((low, high), pair.T)]
    if not (values[0] <= values[1]).all():
        return None
    at = np.searchsorted(np.sort(values[1]), values[0], side="left")
    breaches = float(at.mean())  # of pairs of cells from different rows, expected if independent
    if breaches < max(LEAST_BREACHES, LEAST_RATE * len(pair)):
        return None
    if numbers.whole and (values[0] < values[1]).all():
        rule = Inequality(low.name, "<", high.name)
    rate = breaches / len(pair)
    return rule, rate, f"{_rows(len(pair))}; if independent, {rate:.1%} of them would break it"


def _through_another(pair, below):
    """Whether an inequality follows from two others."""
    low, high = pair
    return any((low, j) in below and (j, high) in below for j in {k for p in below for k in p})
