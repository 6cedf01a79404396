"""Sums among columns: linear relations with factors 1 and -1."""

from itertools import permutations

import numpy as np

from ._bound import Rows, bind
from ._numbers import line_of
from ._rules import LinearSum

#: Numeric columns among which sums are looked for, and rows that are looked at first.
MOST_COLUMNS, SAMPLE_ROWS = 40, 4_000
#: Singular values below this part of the largest one are zero; so are factors below `NO_FACTOR`.
NO_VALUE, NO_FACTOR = 1e-9, 1e-4
#: Factors of another relation that are tried to get rid of factors such as 2.
MIXED = (0.5, -0.5, 1, -1, 2, -2)
#: Fewest rows, for each column, that tell a relation from an accident.
ROWS_PER_COLUMN = 3


def linear_relations(codec, Z, taken):
    """Find sums that hold in every row.

    Parameters
    ----------
    codec : TableCodec
        Fitted codec.
    Z : ndarray of shape (n, d)
        Rows, settled.
    taken : set of int
        Columns to leave out.

    Returns
    -------
    list of (LinearSum, int)
        Rules, and the number of rows without a missing cell in which each holds.
    """
    lines = {
        column.index: line_of(codec, column)
        for column in codec.columns
        if column.kind in ("float", "integer") and column.index not in taken
    }
    usable = [
        j
        for j, line in lines.items()
        if line.family == "number" and line.is_exact(codec.columns[j]) and _varies(Z[:, j])
    ]
    usable = usable[:MOST_COLUMNS]
    if len(usable) < 2:
        return []
    values = np.stack([lines[j].origin + lines[j].step * Z[:, j] for j in usable], axis=1)
    complete = ~np.isnan(values).any(axis=1)
    if complete.sum() < ROWS_PER_COLUMN * len(usable):
        full = [i for i in range(len(usable)) if not np.isnan(values[:, i]).any()]
        usable, values = [usable[i] for i in full], values[:, full]
        complete = np.ones(len(values), dtype=bool)
    if len(usable) < 2 or complete.sum() < ROWS_PER_COLUMN * len(usable):
        return []
    rows = values[complete]
    factors = _null_space(rows[:: max(len(rows) // SAMPLE_ROWS, 1)])
    found = []
    for relation in _sparser(_reduced(factors, np.abs(rows).mean(axis=0))):
        rule = _as_sum(relation, usable, codec)
        if rule is not None:
            bound = bind(rule, codec)
            if bound.holds(Rows(codec, Z)).all():
                support = int((~np.isnan(Z[:, bound.columns]).any(axis=1)).sum())
                found.append((rule, support))
    return found


def _varies(z):
    there = z[~np.isnan(z)]
    return len(there) > 0 and there.min() < there.max()


def _null_space(values):
    """Factors of all linear relations of columns, one in each row."""
    largest = np.abs(values).max(axis=0)  # whose square may be infinite
    scale = largest * np.sqrt(((values / largest) ** 2).mean(axis=0))
    _, s, v = np.linalg.svd(values / scale, full_matrices=False)
    return v[s < NO_VALUE * s[0]] / scale


def _reduced(factors, size):
    """Relations with few columns each: Gauss-Jordan elimination, largest columns first."""
    rows, left = factors.copy(), list(np.argsort(-size, kind="stable"))
    for i in range(len(rows)):
        strength = [np.abs(rows[i:, j]).max() / np.abs(rows[i:]).max() for j in left]
        usable = [j for j, own in zip(left, strength) if own > NO_FACTOR]
        if not usable:
            return rows[:i]
        j = usable[0]
        best = i + int(np.abs(rows[i:, j]).argmax())
        rows[[i, best]] = rows[[best, i]]
        rows[i] /= rows[i, j]
        others = np.arange(len(rows)) != i
        rows[others] -= np.outer(rows[others, j], rows[i])
        left.remove(j)
    return rows


def _sparser(relations):
    """Replace relations by their sum or difference with another one while columns drop out."""
    rows = [row / np.abs(row).max() for row in relations]
    changed = True
    while changed:
        changed = False
        for i, j in permutations(range(len(rows)), 2):
            for sign in (1, -1):
                mixed = rows[i] + sign * rows[j]
                if 1 < _length(mixed) < _length(rows[i]):
                    rows[i], changed = mixed / np.abs(mixed).max(), True
    return _in_units(rows)


def _in_units(relations):
    """Replace relations with factors such as 2 by no longer ones without, where others allow it."""
    rows = list(relations)
    for i, j in permutations(range(len(rows)), 2):
        if _is_unit(rows[i]):
            continue
        for factor in MIXED:
            mixed = rows[i] + factor * rows[j]
            if 1 < _length(mixed) <= _length(rows[i]) and _is_unit(mixed):
                rows[i] = mixed / np.abs(mixed).max()
                break
    return rows


def _is_unit(relation):
    """Whether all factors of a relation are of one size."""
    size = np.abs(relation) / np.abs(relation).max()
    return bool(np.abs(size[size > NO_FACTOR] - 1).max() <= NO_FACTOR)


def _length(relation):
    """Number of columns of a relation."""
    return int((np.abs(relation) > NO_FACTOR).sum())


def _as_sum(relation, columns, codec):
    """A relation as a `LinearSum`; None if a factor is not 0, 1 or -1."""
    relation = relation / np.abs(relation).max()
    used = np.flatnonzero(np.abs(relation) > NO_FACTOR)
    if len(used) < 2 or np.abs(np.abs(relation[used]) - 1).max() > NO_FACTOR:
        return None
    signs = dict(zip(used.tolist(), np.sign(relation[used])))
    side = 1 if sum(sign > 0 for sign in signs.values()) <= len(signs) / 2 else -1
    # with one sign only, the last column is the sum of the others, taken negative
    total = next((i for i, sign in signs.items() if sign == side), int(used[-1]))
    names = {i: codec.columns[columns[i]].name for i in signs}
    parts = [i for i in signs if i != total]
    weights = [int(-signs[i] * signs[total]) for i in parts]
    options = {} if all(w == 1 for w in weights) else {"weights": weights}
    return LinearSum(names[total], [names[i] for i in parts], **options)
