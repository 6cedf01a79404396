"""Partial rows and class probabilities under constraints, where models cannot help."""

import numpy as np

from ..constraints._conditions import given_cells, shifted, translated
from ._conditional import ConditionedModel
from ._over_sampler import repeated_labels
from ._valid_rows import fill_with_valid, gap_patterns

#: Rows from which the probability of conditions is estimated, in each class.
PILOT_ROWS = 4_096
#: Attempts at each partial row, all rows at a time; in the first ones, the missing cells stay
#: where they were at first: rows with such cells satisfy rules that others break.
ATTEMPTS, SAME_GAPS = 100, 20


def rates_of_rest(sampler, conditioned, rates, rng):
    """Probability of the conditions that are left to rejection, in each class.

    Parameters
    ----------
    sampler : BaseGenerator
        The fitted sampler.
    conditioned : ConditionedModel
        Model and conditions.
    rates : ndarray of shape (n_classes,)
        Probabilities of the other conditions; a class without any is not sampled.
    rng : RandomState
        Source of all draws.

    Returns
    -------
    ndarray of shape (n_classes,)
    """
    codec, found = sampler.codec_, np.zeros(len(rates))
    for g, label in enumerate(sampler._labels):
        if rates[g]:
            out = np.empty((PILOT_ROWS, len(codec.columns)))
            made = sampler._generate_rows(conditioned, label, PILOT_ROWS, rng, out)
            fixed = {condition.index for condition in conditioned.conditions}
            shifted(codec, made, conditioned.rest, fixed)
            valid = codec.accepts(made)
            both = valid & codec.accepts(made, rest=conditioned.rest)
            found[g] = both.sum() / max(valid.sum(), 1)
    return found


def complete_constrained(sampler, cells, label, rng):
    """Complete partial rows so that every constraint holds.

    Parameters
    ----------
    sampler : BaseGenerator
        The fitted sampler, with a `ConstrainedCodec`.
    cells : ndarray of shape (n, d)
        Given cells, in columns of the table; NaN where a cell is to be generated.
    label : label or None
        Class of all rows; None draws it given the cells.
    rng : RandomState
        Source of all draws.

    Returns
    -------
    Z : ndarray of shape (n, number of columns)
        Rows of the model.
    labels : ndarray of shape (n,)

    Raises
    ------
    ValueError
        If a row contradicts a rule, or cannot be completed; the row and the rule are named.
    """
    codec = sampler.codec_
    as_bytes = np.dtype((np.void, cells.itemsize * cells.shape[1]))
    keys = np.ascontiguousarray(cells).view(as_bytes).ravel()  # as bytes: NaN equals no other NaN
    _, first, at = np.unique(keys, return_index=True, return_inverse=True)
    at = at.ravel()
    Z = np.full((len(cells), len(codec.columns)), np.nan)
    labels = np.empty(len(cells), sampler._labels.dtype)
    easy = np.zeros(len(cells), dtype=bool)
    hard = []
    for i, row in enumerate(first):
        try:
            given = translated(codec, given_cells(codec, cells[row]))
        except ValueError as error:
            raise ValueError(f"Row {row} of partial: {error}") from None
        rows = np.flatnonzero(at == i)
        if given.cells is None:
            hard.append((rows, given))
            continue
        easy[rows] = True
        for j, value in given.cells.items():
            Z[rows, j] = value
    if easy.any():
        _complete_easy(sampler, Z, labels, np.flatnonzero(easy), label, rng)
    for rows, given in hard:
        Z[rows], labels[rows] = _complete_hard(sampler, given, len(rows), label, rng)
    return Z, labels


def _complete_easy(sampler, Z, labels, rows, label, rng):
    """Complete rows of which the model takes every given cell, in place."""
    counts, tried, given, patterns = {}, 0, Z.copy(), None
    for attempt in range(ATTEMPTS):
        made = sampler._conditioning.complete(sampler, sampler.model_, given[rows], label, rng)
        Z[rows], labels[rows] = made
        tried += len(rows)
        judged = sampler.codec_.judged(Z[rows], counts)
        found, at = gap_patterns(judged.Z)
        own = np.array(found, dtype=object)[at]
        patterns = own if patterns is None else patterns
        done = judged.valid & ((own == patterns) | (attempt >= SAME_GAPS)).astype(bool)
        rows, patterns = rows[~done], patterns[~done]
        if not len(rows):
            return
    worst = min(counts, key=counts.get)
    raise ValueError(
        f"Row {rows[0]} of partial: in {ATTEMPTS} attempts no other cells were generated with "
        f"which all constraints hold. The hardest is {worst} (acceptance rate "
        f"{counts[worst] / tried:.2g} over all rows). Give other cells, or drop the rule."
    )


def _complete_hard(sampler, given, n, label, rng):
    """Rows and labels of equal partial rows, under conditions and by rejection."""
    model = ConditionedModel(sampler.model_, given.conditions, rest=given.rest)
    if given.conditions:
        model = sampler._conditioning.prepare(model)
    counts = {label: n}
    if label is None:
        drawn = rng.multinomial(n, sampler._label_probabilities(model, rng))
        counts = dict(zip(sampler._labels, drawn.tolist()))
    labels = rng.permutation(repeated_labels(counts, sampler._labels.dtype))
    Z = np.empty((n, len(sampler.codec_.columns)))
    for one, count in counts.items():
        if count:
            out = np.empty((count, Z.shape[1]))
            fill_with_valid(sampler, model, one, rng, out, sampler.codec_, given.rest)
            Z[labels == one] = out
    return Z, labels
